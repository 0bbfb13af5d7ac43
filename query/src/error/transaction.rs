//! Errors of transactions.

use super::Error;
use std::any::{Any, type_name};
use std::fmt;
use std::sync::Arc;

/// What rolled a transaction back for a reason of the program's own. See [`Error::rollback`].
#[derive(Clone)]
pub struct Rollback {
    value: Arc<dyn Any + Send + Sync>,
    /// The type of the value.
    of: &'static str,
}

impl Rollback {
    pub(super) fn new<T: Any + Send + Sync>(value: T) -> Self {
        Rollback { value: Arc::new(value), of: type_name::<T>() }
    }

    /// The value that the program gave, if it is a `T`.
    pub fn value<T: Any>(&self) -> Option<&T> {
        self.value.downcast_ref()
    }

    /// The value that the program gave, if it is a text.
    pub fn text(&self) -> Option<&str> {
        self.value::<&'static str>().copied().or_else(|| self.value::<String>().map(String::as_str))
    }

    /// The value itself, or `self` if it is no `T` or a clone of the error still has it.
    pub(super) fn into_value<T: Any + Send + Sync>(self) -> Result<T, Self> {
        let Rollback { value, of } = self;
        let value = value.downcast::<T>().map_err(|value| Rollback { value, of })?;
        Arc::try_unwrap(value).map_err(|value| Rollback { value, of })
    }
}

/// Shows a text, and of anything else the type: it may hold what must not be shown.
impl fmt::Display for Rollback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(f, "rolled back: {text}"),
            None => write!(f, "rolled back with a value of type {}", self.of),
        }
    }
}

impl fmt::Debug for Rollback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Functions that were to run [after a commit](crate::repo::Repo::after_commit) and failed. The transaction was kept.
#[derive(Clone, Debug)]
pub struct AfterCommit {
    /// Their errors, in the order in which they ran.
    pub causes: Vec<Error>,
}

impl fmt::Display for AfterCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the transaction was kept, but a function of after_commit(..) failed; do not run the transaction again",
        )?;
        self.causes.iter().try_for_each(|cause| write!(f, "\n  cause: {cause}"))
    }
}

/// A transaction that ended with a rollback although its function returned Ok: a statement in it had failed.
#[derive(Clone, Debug)]
pub struct TransactionAborted {
    /// The error of the statement that doomed it.
    pub cause: Option<Error>,
}

impl fmt::Display for TransactionAborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the transaction was rolled back: a statement in it had failed, so nothing of it can be kept; return the error, \
             or run that statement in a nested tx.transaction(..)",
        )?;
        match &self.cause {
            Some(cause) => write!(f, "\n  cause: {cause}"),
            None => Ok(()),
        }
    }
}

/// A connection lost during COMMIT: whether the transaction was kept is not known.
#[derive(Clone, Debug)]
pub struct CommitUnknown {
    /// What happened to the connection.
    pub message: String,
}

impl fmt::Display for CommitUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the connection was lost during COMMIT ({}): the transaction may or may not have happened; look before you repeat it",
            self.message
        )
    }
}

/// A transaction's handle used where it must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionMisuse {
    /// The handle outlived its transaction.
    Ended,
    /// The handle of a transaction was used while a nested one is open.
    NestedOpen,
    /// The handle outlived its checkout.
    CheckoutEnded,
    /// The outer repo was used inside a transaction or a checkout of a store with one writer.
    OuterRepo,
}

impl fmt::Display for TransactionMisuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TransactionMisuse::Ended => {
                "this transaction has ended: its handle `tx` cannot be used any more; use the repo, or open another transaction"
            }
            TransactionMisuse::NestedOpen => {
                "a nested transaction is open: use its handle `tx`, not the outer one, and let nested transactions run one \
                 after the other"
            }
            TransactionMisuse::CheckoutEnded => {
                "this checkout has ended: the handle that its function received cannot be used any more; use the repo"
            }
            TransactionMisuse::OuterRepo => {
                "the repo was used inside its own transaction or checkout, and this store has one writer: it would wait for itself; use \
                 the handle that the function receives"
            }
        })
    }
}

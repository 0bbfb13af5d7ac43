//! Errors of transactions.

use super::Error;
use std::fmt;

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
    /// The outer repo was used inside a transaction of a store with one writer.
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
            TransactionMisuse::OuterRepo => {
                "the repo was used inside its own transaction, and this store has one writer: it would wait for itself; use \
                 the handle `tx` that the function receives"
            }
        })
    }
}

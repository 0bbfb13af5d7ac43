//! The one error type, and what its variants carry.

mod context;
mod database;
mod decode;
mod index;
mod invalid;
mod lookup;
mod multi;
mod n_plus_one;
mod not_loaded;
mod partial;
mod query;
mod transaction;

pub use context::{Context, InContext};
pub use database::{ConnectError, ConstraintError, ConstraintKind, DatabaseError, PoolError};
pub use decode::{DecodeError, EncodeError};
pub use index::IndexNotBuilt;
pub use invalid::Invalid;
pub use lookup::{MultipleRows, NotFound, Stale};
pub use multi::MultiError;
pub use n_plus_one::NPlusOne;
pub use not_loaded::NotLoaded;
pub use partial::Partial;
pub use query::{QueryError, Unsupported};
pub use transaction::{AfterCommit, CommitUnknown, Rollback, TransactionAborted, TransactionMisuse};

use std::any::Any;
use std::fmt;
use std::panic::Location;

/// Everything that a repo call can fail with.
///
/// Each variant carries what is needed to mend it, and [`context`](Error::context) the statement and the line of the
/// call.
///
/// ```
/// use peristyle_query::error::Error;
///
/// fn status(error: &Error) -> u16 {
///     match error {
///         Error::NotFound(_) => 404,
///         error if error.is_unique_violation() => 409,
///         _ => 500,
///     }
/// }
/// assert_eq!(status(&Error::rollback("too poor")), 500);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// No row where one was asked for.
    NotFound(Box<InContext<NotFound>>),
    /// More than one row where at most one was asked for.
    MultipleRows(Box<InContext<MultipleRows>>),
    /// The row changed or went since it was read.
    Stale(Box<InContext<Stale>>),
    /// A changeset that is not valid, or that a constraint of the database refused.
    Invalid(Box<InContext<Invalid>>),
    /// An association that was asked for and is not in hand.
    NotLoaded(Box<InContext<NotLoaded>>),
    /// A mistake in a query that types cannot catch.
    Query(Box<InContext<QueryError>>),
    /// A read that one line of the program sent once per row; only a guarded repo looks for them.
    NPlusOne(Box<InContext<NPlusOne>>),
    /// Something that this store cannot do.
    Unsupported(Box<InContext<Unsupported>>),
    /// An index of a key-value store that lacks rows.
    IndexNotBuilt(Box<InContext<IndexNotBuilt>>),
    /// A bulk write of which a part was kept, in a store that does not undo it.
    Partial(Box<InContext<Partial>>),
    /// A stored value that the Rust type cannot hold.
    Decode(Box<InContext<DecodeError>>),
    /// A Rust value that the store cannot hold.
    Encode(Box<InContext<EncodeError>>),
    /// A constraint of the database refused a write.
    Constraint(Box<InContext<ConstraintError>>),
    /// Any other refusal by the database.
    Database(Box<InContext<DatabaseError>>),
    /// No connection could be made, or it was lost.
    Connect(Box<InContext<ConnectError>>),
    /// No connection of the pool became free in time.
    Pool(Box<InContext<PoolError>>),
    /// A transaction ended with a rollback although its function returned Ok.
    TransactionAborted(Box<InContext<TransactionAborted>>),
    /// The connection was lost during COMMIT: whether it happened is not known.
    CommitUnknown(Box<InContext<CommitUnknown>>),
    /// A transaction's handle was used where it must not be.
    Transaction(Box<InContext<TransactionMisuse>>),
    /// A step of a multi failed, so that nothing of it was kept.
    Multi(Box<InContext<MultiError>>),
    /// The transaction was kept, and a function that was to run after it failed.
    AfterCommit(Box<InContext<AfterCommit>>),
    /// What the function of a transaction returned to roll it back.
    Rollback(Box<Rollback>),
}

macro_rules! conversions {
    ($($variant:ident($payload:ty),)*) => {
        $(impl From<$payload> for Error {
            fn from(payload: $payload) -> Self {
                Error::$variant(Box::new(InContext::new(payload)))
            }
        })*

        impl Error {
            /// The statement, and the line of the call, that the error came from.
            pub fn context(&self) -> Option<&Context> {
                match self {
                    $(Error::$variant(payload) => Some(payload.context()),)*
                    Error::Rollback(_) => None,
                }
            }

            fn context_mut(&mut self) -> Option<&mut Context> {
                match self {
                    $(Error::$variant(payload) => Some(payload.context_mut()),)*
                    Error::Rollback(_) => None,
                }
            }
        }

        impl fmt::Display for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Error::$variant(payload) => payload.fmt(f),)*
                    Error::Rollback(payload) => payload.fmt(f),
                }
            }
        }
    };
}

conversions! {
    NotFound(NotFound),
    MultipleRows(MultipleRows),
    Stale(Stale),
    Invalid(Invalid),
    NotLoaded(NotLoaded),
    Query(QueryError),
    NPlusOne(NPlusOne),
    Unsupported(Unsupported),
    IndexNotBuilt(IndexNotBuilt),
    Partial(Partial),
    Decode(DecodeError),
    Encode(EncodeError),
    Constraint(ConstraintError),
    Database(DatabaseError),
    Connect(ConnectError),
    Pool(PoolError),
    TransactionAborted(TransactionAborted),
    CommitUnknown(CommitUnknown),
    Transaction(TransactionMisuse),
    Multi(MultiError),
    AfterCommit(AfterCommit),
}

/// The same text as [`Display`](fmt::Display): it is what `main` and `unwrap` print.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::TransactionAborted(aborted) => aborted.cause.as_ref().map(|cause| cause as _),
            Error::Multi(failed) => Some(&failed.cause),
            Error::AfterCommit(failed) => failed.causes.first().map(|cause| cause as _),
            Error::Partial(partial) => partial.failed.first().map(|(_, cause)| cause as _),
            _ => None,
        }
    }
}

impl Error {
    /// The error that rolls a transaction back for a reason of the program's own: a text, or any value, which whoever called
    /// the transaction gets back with its type.
    ///
    /// A text is part of the error's message; of another value the message names the type alone.
    ///
    /// ```
    /// use peristyle_query::error::Error;
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct TooPoor { missing: i64 }
    ///
    /// let error = Error::rollback(TooPoor { missing: 3 });
    /// assert_eq!(error.rollback_value::<TooPoor>(), Some(&TooPoor { missing: 3 }));
    /// assert_eq!(error.into_rollback_value::<TooPoor>().unwrap().missing, 3);
    ///
    /// assert_eq!(Error::rollback("too poor").to_string(), "rolled back: too poor");
    /// ```
    pub fn rollback<T: Any + Send + Sync>(value: T) -> Self {
        Error::Rollback(Box::new(Rollback::new(value)))
    }

    /// The value of [`rollback`](Error::rollback), if this is such an error and the value is a `T`.
    pub fn rollback_value<T: Any>(&self) -> Option<&T> {
        match self {
            Error::Rollback(rollback) => rollback.value(),
            _ => None,
        }
    }

    /// The value of [`rollback`](Error::rollback) itself.
    ///
    /// # Errors
    ///
    /// The error again, if it is another one, the value is no `T`, or a clone of the error still has it.
    pub fn into_rollback_value<T: Any + Send + Sync>(self) -> Result<T, Self> {
        match self {
            Error::Rollback(rollback) => rollback.into_value().map_err(|rollback| Error::Rollback(Box::new(rollback))),
            other => Err(other),
        }
    }

    /// Adds the statement that failed, if none is named yet.
    pub fn in_statement(mut self, sql: &str) -> Self {
        if let Some(context) = self.context_mut() {
            context.set_statement(sql);
        }
        self
    }

    /// Adds the name of the store that it came from, if none is named yet.
    pub fn in_store(mut self, name: &str) -> Self {
        if let Some(context) = self.context_mut() {
            context.set_store(name);
        }
        self
    }

    /// Adds the line of the call, if none is named yet.
    pub fn at(mut self, location: &'static Location<'static>) -> Self {
        if let Some(context) = self.context_mut() {
            context.set_location(location);
        }
        self
    }

    /// Whether a row was asked for that does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound(_))
    }

    /// The constraint that refused a write, if one did.
    pub fn constraint(&self) -> Option<&ConstraintError> {
        match self {
            Error::Constraint(constraint) => Some(constraint),
            _ => None,
        }
    }

    /// Whether a unique constraint or a primary key refused a write, of a row, of a changeset or of one among many rows.
    pub fn is_unique_violation(&self) -> bool {
        self.is_violation(ConstraintKind::Unique, &["unique"])
    }

    /// Whether a foreign key refused a write, of a row or of a changeset.
    pub fn is_foreign_key_violation(&self) -> bool {
        self.is_violation(ConstraintKind::ForeignKey, &["foreign", "assoc", "no_assoc"])
    }

    fn is_violation(&self, kind: ConstraintKind, called: &[&str]) -> bool {
        match self {
            Error::Constraint(constraint) => constraint.kind == kind,
            Error::Partial(partial) => partial.failed.iter().any(|(_, error)| error.is_violation(kind, called)),
            Error::Invalid(invalid) => {
                invalid.errors().any(&mut |_, error| error.constraint().is_some_and(|known| called.contains(&known)))
            }
            _ => false,
        }
    }

    /// What a changeset was refused for, if it was.
    pub fn invalid(&self) -> Option<&Invalid> {
        match self {
            Error::Invalid(invalid) => Some(invalid),
            _ => None,
        }
    }

    /// Whether the store cannot do what was asked.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Error::Unsupported(_))
    }

    /// Whether no connection was to be had, or it was lost.
    pub fn is_connection(&self) -> bool {
        matches!(self, Error::Connect(_) | Error::Pool(_))
    }

    /// Whether the transaction may succeed when it is run again: a serialization failure, a deadlock or a busy store.
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::Database(error) => error.retryable,
            Error::TransactionAborted(aborted) => aborted.cause.as_ref().is_some_and(Error::is_retryable),
            Error::Multi(failed) => failed.cause.is_retryable(),
            _ => false,
        }
    }
}

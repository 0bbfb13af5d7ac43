//! The port: what a store must offer. Public for adapters, and outside the promise of stable versions until 1.0.

use crate::error::{DecodeError, Error, Unsupported};
use crate::query::ast::Operation;
use crate::row::Row;
use crate::schema::SchemaMeta;
use crate::statement::{Dialect, Statement};
use std::any::Any;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Receives the rows of a statement, on the thread where they are.
pub trait Sink: Any + Send {
    /// Takes one row, decoding what it needs of it.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] ends the statement.
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError>;
}

/// A sink for statements that give no rows.
pub struct NoRows;

impl Sink for NoRows {
    fn row(&mut self, _: &dyn Row) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Sees every statement before it runs.
pub trait Observer: Send + Sync {
    /// Called with each statement, and the request that it was rendered from, before it is sent.
    ///
    /// # Errors
    ///
    /// An error refuses the statement: it is not sent, and its call fails.
    fn statement(&self, statement: &Statement, request: &Request) -> Result<(), Error>;
}

/// Takes what a store says about statements that it runs.
pub trait Notices: Send + Sync {
    /// Called with each notice when it comes.
    fn notice(&self, notice: &Notice);
}

/// What a store says about a statement that it runs, without refusing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave it is: `notice`, `warning` or `error`.
    pub severity: &'static str,
    /// What it says.
    pub message: String,
}

/// One statement to run, and how.
#[derive(Clone)]
pub struct Request {
    /// What to run.
    pub operation: Operation,
    /// The prefix of the repo: for tables whose source names none, whatever the schema's is.
    pub prefix: Option<Arc<str>>,
    /// How long the rows that it writes live, stronger than what their schema says. Only key-value stores have such a time.
    pub ttl: Option<Duration>,
    /// Who wants to see the rendered statement.
    pub observers: Vec<Arc<dyn Observer>>,
    /// The line of the call.
    pub location: &'static Location<'static>,
}

impl Request {
    /// Shows a rendered statement to the observers. An adapter calls it once a request, before anything is sent.
    ///
    /// # Errors
    ///
    /// That of the first observer that refuses the statement; those after it do not see it.
    pub fn observe(&self, statement: &Statement) -> Result<(), Error> {
        self.observers.iter().try_for_each(|observer| observer.statement(statement, self))
    }
}

/// What a statement did.
pub struct Outcome {
    /// The sink, with what it made of the rows.
    pub sink: Box<dyn Sink>,
    /// How many rows a write touched; for a read, how many it gave.
    pub rows: u64,
}

/// Runs statements: an adapter on any connection that is free, a session on its own.
///
/// A future that is dropped stops its statement, and never disturbs the next user of the connection.
pub trait Executor: Send + Sync {
    /// Runs a statement and pushes its rows into `sink`.
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>>;

    /// Runs a query whose rows are fetched in parts.
    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>>;

    /// Runs a script of several statements, without parameters.
    fn script(&self, text: String) -> BoxFuture<'_, Result<(), Error>>;

    /// The same, and hands on what the store says about the statements while they run, where it says anything.
    fn script_with_notices(&self, text: String, _notices: Arc<dyn Notices>) -> BoxFuture<'_, Result<(), Error>> {
        self.script(text)
    }

    /// Whether an INSERT into a table, with this prefix of the repo, can tell the rows that it inserted from those that it
    /// updated instead, by [`Step::Inserted`](crate::query::ast::Step::Inserted). Otherwise several statements have to.
    fn tells_inserted(
        &self,
        _schema: &'static SchemaMeta,
        _prefix: Option<Arc<str>>,
    ) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(async { Ok(false) })
    }
}

/// A query whose rows are fetched in parts. Dropping it closes it.
pub trait Cursor: Send {
    /// Pushes at most `count` more rows into `sink`. An [`Outcome`] with fewer rows is the last one.
    fn fetch(&mut self, count: u32, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>>;
}

/// A store.
pub trait Adapter: Executor + 'static {
    /// The name of the store: `sqlite`, `postgres`, `redis`.
    fn name(&self) -> &'static str;

    /// The dialect of its statements, if it speaks SQL.
    fn dialect(&self) -> Option<Dialect>;

    /// Whether only one transaction at a time can write, so that using the repo inside its own transaction would wait
    /// for itself.
    fn single_writer(&self) -> bool;

    /// Whether the rows of an insert of many are kept or undone together. Otherwise each is by itself, and
    /// [`Error::Partial`] tells which landed.
    fn inserts_together(&self) -> bool {
        true
    }

    /// Whether a nested transaction may go on after a constraint has refused a write in it. Otherwise only the repo nests, so that
    /// the writes of one call are kept or forgotten together.
    fn savepoints(&self) -> bool {
        true
    }

    /// Whether one statement can be about several tables.
    fn joins(&self) -> bool {
        true
    }

    /// The greatest number of connections that may be in use at a time, where there is such a limit.
    fn pool_size(&self) -> Option<usize> {
        None
    }

    /// Opens a transaction on a connection of its own.
    fn begin(&self, options: TransactionOptions) -> BoxFuture<'_, Result<Box<dyn Session>, Error>>;

    /// Hands out a connection of its own, without a transaction.
    fn checkout(&self) -> BoxFuture<'_, Result<Box<dyn Session>, Error>>;

    /// Waits, before something is tried again.
    fn pause(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Cares for what a key-value store keeps beside the rows of a schema; gives the number of rows that it changed
    /// something for.
    fn maintain(
        &self,
        task: Maintenance,
        _schema: &'static SchemaMeta,
        _prefix: Option<Arc<str>>,
        _progress: Arc<dyn Progress>,
    ) -> BoxFuture<'_, Result<u64, Error>> {
        let (store, feature, instead) = (self.name(), task.name().into(), task.instead().into());
        Box::pin(async move { Err(Unsupported { store, feature, instead }.into()) })
    }

    /// Closes the connections; calls that come later fail.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// What is to be done with what a key-value store keeps beside the rows of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Maintenance {
    /// Build the indexes that the schema has and the store does not.
    Reindex,
    /// Build all indexes of the schema anew.
    Rebuild,
    /// Take out of the indexes what has expired.
    Sweep,
}

impl Maintenance {
    /// The name of the method.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Maintenance::Reindex | Maintenance::Rebuild => "reindex",
            Maintenance::Sweep => "sweep",
        }
    }

    /// Why a store has no such method.
    fn instead(self) -> &'static str {
        match self {
            Maintenance::Reindex | Maintenance::Rebuild => {
                "its indexes are made by migrations, and always have all rows"
            }
            Maintenance::Sweep => "its rows do not expire, delete_all(..) removes the old ones",
        }
    }
}

/// Hears how far maintenance is.
pub trait Progress: Send + Sync {
    /// Called from time to time with how many rows were looked at so far.
    fn rows(&self, rows: u64);
}

impl<F: Fn(u64) + Send + Sync> Progress for F {
    fn rows(&self, rows: u64) {
        self(rows);
    }
}

/// A connection of its own: with an open transaction, after which it is over, or checked out, with transactions one after
/// the other. Dropping it rolls back what is open.
pub trait Session: Executor {
    /// Begins or ends a transaction, or sets, releases or goes back to a savepoint.
    ///
    /// A rollback where no transaction is open changes nothing. COMMIT must look at the store's own answer: if it rolled back instead, the result is [`Ending::RolledBack`].
    fn control(&self, control: Control) -> BoxFuture<'_, Result<Ending, Error>>;
}

/// What to do with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Open it, on a connection that was checked out.
    Begin(TransactionOptions),
    /// Keep it.
    Commit,
    /// Forget it.
    Rollback,
    /// Set the savepoint of this number.
    Savepoint(u32),
    /// Forget what came after the savepoint, and the savepoint.
    RollbackTo(u32),
    /// Forget the savepoint alone.
    Release(u32),
}

/// What a [`Control`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// What was asked for.
    Done,
    /// COMMIT was asked for and the store rolled back.
    RolledBack,
}

/// How a transaction runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionOptions {
    /// How much of other transactions it may see; `None` is the store's default.
    pub isolation: Option<Isolation>,
    /// Whether it only reads.
    pub read_only: bool,
    /// Whether it waits, before it begins, until it can run without a serialization failure; for those that are
    /// serializable and only read.
    pub deferrable: bool,
    /// How often it is run again after a serialization failure or a deadlock.
    pub retries: u32,
}

/// The isolation of a transaction. SQLite's are always serializable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl TransactionOptions {
    /// A serializable transaction.
    pub fn serializable() -> Self {
        TransactionOptions { isolation: Some(Isolation::Serializable), ..Self::default() }
    }

    /// A transaction that only reads.
    pub fn read_only() -> Self {
        TransactionOptions { read_only: true, ..Self::default() }
    }

    /// A serializable transaction that only reads, and may wait before it begins: from then on it neither fails for other
    /// transactions nor makes them fail. For long reports and backups on Postgres; SQLite's read-only ones are so anyway.
    pub fn deferrable() -> Self {
        TransactionOptions { read_only: true, deferrable: true, ..Self::serializable() }
    }

    /// Runs the transaction again, at most `count` times, after a serialization failure or a deadlock.
    pub fn retries(mut self, count: u32) -> Self {
        self.retries = count;
        self
    }

    /// Sets the isolation.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }
}

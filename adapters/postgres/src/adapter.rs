//! The adapter: statements on any connection that is free.

use crate::call::{self, Call};
use crate::connection::{Caching, Progress};
use crate::constraint::Constraints;
use crate::copy::{self, Loaded};
use crate::cursor::PostgresCursor;
use crate::error::{STORE, Secrets, connect_error, script_error, statement_error};
use crate::failure::Failure;
use crate::notice::listen;
use crate::options::Settings;
use crate::pool::{Lease, Pool};
use crate::session::PostgresSession;
use crate::tables::Tables;
use peristyle_query::adapter::{
    Adapter, BoxFuture, Cursor, Executor, Isolation, Notices, Outcome, Request, Session, Sink, TransactionOptions,
};
use peristyle_query::error::{Error, QueryError, Unsupported};
use peristyle_query::schema::SchemaMeta;
use peristyle_query::statement::Dialect;
use peristyle_sql::{PlanCache, table_name};
use std::sync::Arc;
use std::time::Duration;

/// A Postgres database behind a pool of connections.
pub(crate) struct PostgresAdapter {
    core: Arc<Core>,
}

/// What the adapter and its sessions share.
pub(crate) struct Core {
    pub(crate) pool: Pool,
    pub(crate) plans: PlanCache,
    pub(crate) constraints: Constraints,
    pub(crate) tables: Tables,
}

impl PostgresAdapter {
    /// Makes the pool and opens its first connection.
    pub(crate) async fn connect(settings: Settings) -> Result<Self, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(connect_error("no Tokio runtime here; connect inside of #[tokio::main] or #[tokio::test]"));
        }
        let core = Core {
            pool: Pool::new(settings)?,
            plans: call::plans(),
            constraints: Constraints::default(),
            tables: Tables::default(),
        };
        core.pool.open_first().await?;
        Ok(PostgresAdapter { core: Arc::new(core) })
    }
}

impl Core {
    /// How the statements of this adapter are kept.
    pub(crate) fn caching(&self) -> Caching {
        if self.pool.settings().prepared { Caching::Keep } else { Caching::Once }
    }

    /// Whether every statement needs a transaction to stay on one server process.
    fn needs_transaction(&self) -> bool {
        let settings = self.pool.settings();
        settings.pooler && !settings.prepared
    }

    /// Opens a transaction on a connection of its own. BEGIN has no effect that could be repeated, so that a connection
    /// that turns out to be dead is replaced.
    pub(crate) async fn begin(&self, options: TransactionOptions) -> Result<Lease, Error> {
        let statement = begin_statement(options);
        let mut fresh = false;
        loop {
            let mut lease = self.pool.acquire().await?;
            let result = match lease.connection() {
                Ok(connection) => connection.begin(&statement).await,
                Err(failure) => Err(failure),
            };
            match result {
                Ok(()) => return Ok(lease),
                Err(failure) => {
                    self.forgive(&failure, &mut fresh)
                        .map_err(|()| statement_error(failure, Secrets::default()).in_statement(&statement))?;
                }
            }
        }
    }

    /// Allows one more try after a connection was lost: the next one is checked before it is used.
    fn forgive(&self, failure: &Failure, fresh: &mut bool) -> Result<(), ()> {
        if failure.is_lost() {
            self.pool.suspect();
        }
        match failure.is_lost() && !std::mem::replace(fresh, true) {
            true => Ok(()),
            false => Err(()),
        }
    }

    async fn run(self: &Arc<Self>, request: Request, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let (request, sink) = match copy::is_load(&request.operation) {
            false => (request, sink),
            true => match self.load(request, sink).await? {
                Loaded::Done(outcome) => return Ok(outcome),
                Loaded::Insert(request, sink) => (*request, sink),
            },
        };
        self.run_statement(request, sink).await
    }

    /// Loads rows. The question that comes first shows whether the connection is alive; a dead one is replaced.
    async fn load(&self, request: Request, sink: Box<dyn Sink>) -> Result<Loaded, Error> {
        let location = request.location;
        let mut lease = self.pool.acquire().await.map_err(|error| error.at(location))?;
        let alive = match lease.connection() {
            Ok(connection) => connection.ping().await,
            Err(failure) => Err(failure),
        };
        if alive.is_err() {
            self.pool.suspect();
            lease = self.pool.acquire().await.map_err(|error| error.at(location))?;
        }
        let connection =
            lease.connection().map_err(|failure| statement_error(failure, Secrets::default()).at(location))?;
        copy::load(self, connection, request, sink).await.map_err(|error| error.at(location))
    }

    async fn tells_inserted(&self, schema: &'static SchemaMeta, prefix: Option<Arc<str>>) -> Result<bool, Error> {
        let table = table_name(schema, prefix.as_deref())?;
        if let Some(known) = self.tables.known(&table) {
            return Ok(known);
        }
        let mut fresh = false;
        loop {
            let mut lease = self.pool.acquire().await?;
            let connection = lease.connection().map_err(|failure| statement_error(failure, Secrets::default()))?;
            match Tables::ask(self, connection, table.clone()).await {
                // A connection that turns out to be dead is replaced once.
                Err(error) if error.is_connection() && !std::mem::replace(&mut fresh, true) => self.pool.suspect(),
                asked => return asked,
            }
        }
    }

    async fn run_statement(self: &Arc<Self>, request: Request, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let mut call = Call::new(&self.plans, request)?;
        if self.needs_transaction() {
            return self.run_in_transaction(call, sink).await;
        }
        let mut fresh = false;
        loop {
            let mut lease = self.pool.acquire().await.map_err(|error| call.locate(error))?;
            let mut progress = Progress::default();
            match self.run_on(&mut lease, &mut call, &mut *sink, &mut progress).await? {
                Ok(()) => return Ok(outcome(&call, sink, progress)),
                Err(mut failure) => {
                    let repeat = self.forgive(&failure, &mut fresh).is_ok() && call.may_repeat(&failure, &progress);
                    if !repeat {
                        self.complete(&mut failure, call.table(), lease.connection().ok()).await;
                        return Err(call.error(failure));
                    }
                }
            }
        }
    }

    /// Hands out a connection that is alive.
    async fn checkout(&self) -> Result<Lease, Error> {
        if self.pool.settings().pooler {
            return Err(Unsupported {
                store: STORE,
                feature: "connection to hand out behind a pooler, which gives each transaction another one".into(),
                instead: "use repo.transaction(..), with SET LOCAL for what the session is to have".into(),
            }
            .into());
        }
        let mut fresh = false;
        loop {
            let mut lease = self.pool.acquire().await?;
            let result = match lease.connection() {
                Ok(connection) => {
                    // Settings, locks, temporary tables, cursors: nothing of it reaches the next user.
                    connection.expect_traces();
                    connection.ping().await
                }
                Err(failure) => Err(failure),
            };
            let Err(failure) = result else { return Ok(lease) };
            self.forgive(&failure, &mut fresh).map_err(|()| statement_error(failure, Secrets::default()))?;
        }
    }

    /// Runs a call on a connection; once more if what the connection had prepared does not fit the tables any more.
    pub(crate) async fn run_on(
        &self,
        lease: &mut Lease,
        call: &mut Call,
        sink: &mut dyn Sink,
        progress: &mut Progress,
    ) -> Result<Result<(), Failure>, Error> {
        let mut stale = false;
        loop {
            let encoded = call.encoded()?;
            let result = match lease.connection() {
                Ok(connection) => {
                    if call.marks_session {
                        connection.expect_traces();
                    }
                    connection.query(&call.sql, encoded, self.caching(), sink, progress).await
                }
                Err(failure) => Err(failure),
            };
            match &result {
                Err(failure) if failure.is_stale_plan() && progress.rows == 0 && call.whole && !stale => stale = true,
                _ => return Ok(result),
            }
        }
    }

    async fn run_in_transaction(self: &Arc<Self>, call: Call, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let lease = self.begin(TransactionOptions::default()).await.map_err(|error| call.locate(error))?;
        let session = PostgresSession::new(Arc::clone(self), lease);
        session.run_alone(call, sink).await
    }

    async fn open(self: &Arc<Self>, request: Request) -> Result<Box<dyn Cursor>, Error> {
        let mut call = Call::new(&self.plans, request)?;
        let options = if call.reads { TransactionOptions::read_only() } else { TransactionOptions::default() };
        let mut fresh = false;
        loop {
            let mut lease = self.begin(options).await.map_err(|error| call.locate(error))?;
            match PostgresCursor::declare(&mut lease, &mut call, 0, false).await? {
                Ok(()) => return Ok(Box::new(PostgresCursor::on_its_own(lease, call))),
                Err(failure) => {
                    let repeat = self.forgive(&failure, &mut fresh).is_ok() && call.reads;
                    if !repeat {
                        return Err(call.error(failure));
                    }
                }
            }
        }
    }

    async fn script(&self, text: String) -> Result<(), Error> {
        refuse_nul(&text)?;
        self.constraints.forget();
        let mut fresh = false;
        loop {
            let mut lease = self.pool.acquire().await?;
            let mut progress = Progress::default();
            let result = match lease.connection() {
                Ok(connection) => connection.script(&text, &mut progress).await,
                Err(failure) => Err(failure),
            };
            let Err(failure) = result else { break leave(&mut lease).await };
            let repeat =
                self.forgive(&failure, &mut fresh).is_ok() && failure.is_before_the_end() && progress.completed == 0;
            if !repeat {
                return Err(script_error(failure, &text, progress.completed));
            }
        }
    }
}

/// Undoes what a script did to the session; a transaction that it left open is an error.
async fn leave(lease: &mut Lease) -> Result<(), Error> {
    match lease.connection() {
        Ok(connection) => match connection.reset().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(left_open()),
            Err(failure) => Err(statement_error(failure, Secrets::default())),
        },
        Err(failure) => Err(statement_error(failure, Secrets::default())),
    }
}

pub(crate) fn left_open() -> Error {
    QueryError::new(
        "the script left a transaction open, which was rolled back: end it with COMMIT, or run the script in \
         repo.transaction(..)",
    )
    .into()
}

/// A NUL would end the text early.
pub(crate) fn refuse_nul(text: &str) -> Result<(), Error> {
    match text.find('\0') {
        Some(at) => {
            Err(QueryError::new(format!("the script has a NUL character (U+0000) at byte {at}; remove it")).into())
        }
        None => Ok(()),
    }
}

/// What a call came to: a read counts the rows it gave, a write those that it touched.
pub(crate) fn outcome(call: &Call, sink: Box<dyn Sink>, progress: Progress) -> Outcome {
    Outcome { sink, rows: if call.reads { progress.rows } else { progress.affected } }
}

pub(crate) fn begin_statement(options: TransactionOptions) -> String {
    let mut statement = String::from("BEGIN");
    statement.push_str(match options.isolation {
        None => "",
        Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
        Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
        Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
    });
    if options.read_only {
        statement.push_str(" READ ONLY");
    }
    if options.deferrable {
        statement.push_str(" DEFERRABLE");
    }
    statement
}

impl Executor for PostgresAdapter {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(self.core.run(request, sink))
    }

    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>> {
        Box::pin(self.core.open(request))
    }

    fn script(&self, text: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(self.core.script(text))
    }

    fn script_with_notices(&self, text: String, notices: Arc<dyn Notices>) -> BoxFuture<'_, Result<(), Error>> {
        let running = self.script(text);
        Box::pin(listen(running, notices))
    }

    fn tells_inserted(
        &self,
        schema: &'static SchemaMeta,
        prefix: Option<Arc<str>>,
    ) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(self.core.tells_inserted(schema, prefix))
    }
}

impl Adapter for PostgresAdapter {
    fn name(&self) -> &'static str {
        STORE
    }

    fn dialect(&self) -> Option<Dialect> {
        Some(Dialect::Postgres)
    }

    fn single_writer(&self) -> bool {
        false
    }

    fn pool_size(&self) -> Option<usize> {
        Some(self.core.pool.settings().pool_size)
    }

    fn begin(&self, options: TransactionOptions) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        Box::pin(async move {
            let lease = self.core.begin(options).await?;
            let session: Box<dyn Session> = Box::new(PostgresSession::new(Arc::clone(&self.core), lease));
            Ok(session)
        })
    }

    fn checkout(&self) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        Box::pin(async move {
            let lease = self.core.checkout().await?;
            let session: Box<dyn Session> = Box::new(PostgresSession::checked_out(Arc::clone(&self.core), lease));
            Ok(session)
        })
    }

    fn pause(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.core.pool.close())
    }
}

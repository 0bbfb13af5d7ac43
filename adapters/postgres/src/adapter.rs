//! The adapter: statements on any connection that is free.

use crate::call::{self, Call};
use crate::connection::{Caching, Progress};
use crate::constraint::Constraints;
use crate::cursor::PostgresCursor;
use crate::error::{STORE, Secrets, connect_error, script_error, statement_error};
use crate::failure::Failure;
use crate::options::Settings;
use crate::pool::{Lease, Pool};
use crate::session::PostgresSession;
use peristyle_query::adapter::{
    Adapter, BoxFuture, Cursor, Executor, Isolation, Outcome, Request, Session, Sink, TransactionOptions,
};
use peristyle_query::error::{Error, QueryError};
use peristyle_query::statement::Dialect;
use peristyle_sql::PlanCache;
use std::sync::Arc;

/// A Postgres database behind a pool of connections.
pub(crate) struct PostgresAdapter {
    core: Arc<Core>,
}

/// What the adapter and its sessions share.
pub(crate) struct Core {
    pub(crate) pool: Pool,
    pub(crate) plans: PlanCache,
    pub(crate) constraints: Constraints,
}

impl PostgresAdapter {
    /// Makes the pool and opens its first connection.
    pub(crate) async fn connect(settings: Settings) -> Result<Self, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(connect_error("no Tokio runtime here; connect inside of #[tokio::main] or #[tokio::test]"));
        }
        let core = Core { pool: Pool::new(settings)?, plans: call::plans(), constraints: Constraints::default() };
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

    async fn run(self: &Arc<Self>, request: Request, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
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

    /// Runs a call on a connection; once more if what the connection had prepared does not fit the tables any more.
    async fn run_on(
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
            match PostgresCursor::declare(&mut lease, &mut call, 0).await? {
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
            Ok(false) => Err(QueryError::new(
                "the script left a transaction open, which was rolled back: end it with COMMIT, or run the script in \
                 repo.transaction(..)",
            )
            .into()),
            Err(failure) => Err(statement_error(failure, Secrets::default())),
        },
        Err(failure) => Err(statement_error(failure, Secrets::default())),
    }
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

fn begin_statement(options: TransactionOptions) -> String {
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

    fn begin(&self, options: TransactionOptions) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        Box::pin(async move {
            let lease = self.core.begin(options).await?;
            let session: Box<dyn Session> = Box::new(PostgresSession::new(Arc::clone(&self.core), lease));
            Ok(session)
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.core.pool.close())
    }
}

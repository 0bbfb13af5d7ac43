//! A connection of its own: for one transaction, or checked out.

use crate::adapter::{Core, begin_statement, left_open, outcome, refuse_nul};
use crate::call::Call;
use crate::connection::{Connection, Progress};
use crate::copy::{self, Loaded};
use crate::cursor::{OpenCursors, PostgresCursor};
use crate::error::{Secrets, connect_error, script_error, server_error, statement_error};
use crate::failure::Failure;
use crate::notice::listen;
use crate::pool::Lease;
use crate::tables::Tables;
use peristyle_query::adapter::{
    BoxFuture, Control, Cursor, Ending, Executor, Notices, Outcome, Request, Session, Sink, TransactionOptions,
};
use peristyle_query::error::{CommitUnknown, Error, QueryError, TransactionMisuse};
use peristyle_query::schema::SchemaMeta;
use peristyle_sql::table_name;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// A transaction, or a checkout. Dropping it gives its connection back, which rolls back in the background.
pub(crate) struct PostgresSession {
    shared: Arc<Shared>,
}

/// What the session and its cursors share.
pub(crate) struct Shared {
    pub(crate) core: Arc<Core>,
    /// Whether transactions come and go, one after the other.
    checked_out: bool,
    state: Mutex<State>,
    /// Cursors that were dropped and not closed yet.
    pub(crate) abandoned: std::sync::Mutex<Vec<u64>>,
}

pub(crate) struct State {
    /// The connection; none when the transaction has ended.
    lease: Option<Lease>,
    pub(crate) cursors: OpenCursors,
}

impl Shared {
    /// The connection, for one statement: it has finished what was cut off, and closed dropped cursors.
    pub(crate) async fn enter(&self) -> Result<MutexGuard<'_, State>, Error> {
        let mut state = self.state.lock().await;
        let State { lease, cursors } = &mut *state;
        let Some(lease) = lease else { return Err(TransactionMisuse::Ended.into()) };
        let inside = lease.in_transaction();
        let lost = |failure| lost_earlier(failure, inside);
        lease.recover().await.map_err(lost)?;
        let connection = lease.connection().map_err(lost)?;
        if connection.is_lost() {
            return Err(lost(Failure::lost("it broke in an earlier statement")));
        }
        let abandoned = {
            let mut abandoned = self.abandoned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            std::mem::take(&mut *abandoned)
        };
        if let Some(close) = cursors.close_statement(&abandoned) {
            // In a failed transaction it is refused, and the cursors end with the transaction.
            let _ = connection.simple(&close, &mut Progress::default()).await;
        }
        Ok(state)
    }
}

impl State {
    /// The connection.
    pub(crate) fn lease(&mut self) -> Result<&mut Lease, Error> {
        self.lease.as_mut().ok_or_else(|| TransactionMisuse::Ended.into())
    }

    /// Whether a transaction is open.
    fn in_transaction(&self) -> bool {
        self.lease.as_ref().is_some_and(Lease::in_transaction)
    }

    /// The error of a call.
    pub(crate) fn error(&self, call: &Call, failure: Failure) -> Error {
        if self.in_transaction() { call.error_in_transaction(failure) } else { call.error(failure) }
    }

    /// Runs a call and passes over the rest of an answer that could not be read.
    async fn run(
        &mut self,
        core: &Core,
        call: &mut Call,
        sink: &mut dyn Sink,
        progress: &mut Progress,
    ) -> Result<Result<(), Failure>, Error> {
        let inside = self.in_transaction();
        let lost = |failure| lost_earlier(failure, inside);
        if !inside {
            let result = core.run_on(self.lease()?, call, sink, progress).await?;
            if matches!(result, Err(Failure::Decode(_))) {
                self.lease()?.connection().map_err(lost)?.finish().await.map_err(lost)?;
            }
            return Ok(result);
        }
        let encoded = call.encoded()?;
        let connection = self.lease()?.connection().map_err(lost)?;
        if call.marks_session {
            connection.expect_traces();
        }
        let result = connection.query(&call.sql, encoded, core.caching(), sink, progress).await;
        if matches!(result, Err(Failure::Decode(_))) {
            connection.finish().await.map_err(lost)?;
        }
        Ok(result)
    }
}

fn lost_earlier(failure: Failure, in_transaction: bool) -> Error {
    match failure {
        Failure::Lost { message, .. } => connect_error(match in_transaction {
            true => format!("lost: {message}; the transaction was rolled back"),
            false => format!("lost: {message}; this checkout is over, begin another"),
        }),
        failure => statement_error(failure, Secrets::default()),
    }
}

/// The error of a transaction whose connection was lost.
fn lost_in_transaction(failure: Failure) -> Error {
    lost_earlier(failure, true)
}

impl PostgresSession {
    /// An open transaction.
    pub(crate) fn new(core: Arc<Core>, lease: Lease) -> Self {
        Self::on(core, lease, false)
    }

    /// A connection without a transaction.
    pub(crate) fn checked_out(core: Arc<Core>, lease: Lease) -> Self {
        Self::on(core, lease, true)
    }

    fn on(core: Arc<Core>, lease: Lease, checked_out: bool) -> Self {
        let state = Mutex::new(State { lease: Some(lease), cursors: OpenCursors::default() });
        let abandoned = std::sync::Mutex::default();
        PostgresSession { shared: Arc::new(Shared { core, checked_out, state, abandoned }) }
    }

    async fn run_call(&self, mut call: Call, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let mut state = self.shared.enter().await.map_err(|error| call.locate(error))?;
        let mut progress = Progress::default();
        match state.run(&self.shared.core, &mut call, &mut *sink, &mut progress).await? {
            Ok(()) => Ok(outcome(&call, sink, progress)),
            Err(mut failure) => {
                // A connection inside of the failed transaction answers nothing.
                let own = if state.in_transaction() { None } else { state.lease()?.connection().ok() };
                self.shared.core.complete(&mut failure, call.table(), own).await;
                Err(state.error(&call, failure))
            }
        }
    }

    async fn load(&self, request: Request, sink: Box<dyn Sink>) -> Result<Loaded, Error> {
        let location = request.location;
        let mut state = self.shared.enter().await.map_err(|error| error.at(location))?;
        let inside = state.in_transaction();
        let connection = state.lease()?.connection().map_err(|failure| lost_earlier(failure, inside))?;
        copy::load(&self.shared.core, connection, request, sink).await.map_err(|error| error.at(location))
    }

    /// Runs a call that is all of its transaction.
    pub(crate) async fn run_alone(self, call: Call, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let outcome = self.run_call(call, sink).await?;
        match self.end(Control::Commit).await? {
            Ending::Done => Ok(outcome),
            Ending::RolledBack => Err(connect_error("lost before the statement was kept: it was rolled back")),
        }
    }

    async fn open_cursor(&self, request: Request) -> Result<Box<dyn Cursor>, Error> {
        let mut call = Call::new(&self.shared.core.plans, request)?;
        let mut state = self.shared.enter().await.map_err(|error| call.locate(error))?;
        let number = state.cursors.open();
        let declared = match state.in_transaction() {
            true => PostgresCursor::declare(state.lease()?, &mut call, number, false).await?,
            false => declare_alone(state.lease()?, &mut call, number).await?,
        };
        match declared {
            Ok(()) => Ok(Box::new(PostgresCursor::in_session(&self.shared, number, call))),
            Err(failure) => {
                state.cursors.forget(number);
                Err(state.error(&call, failure))
            }
        }
    }

    async fn run_script(&self, text: String) -> Result<(), Error> {
        refuse_nul(&text)?;
        self.shared.core.constraints.forget();
        let mut state = self.shared.enter().await?;
        let inside = state.in_transaction();
        let lost = |failure| lost_earlier(failure, inside);
        let connection = state.lease()?.connection().map_err(lost)?;
        let mut progress = Progress::default();
        let result = connection.script(&text, &mut progress).await.map_err(|failure| match failure {
            failure @ Failure::Lost { .. } => lost(failure),
            failure => script_error(failure, &text, progress.completed),
        });
        if !inside && !connection.is_lost() && connection.leave_transaction().await.map_err(lost)? {
            return result.and(Err(left_open()));
        }
        result
    }

    async fn begin(&self, options: TransactionOptions) -> Result<Ending, Error> {
        let mut state = self.shared.enter().await?;
        let statement = begin_statement(options);
        let connection = state.lease()?.connection().map_err(|failure| lost_earlier(failure, false))?;
        let result = connection.begin(&statement).await;
        result.map_err(|failure| match failure {
            lost @ Failure::Lost { .. } => lost_earlier(lost, false),
            failure => statement_error(failure, Secrets::default()).in_statement(&statement),
        })?;
        state.cursors.note(Control::Begin(options));
        Ok(Ending::Done)
    }

    /// Ends the transaction. The connection goes back to its pool, unless it was checked out.
    async fn end(&self, control: Control) -> Result<Ending, Error> {
        let mut state = self.shared.state.lock().await;
        let State { lease, cursors } = &mut *state;
        let mut last = if self.shared.checked_out { None } else { lease.take() };
        let lease = last.as_mut().or(lease.as_mut()).ok_or(TransactionMisuse::Ended)?;
        cursors.note(control);
        let usable = lease.recover().await.is_ok() && lease.connection().is_ok_and(|connection| !connection.is_lost());
        match (control, lease.connection()) {
            (Control::Commit, Ok(connection)) if usable => commit(&self.shared.core, connection).await,
            (Control::Commit, _) => Ok(Ending::RolledBack),
            (_, connection) => {
                if let Ok(connection) = connection
                    && usable
                {
                    // If it fails the connection is lost, and the server rolls back too.
                    let _ = connection.roll_back().await;
                }
                Ok(Ending::Done)
            }
        }
    }

    async fn savepoint(&self, control: Control) -> Result<Ending, Error> {
        let mut state = self.shared.enter().await?;
        let statement = match control {
            Control::Savepoint(number) => format!("SAVEPOINT peristyle_{number}"),
            Control::Release(number) => format!("RELEASE SAVEPOINT peristyle_{number}"),
            Control::RollbackTo(number) => roll_back_to(number),
            Control::Begin(_) | Control::Commit | Control::Rollback => return Ok(Ending::Done),
        };
        let connection = state.lease()?.connection().map_err(lost_in_transaction)?;
        let mut result = connection.simple(&statement, &mut Progress::default()).await;
        let mut ending = Ending::Done;
        let mut done = control;
        if let (Control::Release(number), Err(Failure::Refused(error))) = (control, &result)
            && error.code == "25P02"
        {
            // A statement after the savepoint had failed: what came after it cannot be kept.
            result = connection.simple(&roll_back_to(number), &mut Progress::default()).await;
            (ending, done) = (Ending::RolledBack, Control::RollbackTo(number));
        }
        result.map_err(|failure| match failure {
            lost @ Failure::Lost { .. } => lost_in_transaction(lost),
            failure => statement_error(failure, Secrets::default()).in_statement(&statement),
        })?;
        state.cursors.note(done);
        Ok(ending)
    }
}

async fn commit(core: &Core, connection: &mut Connection) -> Result<Ending, Error> {
    let mut progress = Progress::default();
    let mut failure = match connection.commit(&mut progress).await {
        Ok(()) => return Ok(Ending::Done),
        Err(failure) => failure,
    };
    if !connection.in_transaction() {
        core.complete(&mut failure, None, Some(connection)).await;
    }
    match failure {
        // The server was gone, or said that it goes, before it came to COMMIT.
        failure if failure.is_lost() && failure.is_before_the_end() && progress.completed == 0 => {
            Err(lost_in_transaction(failure))
        }
        Failure::Lost { message, .. } => Err(CommitUnknown { message }.into()),
        Failure::Refused(error) => match error.code.as_str() {
            "25P02" => {
                // Whether the server hears it or the connection is lost, the transaction is over.
                let _ = connection.roll_back().await;
                Ok(Ending::RolledBack)
            }
            "25P01" => Err(QueryError::new(
                "the transaction was already ended by a statement inside of it, such as COMMIT in a script: leave its end \
                 to repo.transaction(..)",
            )
            .into()),
            _ => Err(server_error(*error, Secrets::default()).in_statement("COMMIT")),
        },
        failure => Err(statement_error(failure, Secrets::default())),
    }
}

/// Declares a cursor outside of a transaction: the server keeps its rows.
async fn declare_alone(lease: &mut Lease, call: &mut Call, number: u64) -> Result<Result<(), Failure>, Error> {
    let begun = match lease.connection() {
        Ok(connection) => connection.begin("BEGIN").await,
        Err(failure) => Err(failure),
    };
    if begun.is_err() {
        return Ok(begun);
    }
    let declared = PostgresCursor::declare(lease, call, number, true).await;
    let Ok(connection) = lease.connection() else { return declared };
    match declared {
        Ok(Ok(())) => Ok(connection.commit(&mut Progress::default()).await),
        failed => {
            // If it fails the connection is lost, and the server rolls back too.
            let _ = connection.roll_back().await;
            failed
        }
    }
}

fn roll_back_to(number: u32) -> String {
    format!("ROLLBACK TO SAVEPOINT peristyle_{number}; RELEASE SAVEPOINT peristyle_{number}")
}

impl Executor for PostgresSession {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            let (request, sink) = match copy::is_load(&request.operation) {
                false => (request, sink),
                true => match self.load(request, sink).await? {
                    Loaded::Done(outcome) => return Ok(outcome),
                    Loaded::Insert(request, sink) => (*request, sink),
                },
            };
            let call = Call::new(&self.shared.core.plans, request)?;
            self.run_call(call, sink).await
        })
    }

    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>> {
        Box::pin(self.open_cursor(request))
    }

    fn script(&self, text: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(self.run_script(text))
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
        Box::pin(async move {
            let core = &self.shared.core;
            let table = table_name(schema, prefix.as_deref())?;
            if let Some(known) = core.tables.known(&table) {
                return Ok(known);
            }
            let mut state = self.shared.enter().await?;
            let inside = state.in_transaction();
            let connection = state.lease()?.connection().map_err(|failure| lost_earlier(failure, inside))?;
            Tables::ask(core, connection, table).await
        })
    }
}

impl Session for PostgresSession {
    fn control(&self, control: Control) -> BoxFuture<'_, Result<Ending, Error>> {
        Box::pin(async move {
            match control {
                Control::Begin(options) => self.begin(options).await,
                Control::Commit | Control::Rollback => self.end(control).await,
                savepoint => self.savepoint(savepoint).await,
            }
        })
    }
}

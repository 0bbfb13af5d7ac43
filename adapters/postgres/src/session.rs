//! A transaction on a connection of its own.

use crate::adapter::{Core, outcome, refuse_nul};
use crate::call::Call;
use crate::connection::Progress;
use crate::cursor::{OpenCursors, PostgresCursor};
use crate::error::{Secrets, connect_error, script_error, server_error, statement_error};
use crate::failure::Failure;
use crate::pool::Lease;
use peristyle_query::adapter::{BoxFuture, Control, Cursor, Ending, Executor, Outcome, Request, Session, Sink};
use peristyle_query::error::{CommitUnknown, Error, QueryError, TransactionMisuse};
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// A transaction. Dropping it gives its connection back, which rolls back in the background.
pub(crate) struct PostgresSession {
    shared: Arc<Shared>,
}

/// What the session and its cursors share.
pub(crate) struct Shared {
    pub(crate) core: Arc<Core>,
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
    /// The transaction, for one statement: its connection has finished what was cut off, and closed dropped cursors.
    pub(crate) async fn enter(&self) -> Result<MutexGuard<'_, State>, Error> {
        let mut state = self.state.lock().await;
        let State { lease, cursors } = &mut *state;
        let Some(lease) = lease else { return Err(TransactionMisuse::Ended.into()) };
        lease.recover().await.map_err(lost_earlier)?;
        let connection = lease.connection().map_err(lost_earlier)?;
        if connection.is_lost() {
            return Err(lost_earlier(Failure::lost("it broke in an earlier statement")));
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
    /// The connection of the open transaction.
    pub(crate) fn lease(&mut self) -> Result<&mut Lease, Error> {
        self.lease.as_mut().ok_or_else(|| TransactionMisuse::Ended.into())
    }

    /// Runs a call and passes over the rest of an answer that could not be read.
    async fn run(
        &mut self,
        core: &Core,
        call: &mut Call,
        sink: &mut dyn Sink,
        progress: &mut Progress,
    ) -> Result<Result<(), Failure>, Error> {
        let encoded = call.encoded()?;
        let connection = self.lease()?.connection().map_err(lost_earlier)?;
        if call.marks_session {
            connection.expect_traces();
        }
        let result = connection.query(&call.sql, encoded, core.caching(), sink, progress).await;
        if matches!(result, Err(Failure::Decode(_))) {
            connection.finish().await.map_err(lost_earlier)?;
        }
        Ok(result)
    }
}

fn lost_earlier(failure: Failure) -> Error {
    match failure {
        Failure::Lost { message, .. } => connect_error(format!("lost: {message}; the transaction was rolled back")),
        failure => statement_error(failure, Secrets::default()),
    }
}

impl PostgresSession {
    pub(crate) fn new(core: Arc<Core>, lease: Lease) -> Self {
        let state = Mutex::new(State { lease: Some(lease), cursors: OpenCursors::default() });
        PostgresSession { shared: Arc::new(Shared { core, state, abandoned: std::sync::Mutex::default() }) }
    }

    async fn run_call(&self, mut call: Call, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let mut state = self.shared.enter().await.map_err(|error| call.locate(error))?;
        let mut progress = Progress::default();
        match state.run(&self.shared.core, &mut call, &mut *sink, &mut progress).await? {
            Ok(()) => Ok(outcome(&call, sink, progress)),
            Err(mut failure) => {
                self.shared.core.complete(&mut failure, call.table(), None).await;
                Err(call.error_in_transaction(failure))
            }
        }
    }

    /// Runs a call that is all of its transaction.
    pub(crate) async fn run_alone(self, call: Call, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let outcome = self.run_call(call, sink).await?;
        match self.commit().await? {
            Ending::Done => Ok(outcome),
            Ending::RolledBack => Err(connect_error("lost before the statement was kept: it was rolled back")),
        }
    }

    async fn open_cursor(&self, request: Request) -> Result<Box<dyn Cursor>, Error> {
        let mut call = Call::new(&self.shared.core.plans, request)?;
        let mut state = self.shared.enter().await.map_err(|error| call.locate(error))?;
        let number = state.cursors.open();
        match PostgresCursor::declare(state.lease()?, &mut call, number).await? {
            Ok(()) => Ok(Box::new(PostgresCursor::in_session(&self.shared, number, call))),
            Err(failure) => {
                state.cursors.forget(number);
                Err(call.error_in_transaction(failure))
            }
        }
    }

    async fn run_script(&self, text: String) -> Result<(), Error> {
        refuse_nul(&text)?;
        self.shared.core.constraints.forget();
        let mut state = self.shared.enter().await?;
        let connection = state.lease()?.connection().map_err(lost_earlier)?;
        let mut progress = Progress::default();
        connection.script(&text, &mut progress).await.map_err(|failure| match failure {
            lost @ Failure::Lost { .. } => lost_earlier(lost),
            failure => script_error(failure, &text, progress.completed),
        })
    }

    /// Takes the connection for the end of the transaction, or `None` if it was lost and all is rolled back.
    async fn last_lease(&self) -> Result<Option<Lease>, Error> {
        let mut lease = self.shared.state.lock().await.lease.take().ok_or(TransactionMisuse::Ended)?;
        let usable = lease.recover().await.is_ok() && lease.connection().is_ok_and(|connection| !connection.is_lost());
        Ok(usable.then_some(lease))
    }

    async fn commit(&self) -> Result<Ending, Error> {
        let Some(mut lease) = self.last_lease().await? else { return Ok(Ending::RolledBack) };
        let connection = lease.connection().map_err(lost_earlier)?;
        let mut progress = Progress::default();
        let mut failure = match connection.commit(&mut progress).await {
            Ok(()) => return Ok(Ending::Done),
            Err(failure) => failure,
        };
        if !connection.in_transaction() {
            self.shared.core.complete(&mut failure, None, Some(connection)).await;
        }
        match failure {
            // The server was gone, or said that it goes, before it came to COMMIT.
            failure if failure.is_lost() && failure.is_before_the_end() && progress.completed == 0 => Err(lost_earlier(failure)),
            Failure::Lost { message, .. } => Err(CommitUnknown { message }.into()),
            Failure::Refused(error) => match error.code.as_str() {
                "25P02" => {
                    // Whether the server hears it or the connection is lost, the transaction is over.
                    let _ = connection.roll_back().await;
                    Ok(Ending::RolledBack)
                }
                "25P01" => Err(QueryError::new(
                    "the transaction was already ended by a statement inside of it, such as COMMIT in a script: leave its \
                     end to repo.transaction(..)",
                )
                .into()),
                _ => Err(server_error(*error, Secrets::default()).in_statement("COMMIT")),
            },
            failure => Err(statement_error(failure, Secrets::default())),
        }
    }

    async fn roll_back(&self) -> Result<Ending, Error> {
        if let Some(mut lease) = self.last_lease().await?
            && let Ok(connection) = lease.connection()
        {
            // If it fails the connection is lost, and the server rolls back too.
            let _ = connection.roll_back().await;
        }
        Ok(Ending::Done)
    }

    async fn savepoint(&self, control: Control) -> Result<Ending, Error> {
        let mut state = self.shared.enter().await?;
        let statement = match control {
            Control::Savepoint(number) => format!("SAVEPOINT peristyle_{number}"),
            Control::Release(number) => format!("RELEASE SAVEPOINT peristyle_{number}"),
            Control::RollbackTo(number) => roll_back_to(number),
            Control::Commit | Control::Rollback => return Ok(Ending::Done),
        };
        let connection = state.lease()?.connection().map_err(lost_earlier)?;
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
            lost @ Failure::Lost { .. } => lost_earlier(lost),
            failure => statement_error(failure, Secrets::default()).in_statement(&statement),
        })?;
        state.cursors.note(done);
        Ok(ending)
    }
}

fn roll_back_to(number: u32) -> String {
    format!("ROLLBACK TO SAVEPOINT peristyle_{number}; RELEASE SAVEPOINT peristyle_{number}")
}

impl Executor for PostgresSession {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
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
}

impl Session for PostgresSession {
    fn control(&self, control: Control) -> BoxFuture<'_, Result<Ending, Error>> {
        Box::pin(async move {
            match control {
                Control::Commit => self.commit().await,
                Control::Rollback => self.roll_back().await,
                savepoint => self.savepoint(savepoint).await,
            }
        })
    }
}

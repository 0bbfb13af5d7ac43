//! A transaction or a checkout: it holds one worker, and so one connection, until it ends.

use crate::call::Call;
use crate::cursor::SqliteCursor;
use crate::hold::{self, Held, Hold, Message};
use crate::task::{Pending, task};
use crate::{error, pool::Pool};
use peristyle_query::adapter::{BoxFuture, Control, Cursor, Ending, Executor, Outcome, Request, Session, Sink};
use peristyle_query::error::Error;
use peristyle_sql::PlanCache;
use std::sync::{Arc, mpsc};

/// An open transaction, or a checkout. Dropping it rolls back, on the worker's own thread and before that serves anyone else.
pub(crate) struct SqliteSession {
    hold: Hold,
    plans: Arc<PlanCache>,
}

impl SqliteSession {
    /// Opens a transaction on the next free worker of `pool`.
    pub(crate) fn begin(pool: &Arc<Pool>, plans: Arc<PlanCache>, read_only: bool) -> Pending<SqliteSession> {
        Self::hold(pool, plans, move |held| held.begin(read_only))
    }

    /// Takes the next free worker of `pool`, without a transaction.
    pub(crate) fn check_out(pool: &Arc<Pool>, plans: Arc<PlanCache>) -> Pending<SqliteSession> {
        Self::hold(pool, plans, |held| {
            held.check_out();
            Ok(())
        })
    }

    fn hold(
        pool: &Arc<Pool>,
        plans: Arc<PlanCache>,
        start: impl FnOnce(&mut Held<'_>) -> Result<(), Error> + Send + 'static,
    ) -> Pending<SqliteSession> {
        let (reply, pending) = task(error::closed);
        let ticket = reply.ticket();
        pool.submit(
            ticket,
            Box::new(move |turn| {
                let connection = match turn {
                    Ok(connection) => connection,
                    Err(error) => return reply.refuse(error),
                };
                let (worker, messages) = mpsc::channel();
                let mut held = Held::new(connection);
                let began = reply.answer(|| {
                    start(&mut held)?;
                    Ok(SqliteSession { hold: Hold { worker }, plans })
                });
                if began {
                    held.serve(messages);
                }
            }),
        );
        pending
    }
}

impl Executor for SqliteSession {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            let location = request.location;
            let call = Call::new(&self.plans, request)?;
            let outcome = hold::call(&self.hold.worker, move |held| held.run(call, sink)).await;
            outcome.map_err(|error| error.at(location))
        })
    }

    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>> {
        Box::pin(async move {
            let location = request.location;
            let call = Call::new(&self.plans, request)?;
            let worker = self.hold.worker.clone();
            let opened = hold::call(&self.hold.worker, move |held| Ok(SqliteCursor::shared(worker, held.open(call)?)));
            let cursor = opened.await.map_err(|error| error.at(location))?;
            Ok(Box::new(cursor) as Box<dyn Cursor>)
        })
    }

    fn script(&self, text: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(hold::call(&self.hold.worker, move |held| held.script(&text)))
    }
}

impl Session for SqliteSession {
    fn control(&self, control: Control) -> BoxFuture<'_, Result<Ending, Error>> {
        Box::pin(hold::call(&self.hold.worker, move |held: &mut Held<'_>| held.control(control)))
    }
}

/// What is sent must be fit for another thread.
const _: () = {
    const fn sendable<T: Send>() {}
    sendable::<Message>();
};

//! The adapter: which statement goes where.

use crate::call::{Call, Route};
use crate::connection::{Connection, Ran, Role, Setup};
use crate::cursor::{Opened, SqliteCursor};
use crate::error::STORE;
use crate::pool::Pool;
use crate::session::SqliteSession;
use peristyle_query::adapter::{
    Adapter, BoxFuture, Cursor, Executor, Outcome, Request, Session, Sink, TransactionOptions,
};
use peristyle_query::error::{ConnectError, Error};
use peristyle_query::statement::Dialect;
use peristyle_sql::PlanCache;
use std::sync::Arc;
use std::time::Duration;

/// A database file, or one in memory, with its connections.
pub(crate) struct SqliteAdapter {
    writer: Arc<Pool>,
    /// The same pool as the writer's for a database in memory.
    readers: Arc<Pool>,
    plans: Arc<PlanCache>,
}

impl SqliteAdapter {
    /// Opens one connection that writes and `readers` that read, each on a thread of its own.
    pub(crate) fn open(setup: &Setup, readers: usize, acquire_timeout: Duration) -> Result<Self, Error> {
        let writer = Pool::new(acquire_timeout);
        let in_memory = setup.path.is_none();
        let adapter = SqliteAdapter {
            readers: if in_memory { writer.clone() } else { Pool::new(acquire_timeout) },
            writer,
            plans: Arc::new(PlanCache::new(Dialect::Sqlite, setup.statement_cache)),
        };
        let role = if in_memory { Role::Only } else { Role::Writer };
        adapter.writer.start("peristyle-sqlite-writer", Connection::open(setup, role)?)?;
        if !in_memory {
            for _ in 0..readers {
                adapter.readers.start("peristyle-sqlite-reader", Connection::open(setup, Role::Reader)?)?;
            }
        }
        Ok(adapter)
    }

    fn pool(&self, route: Route) -> &Arc<Pool> {
        match route {
            Route::Reader => &self.readers,
            Route::Writer => &self.writer,
        }
    }
}

impl Drop for SqliteAdapter {
    fn drop(&mut self) {
        self.readers.close();
        self.writer.close();
    }
}

/// A statement that a reader found to write, and that the writer's connection found not to be its own either.
fn unroutable() -> Error {
    ConnectError { store: STORE, message: "no connection takes this statement".to_owned() }.into()
}

impl Executor for SqliteAdapter {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            let location = request.location;
            let call = Call::new(&self.plans, request)?;
            let run = |call: Call, sink| self.pool(call.route).call(move |connection| connection.run(call, sink));
            let ran = match run(call, sink).await {
                Ok(Ran::NeedsWriter(call, sink)) => run(call, sink).await,
                ran => ran,
            };
            match ran.map_err(|error| error.at(location))? {
                Ran::Done(outcome) => Ok(outcome),
                Ran::NeedsWriter(call, _) => Err(call.in_context(unroutable())),
            }
        })
    }

    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>> {
        Box::pin(async move {
            let location = request.location;
            let call = Call::new(&self.plans, request)?;
            let open = |call: Call| SqliteCursor::open(self.pool(call.route), call);
            let opened = match open(call).await {
                Ok(Opened::NeedsWriter(call)) => open(call).await,
                opened => opened,
            };
            match opened.map_err(|error| error.at(location))? {
                Opened::Cursor(cursor) => Ok(Box::new(cursor) as Box<dyn Cursor>),
                Opened::NeedsWriter(call) => Err(call.in_context(unroutable())),
            }
        })
    }

    fn script(&self, text: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(self.writer.call(move |connection| connection.script(&text)))
    }
}

impl Adapter for SqliteAdapter {
    fn name(&self) -> &'static str {
        STORE
    }

    fn dialect(&self) -> Option<Dialect> {
        Some(Dialect::Sqlite)
    }

    fn single_writer(&self) -> bool {
        true
    }

    /// Every transaction of SQLite is serializable: the isolation needs no setting.
    fn begin(&self, options: TransactionOptions) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        let pool = if options.read_only { &self.readers } else { &self.writer };
        let session = SqliteSession::begin(pool, self.plans.clone(), options.read_only);
        Box::pin(async move { Ok(Box::new(session.await?) as Box<dyn Session>) })
    }

    /// The connection that writes: it can do everything.
    fn checkout(&self) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        let session = SqliteSession::check_out(&self.writer, self.plans.clone());
        Box::pin(async move { Ok(Box::new(session.await?) as Box<dyn Session>) })
    }

    /// A thread waits: there may be no runtime that can.
    fn pause(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (awake, waiting) = tokio::sync::oneshot::channel();
            let sleep = move || {
                std::thread::sleep(duration);
                let _ = awake.send(());
            };
            if std::thread::Builder::new().name("peristyle-sqlite-pause".to_owned()).spawn(sleep).is_ok() {
                let _ = waiting.await;
            }
        })
    }

    /// Waits for what runs, open transactions and cursors included.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.readers.close();
            self.readers.closed().await;
            // The last connection to go folds the write-ahead log into the file.
            self.writer.close();
            self.writer.closed().await;
        })
    }
}

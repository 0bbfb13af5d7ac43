//! The pool: connections that are handed out without a question to the server, and what happens to those that come back
//! in the middle of something.

use crate::cleanup;
use crate::connection::Connection;
use crate::error::{STORE, connect_error};
use crate::failure::{Cause, Failure};
use crate::opening::Opening;
use crate::options::Settings;
use deadpool::managed::{self, Metrics, Object, QueueMode, RecycleError, RecycleResult};
use peristyle_query::error::{Error, PoolError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How long to wait after a first failure to connect, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// Opens connections and decides which may be used again.
pub(crate) struct Manager {
    settings: Arc<Settings>,
    opening: Arc<Opening>,
    last_error: Mutex<Option<String>>,
    started: Instant,
    /// Microseconds from `started` until which connections may have died unnoticed.
    suspect_until: AtomicU64,
    /// Cancel requests go one after the other, each over a connection of its own.
    pub(crate) cancelling: tokio::sync::Mutex<()>,
}

impl Manager {
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    fn since_start(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }

    fn set_last_error(&self, error: Option<String>) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    /// Makes sure that a connection is alive, where there is reason for doubt.
    async fn check(&self, connection: &mut Connection) -> Result<(), Failure> {
        let suspect = self.since_start(connection.idle_since) < self.suspect_until.load(Ordering::Relaxed);
        if !suspect && connection.idle_since.elapsed() < self.settings.idle_check {
            return Ok(());
        }
        match timeout(self.settings.connect_timeout, connection.ping()).await {
            Ok(result) => result,
            Err(_) => Err(Failure::lost("it did not answer")),
        }
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Failure;

    async fn create(&self) -> Result<Connection, Failure> {
        loop {
            let result = self.opening.next().await;
            self.set_last_error(result.as_ref().err().map(|failure| failure_text(failure, &self.settings)));
            let mut connection = result?;
            // It may have been open for long, if a caller gave up waiting for it.
            if self.check(&mut connection).await.is_ok() {
                return Ok(connection);
            }
        }
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Failure> {
        if !connection.is_clean() {
            return Err(RecycleError::message("it came back in the middle of something"));
        }
        self.check(connection).await.map_err(RecycleError::Backend)
    }
}

/// The connections of one adapter.
#[derive(Clone)]
pub(crate) struct Pool {
    pool: managed::Pool<Manager>,
}

impl Pool {
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        let size = settings.pool_size;
        let settings = Arc::new(settings);
        let manager = Manager {
            opening: Opening::new(Arc::clone(&settings)),
            settings,
            last_error: Mutex::new(None),
            started: Instant::now(),
            suspect_until: AtomicU64::new(0),
            cancelling: tokio::sync::Mutex::new(()),
        };
        // The last one given back is the next one taken: its caches are warm, and the others can be seen to be idle.
        match managed::Pool::builder(manager).max_size(size).queue_mode(QueueMode::Lifo).build() {
            Ok(pool) => Ok(Pool { pool }),
            Err(error) => Err(connect_error(format!("the pool cannot be made: {error}"))),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.pool.manager().settings()
    }

    /// Opens the first connection; the first error is final.
    pub(crate) async fn open_first(&self) -> Result<(), Error> {
        match self.pool.get().await {
            Ok(object) => {
                drop(Lease::new(object));
                Ok(())
            }
            Err(error) => Err(self.error_of(error)),
        }
    }

    /// A connection that is free, or a new one if there is room.
    ///
    /// # Errors
    ///
    /// `Error::Pool` if none became free in time, `Error::Connect` if none can be made.
    pub(crate) async fn acquire(&self) -> Result<Lease, Error> {
        let started = Instant::now();
        match timeout(self.settings().acquire_timeout, self.get()).await {
            Ok(result) => result,
            Err(_) => Err(self.exhausted(started.elapsed())),
        }
    }

    async fn get(&self) -> Result<Lease, Error> {
        let mut pause = BACKOFF.0;
        loop {
            match self.pool.get().await {
                Ok(object) => return Ok(Lease::new(object)),
                Err(managed::PoolError::Backend(failure)) if may_pass(&failure) => {
                    sleep(pause).await;
                    pause = (pause * 2).min(BACKOFF.1);
                }
                Err(error) => return Err(self.error_of(error)),
            }
        }
    }

    /// Says that connections may have died unnoticed: those that are idle now are checked before they are used.
    pub(crate) fn suspect(&self) {
        let manager = self.pool.manager();
        manager.suspect_until.fetch_max(manager.since_start(Instant::now()), Ordering::Relaxed);
    }

    /// Closes the idle connections now and the others when they come back.
    pub(crate) async fn close(&self) {
        let idle = self.pool.retain(|_, _| false).removed;
        self.pool.close();
        self.pool.manager().opening.close();
        for connection in idle {
            // A server that does not answer need not be waited for.
            let _ = timeout(Duration::from_secs(1), connection.close()).await;
        }
    }

    fn error_of(&self, error: managed::PoolError<Failure>) -> Error {
        match error {
            managed::PoolError::Backend(failure) => connect_error(failure_text(&failure, self.settings())),
            managed::PoolError::Closed => connect_error("this repo was closed; connect again"),
            // Neither timeouts nor hooks of the pool are used.
            managed::PoolError::Timeout(_)
            | managed::PoolError::NoRuntimeSpecified
            | managed::PoolError::PostCreateHook(_) => connect_error("the pool gave no connection"),
        }
    }

    fn exhausted(&self, waited: Duration) -> Error {
        let status = self.pool.status();
        let last_error = &self.pool.manager().last_error;
        PoolError {
            store: STORE,
            waited,
            max_size: status.max_size,
            size: status.size,
            idle: status.available,
            waiting: status.waiting,
            last_connect_error: last_error.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
        .into()
    }
}

/// Whether connecting may succeed a little later: the server starts, stops, or has no room.
fn may_pass(failure: &Failure) -> bool {
    match failure.answer() {
        Some(answer) => matches!(answer.code.as_str(), "57P01" | "57P02" | "57P03" | "53300"),
        None => matches!(failure, Failure::Lost { cause: Cause::NobodyListens, .. }),
    }
}

/// What to say of a connection that could not be made.
fn failure_text(failure: &Failure, settings: &Settings) -> String {
    let server = settings.server();
    match failure {
        Failure::Refused(error) => format!("cannot connect to {server}: {} ({})", error.message, error.code),
        Failure::Lost { message, cause: Cause::NobodyListens, .. } => {
            format!("cannot connect to {server}: {message}; is the server running, and do host and port fit?")
        }
        Failure::Lost { message, .. } => format!("cannot connect to {server}: {message}"),
        Failure::Decode(error) => format!("cannot connect to {server}: {error}"),
    }
}

/// A connection on loan. Dropped in the middle of something, it is brought back to order in the background before anyone
/// else gets it; its place in the pool stays taken until then.
pub(crate) struct Lease {
    object: Option<Object<Manager>>,
}

impl Lease {
    fn new(object: Object<Manager>) -> Self {
        Lease { object: Some(object) }
    }

    /// The connection.
    pub(crate) fn connection(&mut self) -> Result<&mut Connection, Failure> {
        match &mut self.object {
            Some(object) => Ok(object),
            None => Err(Failure::lost("it was given back")),
        }
    }

    /// Whether a transaction is, or may be, open.
    pub(crate) fn in_transaction(&self) -> bool {
        self.object.as_ref().is_some_and(|object| object.in_transaction())
    }

    /// Cancels and passes over a call on this connection that was cut off, if there was one.
    pub(crate) async fn recover(&mut self) -> Result<(), Failure> {
        match &mut self.object {
            Some(object) if object.is_busy() => cleanup::recover(object).await,
            _ => Ok(()),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else { return };
        if object.is_clean() {
            object.idle_since = Instant::now();
        } else if object.is_lost() {
            drop(Object::take(object));
        } else {
            cleanup::in_background(object);
        }
    }
}

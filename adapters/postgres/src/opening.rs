//! Opening connections in the background, so that a caller who gives up does not throw one away that is half open: the next
//! caller gets it. Without this, calls with short time limits would make the server open one connection after the other.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::options::Settings;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// The connections that are being opened.
pub(crate) struct Opening {
    settings: Arc<Settings>,
    counts: Mutex<Counts>,
    sender: UnboundedSender<Attempt>,
    receiver: tokio::sync::Mutex<UnboundedReceiver<Attempt>>,
}

/// When an attempt began, and what came of it.
type Attempt = (Instant, Result<Connection, Failure>);

#[derive(Default)]
struct Counts {
    /// Callers who wait for a connection.
    waiting: usize,
    /// Attempts whose result nobody has taken yet.
    attempts: usize,
    closed: bool,
}

impl Opening {
    pub(crate) fn new(settings: Arc<Settings>) -> Arc<Self> {
        let (sender, receiver) = unbounded_channel();
        let receiver = tokio::sync::Mutex::new(receiver);
        Arc::new(Opening { settings, counts: Mutex::default(), sender, receiver })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection: one that another caller gave up waiting for, or one that is opened now.
    pub(crate) async fn next(self: &Arc<Self>) -> Result<Connection, Failure> {
        let _waiting = Waiting::new(self);
        let since = Instant::now();
        loop {
            self.start_missing();
            // The sender lives as long as the receiver.
            let Some((started, result)) = self.receiver.lock().await.recv().await else {
                return Err(Failure::lost("the pool is gone"));
            };
            self.counts().attempts -= 1;
            // A failure from before this call says nothing of now.
            if result.is_ok() || started >= since {
                return result;
            }
        }
    }

    /// Starts an attempt if there are fewer than callers.
    fn start_missing(self: &Arc<Self>) {
        {
            let mut counts = self.counts();
            if counts.attempts >= counts.waiting {
                return;
            }
            counts.attempts += 1;
        }
        let running = Running { opening: Arc::clone(self), started: Instant::now(), is_over: false };
        tokio::spawn(async move {
            let result = open(&running.opening.settings).await;
            running.end(result);
        });
    }

    /// Hands on what came of an attempt.
    fn deliver(&self, started: Instant, result: Result<Connection, Failure>) {
        let mut counts = self.counts();
        if counts.waiting == 0 && (counts.closed || result.is_err()) {
            counts.attempts -= 1;
            return;
        }
        // It fails only if the receiver, and with it the pool, is gone.
        let _ = self.sender.send((started, result));
    }

    /// Drops the connections that nobody took, and those that are being opened when they are.
    pub(crate) fn close(&self) {
        self.counts().closed = true;
        // Callers who still wait have the receiver, and get what comes.
        let Ok(mut receiver) = self.receiver.try_lock() else { return };
        while let Ok(unused) = receiver.try_recv() {
            drop(unused);
            self.counts().attempts -= 1;
        }
    }
}

/// An attempt that is under way. One whose runtime stops, or that panics, has failed: it must not count for ever.
struct Running {
    opening: Arc<Opening>,
    started: Instant,
    is_over: bool,
}

impl Running {
    fn end(mut self, result: Result<Connection, Failure>) {
        self.is_over = true;
        self.opening.deliver(self.started, result);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over {
            self.opening.deliver(self.started, Err(Failure::lost("the Tokio runtime that opened it stopped")));
        }
    }
}

/// Opens a connection within the time for it.
pub(crate) async fn open(settings: &Settings) -> Result<Connection, Failure> {
    match timeout(settings.connect_timeout, Connection::open(settings)).await {
        Ok(result) => result,
        Err(_) => Err(Failure::lost(format!("no answer within connect_timeout ({:?})", settings.connect_timeout))),
    }
}

/// Counts a caller for as long as it waits.
struct Waiting<'o>(&'o Opening);

impl<'o> Waiting<'o> {
    fn new(opening: &'o Opening) -> Self {
        opening.counts().waiting += 1;
        Waiting(opening)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.counts().waiting -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::time::Duration;

    #[test]
    fn an_attempt_whose_runtime_stops_leaves_room_for_the_next() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let connect = sqlx::postgres::PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port);
        let opening = Opening::new(Arc::new(Settings::new(connect)));
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let first = runtime();
        let unanswered = first.block_on(async { timeout(Duration::from_millis(50), opening.next()).await });
        assert!(unanswered.is_err());
        drop((first, silent));
        let next = runtime().block_on(async { timeout(Duration::from_secs(5), opening.next()).await });
        assert!(next.expect("nothing was opened").is_err());
    }
}

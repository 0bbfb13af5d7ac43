//! A piece of work for a worker thread, and the future that waits for its result.
//!
//! Each piece of work has a [`Ticket`]. The future that waits sets it when it is dropped; the worker looks at it before
//! it begins, and SQLite's progress handler while a statement runs. A ticket belongs to one piece of work, so that a late
//! cancellation can never stop the next one.

use peristyle_query::error::Error;
use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::sync::oneshot;

thread_local! {
    /// The ticket of the work that this thread does now.
    static CURRENT: RefCell<Option<Arc<Ticket>>> = const { RefCell::new(None) };
}

/// Whether somebody still waits for a piece of work.
#[derive(Default)]
pub(crate) struct Ticket {
    cancelled: AtomicBool,
}

impl Ticket {
    /// Whether nobody waits any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Whether the work that this thread does now was cancelled.
pub(crate) fn is_cancelled() -> bool {
    CURRENT.with_borrow(|ticket| ticket.as_ref().is_some_and(|ticket| ticket.is_cancelled()))
}

/// Does work under a ticket, or under none so that nothing stops it.
fn under<R>(ticket: Option<Arc<Ticket>>, work: impl FnOnce() -> R) -> R {
    struct Restore(Option<Arc<Ticket>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(ticket));
    work()
}

/// Does work that must not be stopped half-way, such as COMMIT.
pub(crate) fn shielded<R>(work: impl FnOnce() -> R) -> R {
    under(None, work)
}

/// The worker's end: where the result goes.
pub(crate) struct Reply<T> {
    sender: oneshot::Sender<std::thread::Result<Result<T, Error>>>,
    ticket: Arc<Ticket>,
}

/// The caller's end: a future of the result. Dropping it cancels the work.
pub(crate) struct Pending<T> {
    receiver: oneshot::Receiver<std::thread::Result<Result<T, Error>>>,
    ticket: Arc<Ticket>,
    gone: fn() -> Error,
}

/// Both ends of a new piece of work. `gone` is the error of a worker that goes away without an answer.
pub(crate) fn task<T>(gone: fn() -> Error) -> (Reply<T>, Pending<T>) {
    let (sender, receiver) = oneshot::channel();
    let ticket = Arc::new(Ticket::default());
    (Reply { sender, ticket: ticket.clone() }, Pending { receiver, ticket, gone })
}

impl<T> Reply<T> {
    /// The ticket of the work.
    pub(crate) fn ticket(&self) -> Arc<Ticket> {
        self.ticket.clone()
    }

    /// Does the work, unless nobody waits for it, and sends its result; a panic goes on in the task that waits.
    ///
    /// Gives whether the work was done and succeeded.
    pub(crate) fn answer(self, work: impl FnOnce() -> Result<T, Error>) -> bool {
        if self.ticket.is_cancelled() {
            return false;
        }
        let result = under(Some(self.ticket), || catch_unwind(AssertUnwindSafe(work)));
        let succeeded = matches!(result, Ok(Ok(_)));
        // If nobody waits any more, the result is dropped here.
        let _ = self.sender.send(result);
        succeeded
    }

    /// Sends an error instead of doing the work.
    pub(crate) fn refuse(self, error: Error) {
        let _ = self.sender.send(Ok(Err(error)));
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(Pin::new(&mut self.receiver).poll(context)) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err((self.gone)()),
        })
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.ticket.cancelled.store(true, Ordering::Relaxed);
    }
}

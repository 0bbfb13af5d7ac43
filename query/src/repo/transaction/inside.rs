//! Whose functions run on this thread: on a store with one writer, the outer repo must not be used in a transaction or a
//! checkout of it.

use crate::adapter::{Adapter, BoxFuture};
use crate::error::{Error, TransactionMisuse};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

thread_local! {
    /// The adapters whose functions are being polled on this thread.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

fn key(adapter: &Arc<dyn Adapter>) -> usize {
    Arc::as_ptr(adapter).cast::<()>() as usize
}

/// Refuses the outer repo inside its own transaction or checkout, on a store where it would wait for itself.
pub(in crate::repo) fn outer_repo_inside(adapter: &Arc<dyn Adapter>) -> Result<(), Error> {
    if adapter.single_writer() && INSIDE.with_borrow(|inside| inside.contains(&key(adapter))) {
        return Err(TransactionMisuse::OuterRepo.into());
    }
    Ok(())
}

/// The future of a transaction's or a checkout's function, which remembers while it is polled whose it is.
pub(super) struct Inside<'a, T> {
    adapter: usize,
    body: BoxFuture<'a, T>,
}

impl<'a, T> Inside<'a, T> {
    pub(super) fn new(adapter: &Arc<dyn Adapter>, body: impl Future<Output = T> + Send + 'a) -> Self {
        Inside { adapter: key(adapter), body: Box::pin(body) }
    }
}

impl<T> Future for Inside<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                INSIDE.with_borrow_mut(|inside| inside.pop());
            }
        }
        INSIDE.with_borrow_mut(|inside| inside.push(self.adapter));
        let _leave = Leave;
        self.body.as_mut().poll(context)
    }
}

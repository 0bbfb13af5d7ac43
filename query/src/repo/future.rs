//! The future of a repo call.

use crate::adapter::BoxFuture;
use crate::error::Error;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The future of a repo call. Its type carries only the output, so that errors of the compiler stay short.
#[must_use = "a repo call does nothing until it is awaited"]
pub struct RepoFuture<T> {
    future: BoxFuture<'static, Result<T, Error>>,
    location: &'static Location<'static>,
}

impl<T> RepoFuture<T> {
    pub(crate) fn new(
        location: &'static Location<'static>,
        future: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        RepoFuture { future: Box::pin(future), location }
    }
}

impl<T> Future for RepoFuture<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let location = self.location;
        self.future.as_mut().poll(context).map_err(|error| error.at(location))
    }
}

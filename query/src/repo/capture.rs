//! Seeing the statements of a block.

use super::Repo;
use crate::adapter::{BoxFuture, Observer, Request};
use crate::error::Error;
use crate::statement::Statement;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// Keeps the statements that it sees.
#[derive(Default)]
struct Recorder(Mutex<Vec<Statement>>);

impl Observer for Recorder {
    fn statement(&self, statement: &Statement, _: &Request) -> Result<(), Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
        Ok(())
    }
}

/// The future of [`Repo::capture`].
#[must_use = "nothing is captured until it is awaited"]
pub struct Capture<'a, T>(BoxFuture<'a, Result<(T, Vec<Statement>), Error>>);

impl<T> Future for Capture<'_, T> {
    type Output = Result<(T, Vec<Statement>), Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl Repo {
    /// Runs a function with a repo whose statements are kept, and gives its result and the statements in order.
    ///
    /// ```text
    /// let (users, statements) = repo.capture(async |repo| repo.all(&q).await).await?;
    /// ```
    ///
    /// A [guarded](Repo::guard_n_plus_one) repo starts new counts for the block.
    ///
    /// # Errors
    ///
    /// What the function returns.
    pub fn capture<'a, T, F, Fut>(&self, body: F) -> Capture<'a, T>
    where
        F: AsyncFnOnce(Repo) -> Result<T, Error> + FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        let recorder = Arc::new(Recorder::default());
        let observer = recorder.clone();
        let repo = self.with_new_counts().with(|handle| handle.observers.push(observer));
        Capture(Box::pin(async move {
            let output = body(repo).await?;
            let statements = std::mem::take(&mut *recorder.0.lock().unwrap_or_else(PoisonError::into_inner));
            Ok((output, statements))
        }))
    }
}

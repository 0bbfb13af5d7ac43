//! Transactions: their life, nesting, and misuse. What a store does about them is the adapter's.

mod checkout;
mod hooks;
mod inside;
mod retry;
mod scope;

pub(super) use inside::outer_repo_inside;
pub(super) use scope::Scope;

use super::Repo;
use super::route::Place;
use crate::adapter::{BoxFuture, TransactionOptions};
use crate::error::{Error, Unsupported};
use crate::schema::SchemaMeta;
use inside::Inside;
use scope::Guard;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The future of a transaction or a checkout; dropping it rolls back what is open.
#[must_use = "a transaction does nothing until it is awaited"]
pub struct Transaction<'a, T, E = Error> {
    future: BoxFuture<'a, Result<T, E>>,
}

impl<T, E> Future for Transaction<'_, T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.future.as_mut().poll(context)
    }
}

impl Repo {
    /// Runs a function in a transaction: kept if it returns Ok, rolled back if it returns Err, panics, or its future is
    /// dropped. Inside a transaction it is a savepoint.
    ///
    /// The function receives the transaction's own handle. A statement that fails dooms the transaction (or the innermost
    /// savepoint), as on Postgres: a later Ok rolls back too.
    ///
    /// # Errors
    ///
    /// What the function returns; [`Error::TransactionAborted`] if it returned Ok after a statement had failed;
    /// [`Error::CommitUnknown`] if the connection was lost during COMMIT; [`Error::AfterCommit`] if it was kept and a function
    /// of [`after_commit`](Repo::after_commit) failed.
    #[track_caller]
    pub fn transaction<'a, T, F, Fut>(&self, body: F) -> Transaction<'a, T>
    where
        F: AsyncFnOnce(Repo) -> Result<T, Error> + FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        self.transact(None, TransactionOptions::default(), Location::caller(), body)
    }

    /// The same, for a function with an error type of its own.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Repo::transaction), turned into `E`.
    #[track_caller]
    pub fn transaction_as<'a, T, E, F, Fut>(&self, body: F) -> Transaction<'a, T, E>
    where
        F: AsyncFnOnce(Repo) -> Result<T, E> + FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, E>> + Send + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        self.transact(None, TransactionOptions::default(), Location::caller(), body)
    }

    /// The same, with options; with `retries`, the function runs again after a serialization failure or a deadlock, each
    /// time after a longer wait.
    ///
    /// Inside a transaction the options are those of the outer one.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Repo::transaction).
    #[track_caller]
    pub fn transaction_with<'a, T, F, Fut>(&self, options: TransactionOptions, body: F) -> Transaction<'a, T>
    where
        F: AsyncFn(Repo) -> Result<T, Error> + Fn(Repo) -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        let (mut repo, location) = (self.clone(), Location::caller());
        let future = async move {
            let retries = if repo.in_transaction() { 0 } else { options.retries };
            let mut failures = 0;
            loop {
                match repo.transact(None, options, location, &body).await {
                    Err(error) if failures < retries && error.is_retryable() => {
                        failures += 1;
                        repo.handle.place.adapter.pause(retry::backoff(failures)).await;
                        repo = repo.with_new_counts();
                    }
                    result => return result,
                }
            }
        };
        Transaction { future: Box::pin(future) }
    }

    /// A handle to a transaction of its own that only reads, open until the handle is dropped; the same handle if it has a
    /// connection of its own.
    pub(super) async fn reading(&self) -> Result<Repo, Error> {
        if self.checked_out() {
            return Ok(self.clone());
        }
        let scope = self.open_scope(TransactionOptions::read_only()).await?;
        Ok(self.with(|handle| handle.place.scope = Some(scope)))
    }

    async fn open_scope(&self, options: TransactionOptions) -> Result<Scope, Error> {
        let Place { scope, adapter, .. } = &self.handle.place;
        let opened = match scope {
            Some(outer) => outer.nest(options).await,
            None => {
                outer_repo_inside(adapter)?;
                adapter.begin(options).await.map(Scope::transaction)
            }
        };
        self.told(opened)
    }

    /// Refuses to nest a transaction of the program's own, where the store cannot tell in time what of it must be undone.
    pub(super) fn check_savepoints(&self) -> Result<(), Error> {
        let adapter = &self.handle.place.adapter;
        if !self.in_transaction() || adapter.savepoints() {
            return Ok(());
        }
        let feature =
            "nested transactions (savepoints): it tells of what its constraints refuse at the commit of the outermost";
        let instead = "write in the transaction itself, or in one of its own after it";
        Err(Unsupported { store: adapter.name(), feature: feature.into(), instead: instead.into() }.into())
    }

    /// A transaction of the store that the handle stands at; for a write of one call, of the store in which the rows of
    /// `written` live.
    pub(super) fn transact<'a, T, E, F, Fut>(
        &self,
        written: Option<&'static SchemaMeta>,
        options: TransactionOptions,
        location: &'static Location<'static>,
        body: F,
    ) -> Transaction<'a, T, E>
    where
        F: FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, E>> + Send + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        let outer = self.clone();
        let future = async move {
            let repo = match written {
                Some(schema) => outer.writing(schema).map_err(|error| error.at(location))?.into_owned(),
                None => outer.clone(),
            };
            if written.is_none() {
                repo.check_savepoints().map_err(|error| error.at(location))?;
            }
            let opened = repo.open_scope(options).await;
            let guard = Guard(opened.map_err(|error| error.at(location))?);
            let tx = repo.with(|handle| {
                handle.place.scope = Some(guard.0.clone());
                if written.is_none() || !outer.in_transaction() {
                    handle.along = written;
                }
            });
            match Inside::new(&repo.handle.place.adapter, body(tx)).await {
                Ok(value) => {
                    let kept = async { hooks::run(repo.told(guard.finish(true).await)?, &outer).await };
                    kept.await.map_err(|error| error.at(location))?;
                    Ok(value)
                }
                Err(error) => {
                    // The function's own error is what matters; a connection that cannot even roll back is dropped.
                    let _ = guard.finish(false).await;
                    Err(error)
                }
            }
        };
        Transaction { future: Box::pin(future) }
    }
}

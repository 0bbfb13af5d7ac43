//! One connection for several calls, without a transaction.

use super::Transaction;
use super::inside::{Inside, outer_repo_inside};
use super::scope::{Guard, Scope};
use crate::error::Error;
use crate::repo::Repo;
use std::future::Future;
use std::panic::Location;

impl Repo {
    /// Runs a function on one connection: what it sets for the session (`SET`, temporary tables, advisory locks, `PRAGMA`)
    /// holds for all of its calls. It is no transaction: each statement is kept by itself.
    ///
    /// The function receives a handle to that connection, and may open transactions on it. On a repo that has a connection
    /// of its own already, in a transaction or a checkout, it receives that. On SQLite it is the connection that writes, so that
    /// other writes wait.
    ///
    /// ```
    /// # use peristyle_query::{error::Error, repo::Repo};
    /// # async fn example(repo: Repo) -> Result<(), Error> {
    /// repo.checkout(async |repo| {
    ///     repo.script("set statement_timeout = '1min'").await?;
    ///     repo.sql::<()>("refresh materialized view totals").execute().await
    /// })
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the function returns; [`Error::Pool`] or [`Error::Connect`] if there is no connection, and
    /// [`Error::Unsupported`] behind a pooler that gives each statement another one.
    #[track_caller]
    pub fn checkout<'a, T, F, Fut>(&self, body: F) -> Transaction<'a, T>
    where
        F: AsyncFnOnce(Repo) -> Result<T, Error> + FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        let (repo, location) = (self.clone(), Location::caller());
        let future = async move {
            if repo.checked_out() {
                return body(repo).await;
            }
            let adapter = &repo.handle.place.adapter;
            outer_repo_inside(adapter).map_err(|error| error.at(location))?;
            let session = repo.told(adapter.checkout().await).map_err(|error| error.at(location))?;
            let guard = Guard(Scope::checkout(session));
            let pinned = repo.with(|handle| handle.place.scope = Some(guard.0.clone()));
            let result = Inside::new(adapter, body(pinned)).await;
            guard.finish(true).await?;
            result
        };
        Transaction { future: Box::pin(future) }
    }

    /// Whether the handle has a connection of its own: in a transaction or a checkout.
    pub fn checked_out(&self) -> bool {
        self.handle.place.scope.is_some()
    }
}

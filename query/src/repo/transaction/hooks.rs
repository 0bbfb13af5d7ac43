//! What runs after a transaction was kept.

use crate::adapter::BoxFuture;
use crate::error::{AfterCommit, Error};
use crate::repo::{Repo, RepoFuture};
use std::future::Future;
use std::panic::Location;

/// A function to run once its transaction is kept.
pub(super) struct Hook {
    /// The handle that it was given to, outside of the transaction.
    repo: Repo,
    run: Box<dyn FnOnce(Repo) -> BoxFuture<'static, Result<(), Error>> + Send>,
}

impl Repo {
    /// Runs a function once what this handle writes is kept: mails, messages, writes to other stores.
    ///
    /// In a transaction, awaiting this only registers it; the functions run, in order, after the outermost transaction has
    /// committed and before its call returns. They are forgotten when the transaction is rolled back, or the nested one that
    /// they were registered in. Outside of a transaction there is nothing to wait for: awaiting this runs the function.
    ///
    /// The function receives the repo outside of the transaction, with the prefix, the clock and so on of this handle. If it
    /// fails the transaction stays kept, the next function runs, and the transaction's call gives [`Error::AfterCommit`].
    ///
    /// ```
    /// # use peristyle_query::{error::Error, repo::Repo};
    /// # async fn notify(_: &str) -> Result<(), Error> { Ok(()) }
    /// # async fn example(repo: Repo) -> Result<(), Error> {
    /// repo.transaction(async |tx| {
    ///     tx.after_commit(async |_| notify("it is done").await).await?;
    ///     Ok(())
    /// })
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// In a transaction, [`Error::Transaction`] or [`Error::TransactionAborted`] if its handle cannot be used any more;
    /// outside of one, what the function returns.
    #[track_caller]
    pub fn after_commit<F, Fut>(&self, hook: F) -> RepoFuture<()>
    where
        F: AsyncFnOnce(Repo) -> Result<(), Error> + FnOnce(Repo) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (repo, location) = (self.clone(), Location::caller());
        RepoFuture::new(location, async move {
            match repo.handle.place.scope.as_ref().filter(|scope| scope.in_transaction()) {
                None => hook(repo).await,
                Some(scope) => {
                    let outside = repo.with(|handle| handle.place.scope = None);
                    scope.add_hook(Hook { repo: outside, run: Box::new(|repo| Box::pin(hook(repo))) })
                }
            }
        })
    }
}

/// Runs the hooks of a transaction of `outer` that was kept.
pub(super) async fn run(hooks: Vec<Hook>, outer: &Repo) -> Result<(), Error> {
    let mut causes = Vec::new();
    for Hook { repo, run } in hooks {
        let repo = repo.standing_as(outer);
        if let Err(error) = run(repo).await {
            causes.push(error);
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(AfterCommit { causes }.into()) }
}

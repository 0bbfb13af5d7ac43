//! What runs in the transaction of a write, before it.

use super::{Changeable, Changeset};
use crate::adapter::BoxFuture;
use crate::error::Error;
use crate::repo::Repo;
use std::future::Future;
use std::sync::Arc;

/// A function that a changeset carries to its write.
pub(crate) type Prepare<S> =
    Arc<dyn Fn(Changeset<S>, Repo) -> BoxFuture<'static, Result<Changeset<S>, Error>> + Send + Sync>;

impl<S: Changeable> Changeset<S> {
    /// Runs a function in the transaction of the write, right before it, if the changeset is valid and there is something
    /// to write; for counters kept elsewhere and the like. Several run in the order in which they were given.
    ///
    /// The function receives the changeset and the transaction's repo, and gives the changeset back; an error that it adds
    /// there, or returns, rolls everything back.
    pub fn prepare_changes<F, Fut>(mut self, prepare: F) -> Self
    where
        F: AsyncFn(Changeset<S>, Repo) -> Result<Changeset<S>, Error>
            + Fn(Changeset<S>, Repo) -> Fut
            + Send
            + Sync
            + 'static,
        Fut: Future<Output = Result<Changeset<S>, Error>> + Send + 'static,
    {
        self.prepare.push(Arc::new(move |changeset, repo| Box::pin(prepare(changeset, repo))));
        self
    }
}

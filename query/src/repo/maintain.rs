//! Care for what a key-value store keeps beside the rows of a schema.

use super::{Repo, RepoFuture};
use crate::adapter::{Maintenance, Progress};
use crate::error::{Error, Unsupported};
use crate::schema::{Schema, SchemaMeta};
use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;

/// Builds indexes of a key-value store; awaiting it gives how many rows were put into one.
#[must_use = "nothing is built until it is awaited"]
pub struct Reindex {
    repo: Repo,
    task: Maintenance,
    schema: &'static SchemaMeta,
    progress: Arc<dyn Progress>,
    location: &'static Location<'static>,
}

/// Takes what has expired out of the indexes of a key-value store; awaiting it gives how many rows these were.
#[must_use = "nothing is swept until it is awaited"]
pub struct Sweep {
    repo: Repo,
    schema: &'static SchemaMeta,
    location: &'static Location<'static>,
}

impl Repo {
    /// Builds the indexes that a schema has and that a key-value store lacks, from the rows, while others read and write them.
    ///
    /// A query over such an index is [`Error::IndexNotBuilt`] until then. A run that ended early goes on where it was when
    /// the call is made again; two runs at a time do no harm.
    ///
    /// ```text
    /// repo.reindex::<Session>().await?;
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Constraint`] if rows have the same values of a unique index, with the keys of some; [`Error::Decode`] for a row
    /// that is not of the schema. In both cases no index counts as built by it. [`Error::Unsupported`] in a transaction, and on a
    /// store that speaks SQL, whose indexes migrations make.
    #[track_caller]
    pub fn reindex<S: Schema>(&self) -> Reindex {
        self.reindex_table(S::META)
    }

    /// The same as [`reindex`](Repo::reindex) for a schema of which only the metadata is known: for tools.
    #[track_caller]
    pub fn reindex_table(&self, schema: &'static SchemaMeta) -> Reindex {
        let (task, progress) = (Maintenance::Reindex, Arc::new(Unheard));
        Reindex { repo: self.clone(), task, schema, progress, location: Location::caller() }
    }

    /// Takes all rows of a schema that have expired out of the indexes of a key-value store.
    ///
    /// Reads of an index do so before they look into it, and writes do a little of it: a sweep is for tables that get large,
    /// expire and are seldom read.
    ///
    /// ```text
    /// let gone: u64 = repo.sweep::<Session>().await?;
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] in a transaction, and on a store whose rows do not expire.
    #[track_caller]
    pub fn sweep<S: Schema>(&self) -> Sweep {
        Sweep { repo: self.clone(), schema: S::META, location: Location::caller() }
    }

    async fn maintain(
        &self,
        task: Maintenance,
        schema: &'static SchemaMeta,
        progress: Arc<dyn Progress>,
    ) -> Result<u64, Error> {
        let repo = self.at(schema);
        let adapter = &repo.handle.place.adapter;
        if repo.in_transaction() {
            let feature = format!("{} in a transaction", task.name());
            let instead = "call it on the repo itself, before the transaction or after it";
            return Err(Unsupported { store: adapter.name(), feature: feature.into(), instead: instead.into() }.into());
        }
        repo.told(adapter.maintain(task, schema, repo.handle.effective_prefix().cloned(), progress).await)
    }
}

impl Reindex {
    /// Builds all indexes of the schema anew, those too that the store takes for built: after another program has written rows
    /// without keeping the indexes.
    ///
    /// Queries over them are [`Error::IndexNotBuilt`] until it is done.
    pub fn rebuild(mut self) -> Self {
        self.task = Maintenance::Rebuild;
        self
    }

    /// Tells from time to time how many rows were read.
    pub fn progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }
}

impl IntoFuture for Reindex {
    type Output = Result<u64, Error>;
    type IntoFuture = RepoFuture<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let Reindex { repo, task, schema, progress, location } = self;
        RepoFuture::new(location, async move { repo.maintain(task, schema, progress).await })
    }
}

impl IntoFuture for Sweep {
    type Output = Result<u64, Error>;
    type IntoFuture = RepoFuture<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let Sweep { repo, schema, location } = self;
        RepoFuture::new(location, async move { repo.maintain(Maintenance::Sweep, schema, Arc::new(Unheard)).await })
    }
}

/// Nobody listens.
struct Unheard;

impl Progress for Unheard {
    fn rows(&self, _: u64) {}
}

//! What the program does around migrations.

use super::error::MigrateError;
use super::{Direction, MigrationId};
use peristyle_query::adapter::BoxFuture;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::future::Future;
use std::sync::Arc;

/// The migration around which a hook is called.
#[derive(Clone, Debug)]
pub struct Around {
    /// The migration.
    pub migration: MigrationId,
    /// Its direction.
    pub direction: Direction,
    /// The prefix that it runs for.
    pub prefix: Option<String>,
}

type All = Arc<dyn Fn(Repo) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;
type Each = Arc<dyn Fn(Repo, Around) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// What the program does around migrations: for all of a run that has something to do, for each outside of its transaction,
/// and for each inside of it.
#[derive(Clone, Default)]
pub struct Hooks {
    pub(crate) before_all: Vec<All>,
    pub(crate) after_all: Vec<All>,
    pub(crate) before_each: Vec<Each>,
    pub(crate) after_each: Vec<Each>,
    pub(crate) after_begin: Vec<Each>,
    pub(crate) before_commit: Vec<Each>,
}

macro_rules! for_all {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub fn $name<F, Fut>(mut self, hook: F) -> Self
        where
            F: Fn(Repo) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), Error>> + Send + 'static,
        {
            self.$name.push(Arc::new(move |repo| Box::pin(hook(repo))));
            self
        }
    )*};
}

macro_rules! for_each {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub fn $name<F, Fut>(mut self, hook: F) -> Self
        where
            F: Fn(Repo, Around) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), Error>> + Send + 'static,
        {
            self.$name.push(Arc::new(move |repo, around| Box::pin(hook(repo, around))));
            self
        }
    )*};
}

impl Hooks {
    /// No hooks, to be added to.
    pub fn new() -> Self {
        Self::default()
    }

    for_all! {
        /// Runs before the first migration, under the lock. If it fails none runs.
        before_all
        /// Runs after the last migration, under the lock, if none failed.
        after_all
    }

    for_each! {
        /// Runs before each migration, outside of its transaction.
        before_each
        /// Runs after each migration, outside of its transaction: the migration is kept even if it fails.
        after_each
        /// Runs first in each migration's transaction, with its handle: `SET LOCAL ROLE owner`, for one. For a migration without
        /// a transaction it runs on its connection.
        after_begin
        /// Runs last in each migration's transaction, with its handle: grants for new tables, for one.
        before_commit
    }
}

pub(crate) async fn run_all(hooks: &[All], hook: &'static str, repo: &Repo) -> Result<(), MigrateError> {
    for each in hooks {
        each(repo.clone()).await.map_err(|error| MigrateError::Hook { hook, migration: None, error })?;
    }
    Ok(())
}

pub(crate) async fn run_each(
    hooks: &[Each],
    hook: &'static str,
    repo: &Repo,
    around: &Around,
) -> Result<(), MigrateError> {
    for each in hooks {
        let migration = Some(around.migration.clone());
        each(repo.clone(), around.clone()).await.map_err(|error| MigrateError::Hook { hook, migration, error })?;
    }
    Ok(())
}

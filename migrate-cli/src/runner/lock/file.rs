//! A lock file beside a SQLite database, for migrations without a transaction: `BEGIN IMMEDIATE` does not hold over those.

use super::Wait;
use crate::runner::error::MigrateError;
use crate::runner::watch::Watch;
use peristyle_query::repo::Repo;
use std::fs::{File, TryLockError};
use std::time::Duration;

/// A lock that the operating system takes away from a process that dies.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the database in which a schema lives; `None` for one in memory, which nobody else sees.
    pub(crate) async fn take(
        repo: &Repo,
        schema: &str,
        limit: Duration,
        watch: &Watch,
    ) -> Result<Option<Self>, MigrateError> {
        let path = repo.sql::<Option<String>>("select file from pragma_database_list where name = {}").bind(schema);
        let Some(path) = path.one().await?.flatten().filter(|path| !path.is_empty()) else { return Ok(None) };
        let path = format!("{path}-migrating");
        let refused = |error: std::io::Error| {
            MigrateError::Unsupported(format!(
                "the lock file {path} of migrations without a transaction cannot be used: {error}; make its folder writable"
            ))
        };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(refused)?;
        let mut wait = Wait::new(watch, limit);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(FileLock { _file: file })),
                Err(TryLockError::Error(error)) => return Err(refused(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            wait.pause(repo, None).await?;
        }
    }
}

//! Saying by hand what became of a migration.

use super::MigrationId;
use super::error::MigrateError;
use super::history::History;
use super::run::Run;
use super::version_table::{NewRow, RowState};

/// What a person says became of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// All of it was done.
    Applied,
    /// Nothing of it is there.
    Pending,
    /// It has no transaction, stopped on its way, and so many of its statements are done: it goes on after those.
    Done(usize),
}

/// Writes it down, without running anything.
pub(crate) async fn mark(run: &Run, history: &History, version: u64, mark: Mark) -> Result<MigrationId, MigrateError> {
    let (repo, watch) = (&run.repo, &run.settings.watch);
    match (mark, history.row(version)) {
        (Mark::Pending, Some(row)) => {
            run.table.delete(repo, watch, version).await?;
            Ok(row.id.clone())
        }
        (Mark::Pending, None) => {
            run.set.known(version)?;
            Ok(MigrationId {
                version,
                name: run.set.get(version).map_or_else(String::new, |each| each.id().name.clone()),
            })
        }
        (Mark::Done(statements), row) => match row.map(|row| row.state) {
            Some(state @ (RowState::Applying | RowState::Reverting)) => {
                run.table.progress(repo, watch, version, state, statements).await?;
                Ok(row.map_or_else(|| MigrationId { version, name: String::new() }, |row| row.id.clone()))
            }
            _ => {
                run.set.known(version)?;
                let name = run.set.get(version).map_or_else(String::new, |each| each.id().name.clone());
                Err(MigrateError::Refused {
                    migration: MigrationId { version, name },
                    reason: "it did not stop on its way, so that it is either applied or pending".to_owned(),
                })
            }
        },
        (Mark::Applied, row) => {
            run.set.known(version)?;
            let Some(migration) = run.set.find(version) else {
                return Err(MigrateError::UnknownVersion { version, nearest: Vec::new() });
            };
            let (id, content) = (migration.id(), migration.content(run.dialect)?);
            match row {
                None => {
                    let row =
                        NewRow { id, content: &content, state: RowState::Applied, duration_ms: 0, baseline: false };
                    run.table.insert(repo, watch, row).await?;
                }
                Some(_) => {
                    run.table.describe(repo, watch, id, &content, None).await?;
                    run.table.progress(repo, watch, version, RowState::Applied, 0).await?;
                }
            }
            Ok(id.clone())
        }
    }
}

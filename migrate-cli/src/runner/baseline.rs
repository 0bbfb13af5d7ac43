//! Beginning a history on a database that has its tables already.

use super::MigrationId;
use super::error::MigrateError;
use super::history::History;
use super::run::Run;
use super::version_table::{NewRow, RowState};

/// Takes all migrations up to a version for applied.
pub(crate) async fn baseline(run: &Run, history: &History, version: u64) -> Result<Vec<MigrationId>, MigrateError> {
    let versions = history.rows().count();
    if versions > 0 {
        return Err(MigrateError::NotEmpty { table: run.table.name().to_string(), versions });
    }
    run.set.known(version)?;
    let taken: Vec<_> = run.set.shared().filter(|migration| migration.version() <= version).cloned().collect();
    let ids = taken.iter().map(|migration| migration.id().clone()).collect();
    let shared = run.clone();
    run.repo
        .transaction_as(async move |tx| {
            for migration in &taken {
                let content = migration.content(shared.dialect)?;
                let id = migration.id();
                let row = NewRow { id, content: &content, state: RowState::Applied, duration_ms: 0, baseline: true };
                shared.table.insert(&tx, &shared.settings.watch, row).await?;
            }
            Ok::<_, MigrateError>(())
        })
        .await?;
    Ok(ids)
}

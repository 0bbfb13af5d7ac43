//! Accepting what changed in migrations that are applied.

use super::Changed;
use super::error::MigrateError;
use super::history::History;
use super::run::Run;

/// Notes the text of now beside each version whose text is another one.
pub(crate) async fn repair(run: &Run, history: &History) -> Result<Vec<Changed>, MigrateError> {
    let changed = history.changed(&run.set, run.dialect)?;
    for each in &changed {
        if let Some(migration) = run.set.find(each.migration.version) {
            let content = migration.content(run.dialect)?;
            run.table.describe(&run.repo, &run.settings.watch, migration.id(), &content, None).await?;
        }
    }
    Ok(changed)
}

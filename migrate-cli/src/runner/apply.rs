//! One migration, in one direction.

use super::catch::catch;
use super::error::MigrateError;
use super::event::Event;
use super::hooks::{Around, run_each};
use super::run::Run;
use super::set::Migration;
use super::{Direction, no_transaction, transaction};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What became of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    Done,
    /// Another process had done it.
    Already,
}

/// Runs a migration; gives the time it took, or `None` if another process had done it.
pub(crate) async fn apply(
    run: &Run,
    migration: &Arc<Migration>,
    direction: Direction,
) -> Result<Option<Duration>, MigrateError> {
    let (id, settings) = (migration.id(), &run.settings);
    let around = Around { migration: id.clone(), direction, prefix: settings.prefix.clone() };
    let since = Instant::now();
    settings.watch.emit(&Event::Started { migration: id, direction });
    let script = migration.script(direction, run.dialect, run.prefix())?;
    let work = async {
        run_each(&settings.hooks.before_each, "before_each", &run.repo, &around).await?;
        match script.transaction {
            true => transaction::run(run, migration, &around, script).await,
            false => no_transaction::run(run, migration, &around, script).await,
        }
    };
    if catch(Some(id), work).await? == Applied::Already {
        return Ok(None);
    }
    let duration = since.elapsed();
    settings.watch.emit(&Event::Finished { migration: id, direction, duration });
    catch(Some(id), run_each(&settings.hooks.after_each, "after_each", &run.repo, &around)).await?;
    Ok(Some(duration))
}

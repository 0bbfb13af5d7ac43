//! One migration, in one direction.

use super::catch::catch;
use super::error::MigrateError;
use super::event::Event;
use super::hooks::{Around, run_each};
use super::run::{Held, Run};
use super::set::Migration;
use super::watch::Watch;
use super::{Direction, no_transaction, transaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What became of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    Done,
    /// Another process had done it.
    Already,
}

/// Whether it was said that a migration begins: once, and not if another process had done it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Begun(Arc<AtomicBool>);

impl Begun {
    pub(crate) fn tell(&self, watch: &Watch, around: &Around) {
        if !self.0.swap(true, Ordering::Relaxed) {
            watch.emit(&Event::Started { migration: &around.migration, direction: around.direction });
        }
    }
}

/// Runs a migration; gives the time it took, or `None` if another process had done it.
pub(crate) async fn apply(
    run: &Run,
    migration: &Arc<Migration>,
    direction: Direction,
    held: &Held,
) -> Result<Option<Duration>, MigrateError> {
    let (id, settings) = (migration.id(), &run.settings);
    let around = Around { migration: id.clone(), direction, prefix: settings.prefix.clone() };
    let since = Instant::now();
    let begun = Begun::default();
    let script = migration.script(direction, run.dialect, run.prefix())?;
    let work = async {
        run_each(&settings.hooks.before_each, "before_each", &run.repo, &around).await?;
        match script.transaction {
            true => transaction::run(run, migration, &around, &begun, script).await,
            false => no_transaction::run(run, migration, &around, &begun, script, held).await,
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

//! Recording: a migration's closures run once, and become steps.

use super::complete;
use super::data::DataStep;
use super::error::{DslError, Mistake};
use super::migration::{Entry, Migration};
use crate::operation::{Irreversible, Operation};
use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::Duration;

/// A migration in Rust, as [`migration!`](crate::migration!) makes it.
pub trait RustMigration: Send + Sync + 'static {
    /// The version: the time it was written, as `20261122143000`.
    fn version(&self) -> u64;

    /// The name.
    fn name(&self) -> &'static str;

    /// Whether it runs in a transaction.
    fn transaction(&self) -> bool {
        true
    }

    /// How long a statement may wait for a lock, if not as long as the runner says.
    fn lock_timeout(&self) -> Option<Duration> {
        None
    }

    /// The steps of both directions.
    ///
    /// # Errors
    ///
    /// What is wrong with the migration as it is written.
    fn record(&self) -> Result<Recorded, DslError>;
}

/// What a migration does in both directions.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The steps up, in order.
    pub up: Vec<Step>,
    /// The steps down, in order, or which of the steps up has no way back.
    pub down: Result<Vec<Step>, Irreversible>,
}

/// One step of a migration.
#[derive(Clone, Debug)]
pub enum Step {
    /// A change that is rendered as SQL.
    Operation(Operation),
    /// Code of the program's own.
    Data(DataStep),
}

/// What recording needs to know of a migration.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The version.
    pub version: u64,
    /// The name.
    pub name: &'static str,
    /// Whether it runs in a transaction.
    pub transaction: bool,
}

impl Settings {
    fn error(&self, mistakes: Vec<Mistake>) -> DslError {
        DslError { version: self.version, migration: self.name.to_owned(), mistakes }
    }
}

/// Records a migration whose way back follows from its way up.
///
/// # Errors
///
/// Every mistake in its calls; its own panic.
#[track_caller]
pub fn record(settings: &Settings, change: impl FnOnce(&mut Migration)) -> Result<Recorded, DslError> {
    let entries = run(settings, "change", Location::caller(), change)?;
    let down = reversed(&entries);
    Ok(Recorded { up: entries.into_iter().map(step).collect(), down })
}

/// Records a migration that has a way up and a way back of its own.
///
/// # Errors
///
/// Every mistake in its calls; its own panic.
#[track_caller]
pub fn record_both(
    settings: &Settings,
    up: impl FnOnce(&mut Migration),
    down: impl FnOnce(&mut Migration),
) -> Result<Recorded, DslError> {
    let at = Location::caller();
    let up = run(settings, "up", at, up)?.into_iter().map(step).collect();
    let down = run(settings, "down", at, down)?.into_iter().map(step).collect();
    Ok(Recorded { up, down: Ok(down) })
}

fn run(
    settings: &Settings,
    part: &str,
    at: &'static Location<'static>,
    body: impl FnOnce(&mut Migration),
) -> Result<Vec<Entry>, DslError> {
    let mut migration = Migration::default();
    // What the closure leaves behind after a panic is thrown away.
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(&mut migration))) {
        let message = format!("it panicked: {}", panic_message(&*panic));
        return Err(settings.error(vec![Mistake::new(at, part, message)]));
    }
    if migration.entries.is_empty() && migration.mistakes.is_empty() && !migration.nothing {
        let message = "it does nothing; say what it does, or `m.nothing()` if that is meant";
        return Err(settings.error(vec![Mistake::new(at, part, message)]));
    }
    complete::migration(&mut migration, settings.transaction);
    if migration.mistakes.is_empty() {
        Ok(migration.entries)
    } else {
        migration.mistakes.sort_by_key(|mistake| (mistake.file, mistake.line));
        Err(settings.error(migration.mistakes))
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}

fn step(entry: Entry) -> Step {
    match entry.data {
        Some(data) => Step::Data(data),
        None => Step::Operation(entry.operation),
    }
}

fn reversed(entries: &[Entry]) -> Result<Vec<Step>, Irreversible> {
    let mut steps = Vec::new();
    for entry in entries.iter().rev() {
        if entry.data.is_none() {
            steps.extend(entry.operation.reversed()?.into_iter().map(Step::Operation));
            continue;
        }
        match &entry.data_down {
            Some(step) => steps.extend(step.clone().map(Step::Data)),
            None => {
                return Err(Irreversible {
                    operation: "m.data(..)".to_owned(),
                    missing: "give the code that undoes it with `.down(..)`, or `.down_nothing()`".to_owned(),
                });
            }
        }
    }
    Ok(steps)
}

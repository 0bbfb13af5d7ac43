//! Shows migrations while they run.

use super::output::{BAD, FAINT, GOOD, Output, WARN};
use super::progress::Progress;
use crate::runner::{Direction, Event, Issuer, MigrationId, MigrationObserver};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Prints a line for each migration that ran.
pub struct Watch {
    output: Output,
    /// What stands before each line.
    label: String,
    /// Whether the results are printed later, as JSON.
    json: bool,
    progress: Mutex<Option<Progress>>,
}

impl Watch {
    /// An observer that prints to `output`, with `label` before each line.
    pub fn new(output: Output, label: impl Into<String>, json: bool) -> Self {
        Watch { output, label: label.into(), json, progress: Mutex::new(None) }
    }

    fn show(&self, progress: Option<Progress>) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

impl MigrationObserver for Watch {
    fn event(&self, event: &Event<'_>) {
        let (output, label) = (self.output, &self.label);
        match event {
            Event::Waiting { waited, holder } => {
                let who = holder.map_or_else(|| "another process".to_owned(), ToString::to_string);
                output.note(format!("{label}{WARN}wait{WARN:#}  {who} runs migrations ({})", time(*waited)));
            }
            Event::Started { migration, direction } => {
                self.show(Some(Progress::new(output, format!("{direction} {}", file(migration)))));
            }
            Event::Statement { sql, of: Issuer::Migration } => output.sql(sql),
            Event::Statement { .. } => {}
            Event::Retrying { migration, attempt, pause, reason } => output.note(format!(
                "{label}{WARN}retry{WARN:#} {}: {reason}; try {attempt} in {}",
                file(migration),
                time(*pause)
            )),
            Event::Finished { migration, direction, duration } => {
                self.show(None);
                if !self.json {
                    output.say(format!("{label}{}", ran(migration, *direction, *duration)));
                }
            }
            Event::Notice { severity, message } => {
                output.note(format!("{label}{FAINT}{severity}: {message}{FAINT:#}"));
            }
            Event::Warning(warning) => output.warn(warning),
        }
    }
}

/// `up    20261122143000_add_posts  12 ms`.
fn ran(migration: &MigrationId, direction: Direction, duration: Duration) -> String {
    let style = if direction == Direction::Up { GOOD } else { BAD };
    format!("{style}{:<4}{style:#}  {}  {FAINT}{}{FAINT:#}", direction.to_string(), file(migration), time(duration))
}

/// `20261122143000_add_posts`.
pub fn file(migration: &MigrationId) -> String {
    match migration.name.as_str() {
        "" => migration.version.to_string(),
        name => format!("{}_{name}", migration.version),
    }
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub fn time(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        millis @ 1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        millis => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

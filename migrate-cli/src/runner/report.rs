//! What a run came to.

use super::{Direction, MigrationId};
use std::fmt;
use std::time::Duration;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The migrations that ran, in order.
    pub ran: Vec<Ran>,
    /// What is worth a look: pending migrations older than applied ones, for one.
    pub warnings: Vec<String>,
}

/// A migration that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The migration.
    pub migration: MigrationId,
    /// Its direction.
    pub direction: Direction,
    /// How long it took.
    pub duration: Duration,
}

/// What became of one migration that was asked for by its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// It ran.
    Ran,
    /// It was applied before.
    AlreadyUp,
    /// It was not applied.
    AlreadyDown,
}

impl Report {
    /// The versions that ran, in order.
    pub fn versions(&self) -> Vec<u64> {
        self.ran.iter().map(|ran| ran.migration.version).collect()
    }

    /// Whether nothing ran.
    pub fn is_empty(&self) -> bool {
        self.ran.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ran.is_empty() {
            f.write_str("nothing to do")?;
        }
        for (index, ran) in self.ran.iter().enumerate() {
            let before = if index == 0 { "" } else { "\n" };
            write!(f, "{before}{} {} ({} ms)", ran.direction, ran.migration, ran.duration.as_millis())?;
        }
        self.warnings.iter().try_for_each(|warning| write!(f, "\nwarning: {warning}"))
    }
}

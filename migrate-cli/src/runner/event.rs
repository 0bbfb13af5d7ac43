//! What happens while migrations run, for whoever wants to show it.

use super::lock::Holder;
use super::{Direction, MigrationId};
use std::time::Duration;

/// Something that happened while migrations ran.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// Another process holds the lock; this is said again from time to time.
    Waiting {
        /// How long it has been.
        waited: Duration,
        /// Who holds the lock, where the database tells.
        holder: Option<&'e Holder>,
    },
    /// A migration begins.
    Started {
        /// The migration.
        migration: &'e MigrationId,
        /// Its direction.
        direction: Direction,
    },
    /// A statement is about to be sent.
    Statement {
        /// Its text.
        sql: &'e str,
        /// Whose it is.
        of: Issuer,
    },
    /// A migration could not have a lock in time and is run again.
    Retrying {
        /// The migration.
        migration: &'e MigrationId,
        /// Which try comes next, from 2.
        attempt: u32,
        /// How long it waits before.
        pause: Duration,
        /// What the database said.
        reason: &'e str,
    },
    /// A migration is done.
    Finished {
        /// The migration.
        migration: &'e MigrationId,
        /// Its direction.
        direction: Direction,
        /// How long it took.
        duration: Duration,
    },
    /// What the database had to say about a statement.
    Notice {
        /// Its severity, in lower case: `notice`, `warning`.
        severity: &'e str,
        /// What it says.
        message: &'e str,
    },
    /// Something that is worth a look.
    Warning(&'e str),
}

/// Whose a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// The migration's own.
    Migration,
    /// The migrator's: of the lock, the transaction and the table of versions.
    Migrator,
}

/// Sees what happens while migrations run. A closure is one: `|event: &Event<'_>| ..`.
pub trait MigrationObserver: Send + Sync {
    /// Called with each event, when it happens.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> MigrationObserver for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

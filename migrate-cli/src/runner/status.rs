//! Which migrations are applied, and which are not.

use super::MigrationId;
use super::error::MigrateError;
use super::migrator::Migrator;
use super::version_table::RowState;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// All migrations, those that are applied and those that are here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// In the order of versions.
    pub entries: Vec<StatusEntry>,
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusEntry {
    /// The migration.
    pub migration: MigrationId,
    /// Where it stands: a path, or that it is Rust; `None` if it is missing.
    pub place: Option<String>,
    /// What is known of it.
    pub state: StatusState,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Who applied it.
    pub applied_by: Option<String>,
}

/// What is known of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusState {
    /// It is applied.
    Applied,
    /// It was taken for applied by `baseline`.
    Baseline,
    /// It is applied, and its text is another one now.
    Changed,
    /// It is applied, and not there any more.
    Missing,
    /// It is not applied.
    Pending,
    /// It is not applied, and older than one that is.
    OutOfOrder,
    /// It has no transaction, and stopped on its way up after so many statements.
    StoppedUp(usize),
    /// It has no transaction, and stopped on its way down after so many statements.
    StoppedDown(usize),
}

impl Status {
    /// The migrations that `up` would apply.
    pub fn pending(&self) -> impl Iterator<Item = &StatusEntry> {
        self.entries.iter().filter(|entry| {
            matches!(entry.state, StatusState::Pending | StatusState::OutOfOrder | StatusState::StoppedUp(_))
        })
    }

    /// Whether all is applied, and as it should be.
    pub fn is_clean(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.state, StatusState::Applied | StatusState::Baseline))
    }
}

impl Migrator {
    /// Which migrations are applied and which are not. It only reads.
    ///
    /// # Errors
    ///
    /// If the database or the files cannot be read.
    pub async fn status(&self) -> Result<Status, MigrateError> {
        let run = self.begin().await?;
        let history = run.history().await?;
        let changed: BTreeSet<u64> =
            history.changed(&run.set, run.dialect)?.iter().map(|changed| changed.migration.version).collect();
        let latest = history.rows().rev().find(|row| row.state == RowState::Applied).map_or(0, |row| row.id.version);
        let mut versions: BTreeSet<u64> = history.rows().map(|row| row.id.version).collect();
        versions.extend(run.set.iter().map(|migration| migration.version()));
        let entry = |version: u64| {
            let (row, migration) = (history.row(version), run.set.get(version));
            let state = match (row.map(|row| row.state), migration) {
                (Some(RowState::Applying), _) => StatusState::StoppedUp(row.map_or(0, |row| row.statements_done)),
                (Some(RowState::Reverting), _) => StatusState::StoppedDown(row.map_or(0, |row| row.statements_done)),
                (Some(RowState::Applied), None) => StatusState::Missing,
                (Some(RowState::Applied), Some(_)) if changed.contains(&version) => StatusState::Changed,
                (Some(RowState::Applied), Some(_)) if row.is_some_and(|row| row.baseline) => StatusState::Baseline,
                (Some(RowState::Applied), Some(_)) => StatusState::Applied,
                (None, _) if version < latest => StatusState::OutOfOrder,
                (None, _) => StatusState::Pending,
            };
            let id = migration.map(|migration| migration.id()).or(row.map(|row| &row.id));
            Some(StatusEntry {
                migration: id?.clone(),
                place: migration.map(|migration| migration.place()),
                state,
                applied_at: row.map(|row| row.inserted_at),
                duration_ms: row.map(|row| row.duration_ms),
                applied_by: row.and_then(|row| row.applied_by.clone()),
            })
        };
        Ok(Status { entries: versions.into_iter().filter_map(entry).collect() })
    }
}

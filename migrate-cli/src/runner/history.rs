//! The applied versions beside the migrations that there are.

use super::error::MigrateError;
use super::set::{Migration, Migrations};
use super::version_table::{RowState, VersionRow};
use super::{Changed, MigrationId};
use peristyle_query::statement::Dialect;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of the version table.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    rows: BTreeMap<u64, VersionRow>,
}

/// What is allowed to be otherwise than it should be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowances {
    /// Applied migrations may be missing.
    pub(crate) missing: bool,
    /// Pending migrations must not be older than the latest applied one.
    pub(crate) strict_order: bool,
}

impl History {
    pub(crate) fn new(rows: Vec<VersionRow>) -> Self {
        History { rows: rows.into_iter().map(|row| (row.id.version, row)).collect() }
    }

    pub(crate) fn row(&self, version: u64) -> Option<&VersionRow> {
        self.rows.get(&version)
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &VersionRow> {
        self.rows.values()
    }

    /// The migrations that are not applied to their end, in the order of versions.
    pub(crate) fn pending<'s>(&self, set: &'s Migrations) -> Vec<&'s Arc<Migration>> {
        let applied = |version| self.row(version).is_some_and(|row| row.state == RowState::Applied);
        set.shared().filter(|migration| !applied(migration.version())).collect()
    }

    /// Refuses a history that does not fit the migrations, and gives the warnings.
    pub(crate) fn verify(
        &self,
        set: &Migrations,
        dialect: Dialect,
        allowances: Allowances,
    ) -> Result<Vec<String>, MigrateError> {
        let changed = self.changed(set, dialect)?;
        if !changed.is_empty() {
            return Err(MigrateError::Changed(changed));
        }
        let mut warnings = Vec::new();
        let newest = set.shared().next_back().map(|migration| migration.version());
        // Versions after all that this program knows are those of a newer one.
        let (ahead, missing): (Vec<_>, Vec<_>) =
            self.missing(set).into_iter().partition(|id| newest.is_some_and(|newest| id.version > newest));
        if !missing.is_empty() && !allowances.missing {
            return Err(MigrateError::Missing(missing));
        }
        warnings.extend(ahead.iter().map(|id| {
            format!("{id} is applied and newer than all migrations here: the database is ahead of this program")
        }));
        let latest = self.rows.values().rev().find(|row| row.state == RowState::Applied).map(|row| row.id.version);
        if let Some(latest) = latest {
            let late: Vec<MigrationId> = self
                .pending(set)
                .iter()
                .filter(|migration| migration.version() < latest && self.row(migration.version()).is_none())
                .map(|migration| migration.id().clone())
                .collect();
            if allowances.strict_order && !late.is_empty() {
                return Err(MigrateError::OutOfOrder { pending: late, latest });
            }
            warnings.extend(late.iter().map(|id| format!("{id} is pending and older than {latest}, which is applied")));
        }
        Ok(warnings)
    }

    /// The applied migrations whose text is another one now.
    pub(crate) fn changed(&self, set: &Migrations, dialect: Dialect) -> Result<Vec<Changed>, MigrateError> {
        let mut changed = Vec::new();
        for row in self.rows.values().filter(|row| row.state == RowState::Applied) {
            let Some(migration) = set.find(row.id.version) else { continue };
            let now = migration.content(dialect)?;
            let differs = |before: &Option<String>, now: &Option<String>| before.is_some() && before != now;
            let up = differs(&row.content.checksum_up, &now.checksum_up);
            let down = differs(&row.content.checksum_down, &now.checksum_down);
            if up || down {
                changed.push(Changed::new(migration, up, down, row.content.clone(), now));
            }
        }
        Ok(changed)
    }

    /// The applied migrations that are not there any more.
    pub(crate) fn missing(&self, set: &Migrations) -> Vec<MigrationId> {
        self.rows.values().filter(|row| set.find(row.id.version).is_none()).map(|row| row.id.clone()).collect()
    }
}

//! The locks that statements take.

use super::action::{Action, Alteration, ConstraintRule, Kind, ReindexTarget};
use super::read;
use crate::catalog::{Catalog, ObjectName, Table};
use peristyle_query::statement::Dialect;
use serde::Serialize;
use std::fmt;

/// How strongly a table is locked, from weak to strong. The modes of Postgres; SQLite locks the whole database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LockLevel {
    /// Reads.
    AccessShare,
    /// SELECT FOR UPDATE, and the far side of a foreign key.
    RowShare,
    /// INSERT, UPDATE and DELETE.
    RowExclusive,
    /// VACUUM, CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT: reads and writes go on.
    ShareUpdateExclusive,
    /// CREATE INDEX: writes wait.
    Share,
    /// A new foreign key or trigger: writes wait.
    ShareRowExclusive,
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY: everything but reads waits.
    Exclusive,
    /// Most of ALTER TABLE: everything waits, reads too.
    AccessExclusive,
    /// SQLite's one writer: every other write to the database file waits.
    Database,
}

impl LockLevel {
    /// What waits while the lock is held, as the end of a sentence.
    pub fn blocks(self) -> &'static str {
        match self {
            LockLevel::AccessShare => "nothing but ACCESS EXCLUSIVE waits",
            LockLevel::RowShare | LockLevel::RowExclusive => "reads and writes go on; a change of the table waits",
            LockLevel::ShareUpdateExclusive => "reads and writes go on; VACUUM and another change wait",
            LockLevel::Share | LockLevel::ShareRowExclusive => "reads go on; every write waits",
            LockLevel::Exclusive => "plain reads go on; everything else waits",
            LockLevel::AccessExclusive => "every read and write waits",
            LockLevel::Database => "reads go on in WAL mode; every other writer of the database waits",
        }
    }

    /// Whether statements of a running application wait for it.
    pub fn stops_writes(self) -> bool {
        self >= LockLevel::Share && self != LockLevel::Database
    }

    /// The level of these words of Postgres: `ACCESS EXCLUSIVE`.
    pub(crate) fn from_words(words: &str) -> Option<LockLevel> {
        use LockLevel::*;
        [
            AccessShare,
            RowShare,
            RowExclusive,
            ShareUpdateExclusive,
            Share,
            ShareRowExclusive,
            Exclusive,
            AccessExclusive,
        ]
        .into_iter()
        .find(|level| level.to_string() == words)
    }
}

/// As Postgres names it: `ACCESS EXCLUSIVE`.
impl fmt::Display for LockLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LockLevel::AccessShare => "ACCESS SHARE",
            LockLevel::RowShare => "ROW SHARE",
            LockLevel::RowExclusive => "ROW EXCLUSIVE",
            LockLevel::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockLevel::Share => "SHARE",
            LockLevel::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockLevel::Exclusive => "EXCLUSIVE",
            LockLevel::AccessExclusive => "ACCESS EXCLUSIVE",
            LockLevel::Database => "the database's write lock",
        })
    }
}

/// A lock that a statement takes on a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableLock {
    /// The table, or what else is locked: a view, an index whose table the statement does not name.
    pub table: ObjectName,
    /// How strongly.
    pub level: LockLevel,
}

/// `posts: ACCESS EXCLUSIVE`.
impl fmt::Display for TableLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.level)
    }
}

/// The locks that a statement takes, the strongest per table, in the order of the statement.
///
/// A table that the statement itself makes is left out: nobody else sees it before COMMIT. On SQLite a statement
/// that writes locks the whole database, which is named `main`.
///
/// ```
/// use peristyle_migrate::lint::{LockLevel, locks};
/// use peristyle_query::statement::Dialect;
///
/// let locks = locks("ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users", Dialect::Postgres);
/// assert_eq!(locks[0].to_string(), "posts: SHARE ROW EXCLUSIVE");
/// assert_eq!(locks[1].to_string(), "users: SHARE ROW EXCLUSIVE");
/// ```
pub fn locks(statement: &str, dialect: Dialect) -> Vec<TableLock> {
    of_actions(&read::read(statement, dialect).actions, dialect)
}

/// The locks that a statement takes on a database that is known: as [`locks`], and those on tables that the statement does
/// not name.
///
/// Those are the table of an index that is dropped, the tables that a foreign key points at when it is dropped, and what a
/// materialized view reads.
///
/// - `before`: the database when the statement is run
pub fn locks_in(statement: &str, dialect: Dialect, before: &Catalog) -> Vec<TableLock> {
    let actions = read::read(statement, dialect).actions;
    let mut locks = of_actions(&actions, dialect);
    if dialect == Dialect::Sqlite {
        return locks;
    }
    for action in &actions {
        for (table, level) in unnamed(&action.kind, before) {
            add(&mut locks, table, level);
        }
    }
    // An index is no table, and its table is told.
    locks.retain(|lock| !before.tables.iter().any(|table| has_index(table, &lock.table)));
    locks
}

/// The tables that a statement makes.
pub fn tables_made(statement: &str, dialect: Dialect) -> Vec<ObjectName> {
    let actions = read::read(statement, dialect).actions;
    let made = actions.into_iter().filter_map(|action| match action.kind {
        Kind::CreateTable(create) => Some(create.table),
        _ => None,
    });
    made.collect()
}

fn has_index(table: &Table, index: &ObjectName) -> bool {
    table.indexes.iter().any(|each| each.name == index.name) && table.name.prefix == index.prefix
}

/// The locks on tables that the action concerns without naming them.
fn unnamed(kind: &Kind, before: &Catalog) -> Vec<(ObjectName, LockLevel)> {
    let pointed_at = |table: &ObjectName, constraint: Option<&str>| {
        let keys = before.table(table).map(|table| table.foreign_keys.as_slice()).unwrap_or_default();
        let keys = keys.iter().filter(|key| key.table != *table && constraint.is_none_or(|name| key.name == name));
        keys.map(|key| (key.table.clone(), LockLevel::AccessExclusive)).collect()
    };
    match kind {
        Kind::DropIndex { names, concurrently } => {
            let level = if *concurrently { LockLevel::ShareUpdateExclusive } else { LockLevel::AccessExclusive };
            let tables = before.tables.iter().filter(|table| names.iter().any(|name| has_index(table, name)));
            tables.map(|table| (table.name.clone(), level)).collect()
        }
        Kind::Refresh { view, empty: false, .. } => {
            let query = before.views.iter().find(|each| each.name == *view).map(|each| each.query.as_str());
            of_actions(&read::read(query.unwrap_or_default(), Dialect::Postgres).actions, Dialect::Postgres)
                .into_iter()
                .map(|lock| (lock.table, lock.level))
                .collect()
        }
        Kind::DropTable { table } => pointed_at(table, None),
        Kind::DropConstraint { table, name: Some(name) } => pointed_at(table, Some(name)),
        _ => Vec::new(),
    }
}

/// The locks of actions, the strongest per table.
pub(super) fn of_actions(actions: &[Action], dialect: Dialect) -> Vec<TableLock> {
    let mut locks: Vec<TableLock> = Vec::new();
    for action in actions {
        if dialect == Dialect::Sqlite {
            if !matches!(action.kind, Kind::Query { .. } | Kind::PragmaForeignKeys(_)) && locks.is_empty() {
                locks.push(TableLock { table: ObjectName::new("main"), level: LockLevel::Database });
            }
            continue;
        }
        for (table, level) in of_kind(&action.kind) {
            add(&mut locks, table, level);
        }
    }
    locks
}

fn add(locks: &mut Vec<TableLock>, table: ObjectName, level: LockLevel) {
    match locks.iter_mut().find(|lock| lock.table == table) {
        Some(lock) => lock.level = lock.level.max(level),
        None => locks.push(TableLock { table, level }),
    }
}

fn of_kind(kind: &Kind) -> Vec<(ObjectName, LockLevel)> {
    use LockLevel::*;
    let one = |table: &ObjectName, level| vec![(table.clone(), level)];
    let reading = |first: Option<(&ObjectName, LockLevel)>, reads: &[ObjectName]| {
        let first = first.into_iter().map(|(table, level)| (table.clone(), level));
        first.chain(reads.iter().map(|table| (table.clone(), AccessShare))).collect()
    };
    let all = |tables: &[ObjectName], level| tables.iter().map(|table| (table.clone(), level)).collect();
    match kind {
        Kind::CreateTable(create) => {
            let referenced = create.columns.iter().filter_map(|column| column.references.as_ref());
            let referenced =
                referenced.chain(create.constraints.iter().filter_map(|constraint| match &constraint.rule {
                    ConstraintRule::ForeignKey { table, .. } => Some(table),
                    _ => None,
                }));
            let referenced = referenced.filter(|table| **table != create.table);
            let mut locks: Vec<_> = referenced.map(|table| (table.clone(), ShareRowExclusive)).collect();
            locks.extend(create.partition_of.iter().map(|table| (table.clone(), AccessExclusive)));
            locks.extend(create.reads.iter().map(|table| (table.clone(), AccessShare)));
            locks
        }
        Kind::DropTable { table }
        | Kind::RenameTable { table, .. }
        | Kind::DropColumn { table, .. }
        | Kind::RenameColumn { table, .. }
        | Kind::ColumnType { table, .. }
        | Kind::SetNotNull { table, .. }
        | Kind::DropConstraint { table, .. } => one(table, AccessExclusive),
        Kind::AlterTable { table, what } => match what {
            Alteration::Light => one(table, ShareUpdateExclusive),
            Alteration::Trigger { .. } => one(table, ShareRowExclusive),
            _ => one(table, AccessExclusive),
        },
        Kind::AddColumn { table, column } => {
            let mut locks = one(table, AccessExclusive);
            locks.extend(column.references.iter().map(|table| (table.clone(), ShareRowExclusive)));
            locks
        }
        Kind::AddConstraint { table, constraint } => match &constraint.rule {
            ConstraintRule::ForeignKey { table: to, .. } => {
                vec![(table.clone(), ShareRowExclusive), (to.clone(), ShareRowExclusive)]
            }
            _ => one(table, AccessExclusive),
        },
        Kind::ValidateConstraint { table, .. } => one(table, ShareUpdateExclusive),
        Kind::AttachPartition { table, partition, .. } => {
            vec![(table.clone(), ShareUpdateExclusive), (partition.clone(), AccessExclusive)]
        }
        Kind::DetachPartition { table, partition, concurrently } => {
            let level = if *concurrently { ShareUpdateExclusive } else { AccessExclusive };
            vec![(table.clone(), level), (partition.clone(), AccessExclusive)]
        }
        Kind::CreateIndex(index) => one(&index.table, if index.concurrently { ShareUpdateExclusive } else { Share }),
        Kind::DropIndex { names, concurrently } => {
            all(names, if *concurrently { ShareUpdateExclusive } else { AccessExclusive })
        }
        Kind::Reindex { target: ReindexTarget::Table(table), concurrently } => {
            one(table, if *concurrently { ShareUpdateExclusive } else { Share })
        }
        Kind::Cluster { table: Some(table) } => one(table, AccessExclusive),
        Kind::Vacuum { table: Some(table), full } => {
            one(table, if *full { AccessExclusive } else { ShareUpdateExclusive })
        }
        Kind::Truncate { tables } => all(tables, AccessExclusive),
        Kind::LockTable { tables, level } => all(tables, *level),
        Kind::CreateView { reads, .. } => reading(None, reads),
        Kind::DropView { names } => all(names, AccessExclusive),
        Kind::Refresh { view, concurrently, .. } => one(view, if *concurrently { Exclusive } else { AccessExclusive }),
        Kind::CreateTrigger { table } => one(table, ShareRowExclusive),
        Kind::DropTrigger { table: Some(table) } => one(table, AccessExclusive),
        Kind::Insert { table, reads } => reading(Some((table, RowExclusive)), reads),
        Kind::Update { table, reads, .. } | Kind::Delete { table, reads, .. } => {
            reading(Some((table, RowExclusive)), reads)
        }
        Kind::Query { reads, for_update } => all(reads, if *for_update { RowShare } else { AccessShare }),
        Kind::Reindex { .. }
        | Kind::Cluster { table: None }
        | Kind::Vacuum { table: None, .. }
        | Kind::DropTrigger { table: None }
        | Kind::CreateEnum { .. }
        | Kind::AddEnumValue { .. }
        | Kind::RenameEnumValue { .. }
        | Kind::CreateDomain { .. }
        | Kind::AlterDomainConstraint { .. }
        | Kind::RenameSchema
        | Kind::DropSchema
        | Kind::DropDatabase
        | Kind::DropType { .. }
        | Kind::OutsideTransaction(_)
        | Kind::SetLockTimeout
        | Kind::PragmaForeignKeys(_)
        | Kind::Cascade => Vec::new(),
    }
}

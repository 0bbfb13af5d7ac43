//! The operations that turn one database into another.

use super::rename::{Rename, in_order};
use super::same;
use super::{DiffError, Step, enums, tables};
use crate::catalog::{Catalog, ForeignKey, Index, ObjectName, Table};
use crate::ddl;
use crate::operation::{Alteration, Constraint, Operation};
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;
use std::collections::BTreeMap;

/// How the way is to be made.
#[derive(Clone, Copy)]
pub(super) struct Mode<'a> {
    pub dialect: Dialect,
    /// Whether what would lock a table for long is put off to a later migration.
    pub online: bool,
    /// Whether indexes are made and dropped without locks, at once.
    pub concurrently: bool,
    /// Whether it is the way back, which fills what a row must have with some value.
    pub back: bool,
    /// The values that rows get in columns that may not be NULL, in SQL.
    pub values: &'a BTreeMap<(ObjectName, String), String>,
}

/// The way from one database to another, as it is being made.
pub(super) struct Plan<'a> {
    pub mode: Mode<'a>,
    pub to: &'a Catalog,
    /// What the database is after the steps so far.
    pub state: Catalog,
    pub steps: Vec<Step>,
    /// What is put off until the rows are checked: in a transaction of its own.
    pub validations: Vec<Operation>,
    /// What is put off because it cannot be in a transaction.
    pub indexes: Vec<Operation>,
}

impl<'a> Plan<'a> {
    pub fn new(from: &Catalog, to: &'a Catalog, mode: Mode<'a>) -> Self {
        let (steps, validations, indexes) = (Vec::new(), Vec::new(), Vec::new());
        Plan { mode, to, state: from.clone(), steps, validations, indexes }
    }

    pub fn is_postgres(&self) -> bool {
        self.mode.dialect == Dialect::Postgres
    }

    /// Adds a step, and does it to the description.
    pub fn push(&mut self, operation: Operation) -> Result<(), DiffError> {
        let rendered = ddl::render(&operation, self.mode.dialect, &self.state)?;
        ddl::apply(&operation, &mut self.state)?;
        self.steps.push(Step {
            operation,
            statements: rendered.statements,
            needs_foreign_keys_off: rendered.needs_foreign_keys_off,
        });
        Ok(())
    }

    /// Adds statements that no operation stands for.
    pub fn push_sql(&mut self, subject: String, statements: Vec<String>) -> Result<(), DiffError> {
        self.push(Operation::Execute { subject, up: statements, down: None })
    }

    /// Adds the changes of a table, if there are any.
    pub fn alter(&mut self, name: &ObjectName, changes: Vec<Alteration>) -> Result<(), DiffError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.push(Operation::AlterTable { name: name.clone(), changes })
    }

    /// Makes all steps.
    pub fn make(&mut self, renames: &[Rename]) -> Result<(), DiffError> {
        self.rename(renames)?;
        for name in &self.to.schemas {
            if !self.state.schemas.contains(name) && self.is_postgres() {
                self.push(Operation::CreateSchema { name: name.clone(), if_not_exists: true })?;
            }
        }
        for extension in &self.to.extensions {
            if self.state.extensions.iter().all(|each| each.name != extension.name) {
                self.push(Operation::CreateExtension(extension.clone()))?;
            }
        }
        if self.is_postgres() {
            enums::change(self)?;
            self.drop_foreign_keys()?;
        }
        self.drop_indexes()?;
        self.create_tables()?;
        for table in &self.to.tables {
            if self.existed(&table.name) {
                tables::alter(self, table)?;
            }
        }
        if self.is_postgres() {
            self.add_foreign_keys()?;
        }
        self.drop_tables()?;
        self.create_indexes()?;
        if self.is_postgres() {
            enums::drop(self)?;
        }
        let gone: Vec<_> =
            self.state.extensions.iter().filter(|each| !self.to.extensions.contains(each)).cloned().collect();
        for extension in gone {
            self.push(Operation::DropExtension(extension))?;
        }
        let gone: Vec<String> =
            self.state.schemas.iter().filter(|name| !self.to.schemas.contains(name)).cloned().collect();
        for name in gone {
            self.push(Operation::DropSchema { name, if_exists: false, cascade: false })?;
        }
        Ok(())
    }

    fn rename(&mut self, renames: &[Rename]) -> Result<(), DiffError> {
        for rename in in_order(renames) {
            self.push(rename.operation())?;
            // The key of the old name's keeps it, and would count as one with a name of its own.
            let Rename::Table { from, to } = rename else { continue };
            let usual =
                self.state.table(to).and_then(|table| table.primary_key.as_ref()).is_some_and(|key| key.name.is_none());
            if self.is_postgres() && usual {
                let (old, new) = (format!("{}_pkey", from.name), format!("{}_pkey", to.name));
                let names = format!("RENAME CONSTRAINT {} TO {}", quoted(&old), quoted(&new));
                let sql = format!("ALTER TABLE {} {names}", to.quoted());
                self.push_sql(format!("the primary key of {to}"), vec![sql])?;
            }
        }
        Ok(())
    }

    /// Whether the table was there before, and so may have rows and be in use.
    pub fn existed(&self, name: &ObjectName) -> bool {
        self.state.table(name).is_some()
            && !self
                .steps
                .iter()
                .any(|step| matches!(&step.operation, Operation::CreateTable { table, .. } if table.name == *name))
    }

    /// Drops the foreign keys that go, change, or stand in the way of another change.
    fn drop_foreign_keys(&mut self) -> Result<(), DiffError> {
        let mut drops: Vec<(ObjectName, Vec<ForeignKey>)> = Vec::new();
        for table in &self.state.tables {
            let wanted = self.to.table(&table.name);
            let goes = |key: &&ForeignKey| match wanted {
                None => false,
                Some(wanted) => !self.keeps(table, wanted, key),
            };
            let keys: Vec<ForeignKey> = table.foreign_keys.iter().filter(goes).cloned().collect();
            if !keys.is_empty() {
                drops.push((table.name.clone(), keys));
            }
        }
        for (name, keys) in drops {
            self.alter(&name, keys.into_iter().map(tables::drop_foreign_key).collect())?;
        }
        Ok(())
    }

    /// Whether a foreign key can stay as it is while its table and the one that it points at change.
    pub fn keeps(&self, table: &Table, wanted: &Table, key: &ForeignKey) -> bool {
        let found = wanted.foreign_keys.iter().find(|other| {
            same::same_foreign_key(key, other)
                && (key.name == other.name || key.name.is_empty() || other.name.is_empty())
        });
        let unvalidated = found.is_some_and(|other| other.not_valid && !key.not_valid && !self.mode.back);
        if found.is_none() || unvalidated {
            return false;
        }
        let dialect = self.mode.dialect;
        let changes = |old: &Table, new: &Table, columns: &[String]| {
            columns.iter().any(|name| match (old.column(name), new.column(name)) {
                (Some(a), Some(b)) => !same::same_type(a, b, dialect),
                _ => true,
            })
        };
        if changes(table, wanted, &key.columns) {
            return false;
        }
        match (self.state.table(&key.table), self.to.table(&key.table)) {
            (Some(old), Some(new)) => {
                !changes(old, new, &key.references)
                    && (dialect == Dialect::Sqlite || tables::keeps_unique(old, new, &key.references))
            }
            (None, _) => true,
            (_, None) => false,
        }
    }

    fn add_foreign_keys(&mut self) -> Result<(), DiffError> {
        for table in &self.to.tables {
            let Some(state) = self.state.table(&table.name) else { continue };
            let missing =
                table.foreign_keys.iter().filter(|key| !state.foreign_keys.iter().any(|own| own.name == key.name));
            let missing: Vec<ForeignKey> = missing.cloned().collect();
            let checked_later = self.mode.online && self.existed(&table.name);
            let mut changes = Vec::new();
            for mut key in missing {
                if checked_later && !key.not_valid {
                    key.not_valid = true;
                    self.validations.push(tables::validate(&table.name, &key.name));
                }
                changes.push(Alteration::AddConstraint(Constraint::ForeignKey(key)));
            }
            self.alter(&table.name, changes)?;
        }
        Ok(())
    }

    /// Drops and renames indexes.
    fn drop_indexes(&mut self) -> Result<(), DiffError> {
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for table in &self.state.tables {
            let Some(wanted) = self.to.table(&table.name) else { continue };
            for index in &table.indexes {
                if wanted.indexes.iter().any(|other| other.name == index.name && same::same_index(index, other)) {
                    continue;
                }
                let same = wanted.indexes.iter().find(|other| {
                    same::same_index(index, other) && !table.indexes.iter().any(|own| own.name == other.name)
                });
                let taken = |name: &str| {
                    now.iter().any(|operation| matches!(operation, Operation::RenameIndex { to, .. } if to == name))
                };
                if let Some(other) = same.filter(|other| !taken(&other.name)) {
                    let (table, from, to) = (table.name.clone(), index.name.clone(), other.name.clone());
                    now.push(Operation::RenameIndex { table, from, to });
                    continue;
                }
                let stays = |name: &String| match (table.column(name), wanted.column(name)) {
                    (Some(a), Some(b)) => same::same_type(a, b, self.mode.dialect),
                    _ => false,
                };
                let plain = tables::plain_columns(index);
                let replaced = wanted.indexes.iter().any(|other| other.name == index.name);
                let put_off = self.mode.online && index.filter.is_none() && !replaced;
                let put_off = put_off && plain.is_some_and(|columns| columns.iter().all(stays));
                let drop = Operation::DropIndex {
                    table: table.name.clone(),
                    name: index.name.clone(),
                    concurrently: (put_off || self.mode.concurrently) && self.is_postgres(),
                    if_exists: false,
                    cascade: false,
                    index: Some(Box::new(index.clone())),
                };
                if put_off && self.is_postgres() { later.push(drop) } else { now.push(drop) }
            }
        }
        for operation in now {
            self.push(operation)?;
        }
        self.indexes.extend(later);
        Ok(())
    }

    fn create_indexes(&mut self) -> Result<(), DiffError> {
        for table in &self.to.tables {
            let Some(state) = self.state.table(&table.name) else { continue };
            let missing: Vec<Index> = table
                .indexes
                .iter()
                .filter(|index| !state.indexes.iter().any(|own| own.name == index.name))
                .cloned()
                .collect();
            let put_off = self.mode.online && self.is_postgres() && self.existed(&table.name);
            for index in missing {
                let create = Operation::CreateIndex {
                    table: table.name.clone(),
                    index: Box::new(index),
                    concurrently: (put_off || self.mode.concurrently) && self.is_postgres(),
                    if_not_exists: false,
                };
                if put_off { self.indexes.push(create) } else { self.push(create)? }
            }
        }
        Ok(())
    }

    /// Makes tables, those that others point at first. A foreign key of a circle is added when all are there.
    fn create_tables(&mut self) -> Result<(), DiffError> {
        let mut left: Vec<&Table> =
            self.to.tables.iter().filter(|table| self.state.table(&table.name).is_none()).collect();
        while !left.is_empty() {
            let waits = |table: &&Table| {
                table
                    .foreign_keys
                    .iter()
                    .any(|key| key.table != table.name && left.iter().any(|other| other.name == key.table))
            };
            let position = left.iter().position(|table| !waits(table)).unwrap_or(0);
            let mut table = left.remove(position).clone();
            if self.is_postgres() {
                table.foreign_keys.retain(|key| key.table == table.name || self.state.table(&key.table).is_some());
            }
            self.push(Operation::CreateTable { table: Box::new(table), if_not_exists: false })?;
        }
        Ok(())
    }

    /// Drops tables, those that point at others first.
    fn drop_tables(&mut self) -> Result<(), DiffError> {
        let mut left: Vec<Table> =
            self.state.tables.iter().filter(|table| self.to.table(&table.name).is_none()).cloned().collect();
        while !left.is_empty() {
            let is_target = |table: &Table| {
                left.iter().any(|other| {
                    other.name != table.name && other.foreign_keys.iter().any(|key| key.table == table.name)
                })
            };
            let position = left.iter().position(|table| !is_target(table)).unwrap_or(0);
            let table = left.remove(position);
            // In a circle, the keys that point at the first one go before it.
            for other in &mut left {
                let (gone, kept): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut other.foreign_keys).into_iter().partition(|key| key.table == table.name);
                other.foreign_keys = kept;
                self.alter(&other.name.clone(), gone.into_iter().map(tables::drop_foreign_key).collect())?;
            }
            let name = table.name.clone();
            self.push(Operation::DropTable { name, if_exists: false, cascade: false, table: Some(Box::new(table)) })?;
        }
        Ok(())
    }
}

//! CREATE TABLE, with what hangs on the table.

use super::{Context, constraint, enums_sqlite, flag};
use crate::catalog::{Column, ForeignKey, ObjectName, Table};
use crate::operation::{Commented, Constraint};
use peristyle_sql::{quoted, text_literal};

impl Context<'_> {
    pub(super) fn create_table(self, table: &Table, if_not_exists: bool) -> Result<Vec<String>, String> {
        let resolved;
        let table = if self.sqlite() {
            resolved = enums_sqlite::with_checks(table, self.before);
            &resolved
        } else {
            table
        };
        let mut statements = vec![self.create_table_alone(table, &table.name, if_not_exists)?];
        statements.extend(self.first_number(table));
        if !self.sqlite() && !if_not_exists {
            for constraint in invalid_constraints(table) {
                let sql = self.constraint(&table.name, &constraint)?;
                statements.push(format!("ALTER TABLE {} ADD {sql} NOT VALID", table.name.quoted()));
            }
        }
        for index in &table.indexes {
            statements.extend(self.create_index(&table.name, index, false, if_not_exists)?);
        }
        statements.extend(self.triggers(table));
        statements.extend(self.comments(table)?);
        Ok(statements)
    }

    /// The statement CREATE TABLE, under a name that need not be the table's own.
    pub(super) fn create_table_alone(
        self,
        table: &Table,
        name: &ObjectName,
        if_not_exists: bool,
    ) -> Result<String, String> {
        let mut parts = Vec::new();
        let mut keys: Vec<&ForeignKey> =
            table.foreign_keys.iter().filter(|key| self.inline(key.not_valid, if_not_exists)).collect();
        let mut primary_key = table.primary_key.as_ref();
        for column in &table.columns {
            if let Some(sql) = self.autoincrement(table, column)? {
                parts.push(sql);
                primary_key = None;
            } else {
                let in_key = primary_key.is_some_and(|key| key.columns.contains(&column.name));
                parts.push(self.column(column, in_key)?);
            }
            // A reference stands beside its column; SQLite takes constraints behind all columns alone.
            let (own, others) =
                keys.into_iter().partition(|key| !self.sqlite() && key.columns.first() == Some(&column.name));
            keys = others;
            for key in own {
                parts.push(self.foreign_key(&table.name, key)?);
            }
        }
        for key in keys {
            parts.push(self.foreign_key(&table.name, key)?);
        }
        for unique in &table.uniques {
            parts.push(self.unique(unique)?);
        }
        parts.extend(
            table
                .checks
                .iter()
                .filter(|check| self.inline(check.not_valid, if_not_exists))
                .map(|check| self.check(check)),
        );
        for exclusion in &table.exclusions {
            parts.push(self.exclusion(exclusion)?);
        }
        parts.extend(primary_key.map(|key| self.primary_key(key)));
        let modifiers = match table.modifiers.as_deref() {
            Some(modifiers) if self.sqlite() && !is_temporary(modifiers) => {
                return Err(format!("SQLite has no {modifiers} tables; leave the modifier out"));
            }
            Some(modifiers) => format!("{modifiers} "),
            None => String::new(),
        };
        let options = match table.options.as_deref() {
            Some(options) if self.sqlite() && !has_sqlite_options(options) => {
                return Err(format!("SQLite has no table option {options}; it knows STRICT and WITHOUT ROWID"));
            }
            Some(options) => format!(" {options}"),
            None => String::new(),
        };
        let exists = flag(if_not_exists, "IF NOT EXISTS ");
        Ok(format!("CREATE {modifiers}TABLE {exists}{} ({}){options}", name.quoted(), parts.join(", ")))
    }

    /// The statements of its triggers. Those of SQLite are kept without the database that they are in.
    pub(super) fn triggers(self, table: &Table) -> Vec<String> {
        const CREATE: &str = "CREATE TRIGGER ";
        let definitions = table.triggers.iter().map(|trigger| trigger.definition.as_str());
        let Some(database) = table.name.prefix.as_ref().filter(|_| self.sqlite()) else {
            return definitions.map(str::to_owned).collect();
        };
        let qualified = definitions.map(|definition| match definition.strip_prefix(CREATE) {
            Some(rest) => format!("{CREATE}{}.{rest}", quoted(database)),
            None => definition.to_owned(),
        });
        qualified.collect()
    }

    /// Whether a constraint is part of CREATE TABLE: Postgres would take one that is not valid for valid there. A table that
    /// may be there may also have its constraints, and a new one has no rows that they would not hold for.
    fn inline(self, not_valid: bool, if_not_exists: bool) -> bool {
        self.sqlite() || !not_valid || if_not_exists
    }

    /// The statement that sets the first number on SQLite, if it was chosen.
    fn first_number(self, table: &Table) -> Option<String> {
        let start = table.columns.iter().find_map(|column| column.identity.as_ref()?.start)?;
        if !self.sqlite() {
            return None;
        }
        Some(format!(
            "INSERT INTO {}(name, seq) VALUES ({}, {})",
            sequences(&table.name),
            text_literal(&table.name.name),
            start.saturating_sub(1)
        ))
    }

    fn comments(self, table: &Table) -> Result<Vec<String>, String> {
        let name = &table.name;
        let mut statements = Vec::new();
        if let Some(text) = &table.comment {
            statements.extend(self.comment(&Commented::Table(name.clone()), Some(text))?);
        }
        for Column { name: column, comment, .. } in &table.columns {
            if let Some(text) = comment {
                statements.extend(self.comment_on_column(name, column, Some(text))?);
            }
        }
        for each in constraints(table) {
            if let Some((constraint, text)) = constraint::comment(&each) {
                statements
                    .extend(self.comment(&Commented::Constraint(name.clone(), constraint.to_owned()), Some(text))?);
            }
        }
        Ok(statements)
    }
}

/// SQLite's table of the greatest numbers, in the file of a table.
pub(super) fn sequences(table: &ObjectName) -> String {
    match &table.prefix {
        Some(prefix) => format!("{}.sqlite_sequence", quoted(prefix)),
        None => "sqlite_sequence".to_owned(),
    }
}

/// Every constraint but the primary key.
fn constraints(table: &Table) -> impl Iterator<Item = Constraint> {
    let keys = table.foreign_keys.iter().cloned().map(Constraint::ForeignKey);
    let uniques = table.uniques.iter().cloned().map(Constraint::Unique);
    let checks = table.checks.iter().cloned().map(Constraint::Check);
    keys.chain(uniques).chain(checks).chain(table.exclusions.iter().cloned().map(Constraint::Exclusion))
}

fn invalid_constraints(table: &Table) -> impl Iterator<Item = Constraint> {
    constraints(table).filter(constraint::not_valid)
}

fn is_temporary(modifiers: &str) -> bool {
    modifiers.eq_ignore_ascii_case("temporary") || modifiers.eq_ignore_ascii_case("temp")
}

fn has_sqlite_options(options: &str) -> bool {
    options.split(',').all(|option| {
        let words: Vec<String> = option.split_whitespace().map(str::to_ascii_lowercase).collect();
        words == ["strict"] || words == ["without", "rowid"]
    })
}

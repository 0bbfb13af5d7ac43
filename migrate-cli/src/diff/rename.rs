//! Renames: those that are said, and those that are likely.

use super::same;
use crate::catalog::{Catalog, ObjectName, Table};
use crate::ddl;
use crate::operation::{Alteration, Operation};
use peristyle_query::statement::Dialect;
use std::fmt;
use std::str::FromStr;

/// A rename that was said: `posts=articles`, or `users.name=users.full_name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rename {
    /// Of a table.
    Table {
        /// Its name.
        from: ObjectName,
        /// Its new name.
        to: ObjectName,
    },
    /// Of a column.
    Column {
        /// The table, by its new name if it is renamed too.
        table: ObjectName,
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
}

/// Reads `posts=articles` or `users.name=users.full_name`; with a prefix, `auth.users=auth.people` is read as columns, so
/// write `auth.users.=auth.people.` there.
impl FromStr for Rename {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mistake = || {
            format!(
                "`{text}` is no rename: write `posts=articles` for a table, `users.name=users.full_name` for a column"
            )
        };
        let (from, to) = text.split_once('=').ok_or_else(mistake)?;
        let parts = |text: &str| -> Vec<String> { text.trim().split('.').map(|part| part.trim().to_owned()).collect() };
        let name = |parts: &[String]| match parts {
            [name] if !name.is_empty() => Some(ObjectName::new(name)),
            [prefix, name] if !prefix.is_empty() && !name.is_empty() => Some(ObjectName::with_prefix(prefix, name)),
            _ => None,
        };
        let (from, to) = (parts(from), parts(to));
        let (Some((last, before)), Some((new_last, new_before))) = (from.split_last(), to.split_last()) else {
            return Err(mistake());
        };
        let is_table = before.is_empty() || last.is_empty();
        if is_table {
            let of = |parts: &[String]| name(if parts.len() > 1 { &parts[..parts.len() - 1] } else { parts });
            let (from, to) = (of(&from).ok_or_else(mistake)?, of(&to).ok_or_else(mistake)?);
            if from.prefix != to.prefix {
                return Err(format!("`{text}`: a rename stays in its database schema"));
            }
            return Ok(Rename::Table { from, to });
        }
        // The column's own name may stand alone behind the sign.
        let table = name(before).ok_or_else(mistake)?;
        let new_table = if new_before.is_empty() { table } else { name(new_before).ok_or_else(mistake)? };
        if new_last.is_empty() {
            return Err(mistake());
        }
        Ok(Rename::Column { table: new_table, from: last.clone(), to: new_last.clone() })
    }
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rename::Table { from, to } if from.prefix.is_some() => write!(f, "{from}.={to}."),
            Rename::Table { from, to } => write!(f, "{from}={to}"),
            Rename::Column { table, from, to } => write!(f, "{table}.{from}={table}.{to}"),
        }
    }
}

impl Rename {
    /// The way back.
    pub(super) fn reversed(&self) -> Self {
        match self.clone() {
            Rename::Table { from, to } => Rename::Table { from: to, to: from },
            Rename::Column { table, from, to } => Rename::Column { table, from: to, to: from },
        }
    }

    pub(super) fn operation(&self) -> Operation {
        match self.clone() {
            Rename::Table { from, to } => Operation::RenameTable { from, to: to.name },
            Rename::Column { table, from, to } => {
                Operation::AlterTable { name: table, changes: vec![Alteration::RenameColumn { from, to }] }
            }
        }
    }
}

/// The database with the renames done, tables first. Renames of what is not there are mistakes.
///
/// # Errors
///
/// The sentence of the first rename that cannot be.
pub fn renamed(catalog: &Catalog, renames: &[Rename]) -> Result<Catalog, String> {
    let mut catalog = catalog.clone();
    for rename in in_order(renames) {
        ddl::apply(&rename.operation(), &mut catalog)
            .map_err(|error| format!("the rename `{rename}`: {}", error.message))?;
    }
    Ok(catalog)
}

/// The renames, tables first.
pub(super) fn in_order(renames: &[Rename]) -> impl Iterator<Item = &Rename> {
    let tables = renames.iter().filter(|rename| matches!(rename, Rename::Table { .. }));
    tables.chain(renames.iter().filter(|rename| matches!(rename, Rename::Column { .. })))
}

/// The renames that are likely: what goes and what comes are alike.
pub(crate) fn likely(from: &Catalog, to: &Catalog, dialect: Dialect) -> Vec<Rename> {
    let mut found = Vec::new();
    let gone: Vec<&Table> = from.tables.iter().filter(|table| to.table(&table.name).is_none()).collect();
    for table in to.tables.iter().filter(|table| from.table(&table.name).is_none()) {
        let close = gone.iter().filter(|other| other.name.prefix == table.name.prefix).filter_map(|other| {
            let common = other
                .columns
                .iter()
                .filter(|column| table.column(&column.name).is_some_and(|own| same::same_type(own, column, dialect)));
            let common = common.count();
            (common * 2 > table.columns.len().max(other.columns.len())).then_some((common, other))
        });
        if let Some((_, other)) = close.max_by_key(|(common, _)| *common) {
            found.push(Rename::Table { from: other.name.clone(), to: table.name.clone() });
        }
    }
    for table in &to.tables {
        let Some(other) = from.table(&table.name) else { continue };
        let mut gone: Vec<_> = other.columns.iter().filter(|column| table.column(&column.name).is_none()).collect();
        for column in table.columns.iter().filter(|column| other.column(&column.name).is_none()) {
            let alike = |other: &&crate::catalog::Column| {
                same::same_type(other, column, dialect) && other.generated == column.generated
            };
            if let Some(position) = gone.iter().position(alike) {
                let other = gone.remove(position);
                found.push(Rename::Column {
                    table: table.name.clone(),
                    from: other.name.clone(),
                    to: column.name.clone(),
                });
            }
        }
    }
    found
}

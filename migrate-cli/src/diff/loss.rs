//! Data that a difference loses.

use super::{convert, same, tables};
use crate::catalog::{Catalog, ObjectName};
use peristyle_query::statement::Dialect;
use std::fmt;

/// Data that is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A table with its rows.
    Table(ObjectName),
    /// A column with its values.
    Column(ObjectName, String),
    /// Values that cannot become those of another type: the column is dropped and made again.
    Remade {
        /// The table.
        table: ObjectName,
        /// The column.
        column: String,
        /// Its type.
        from: String,
        /// Its new type.
        to: String,
    },
    /// Parts of values that another type does not hold.
    Narrowed {
        /// The table.
        table: ObjectName,
        /// The column.
        column: String,
        /// What happens to them: `rounds to whole numbers`.
        how: String,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Table(name) => write!(f, "the table {name} is dropped, with its rows"),
            Loss::Column(table, name) => write!(f, "the column {table}.{name} is dropped, with its values"),
            Loss::Remade { table, column, from, to } => {
                write!(f, "the column {table}.{column} is dropped and made again: no {from} becomes a {to}")
            }
            Loss::Narrowed { table, column, how } => write!(f, "the new type of {table}.{column} {how}"),
        }
    }
}

pub(super) fn losses(from: &Catalog, to: &Catalog, dialect: Dialect) -> Vec<Loss> {
    let mut losses = Vec::new();
    for own in &from.tables {
        let Some(table) = to.table(&own.name) else {
            losses.push(Loss::Table(own.name.clone()));
            continue;
        };
        for column in &own.columns {
            let name = || (own.name.clone(), column.name.clone());
            let Some(wanted) = table.column(&column.name) else {
                // What the database computes, it can compute again.
                if column.generated.is_none() {
                    losses.push(Loss::Column(own.name.clone(), column.name.clone()));
                }
                continue;
            };
            if column.generated.is_some() {
                continue;
            }
            if tables::is_remade(column, wanted, dialect, from) {
                let (table, column_name) = name();
                let (from, to) =
                    (same::type_name(&column.column_type, dialect), same::type_name(&wanted.column_type, dialect));
                losses.push(Loss::Remade { table, column: column_name, from, to });
            } else if !same::same_type(column, wanted, dialect) {
                let is_enum = |name: &str| tables::first_value(from, name).is_some();
                if let Some(how) = convert::type_change(column, wanted, dialect, is_enum).loss {
                    let (table, column) = name();
                    losses.push(Loss::Narrowed { table, column, how: how.to_owned() });
                }
            }
        }
    }
    losses
}

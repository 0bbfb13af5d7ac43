//! What a migration makes: its own new objects can be changed without harm, as nobody uses them yet.

use super::action::{Column, ConstraintRule, Kind};
use super::read::Reading;
use crate::catalog::ObjectName;

/// The objects that the statements of a section make, each with the number of its statement.
#[derive(Default)]
pub(crate) struct Made {
    tables: Vec<(ObjectName, usize)>,
    columns: Vec<(ObjectName, Column, usize)>,
    indexes: Vec<(ObjectName, ObjectName, usize)>,
    views: Vec<(ObjectName, usize)>,
    types: Vec<(ObjectName, usize)>,
    /// Constraints that were added NOT VALID.
    unchecked: Vec<(ObjectName, String, usize)>,
}

impl Made {
    pub(crate) fn by(readings: &[Reading]) -> Made {
        let mut made = Made::default();
        for (at, reading) in readings.iter().enumerate() {
            for action in &reading.actions {
                match &action.kind {
                    Kind::CreateTable(create) => made.tables.push((create.table.clone(), at)),
                    Kind::RenameTable { table, to } if made.table(table, at) => {
                        made.tables.push((ObjectName { prefix: table.prefix.clone(), name: to.name.clone() }, at));
                    }
                    Kind::AddColumn { table, column } => made.columns.push((table.clone(), column.clone(), at)),
                    Kind::CreateIndex(index) => {
                        if let Some(name) = &index.name {
                            made.indexes.push((name.clone(), index.table.clone(), at));
                        }
                    }
                    Kind::CreateView { name, .. } => made.views.push((name.clone(), at)),
                    Kind::CreateEnum { name } | Kind::CreateDomain { name } => made.types.push((name.clone(), at)),
                    Kind::AddConstraint { table, constraint } if constraint.not_valid => {
                        let name =
                            constraint.name.as_ref().map(|name| name.name.clone()).unwrap_or_else(|| match &constraint
                                .rule
                            {
                                ConstraintRule::ForeignKey { columns, .. } => {
                                    format!("{}_{}_fkey", table.name, columns.join("_"))
                                }
                                _ => format!("{}_check", table.name),
                            });
                        made.unchecked.push((table.clone(), name, at));
                    }
                    _ => {}
                }
            }
        }
        made
    }

    /// Whether a table was made by this statement or one before.
    pub(crate) fn table(&self, table: &ObjectName, at: usize) -> bool {
        self.tables.iter().any(|(name, made)| name == table && *made <= at)
    }

    /// A column that was added to an existing table before this statement, or by it.
    pub(crate) fn column(&self, table: &ObjectName, column: &str, at: usize) -> Option<&Column> {
        let found = self.columns.iter().find(|(of, made, when)| of == table && made.name.name == column && *when <= at);
        found.map(|(_, column, _)| column)
    }

    /// Whether an index is on a table that was made before, or was made itself.
    pub(crate) fn index(&self, index: &ObjectName, at: usize) -> bool {
        self.indexes.iter().any(|(name, _, made)| name.name == index.name && *made <= at)
    }

    pub(crate) fn view(&self, view: &ObjectName, at: usize) -> bool {
        self.views.iter().any(|(name, made)| name == view && *made <= at)
    }

    pub(crate) fn data_type(&self, name: &ObjectName, at: usize) -> bool {
        self.types.iter().any(|(made, when)| made == name && *when <= at)
    }

    /// Whether a constraint was added NOT VALID before this statement.
    pub(crate) fn unchecked(&self, table: &ObjectName, constraint: &str, at: usize) -> bool {
        self.unchecked.iter().any(|(of, name, made)| of == table && name == constraint && *made < at)
    }
}

//! ALTER TABLE on SQLite: its own statement where it can, a rebuild of the table where it cannot.

use super::{Context, Rendered, alter_table, apply, column_type, default, enums_sqlite, mention};
use crate::catalog::{Column, ColumnType, Default, ObjectName, Table};
use crate::operation::{Alteration, ColumnChange};
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;

impl Context<'_> {
    pub(super) fn alter_on_sqlite(self, name: &ObjectName, changes: &[Alteration]) -> Result<Rendered, String> {
        let Some(before) = self.before.table(name) else {
            return Err(format!("there is no table {name}"));
        };
        let mut table = before.clone();
        let mut rendered = Rendered::default();
        // Triggers that a rename changes in a way that is not known here.
        let mut unsure = Vec::new();
        let renames = |change: &Alteration| matches!(change, Alteration::RenameColumn { .. });
        for group in changes.chunk_by(|a, b| !renames(a) && !renames(b)) {
            if let [change @ Alteration::RenameColumn { from, to }] = group {
                let names = format!("RENAME COLUMN {} TO {}", quoted(from), quoted(to));
                rendered.statements.push(format!("ALTER TABLE {} {names}", name.quoted()));
                apply::alteration(change, &mut table)?;
                let touched = table.triggers.iter().filter(|trigger| mention::mentions(&trigger.definition, from));
                unsure.extend(touched.map(|trigger| trigger.name.clone()));
                continue;
            }
            let mut after = table.clone();
            match self.natively(&mut after, group)? {
                Some(statements) => rendered.statements.extend(statements),
                None => {
                    if let Some(trigger) = unsure.first() {
                        return Err(format!(
                            "the trigger \"{trigger}\" speaks of the renamed column, and the other changes rebuild the \
                             table; write the rename as an `m.alter_table(..)` of its own"
                        ));
                    }
                    let (new, copies) = self.altered(&table, group)?;
                    rendered.append(self.rebuild(&table, &new, &copies)?);
                    after = new;
                }
            }
            table = after;
        }
        Ok(rendered)
    }

    /// The statements of a group of changes and, in `table`, what it then is; `None` if one of them needs a rebuild.
    fn natively(self, table: &mut Table, changes: &[Alteration]) -> Result<Option<Vec<String>>, String> {
        let mut statements = Vec::new();
        for change in changes {
            match self.native(table, change)? {
                Some(more) => statements.extend(more),
                None => return Ok(None),
            }
            apply::alteration(change, table)?;
        }
        Ok(Some(statements))
    }

    fn native(self, table: &Table, change: &Alteration) -> Result<Option<Vec<String>>, String> {
        match change {
            Alteration::AddColumn { column, if_not_exists: true, .. } if table.column(&column.name).is_some() => {
                Ok(Some(Vec::new()))
            }
            Alteration::AddColumn { column, primary_key: false, references, .. } if !adds_by_rebuild(column) => {
                let mut sql = self.column(column, false)?;
                if let Some(key) = references {
                    // A key of several columns stands beside the columns.
                    if key.columns.len() > 1 || column.default.is_some() {
                        return Ok(None);
                    }
                    let name =
                        if key.name.is_empty() { String::new() } else { format!(" CONSTRAINT {}", quoted(&key.name)) };
                    sql = format!("{sql}{name} {}", self.references(&table.name, key)?);
                }
                if let Some(check) = enums_sqlite::check(table, column, self.before) {
                    sql = format!("{sql} {}", self.check(&check));
                }
                Ok(Some(vec![format!("ALTER TABLE {} ADD COLUMN {sql}", table.name.quoted())]))
            }
            Alteration::DropColumn { name, if_exists: true, .. } if table.column(name).is_none() => {
                Ok(Some(Vec::new()))
            }
            Alteration::DropColumn { name, .. } => self.drop_column_natively(table, name),
            Alteration::ValidateConstraint { .. } => Ok(Some(Vec::new())),
            Alteration::ModifyColumn { to, .. } if alter_table::is_empty(&without_comment(to)) => Ok(Some(Vec::new())),
            _ => Ok(None),
        }
    }

    fn drop_column_natively(self, table: &Table, name: &str) -> Result<Option<Vec<String>>, String> {
        if table.column(name).is_none() {
            return Ok(None);
        }
        let mut without = table.clone();
        apply::alteration(
            &Alteration::DropColumn {
                name: name.to_owned(),
                if_exists: false,
                references: None,
                primary_key: false,
                column: None,
            },
            &mut without,
        )?;
        let constrained = table.primary_key != without.primary_key
            || table.foreign_keys != without.foreign_keys
            || table.uniques != without.uniques
            || table.checks != without.checks;
        if constrained || self.points_at(table, name).is_some() {
            return Ok(None);
        }
        let indexes = table.indexes.iter().filter(|index| apply::uses(index, name));
        let mut statements: Vec<String> =
            indexes.flat_map(|index| self.drop_index(&table.name, &index.name, false, false, false)).collect();
        statements.push(format!("ALTER TABLE {} DROP COLUMN {}", table.name.quoted(), quoted(name)));
        Ok(Some(statements))
    }

    /// The foreign key of a table that points at a column.
    fn points_at(self, table: &Table, column: &str) -> Option<String> {
        let others = self.before.tables.iter().filter(|each| each.name != table.name);
        others.chain([table]).find_map(|each| {
            let key = each.foreign_keys.iter().find(|key| {
                same_table(&key.table, &table.name)
                    && key.references.iter().any(|name| name.eq_ignore_ascii_case(column))
            })?;
            Some(format!("the foreign key \"{}\" of table {}", key.name, each.name))
        })
    }

    /// The table after the changes, and where the values of its columns come from.
    fn altered(self, table: &Table, changes: &[Alteration]) -> Result<(Table, Copies), String> {
        let mut new = table.clone();
        let mut copies = Copies::of(table);
        for change in changes {
            if let Alteration::DropColumn { name, references, .. } = change {
                self.refuse_drop(&new, name, references.is_some())?;
            }
            apply::alteration(change, &mut new)?;
            match change {
                Alteration::DropColumn { name, .. } => copies.0.retain(|copy| copy.column != *name),
                Alteration::ModifyColumn { name, to, .. } => copies.convert(name, to),
                _ => {}
            }
        }
        let key = new.primary_key.clone();
        for column in new.columns.iter_mut().filter(|column| table.column(&column.name).is_some()) {
            // Without the key, SQLite has nothing to number rows by.
            if key.as_ref().is_none_or(|key| key.columns != [column.name.as_str()]) {
                column.identity = None;
            }
        }
        let generated = |name: &str| new.column(name).is_none_or(|column| column.generated.is_some());
        copies.0.retain(|copy| !generated(&copy.column));
        Ok((enums_sqlite::with_checks(&new, self.before), copies))
    }

    fn refuse_drop(self, table: &Table, name: &str, own_key: bool) -> Result<(), String> {
        if let Some(key) = self.points_at(table, name).filter(|_| !own_key) {
            return Err(format!("{key} points at column \"{name}\"; drop it first"));
        }
        if let Some(trigger) = table.triggers.iter().find(|trigger| mention::mentions(&trigger.definition, name)) {
            return Err(format!("the trigger \"{}\" speaks of column \"{name}\"; drop it first", trigger.name));
        }
        Ok(())
    }
}

/// Whether SQLite takes two names for those of one table, whatever their case.
pub(super) fn same_table(a: &ObjectName, b: &ObjectName) -> bool {
    a.prefix == b.prefix && a.name.eq_ignore_ascii_case(&b.name)
}

/// Where the columns of a rebuilt table have their values from.
pub(super) struct Copies(pub(super) Vec<Copy>);

/// A column that is copied.
pub(super) struct Copy {
    /// The column of the new table.
    pub(super) column: String,
    /// The expression over the old table.
    pub(super) source: String,
}

impl Copies {
    pub(super) fn of(table: &Table) -> Self {
        let columns = table.columns.iter();
        Copies(columns.map(|each| Copy { column: each.name.clone(), source: quoted(&each.name) }).collect())
    }

    fn convert(&mut self, name: &str, change: &ColumnChange) {
        if let Some(using) = &change.using {
            self.replace(name, |_| using.clone());
        }
    }

    /// Puts another expression in a source's place.
    pub(super) fn replace(&mut self, name: &str, with: impl Fn(&str) -> String) {
        for copy in self.0.iter_mut().filter(|copy| copy.column == name) {
            copy.source = with(&copy.source);
        }
    }
}

/// A change without its comment, which SQLite does not keep.
fn without_comment(change: &ColumnChange) -> ColumnChange {
    ColumnChange { comment: None, ..change.clone() }
}

/// Whether SQLite cannot add such a column to a table that is there.
pub(super) fn adds_by_rebuild(column: &Column) -> bool {
    let constant = match &column.default {
        None => true,
        Some(Default::Sql(_)) => {
            default::expression(column.default.as_ref().unwrap_or(&Default::Null), &column.column_type, Dialect::Sqlite)
                .is_ok_and(|sql| {
                    default::is_literal(&sql) || ["null", "true", "false"].contains(&sql.to_lowercase().as_str())
                })
        }
        Some(_) => true,
    };
    let no_value = matches!(column.default, None | Some(Default::Null));
    alter_table::fills_itself(column) && column.generated.as_ref().is_none_or(|generated| generated.stored)
        || !constant
        || (!column.nullable && no_value && column.generated.is_none())
        || is_key(&column.column_type)
}

/// Whether the text of a type makes a key, which ADD COLUMN cannot.
fn is_key(of: &ColumnType) -> bool {
    let text = column_type::name(of, Dialect::Sqlite);
    mention::mentions(&text, "primary") || mention::mentions(&text, "unique")
}

impl Copies {
    /// Without the columns that the database computes.
    pub(super) fn without_generated(mut self, table: &Table) -> Self {
        self.0.retain(|copy| table.column(&copy.column).is_none_or(|column| column.generated.is_none()));
        self
    }
}

//! A table that is made.

use super::column::{ColumnDraft, typed_column_methods};
use super::constraint::{self, ConstraintBuilder, constraint_methods};
use super::error::Mistake;
use super::index::{self, IndexBuilder};
use super::reference;
use crate::catalog::{Index, IndexColumn, ObjectName, PrimaryKey, Table};
use crate::operation::Constraint;
use std::panic::Location;

/// The `t` of `create_table`: columns, constraints and indexes of a new table.
pub struct TableBuilder {
    name: ObjectName,
    columns: Vec<ColumnDraft>,
    constraints: Vec<Constraint>,
    indexes: Vec<Index>,
    modifiers: Option<String>,
    options: Option<String>,
    comment: Option<String>,
    messages: Vec<String>,
}

impl TableBuilder {
    typed_column_methods!();
    constraint_methods!();

    pub(super) fn new(name: ObjectName) -> Self {
        TableBuilder {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            modifiers: None,
            options: None,
            comment: None,
            messages: Vec::new(),
        }
    }

    /// The comment in the database.
    pub fn comment(&mut self, text: impl Into<String>) {
        self.comment = Some(text.into());
    }

    /// What stands between CREATE and TABLE, in SQL: `UNLOGGED`.
    pub fn modifiers(&mut self, sql: impl Into<String>) {
        self.modifiers = Some(sql.into());
    }

    /// What follows the columns, in SQL: `STRICT`, `WITH (fillfactor=70)`, `PARTITION BY RANGE (day)`.
    pub fn options(&mut self, sql: impl Into<String>) {
        self.options = Some(sql.into());
    }

    fn add(&mut self, draft: ColumnDraft) -> &mut ColumnDraft {
        let at = self.columns.len();
        self.columns.push(draft);
        &mut self.columns[at]
    }

    fn constrain(&mut self, constraint: Constraint) -> ConstraintBuilder<'_> {
        self.constraints.push(constraint);
        ConstraintBuilder { constraint: self.constraints.last_mut(), mistakes: &mut self.messages }
    }

    fn add_index(&mut self, index: Index) -> IndexBuilder<'_> {
        self.indexes.push(index);
        IndexBuilder { index: self.indexes.last_mut(), flags: None, mistakes: Some(&mut self.messages) }
    }

    /// The table, and what is wrong with it.
    pub(super) fn finish(self, call: &str, at: &'static Location<'static>, mistakes: &mut Vec<Mistake>) -> Table {
        let mut table = Table::new(self.name.clone());
        let mut key: Vec<String> = Vec::new();
        for mut draft in self.columns {
            if draft.if_not_exists {
                draft.mistake("only a column that is added by `alter_table` can be there already");
            }
            mistakes.append(&mut draft.mistakes);
            if table.column(&draft.column.name).is_some() {
                let message = format!("the table has a column \"{}\" already", draft.column.name);
                mistakes.push(Mistake::new(draft.at, draft.call(), message));
                continue;
            }
            if draft.primary_key {
                key.push(draft.column.name.clone());
            }
            if let Some(mut references) = draft.references {
                reference::complete(&mut references, &table.name);
                table.foreign_keys.push(references);
            }
            table.indexes.extend(own_index(draft.index, &draft.column.name));
            table.columns.push(draft.column);
        }
        table.primary_key = (!key.is_empty()).then_some(PrimaryKey { name: None, columns: key });
        let mut wrong = self.messages;
        for mut constraint in self.constraints {
            constraint::complete(&mut constraint, &table.name);
            match constraint {
                Constraint::ForeignKey(key) => table.foreign_keys.push(key),
                Constraint::Unique(unique) => table.uniques.push(unique),
                Constraint::Check(check) => table.checks.push(check),
                Constraint::Exclusion(exclusion) => table.exclusions.push(exclusion),
                Constraint::PrimaryKey(_) if table.primary_key.is_some() => {
                    wrong.push("the primary key is given twice; mark columns, or name them in `t.primary_key`".into());
                }
                Constraint::PrimaryKey(key) => {
                    for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                        column.nullable = false;
                    }
                    table.primary_key = Some(key);
                }
            }
        }
        table.indexes.extend(self.indexes);
        for index in &mut table.indexes {
            index::complete(index, &table.name.name);
        }
        (table.modifiers, table.options, table.comment) = (self.modifiers, self.options, self.comment);
        if table.columns.is_empty() {
            wrong.push("the table has no column; add some, for example `t.id()`".to_owned());
        }
        wrong.extend(unknown_columns(&table));
        mistakes.extend(wrong.into_iter().map(|message| Mistake::new(at, call, message)));
        table
    }
}

/// The index that a column was given by itself.
pub(super) fn own_index(wanted: Option<bool>, column: &str) -> Option<Index> {
    wanted.map(|unique| Index { unique, ..Index::new("", [column]) })
}

/// What names columns that the table does not have.
fn unknown_columns(table: &Table) -> Vec<String> {
    let key = table.primary_key.iter().flat_map(|key| &key.columns).map(|name| ("the primary key", name));
    let keys = table.foreign_keys.iter().flat_map(|key| &key.columns).map(|name| ("a foreign key", name));
    let uniques = table.uniques.iter().flat_map(|unique| &unique.columns).map(|name| ("a unique constraint", name));
    let indexed = table.indexes.iter().flat_map(|index| {
        let columns = index.columns.iter().filter_map(IndexColumn::column_name);
        columns.chain(&index.include).map(|name| ("an index", name))
    });
    key.chain(keys)
        .chain(uniques)
        .chain(indexed)
        .filter(|(_, name)| table.column(name).is_none())
        .map(|(what, name)| format!("{what} names the column \"{name}\", which the table does not have"))
        .collect()
}

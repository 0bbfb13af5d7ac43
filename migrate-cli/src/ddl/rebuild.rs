//! SQLite's way to change a table in place: a new table takes the rows and then the name of the old one.
//!
//! Foreign keys must be off, or dropping the old table would delete the rows that point at it.

use super::alter_sqlite::{Copies, same_table};
use super::create_table::sequences;
use super::{Context, Rendered, column};
use crate::catalog::{ObjectName, Table};
use peristyle_sql::{quoted, text_literal};

impl Context<'_> {
    pub(super) fn rebuild(self, old: &Table, new: &Table, copies: &Copies) -> Result<Rendered, String> {
        let unknown = format!(" of the table {}", quoted(&old.name.name));
        if let Some(what) = self.before.others.iter().find(|other| other.ends_with(&unknown)) {
            return Err(format!("SQLite changes this by making the table again, which would lose the {what}"));
        }
        let place = self.free_name(&old.name);
        let mut statements = vec![self.create_table_alone(new, &place, false)?];
        statements.push(copy_rows(old, &place, copies));
        statements.extend(keep_numbers(old, new, &place));
        statements.push(format!("DROP TABLE {}", old.name.quoted()));
        // Views and other tables' triggers name a table that is not there for a moment: they are not to be looked at.
        statements.push("PRAGMA legacy_alter_table = ON".to_owned());
        statements.push(format!("ALTER TABLE {} RENAME TO {}", place.quoted(), quoted(&new.name.name)));
        statements.push("PRAGMA legacy_alter_table = OFF".to_owned());
        for index in &new.indexes {
            statements.extend(self.create_index(&new.name, index, false, false)?);
        }
        statements.extend(self.triggers(new));
        Ok(Rendered { statements, needs_foreign_keys_off: true })
    }

    /// A name that no object has.
    fn free_name(self, table: &ObjectName) -> ObjectName {
        let mut name = ObjectName { prefix: table.prefix.clone(), name: format!("{}_rebuilt", table.name) };
        // Tables, views and indexes share their names, which mean the same in any case.
        let taken = |name: &ObjectName| {
            let (tables, views) = (&self.before.tables, &self.before.views);
            let unknown = format!(" {}", quoted(&name.name));
            tables
                .iter()
                .map(|table| &table.name)
                .chain(views.iter().map(|view| &view.name))
                .any(|each| same_table(each, name))
                || tables
                    .iter()
                    .filter(|each| each.name.prefix == name.prefix)
                    .any(|table| table.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(&name.name)))
                || self.before.others.iter().any(|other| other.to_lowercase().ends_with(&unknown.to_lowercase()))
        };
        while taken(&name) {
            name.name.push('_');
        }
        name
    }
}

fn copy_rows(old: &Table, place: &ObjectName, copies: &Copies) -> String {
    let (place, from) = (place.quoted(), old.name.quoted());
    if copies.0.is_empty() {
        return format!("INSERT INTO {place} (rowid) SELECT rowid FROM {from}");
    }
    let columns: Vec<String> = copies.0.iter().map(|copy| quoted(&copy.column)).collect();
    let sources: Vec<&str> = copies.0.iter().map(|copy| copy.source.as_str()).collect();
    format!("INSERT INTO {place} ({}) SELECT {} FROM {from}", columns.join(", "), sources.join(", "))
}

/// The numbers of rows that are gone are not given again.
fn keep_numbers(old: &Table, new: &Table, place: &ObjectName) -> Vec<String> {
    let numbered = |table: &Table| {
        table.columns.iter().any(|each| {
            column::numbered(each) && table.primary_key.as_ref().is_some_and(|key| key.columns == [each.name.as_str()])
        })
    };
    if !numbered(old) || !numbered(new) {
        return Vec::new();
    }
    let sequences = sequences(&old.name);
    let (place, from) = (text_literal(&place.name), text_literal(&old.name.name));
    vec![
        format!("DELETE FROM {sequences} WHERE name = {place}"),
        format!("INSERT INTO {sequences} (name, seq) SELECT {place}, seq FROM {sequences} WHERE name = {from}"),
    ]
}

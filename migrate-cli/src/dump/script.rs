//! A catalog as a script.

use super::DumpError;
use super::layout::statement;
use super::order::{Item, items};
use crate::catalog::{Catalog, ForeignKey, ObjectName, Table};
use crate::ddl;
use crate::operation::{Alteration, Constraint, Operation};
use peristyle_migration_files::lexer::Flavor;
use peristyle_query::statement::Dialect;
use std::collections::HashSet;

/// The first line of a script.
pub(super) const HEADER: &str =
    "-- The structure of the database. Written by peristyle; `peristyle db load` reads it.\n";

/// The statements that make what a catalog describes, each object after those that it needs.
///
/// # Errors
///
/// [`DumpError::Unwritable`] if the catalog or the dialect has no form for an object, unless the script may be `partial`: then
/// a comment at its end names it.
///
/// # Examples
///
/// ```
/// use peristyle_migrate::catalog::{Catalog, Column, ColumnType, ObjectName, Table};
/// use peristyle_migrate::dump;
/// use peristyle_query::statement::Dialect;
/// let mut table = Table::new(ObjectName::new("posts"));
/// table.columns.push(Column::new("title", ColumnType::Text));
/// let catalog = Catalog { tables: vec![table], ..Catalog::default() };
/// let script = dump::script(&catalog, Dialect::Sqlite, false)?;
/// assert!(script.ends_with("CREATE TABLE \"posts\" (\n  \"title\" TEXT\n);\n"), "{script}");
/// # Ok::<(), dump::DumpError>(())
/// ```
pub fn script(catalog: &Catalog, dialect: Dialect, partial: bool) -> Result<String, DumpError> {
    let flavor = if dialect == Dialect::Sqlite { Flavor::Sqlite } else { Flavor::Postgres };
    let mut script = Script { dialect, flavor, catalog, text: HEADER.to_owned(), unwritable: catalog.others.clone() };
    for name in &catalog.schemas {
        // A new database has this one.
        let if_not_exists = name == "public";
        script.add(&format!("schema {name:?}"), &Operation::CreateSchema { name: name.clone(), if_not_exists });
    }
    for each in &catalog.extensions {
        script.add(&format!("extension {:?}", each.name), &Operation::CreateExtension(each.clone()));
    }
    if !catalog.functions.is_empty() {
        script.raw("SET check_function_bodies = false");
    }
    let mut made = HashSet::new();
    let mut late = Vec::new();
    for item in items(catalog, flavor) {
        match item {
            Item::Enum(each) => {
                script.add(&format!("enum type {}", each.name.quoted()), &Operation::CreateEnum(each.clone()));
            }
            Item::Function(each) if dialect == Dialect::Postgres => script.raw(&each.definition),
            Item::Function(each) => script.unwritable.push(format!("function {}", each.name.quoted())),
            Item::View(each) => {
                let operation = Operation::CreateView { view: each.clone(), replaces: None };
                script.add(&format!("view {}", each.name.quoted()), &operation);
            }
            Item::Table(each) => {
                made.insert(each.name.clone());
                late.extend(script.table(each, &made));
            }
        }
    }
    // A partition that is attached gets all indexes of its table.
    for (table, index) in catalog.tables.iter().flat_map(|table| table.indexes.iter().map(move |index| (table, index)))
    {
        if index.only {
            let subject = format!("index {:?} of {}", index.name, table.name.quoted());
            let (table, index) = (table.name.clone(), Box::new(index.clone()));
            script.add(&subject, &Operation::CreateIndex { table, index, concurrently: false, if_not_exists: false });
        }
    }
    for (table, key) in late {
        let subject = format!("foreign key {:?} of {}", key.name, table.quoted());
        let changes = vec![Alteration::AddConstraint(Constraint::ForeignKey(key))];
        script.add(&subject, &Operation::AlterTable { name: table, changes });
    }
    for trigger in catalog.tables.iter().flat_map(|table| &table.triggers) {
        script.raw(&trigger.definition);
    }
    if !catalog.functions.is_empty() {
        script.raw("RESET check_function_bodies");
    }
    script.finish(partial)
}

struct Script<'a> {
    dialect: Dialect,
    flavor: Flavor,
    catalog: &'a Catalog,
    text: String,
    unwritable: Vec<String>,
}

impl Script<'_> {
    fn raw(&mut self, sql: &str) {
        self.text.push('\n');
        self.text.push_str(&statement(sql, self.flavor));
    }

    fn add(&mut self, subject: &str, operation: &Operation) {
        match ddl::render(operation, self.dialect, self.catalog) {
            Ok(rendered) => {
                // An index or a comment stands beside its table.
                self.text.push('\n');
                for sql in &rendered.statements {
                    self.text.push_str(&statement(sql, self.flavor));
                }
            }
            Err(error) => self.unwritable.push(format!("{subject} ({})", error.message)),
        }
    }

    /// Makes a table, and gives the foreign keys to tables that are not made yet.
    fn table(&mut self, table: &Table, made: &HashSet<ObjectName>) -> Vec<(ObjectName, ForeignKey)> {
        let mut now = table.clone();
        now.triggers.clear();
        now.indexes.retain(|index| !index.only);
        now.partition_of = None;
        // SQLite looks at what a key points at only when rows come.
        let is_late = |key: &ForeignKey| self.dialect != Dialect::Sqlite && !made.contains(&key.table);
        let (late, early) = now.foreign_keys.into_iter().partition(is_late);
        now.foreign_keys = early;
        let subject = format!("table {}", table.name.quoted());
        self.add(&subject, &Operation::CreateTable { table: Box::new(now), if_not_exists: false });
        if let Some(parent) = &table.partition_of {
            let (parent, bound) = (parent.table.quoted(), &parent.bound);
            self.raw(&format!("ALTER TABLE {parent} ATTACH PARTITION {} {bound}", table.name.quoted()));
        }
        late.into_iter().map(|key: ForeignKey| (table.name.clone(), key)).collect()
    }

    fn finish(mut self, partial: bool) -> Result<String, DumpError> {
        if self.unwritable.is_empty() {
            return Ok(self.text);
        }
        if !partial {
            return Err(DumpError::Unwritable(self.unwritable));
        }
        self.text.push_str("\n-- Left out, since it can't be written here:\n");
        for object in &self.unwritable {
            let lines = object.lines().map(|line| format!("-- {line}\n"));
            self.text.extend(lines);
        }
        Ok(self.text)
    }
}

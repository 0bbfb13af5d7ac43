//! Catalog to Rust: the structs that an app would have for these tables.

mod associations;
mod defaults;
mod enums;
mod keys;
mod names;
mod print;
mod structs;
mod types;

use crate::catalog::Catalog;
use peristyle_query::statement::Dialect;

/// Structs for the tables of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// A file of Rust: a `#[derive(Schema)]` for each table and a `#[derive(DbEnum)]` for each enum type, with associations.
    pub source: String,
    /// What the structs leave out, a sentence each.
    pub notes: Vec<String>,
}

/// Writes the structs that describe the tables of a catalog.
///
/// Names are those that the conventions of [`Schema`](https://docs.rs/peristyle) lead back to; attributes stand where a name or
/// a type is another one. A foreign key is a `BelongsTo`, with a `HasMany` or a `HasOne` on the other side; a table of nothing
/// but two foreign keys is a `ManyToMany` on both. Comments are documentation. Leave the version table out of the catalog.
///
/// ```
/// use peristyle_migrate::catalog::{Catalog, Column, ColumnType, ObjectName, PrimaryKey, Table};
/// use peristyle_migrate::pull;
/// use peristyle_query::statement::Dialect;
/// let mut table = Table::new(ObjectName::new("people"));
/// let mut id = Column::new("id", ColumnType::Sql("bigserial".into()));
/// id.nullable = false;
/// table.columns = vec![id, Column::new("name", ColumnType::Sql("text".into()))];
/// table.primary_key = Some(PrimaryKey { name: None, columns: vec!["id".into()] });
/// let pulled = pull::pull(&Catalog { tables: vec![table], ..Catalog::default() }, Dialect::Postgres);
/// assert_eq!(pulled.source, "\
/// use peristyle::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Schema)]
/// pub struct Person {
///     pub id: i64,
///     pub name: Option<String>,
/// }
/// ");
/// ```
pub fn pull(catalog: &Catalog, dialect: Dialect) -> Pulled {
    let mut notes = Vec::new();
    let mut taken = names::reserved();
    let enums = enums::plan(catalog, &mut taken);
    let between = keys::join_tables(catalog);
    let mut structs = structs::plan(catalog, dialect, &enums, &between, &mut taken, &mut notes);
    associations::add(catalog, &between, &mut structs, &mut notes);
    for extension in &catalog.extensions {
        notes.push(format!("the extension {:?} has no struct: a migration has to make it", extension.name));
    }
    for table in catalog.tables.iter().filter(|table| table.partition_of.is_some()) {
        notes.push(format!("the partition {} has no struct", table.name.quoted()));
    }
    for view in &catalog.views {
        notes.push(format!("the view {} has no struct", view.name.quoted()));
    }
    for function in &catalog.functions {
        notes.push(format!("the function {}({}) has no struct", function.name.quoted(), function.arguments));
    }
    Pulled { source: print::source(&structs, &enums), notes }
}

/// A struct to be written.
struct Struct {
    /// The place of its table in the catalog.
    table: usize,
    name: String,
    /// The comment on the table.
    comment: Option<String>,
    /// What stands in `#[schema(..)]`, each line of it.
    attributes: Vec<String>,
    fields: Vec<Field>,
    associations: Vec<Association>,
}

/// A field with a column.
struct Field {
    column: String,
    name: String,
    /// The comment on the column.
    comment: Option<String>,
    /// The type, without its Option.
    rust_type: String,
    nullable: bool,
    attributes: Vec<String>,
}

/// A field with an association.
struct Association {
    name: String,
    rust_type: String,
    attributes: Vec<String>,
}

impl Struct {
    fn field(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.column == column)
    }

    /// A name that no field has: this one, or else one that tells more.
    fn free_name(&self, wishes: &[String]) -> String {
        let is_free = |name: &String| {
            self.fields.iter().all(|field| field.name != *name)
                && self.associations.iter().all(|association| association.name != *name)
        };
        let last = wishes.last().cloned().unwrap_or_default();
        let numbered = (2..).map(|number| format!("{last}_{number}"));
        wishes.iter().cloned().chain(numbered).find(is_free).unwrap_or(last)
    }
}

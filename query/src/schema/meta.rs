//! What is known of a schema without a row of it: for queries, migrations and tools.

use super::AssociationMeta;
use crate::value::{DataType, Value};
use std::time::Duration;

/// Everything that `#[schema(..)]` says of a struct.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct SchemaMeta {
    /// The name of the struct.
    pub name: &'static str,
    /// The name of the table.
    pub table: &'static str,
    /// The database schema (or tenant) of the table.
    pub prefix: Option<&'static str>,
    /// Whether a repo without a prefix is refused.
    pub prefix_required: bool,
    /// The fields, virtual ones too, in the struct's order.
    pub fields: &'static [FieldMeta],
    /// The positions in `fields` of the primary key; empty if there is none.
    pub primary_key: &'static [usize],
    /// The indexes, unique ones too, in the order of the attributes: the struct's, then the fields'.
    pub indexes: &'static [IndexMeta],
    /// The check constraints.
    pub checks: &'static [CheckMeta],
    /// The associations, in the struct's order.
    pub associations: &'static [AssociationMeta],
    /// Whether migrations care for the table.
    pub managed: bool,
    /// How long a row lives in a key-value store.
    pub ttl: Option<Duration>,
    /// How many rows a key-value store may read for a condition without an index, where a query does not say; see
    /// [`Query::allow_filtering`](crate::query::Query::allow_filtering).
    pub allow_filtering: Option<u64>,
    /// Over how many parts a key-value store spreads the rows.
    pub buckets: Option<u16>,
}

impl SchemaMeta {
    /// Metadata of a table without fields, to be completed field by field in a `const`.
    pub const fn new(name: &'static str, table: &'static str) -> Self {
        SchemaMeta {
            name,
            table,
            prefix: None,
            prefix_required: false,
            fields: &[],
            primary_key: &[],
            indexes: &[],
            checks: &[],
            associations: &[],
            managed: true,
            ttl: None,
            allow_filtering: None,
            buckets: None,
        }
    }

    /// The fields that make the primary key.
    pub fn key_fields(&self) -> impl Iterator<Item = (usize, &'static FieldMeta)> + '_ {
        self.primary_key.iter().map(|&index| (index, &self.fields[index]))
    }

    /// The fields that have a column, with their positions.
    pub fn stored_fields(&self) -> impl Iterator<Item = (usize, &'static FieldMeta)> + use<> {
        self.fields.iter().enumerate().filter(|(_, field)| !field.is_virtual)
    }

    /// The fields of the default select, in order: those with a column that are not `load = false`.
    pub fn loaded_fields(&self) -> impl Iterator<Item = &'static FieldMeta> + use<> {
        self.fields.iter().filter(|field| field.load && !field.is_virtual)
    }

    /// The fields of a unique index or of the primary key, by the constraint's name. A partial index is none.
    pub fn constraint_columns(&self, name: &str) -> Option<Vec<&'static FieldMeta>> {
        if let Some(index) =
            self.indexes.iter().find(|index| index.unique && index.filter.is_none() && index.name == name)
        {
            let column = |column: &&str| self.fields.iter().find(|field| field.column == *column && !field.is_virtual);
            return index.columns.iter().map(column).collect();
        }
        let is_key = !self.primary_key.is_empty() && name.strip_suffix("_pkey") == Some(self.table);
        is_key.then(|| self.key_fields().map(|(_, field)| field).collect())
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static FieldMeta> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Everything that `#[schema(..)]` says of a field.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldMeta {
    /// The name of the field.
    pub name: &'static str,
    /// The name of its column.
    pub column: &'static str,
    /// The type of its column.
    pub data_type: DataType,
    /// Whether the column may be NULL.
    pub nullable: bool,
    /// Whether the field has no column.
    pub is_virtual: bool,
    /// Whether it is never printed.
    pub redact: bool,
    /// Whether the default select lists it.
    pub load: bool,
    /// Which writes may set it.
    pub writable: Writable,
    /// Where its value comes from if the program gives none.
    pub generation: Generation,
    /// Whether it is the version of an optimistic lock.
    pub version: bool,
    /// The default of the column.
    pub default: Option<Default>,
    /// The column's SQL type, if not the usual one of its `data_type`.
    pub sql_type: Option<&'static str>,
    /// The greatest length of a text.
    pub size: Option<u32>,
    /// The digits of a decimal: how many, and how many of them after the point.
    pub precision: Option<(u32, u32)>,
    /// The foreign key of the column.
    pub references: Option<ReferenceMeta>,
    /// Whether it is an embedded struct.
    pub embedded: bool,
    /// The names of all of its values, where its type has only these: an enum's.
    pub variants: &'static [&'static str],
}

impl FieldMeta {
    /// A plain field stored in a column of its own name.
    pub const fn new(name: &'static str, column: &'static str, data_type: DataType) -> Self {
        FieldMeta {
            name,
            column,
            data_type,
            nullable: false,
            is_virtual: false,
            redact: false,
            load: true,
            writable: Writable::Always,
            generation: Generation::None,
            version: false,
            default: None,
            sql_type: None,
            size: None,
            precision: None,
            references: None,
            embedded: false,
            variants: &[],
        }
    }
}

/// Which writes may set a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writable {
    /// Inserts and updates.
    Always,
    /// Inserts only.
    Insert,
    /// None: the database gives the value.
    Never,
}

/// Where the value of a field comes from if the program gives none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// From the program alone.
    None,
    /// An integer key from the database, a UUID key (v7) from the repo's clock.
    Key,
    /// The time of the insert.
    InsertedAt,
    /// The time of the last write.
    UpdatedAt,
    /// The database, on every write; read back.
    Database,
}

/// The default of a column, as the attribute says it.
#[derive(Clone, Copy, Debug)]
pub struct Default {
    /// The Rust expression.
    pub expression: &'static str,
    /// The value of the expression, in the form that travels to a store; `None` for a literal, which `expression` shows.
    pub value: Option<fn() -> Value>,
}

/// Two are equal if their expressions are.
impl PartialEq for Default {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

/// An index.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct IndexMeta {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: &'static [&'static str],
    /// Whether it is unique.
    pub unique: bool,
    /// The SQL condition of a partial index.
    pub filter: Option<&'static str>,
}

impl IndexMeta {
    /// An index over columns.
    pub const fn new(name: &'static str, columns: &'static [&'static str], unique: bool) -> Self {
        IndexMeta { name, columns, unique, filter: None }
    }
}

/// A check constraint.
#[derive(Debug, PartialEq)]
pub struct CheckMeta {
    /// Its name.
    pub name: &'static str,
    /// Its SQL condition.
    pub condition: &'static str,
}

/// A foreign key.
#[derive(Debug, PartialEq)]
pub struct ReferenceMeta {
    /// The name of the constraint.
    pub name: &'static str,
    /// The table that it points at.
    pub table: &'static str,
    /// The column that it points at.
    pub column: &'static str,
    /// What happens to a row whose referenced row is deleted.
    pub on_delete: OnDelete,
}

/// What happens to a row whose referenced row is deleted.
#[derive(Clone, Copy, Debug, std::default::Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDelete {
    /// The delete is refused.
    #[default]
    Nothing,
    /// The row goes too.
    Cascade,
    /// Its key becomes NULL.
    SetNull,
    /// The delete is refused at once.
    Restrict,
}

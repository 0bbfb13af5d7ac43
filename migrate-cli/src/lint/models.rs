//! Which structs read which columns.

use crate::catalog::ObjectName;

/// The fields of an application's structs, by table and column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelUse {
    /// The fields.
    pub fields: Vec<ModelField>,
}

/// A field that reads a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelField {
    /// The table.
    pub table: ObjectName,
    /// The column.
    pub column: String,
    /// The struct and its field: `Post.title`.
    pub field: String,
    /// The source file.
    pub path: String,
    /// The line there.
    pub line: usize,
}

impl ModelUse {
    /// The first field that reads a column of a table.
    pub fn of_column(&self, table: &ObjectName, column: &str) -> Option<&ModelField> {
        self.fields.iter().find(|field| is_same(&field.table, table) && field.column.eq_ignore_ascii_case(column))
    }

    /// The first field that reads a table.
    pub fn of_table(&self, table: &ObjectName) -> Option<&ModelField> {
        self.fields.iter().find(|field| is_same(&field.table, table))
    }
}

fn is_same(one: &ObjectName, other: &ObjectName) -> bool {
    let prefix = |name: &ObjectName| name.prefix.clone().filter(|prefix| prefix != "public" && prefix != "main");
    one.name.eq_ignore_ascii_case(&other.name) && prefix(one) == prefix(other)
}

//! COPY, Postgres's way to take many rows at once.

use crate::quote::quoted;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Insert;
use peristyle_query::schema::SchemaMeta;
use sea_query::{DynIden, SchemaName, TableName};

/// The COPY that takes the rows of an INSERT in binary form, and the table's name. `prefix` is the repo's.
///
/// # Errors
///
/// [`Error::Query`] if the schema requires a prefix and there is none.
pub fn copy_in(insert: &Insert, prefix: Option<&str>) -> Result<(String, String), Error> {
    let table = table_name(insert.schema, prefix)?;
    let columns: Vec<String> = insert.columns.iter().map(|field| quoted(field.column)).collect();
    Ok((format!("COPY {table} ({}) FROM STDIN WITH (FORMAT binary)", columns.join(", ")), table))
}

/// The quoted name of a table that is written. `prefix` is the repo's.
///
/// # Errors
///
/// [`Error::Query`] if the schema requires a prefix and there is none.
pub fn table_name(schema: &SchemaMeta, prefix: Option<&str>) -> Result<String, Error> {
    let TableName(prefix, table) = crate::prefix::qualified(schema, None, prefix)?;
    let quoted = |name: &DynIden| quoted(&name.to_string());
    Ok(match &prefix {
        Some(SchemaName(_, prefix)) => format!("{}.{}", quoted(prefix), quoted(&table)),
        None => quoted(&table),
    })
}

//! The prefix of a table: a schema on Postgres, an attached database on SQLite.

use peristyle_query::error::{Error, QueryError};
use peristyle_query::schema::SchemaMeta;
use sea_query::{DynIden, SchemaName, TableName};

/// The name of a table that is read: the source's own prefix is stronger than the schema's, and that than the repo's.
pub(crate) fn table_to_read(schema: &SchemaMeta, source: Option<&str>, repo: Option<&str>) -> Result<TableName, Error> {
    table(schema, source.or(schema.prefix).or(repo))
}

/// The name of a table that is written: the statement's own prefix is stronger than the repo's, and that than the schema's.
pub(crate) fn table_to_write(schema: &SchemaMeta, own: Option<&str>, repo: Option<&str>) -> Result<TableName, Error> {
    table(schema, own.or(repo).or(schema.prefix))
}

fn table(schema: &SchemaMeta, prefix: Option<&str>) -> Result<TableName, Error> {
    if prefix.is_none() && schema.prefix_required {
        return Err(QueryError::new(format!(
            "the table {:?} of {} has no prefix, and the schema requires one: use `repo.with_prefix(..)`",
            schema.table, schema.name
        ))
        .into());
    }
    let prefix = prefix.map(|prefix| SchemaName(None, DynIden::from(prefix.to_owned())));
    Ok(TableName(prefix, schema.table.into()))
}

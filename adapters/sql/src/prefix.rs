//! The prefix of a table: a schema on Postgres, an attached database on SQLite.

use peristyle_query::error::{Error, QueryError};
use peristyle_query::schema::SchemaMeta;
use sea_query::{DynIden, SchemaName, TableName};

/// The name of a table that is read. The prefixes have one order, for reads and writes: the source's own, then the repo's,
/// then the schema's.
pub(crate) fn table_to_read(schema: &SchemaMeta, source: Option<&str>, repo: Option<&str>) -> Result<TableName, Error> {
    let prefix = source.or(repo);
    if prefix.is_none() && schema.prefix_required {
        return Err(QueryError::new(format!(
            "the table {:?} of {} belongs to one tenant or another: say whose with repo.with_prefix(\"..\"), or with \
             .prefix(\"..\") on the query ({1} is #[schema(prefix = required)])",
            schema.table, schema.name
        ))
        .into());
    }
    let prefix = prefix.or(schema.prefix).map(|prefix| SchemaName(None, DynIden::from(prefix.to_owned())));
    Ok(TableName(prefix, schema.table.into()))
}

/// The name of a table that is written.
pub(crate) fn table_to_write(schema: &SchemaMeta, repo: Option<&str>) -> Result<TableName, Error> {
    table_to_read(schema, None, repo)
}

//! The prefix of a table: a schema on Postgres, an attached database on SQLite.

use peristyle_query::error::{Error, QueryError};
use peristyle_query::schema::SchemaMeta;
use sea_query::{DynIden, SchemaName, TableName};

/// The name of a table. The prefixes have one order, for reads and writes: that of the source or the statement itself, then the
/// repo's, then the schema's.
pub(crate) fn qualified(schema: &SchemaMeta, own: Option<&str>, repo: Option<&str>) -> Result<TableName, Error> {
    let prefix = own.or(repo);
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

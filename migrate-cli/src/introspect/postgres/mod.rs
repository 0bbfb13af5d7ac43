//! Postgres: `pg_catalog`, one statement for each kind of object.

mod constraints;
mod indexes;
mod objects;
mod relations;
mod rows;

use super::{Options, Schemas};
use crate::catalog::{Catalog, ObjectName};
use peristyle_query::adapter::{Isolation, TransactionOptions};
use peristyle_query::error::{DecodeError, Error, QueryError};
use peristyle_query::repo::{RawValues, Repo, TrustedSql};
use rows::SchemaRow;
use serde::de::DeserializeOwned;

/// Reads the catalog in one transaction that only reads.
pub(super) async fn read(repo: &Repo, options: &Options) -> Result<Catalog, Error> {
    let mut transaction = TransactionOptions::read_only();
    transaction.isolation = Some(Isolation::RepeatableRead);
    repo.transaction_with(transaction, async |repo: Repo| {
        let known: Vec<SchemaRow> = rows(&repo, include_str!("schemas.sql"), ()).await?;
        let scope = Scope::new(known, options)?;
        let path = narrow(&repo).await?;
        let catalog = scope.read(&repo, options).await?;
        widen(&repo, path).await?;
        Ok(catalog)
    })
    .await
}

/// The temporary tables, in the transaction that made them.
#[cfg(feature = "cli")]
pub(super) async fn temporary_tables(repo: &Repo) -> Result<Vec<crate::catalog::Table>, Error> {
    let schema = "select oid::bigint as oid, nspname as name, true as is_current from pg_namespace \
                  where oid = pg_my_temp_schema()";
    let read: Vec<SchemaRow> = rows(repo, schema, ()).await?;
    let scope = Scope { current: read.first().map(|schema| schema.name.clone()), read, everything: false };
    let path = narrow(repo).await?;
    let mut catalog = Catalog::default();
    relations::read(repo, &scope, &Options::default(), &mut catalog).await?;
    widen(repo, path).await?;
    Ok(catalog.tables)
}

/// Postgres leaves out the schema of names that are found without it, so that only the current one may be. Gives the
/// path that was.
async fn narrow(repo: &Repo) -> Result<String, Error> {
    let path = repo.sql::<String>("select current_setting('search_path')").one().await?.unwrap_or_default();
    let narrow = "select set_config('search_path', coalesce(quote_ident(current_schema()), ''), true)";
    repo.sql::<String>(narrow).await?;
    Ok(path)
}

/// In a transaction of the caller's, the setting would outlive the reading.
async fn widen(repo: &Repo, path: String) -> Result<(), Error> {
    repo.sql::<String>("select set_config('search_path', {}, true)").bind((path,)).await?;
    Ok(())
}

/// The database schemas that are read.
pub(super) struct Scope {
    current: Option<String>,
    read: Vec<SchemaRow>,
    everything: bool,
}

impl Scope {
    fn new(known: Vec<SchemaRow>, options: &Options) -> Result<Self, Error> {
        let current = known.iter().find(|schema| schema.is_current).map(|schema| schema.name.clone());
        let read = match &options.schemas {
            Schemas::All => known,
            Schemas::Current if current.is_none() => {
                return Err(QueryError::new(
                    "no database schema of search_path exists, or the user may not use it: create it, or connect with \
                     another search_path",
                )
                .into());
            }
            Schemas::Current => known.into_iter().filter(|schema| schema.is_current).collect(),
            Schemas::Named(names) => {
                if let Some(missing) = names.iter().find(|name| known.iter().all(|schema| schema.name != **name)) {
                    return Err(QueryError::new(format!("the database has no schema {missing:?}")).into());
                }
                known.into_iter().filter(|schema| names.contains(&schema.name)).collect()
            }
        };
        Ok(Scope { current, read, everything: options.schemas == Schemas::All })
    }

    /// The name as the catalog has it.
    fn name(&self, schema: &str, name: &str) -> ObjectName {
        match self.current.as_deref() == Some(schema) {
            true => ObjectName::new(name),
            false => ObjectName::with_prefix(schema, name),
        }
    }

    fn oids(&self) -> Vec<i64> {
        self.read.iter().map(|schema| schema.oid).collect()
    }

    async fn read(&self, repo: &Repo, options: &Options) -> Result<Catalog, Error> {
        let mut catalog = Catalog {
            schemas: self.read.iter().filter(|schema| !schema.is_current).map(|schema| schema.name.clone()).collect(),
            ..Catalog::default()
        };
        let relations = relations::read(repo, self, options, &mut catalog).await?;
        objects::read(repo, self, &relations, &mut catalog).await?;
        Ok(catalog)
    }
}

/// The rows of a query, by the names of their columns.
pub(super) async fn rows<R: DeserializeOwned>(
    repo: &Repo,
    query: &str,
    values: impl RawValues,
) -> Result<Vec<R>, Error> {
    let query = TrustedSql::template(format!("select row_to_json(q)::text from ({query}) q"));
    let rows: Vec<String> = repo.sql::<String>(query).bind(values).await?;
    let parsed = rows.iter().map(|row| {
        serde_json::from_str(row).map_err(|error| {
            let row = serde_json::Value::String(row.clone());
            DecodeError::expected(format!("a row of the catalog ({error})"), &row).into()
        })
    });
    parsed.collect()
}

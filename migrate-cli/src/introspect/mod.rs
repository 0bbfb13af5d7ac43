//! Database to [`Catalog`].

mod literal;
mod options;
mod postgres;
mod sqlite;

pub use options::{Options, Schemas};
pub(crate) use sqlite::Cursor;

use crate::catalog::Catalog;
#[cfg(feature = "cli")]
use crate::catalog::Table;
use peristyle_query::error::{Error, Unsupported};
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;

/// The temporary tables of the connection, on Postgres, as [`read`] has tables.
#[cfg(feature = "cli")]
pub(crate) async fn temporary_tables(repo: &Repo) -> Result<Vec<Table>, Error> {
    postgres::temporary_tables(repo).await
}

/// Reads what a database holds, in a handful of statements whatever the number of tables. It writes nothing, and needs no
/// rights on the tables.
///
/// Types, defaults and conditions are in the store's own spelling. What extensions own is left out; what a catalog has no
/// form for is named in [`Catalog::others`].
///
/// ```
/// # use peristyle_query::{error::Error, repo::Repo};
/// use peristyle_migrate::introspect::{self, Options};
/// # async fn example(repo: Repo) -> Result<(), Error> {
/// let catalog = introspect::read(&repo, &Options::ignoring(["schema_migrations"])).await?;
/// for table in &catalog.tables {
///     println!("{}: {} columns", table.name, table.columns.len());
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// What the store refuses with; [`Error::Query`] if a database schema of the options does not exist, and
/// [`Error::Unsupported`] on a store without SQL.
pub async fn read(repo: &Repo, options: &Options) -> Result<Catalog, Error> {
    let mut catalog = match repo.dialect() {
        Some(Dialect::Postgres) => postgres::read(repo, options).await?,
        Some(Dialect::Sqlite) => sqlite::read(repo, options).await?,
        _ => {
            return Err(Unsupported {
                store: repo.store(),
                feature: "description of tables".into(),
                instead: "only databases that speak SQL are migrated".into(),
            }
            .into());
        }
    };
    catalog.sort();
    Ok(catalog)
}

//! A database's structure as a script of SQL, and back.

mod error;
mod layout;
mod order;
mod script;
mod sqlite;
mod versions;

pub use error::DumpError;
pub use script::script;

use crate::introspect::{self, Options, Schemas};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;

/// What is dumped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpOptions {
    /// The database schemas whose structure and versions are written. `None` is the structure of all of them, with the
    /// versions of the current one.
    pub prefixes: Option<Vec<String>>,
    /// The version table, whose rows are written as INSERTs.
    pub version_table: String,
    /// Whether what can't be written is left out, and named in a comment, instead of failing the dump.
    pub partial: bool,
}

impl Default for DumpOptions {
    fn default() -> Self {
        DumpOptions { prefixes: None, version_table: "schema_migrations".to_owned(), partial: false }
    }
}

/// The script that makes the structure of a database, and says which migrations it has. It is the same for the same
/// structure, whatever server and user: no owners, grants, times or row data are in it.
///
/// ```
/// # use peristyle_query::repo::Repo;
/// use peristyle_migrate::dump::{self, DumpOptions};
/// # async fn example(repo: Repo, copy: Repo) -> Result<(), dump::DumpError> {
/// let script = dump::dump(&repo, &DumpOptions::default()).await?;
/// dump::load(&copy, &script).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`DumpError::Unwritable`] if the database holds what a script of this kind can't say, unless the dump is `partial`;
/// [`DumpError::Database`] with what the store refuses.
pub async fn dump(repo: &Repo, options: &DumpOptions) -> Result<String, DumpError> {
    let mut text = match repo.dialect() {
        Some(Dialect::Sqlite) => sqlite::structure(repo).await?,
        dialect => {
            let schemas = options.prefixes.clone().map_or(Schemas::All, Schemas::Named);
            let catalog = introspect::read(repo, &Options { schemas, ignore_tables: Vec::new() }).await?;
            script(&catalog, dialect.unwrap_or(Dialect::Postgres), options.partial)?
        }
    };
    let rows = versions::inserts(repo, options).await?;
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&rows);
    }
    Ok(text)
}

/// Runs a dump's script in an empty database, in one transaction.
///
/// # Errors
///
/// [`DumpError::NotEmpty`] if the database (on Postgres, its current schema) holds anything; [`DumpError::Database`] with what
/// the store refuses: nothing of the script is kept then.
pub async fn load(repo: &Repo, script: &str) -> Result<(), DumpError> {
    let catalog = introspect::read(repo, &Options::default()).await?;
    let tables = catalog.tables.iter().map(|table| format!("table {}", table.name.quoted()));
    let views = catalog.views.iter().map(|view| format!("view {}", view.name.quoted()));
    let enums = catalog.enums.iter().map(|each| format!("enum type {}", each.name.quoted()));
    let functions = catalog.functions.iter().map(|each| format!("function {}", each.name.quoted()));
    let found: Vec<String> = tables.chain(views).chain(enums).chain(functions).chain(catalog.others.clone()).collect();
    if !found.is_empty() {
        return Err(DumpError::NotEmpty(found));
    }
    let loaded = repo.transaction(async |repo: Repo| repo.script(script).await).await;
    loaded.map_err(|error: Error| DumpError::Database(Box::new(error)))
}

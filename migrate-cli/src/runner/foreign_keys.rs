//! SQLite's foreign keys, which a rebuild of a table needs switched off before its transaction begins, and looked at before it
//! ends.

use super::error::MigrateError;
use super::run::Run;
use super::watch::Watch;
use peristyle_query::error::{ConstraintError, ConstraintKind, Error};
use peristyle_query::repo::{Repo, TrustedSql};
use peristyle_sql::quoted;
use std::future::Future;

const OFF: &str = "PRAGMA foreign_keys = OFF";
const ON: &str = "PRAGMA foreign_keys = ON";

/// How many rows an error names.
const SHOWN: usize = 10;

/// Runs a function in a transaction without foreign keys, on a connection of its own.
pub(crate) async fn without<T, F, Fut>(run: &Run, work: F) -> Result<T, MigrateError>
where
    F: AsyncFnOnce(Repo) -> Result<T, MigrateError> + FnOnce(Repo) -> Fut + Send,
    Fut: Future<Output = Result<T, MigrateError>> + Send,
    T: Send,
{
    let shared = run.clone();
    let result = run.repo.checkout(async move |connection| Ok(around(&shared, &connection, work).await));
    result.await?
}

/// The same, on a connection that was checked out.
pub(crate) async fn around<T, E, F, Fut>(run: &Run, connection: &Repo, work: F) -> Result<T, E>
where
    F: AsyncFnOnce(Repo) -> Result<T, E> + FnOnce(Repo) -> Fut + Send,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: From<Error> + Send,
{
    let watch = &run.settings.watch;
    watch.own(OFF);
    connection.script(OFF).await?;
    let result = connection.transaction_as(work).await;
    watch.own(ON);
    connection.script(ON).await?;
    result
}

/// Refuses rows whose foreign keys point at nothing.
pub(crate) async fn check(tx: &Repo, watch: &Watch) -> Result<(), Error> {
    let mut rows = Vec::new();
    // Without a name, the pragma looks at the main database alone.
    for database in tx.sql::<String>("select name from pragma_database_list where name <> 'temp' order by seq").await? {
        let check = format!("PRAGMA {}.foreign_key_check", quoted(&database));
        watch.own(&check);
        rows.extend(tx.sql::<(String, Option<i64>, String, i64)>(TrustedSql::verbatim(&check)).await?);
    }
    let Some((table, ..)) = rows.first() else { return Ok(()) };
    let shown: Vec<String> = rows
        .iter()
        .take(SHOWN)
        .map(|(table, row, parent, _)| match row {
            Some(row) => format!("row {row} of {table:?} points at no row of {parent:?}"),
            None => format!("a row of {table:?} points at no row of {parent:?}"),
        })
        .collect();
    let more = rows.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = format!(
        "{}{more}; SQLite checks all rows after a table was made again, also those that it did not look at before: mend these, in \
         the migration or before it",
        shown.join(", ")
    );
    let mut error = ConstraintError::new(ConstraintKind::ForeignKey, message);
    error.table = Some(table.clone());
    Err(error.into())
}

//! Databases of a Postgres server, made and dropped through the one that every server has.

use super::{Change, connect_postgres};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::url::DatabaseUrl;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_sql::quoted;

/// The database for maintenance.
const MAINTENANCE: &str = "postgres";

async fn maintenance(url: &DatabaseUrl) -> Outcome<Repo> {
    connect_postgres(&url.with_database(MAINTENANCE)).await.map_err(|failure| {
        failure.note(format!("databases are made and dropped through the database `{MAINTENANCE}` of the server"))
    })
}

/// Makes the database of a URL.
pub(super) async fn create(url: &DatabaseUrl) -> Outcome<Change> {
    let name = url.name();
    let server = maintenance(url).await?;
    let made = match exists(&server, &name).await? {
        true => Ok(Change::Already),
        false => match server.script(format!("CREATE DATABASE {}", quoted(&name))).await {
            Ok(()) => Ok(Change::Made),
            Err(error) if code(&error) == Some("42P04") => Ok(Change::Already),
            Err(error) => Err(refused(error, "42501", "a role with CREATEDB may make databases")),
        },
    };
    server.close().await;
    made
}

/// Drops the database of a URL.
pub(super) async fn drop(url: &DatabaseUrl, force: bool) -> Outcome<Change> {
    let name = url.name();
    if name == MAINTENANCE {
        return Err(Failure::new(
            Exit::Refused,
            format!("`{MAINTENANCE}` is the server's own database: it is not dropped"),
        ));
    }
    let server = maintenance(url).await?;
    let dropped = match exists(&server, &name).await? {
        false => Ok(Change::Already),
        true => {
            let force = if force { " WITH (FORCE)" } else { "" };
            match server.script(format!("DROP DATABASE IF EXISTS {}{force}", quoted(&name))).await {
                Ok(()) => Ok(Change::Made),
                Err(error) => Err(refused(error, "55006", "--force closes the connections of others")),
            }
        }
    };
    server.close().await;
    dropped
}

async fn exists(server: &Repo, name: &str) -> Result<bool, Error> {
    let found = server.sql::<i32>("SELECT 1 FROM pg_database WHERE datname = {}").bind(name).one().await?;
    Ok(found.is_some())
}

fn refused(error: Error, when: &str, help: &str) -> Failure {
    let hinted = code(&error) == Some(when);
    let failure = Failure::from(error);
    if hinted { failure.help(help) } else { failure }
}

fn code(error: &Error) -> Option<&str> {
    match error {
        Error::Database(database) => database.code.as_deref(),
        _ => None,
    }
}

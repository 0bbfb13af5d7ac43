//! Databases as a whole: opened, made and dropped.

mod scratch;
mod server;

pub use scratch::{Cleanup, Scratch};

use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::url::DatabaseUrl;
use peristyle_postgres::Postgres;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use peristyle_sqlite::Sqlite;
use std::path::{Path, PathBuf};

/// Whether something had to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was done.
    Made,
    /// It was so already.
    Already,
}

/// Connects to a database that exists.
///
/// # Errors
///
/// A [`Failure`] that says how to make the database, if it does not exist.
pub async fn open(url: &DatabaseUrl) -> Outcome<Repo> {
    match url.dialect() {
        Dialect::Postgres => match connect_postgres(url).await {
            Err(failure) if failure.message().contains("3D000") => {
                Err(failure.help("`peristyle db create` makes the database"))
            }
            connected => connected,
        },
        _ => {
            if url.file().is_some_and(|file| !file.exists()) {
                let message = format!("there is no database {url}");
                return Err(Failure::new(Exit::Connection, message).help("`peristyle db create` makes it"));
            }
            Ok(Sqlite::options(url.secret()).readers(2).connect().await?)
        }
    }
}

async fn connect_postgres(url: &DatabaseUrl) -> Outcome<Repo> {
    Ok(Postgres::options(url.secret()).pool_size(4).application_name("peristyle").connect().await?)
}

/// Makes a database.
///
/// # Errors
///
/// A [`Failure`] if the server or the disk refuses.
pub async fn create(url: &DatabaseUrl) -> Outcome<Change> {
    match (url.dialect(), url.file()) {
        (Dialect::Postgres, _) => server::create(url).await,
        (_, Some(file)) if file.exists() => Ok(Change::Already),
        (_, Some(file)) => {
            if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, "made", &error))?;
            }
            let repo = Sqlite::options(url.secret()).readers(1).create_if_missing(true).connect().await?;
            // An empty file becomes a database with its first page.
            repo.script("PRAGMA user_version = 0").await?;
            repo.close().await;
            Ok(Change::Made)
        }
        (_, None) => Ok(Change::Already),
    }
}

/// Drops a database; `force` closes the connections of others.
///
/// # Errors
///
/// A [`Failure`] if the server or the disk refuses.
pub async fn drop(url: &DatabaseUrl, force: bool) -> Outcome<Change> {
    match (url.dialect(), url.file()) {
        (Dialect::Postgres, _) => server::drop(url, force).await,
        (_, Some(file)) => remove_file(file),
        (_, None) => Ok(Change::Already),
    }
}

/// Whether a file is a database of SQLite, or empty as a new one is.
fn is_database(file: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(file)?.take(16).read_to_end(&mut head)?;
    Ok(head.is_empty() || head == b"SQLite format 3\0")
}

/// Removes a database of SQLite, with the files that stand beside it.
fn remove_file(file: &Path) -> Outcome<Change> {
    let mut change = Change::Already;
    if file.is_file() && !is_database(file).map_err(|error| Failure::file(file, "read", &error))? {
        let message = format!("{} is no database of SQLite: it is not removed", file.display());
        return Err(Failure::new(Exit::Refused, message).help("look at the URL"));
    }
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        match std::fs::remove_file(&path) {
            Ok(()) => change = Change::Made,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::file(&path, "removed", &error)),
        }
    }
    Ok(change)
}

//! `schema.lock`: the committed description of what all migrations come to.

use super::app::App;
use super::config::RepoConfig;
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use crate::catalog::{Catalog, LockFile, LockedMigration};
use crate::introspect::{self, Options};
use crate::runner::{Direction, Migrations};
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use std::path::PathBuf;

/// The name of the file.
const FILE: &str = "schema.lock";

/// Where the file of a repo is.
pub fn path(config: &RepoConfig) -> PathBuf {
    config.migrations.join(FILE)
}

/// The migrations as the file names them.
///
/// # Errors
///
/// A failure for migrations that cannot be read.
pub fn locked(migrations: &Migrations, dialect: Dialect) -> Outcome<Vec<LockedMigration>> {
    migrations.check(dialect)?;
    let locked = migrations.iter().map(|migration| {
        let content = migration.content(dialect)?;
        let id = migration.id();
        Ok(LockedMigration {
            version: id.version,
            name: id.name.clone(),
            checksum: content.checksum_up.unwrap_or_default(),
        })
    });
    locked.collect()
}

/// What a database holds, without the table of versions.
///
/// # Errors
///
/// What the database refuses with.
pub async fn describe(repo: &Repo, config: &RepoConfig) -> Outcome<Catalog> {
    Ok(introspect::read(repo, &Options::ignoring([config.table.as_str()])).await?)
}

/// The catalog of the file, if there is one that describes these migrations; else why not.
///
/// # Errors
///
/// A failure for a file that cannot be read.
pub fn read(config: &RepoConfig, migrations: &Migrations, dialect: Dialect) -> Outcome<Result<Catalog, String>> {
    let path = path(config);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err(format!("there is no {}", path.display())));
        }
        Err(error) => return Err(Failure::file(&path, "read", &error)),
    };
    let lock = LockFile::parse(&text).map_err(|error| {
        Failure::new(Exit::Source, format!("{}: {error}", path.display()))
            .help("delete it: `peristyle migrate verify` writes it again")
    })?;
    Ok(match lock.staleness(dialect, &locked(migrations, dialect)?) {
        None => Ok(lock.catalog),
        Some(reason) => Err(format!("{} is stale: {reason}", path.display())),
    })
}

/// Writes the file, if it changed.
///
/// # Errors
///
/// A failure for a file that cannot be written.
pub fn write(
    app: &App,
    config: &RepoConfig,
    migrations: &Migrations,
    dialect: Dialect,
    catalog: Catalog,
) -> Outcome<()> {
    let path = path(config);
    if !config.migrations.is_dir() {
        return Ok(());
    }
    let text = LockFile { dialect, migrations: locked(migrations, dialect)?, catalog }.to_text();
    if std::fs::read_to_string(&path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, "written", &error))?;
    app.output.note(format!("wrote {}", path.display()));
    Ok(())
}

/// A migration whose way back is declared missing, so that nothing can be tried.
pub fn is_declared_irreversible(migrations: &Migrations, version: u64, dialect: Dialect) -> bool {
    migrations.get(version).is_some_and(|migration| match migration.as_file() {
        Some(file) => file.irreversible.is_some(),
        None => migration.script(Direction::Down, dialect, None).is_err(),
    })
}

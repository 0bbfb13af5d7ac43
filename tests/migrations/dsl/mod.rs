//! Migrations in Rust.

mod alter;
mod create;
mod rebuild;
mod steps;
mod tour;

use peristyle::migrate::catalog::{Catalog, Table};
use peristyle::migrate::ddl;
use peristyle::migrate::dsl::{Migration, RustMigration, Settings, Step, record};
use peristyle::migrate::{Migrations, Migrator, introspect};
use peristyle::prelude::*;
use peristyle_tests::Store;

/// Why steps did not run.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<peristyle::Error> for Failure {
    fn from(error: peristyle::Error) -> Self {
        Failure(error.to_string())
    }
}

/// What the store holds.
pub(crate) async fn catalog(store: &Store) -> Catalog {
    let options = introspect::Options { ignore_tables: vec!["schema_migrations".to_owned()], ..Default::default() };
    introspect::read(&store.repo, &options).await.unwrap()
}

/// A table of the store.
pub(crate) async fn table(store: &Store, name: &str) -> Table {
    catalog(store).await.table(&name.into()).cloned().unwrap_or_else(|| panic!("there is no table {name}"))
}

/// Runs a migration's way up.
pub(crate) async fn up(store: &Store, migration: &(impl RustMigration + Copy)) {
    migrator(store, migration).up_one(migration.version()).await.unwrap_or_else(|error| panic!("{error}"));
}

/// Runs a migration's way down.
pub(crate) async fn down(store: &Store, migration: &(impl RustMigration + Copy)) {
    migrator(store, migration).down_one(migration.version()).await.unwrap_or_else(|error| panic!("{error}"));
}

fn migrator(store: &Store, migration: &(impl RustMigration + Copy)) -> Migrator {
    Migrator::new(&store.repo, Migrations::new().with(*migration)).ignore_missing(true)
}

/// Runs the way up of a change in a transaction.
pub(crate) async fn change(store: &Store, change: impl FnOnce(&mut Migration)) {
    if let Err(Failure(message)) = try_change(store, change).await {
        panic!("{message}");
    }
}

/// The same, with its failure.
pub(crate) async fn try_change(store: &Store, change: impl FnOnce(&mut Migration)) -> Result<(), Failure> {
    let settings = Settings { version: 1, name: "Test", transaction: true };
    let recorded = record(&settings, change).map_err(|error| Failure(error.to_string()))?;
    run(store, recorded.up, true).await
}

/// Runs steps as a runner does: foreign keys of SQLite off before a transaction that rebuilds tables, and checked in it.
async fn run(store: &Store, steps: Vec<Step>, transaction: bool) -> Result<(), Failure> {
    let dialect = store.dialect;
    let off = steps
        .iter()
        .any(|step| matches!(step, Step::Operation(operation) if ddl::may_need_foreign_keys_off(operation, dialect)));
    let outcome = store.repo.checkout(async move |connection| {
        if off {
            connection.script("PRAGMA foreign_keys = OFF").await?;
        }
        let outcome = if transaction {
            connection.transaction_as(async move |tx| all(tx, steps, dialect, off).await).await
        } else {
            all(connection.clone(), steps, dialect, off).await
        };
        if off {
            connection.script("PRAGMA foreign_keys = ON").await?;
        }
        Ok(outcome)
    });
    outcome.await?
}

async fn all(repo: Repo, steps: Vec<Step>, dialect: Dialect, off: bool) -> Result<(), Failure> {
    let renderer = ddl::Renderer::new(dialect);
    for step in steps {
        match step {
            Step::Data(data) => data.run(repo.clone()).await?,
            Step::Operation(operation) => {
                let before = introspect::read(&repo, &introspect::Options::default()).await?;
                let rendered = renderer.render(&operation, &before).map_err(|error| Failure(error.to_string()))?;
                assert!(off || !rendered.needs_foreign_keys_off, "{operation:?} was not known to need a rebuild");
                for statement in rendered.statements {
                    repo.script(&statement).await.map_err(|error| Failure(format!("{error}\n{statement}")))?;
                }
            }
        }
    }
    if off {
        let broken = repo.sql::<(String, Option<i64>, String, i64)>("PRAGMA foreign_key_check").await?;
        if !broken.is_empty() {
            return Err(Failure(format!("rows point at nothing: {broken:?}")));
        }
    }
    Ok(())
}

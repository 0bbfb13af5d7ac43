//! What migrations make comes through all that the tool does with it: the way back, dumps, the lock file, structs.

mod postgres;
mod sqlite;

use peristyle::migrate::{Migrations, Migrator, Target};
use peristyle::prelude::*;
use peristyle_migrate::catalog::{Catalog, LockFile, compare};
use peristyle_migrate::dump::{self, DumpOptions};
use peristyle_migrate::introspect::{self, Options, Schemas};
use peristyle_migrate::{diff, models, pull};
use peristyle_tests::{Kind, Store};

async fn read(store: &Store) -> Catalog {
    let options = Options { schemas: Schemas::All, ignore_tables: vec!["schema_migrations".to_owned()] };
    introspect::read(&store.repo, &options).await.unwrap()
}

/// Fails if a database is not what another one was.
#[track_caller]
fn assert_same(actual: &Catalog, expected: &Catalog, when: &str) {
    assert_eq!(sentences(&compare(expected, actual)), Vec::<String>::new(), "{when}");
}

fn sentences(items: &[impl ToString]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

async fn another(store: &Store) -> Store {
    Store::new(store.pick(Kind::Sqlite, Kind::PostgresDatabase)).await
}

/// Takes what the migrations make through all ways. Gives what structs leave out, and what the database that is made of the
/// structs alone differs in.
async fn assert_comes_through(store: &Store, migrations: Migrations) -> (Vec<String>, Vec<String>) {
    let empty = read(store).await;
    let migrator = Migrator::new(&store.repo, migrations);
    migrator.up(Target::All).await.unwrap_or_else(|error| panic!("{error}"));
    let made = read(store).await;
    assert_eq!(made.others, Vec::<String>::new());
    migrator.down(Target::All).await.unwrap_or_else(|error| panic!("{error}"));
    assert_same(&read(store).await, &empty, "after the way back");
    migrator.up(Target::All).await.unwrap_or_else(|error| panic!("{error}"));
    assert_same(&read(store).await, &made, "up again");

    assert_dump_loads(store, &made).await;
    let lock = LockFile { dialect: store.dialect, migrations: Vec::new(), catalog: made.clone() };
    assert_same(&LockFile::parse(&lock.to_text()).unwrap().catalog, &made, "in the lock file");
    structs(store, &made).await
}

async fn assert_dump_loads(store: &Store, made: &Catalog) {
    let script = dump::dump(&store.repo, &DumpOptions::default()).await.unwrap();
    let copy = another(store).await;
    dump::load(&copy.repo, &script).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
    assert_same(&read(&copy).await, made, "loaded");
    assert_eq!(dump::dump(&copy.repo, &DumpOptions::default()).await.unwrap(), script);
}

/// Pulls structs, finds no difference between them and the database, and makes another database of them.
async fn structs(store: &Store, made: &Catalog) -> (Vec<String>, Vec<String>) {
    let pulled = pull::pull(made, store.dialect);
    let models = models_of(&pulled.source);
    assert_agrees(&models, made, store.dialect, &pulled.source);

    // Extensions, whose types columns may have, are made by a migration before.
    let copy = another(store).await;
    let schemas = made.extensions.iter().filter_map(|extension| extension.schema.clone()).collect();
    let ground = Catalog { schemas, extensions: made.extensions.clone(), ..Catalog::default() };
    copy.repo.script(dump::script(&ground, store.dialect, false).unwrap()).await.unwrap();
    let ground = read(&copy).await;
    let described = models::adopt(&models, &ground, store.dialect).catalog;
    let way = way(&ground, &described, store.dialect);
    for statement in way.parts.iter().flat_map(|part| &part.up).flat_map(|step| &step.statements) {
        copy.repo.script(statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}\n{}", pulled.source));
    }
    let again = read(&copy).await;
    assert_agrees(&models, &again, store.dialect, &pulled.source);
    (pulled.notes, sentences(&compare(made, &again)))
}

/// There is nothing to do for `migrate diff` and nothing to find for `db check`.
#[track_caller]
fn assert_agrees(models: &models::Models, catalog: &Catalog, dialect: Dialect, source: &str) {
    assert_eq!(sentences(&models::differences(models, catalog, dialect)), Vec::<String>::new(), "{source}");
    let adopted = models::adopt(models, catalog, dialect).catalog;
    let way = way(catalog, &adopted, dialect);
    assert!(way.is_empty(), "{:?}\n{source}", way.parts);
}

fn way(from: &Catalog, to: &Catalog, dialect: Dialect) -> diff::Diff {
    diff::diff(from, to, dialect, &diff::Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn models_of(source: &str) -> models::Models {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schema.rs"), source).unwrap();
    models::read(&["schema.rs".to_owned()], folder.path()).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"))
}

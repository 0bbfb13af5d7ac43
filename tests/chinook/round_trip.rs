//! The structs that are pulled from Chinook make its database again, which takes the same rows.

use peristyle::prelude::*;
use peristyle_migrate::catalog::{Catalog, compare};
use peristyle_migrate::dump::{self, DumpOptions};
use peristyle_migrate::{diff, introspect, models, pull};
use peristyle_tests::{Kind, Store};

/// Pulls the store, makes what the structs say in a new one with the rows of the script, and gives it with the differences.
pub async fn made_again(store: &Store, script: &str) -> (Store, Vec<String>) {
    let original = read(&store.repo).await;
    let pulled = pull::pull(&original, store.dialect);
    assert_eq!(pulled.notes, Vec::<String>::new());
    let models = models_of(&pulled.source);
    let sentences = |differences: Vec<_>| differences.iter().map(ToString::to_string).collect::<Vec<String>>();
    let there = models::differences(&models, &original, store.dialect);
    assert_eq!(sentences(there), Vec::<String>::new(), "structs and the database that they were pulled from");

    let adopted = models::adopt(&models, &Catalog::default(), store.dialect);
    let diff = diff::diff(&Catalog::default(), &adopted.catalog, store.dialect, &diff::Options::default()).unwrap();
    let copy = Store::new(store.pick(Kind::Sqlite, Kind::Postgres)).await;
    for statement in diff.parts.iter().flat_map(|part| &part.up).flat_map(|step| &step.statements) {
        copy.repo.script(statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
    let made = read(&copy.repo).await;
    let again = models::differences(&models, &made, store.dialect);
    assert_eq!(sentences(again), Vec::<String>::new(), "structs and the database that was made of them");
    let rows = &script[script.find("INSERT INTO").unwrap()..];
    copy.repo.script(rows).await.unwrap();
    (copy, sentences(compare(&original, &made)))
}

async fn read(repo: &Repo) -> Catalog {
    introspect::read(repo, &introspect::Options::default()).await.unwrap()
}

fn models_of(source: &str) -> models::Models {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schema.rs"), source).unwrap();
    models::read(&["schema.rs".to_owned()], folder.path()).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"))
}

/// The dump of the store, which on Postgres is one database schema of many.
pub async fn dumped(store: &Store) -> String {
    let prefixes = match store.is_postgres() {
        true => store.repo.sql::<String>("select current_schema()::text").await.ok(),
        false => None,
    };
    dump::dump(&store.repo, &DumpOptions { prefixes, ..DumpOptions::default() }).await.unwrap()
}

//! Running migrations.

mod events;
mod faults;
mod histories;
mod hooks;
mod locks;
mod no_transaction;
mod prefixes;
mod processes;
mod records;
mod rust;
mod targets;

use peristyle::migrate::{Migrations, Migrator};
use peristyle_tests::Store;

/// Migrations of files.
fn set(files: &[(&str, &str)]) -> Migrations {
    Migrations::embedded(files)
}

fn migrator(store: &Store, files: &[(&str, &str)]) -> Migrator {
    Migrator::new(&store.repo, set(files))
}

const A: (&str, &str) =
    ("migrations/10_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\n-- migrate:down\nDROP TABLE a;\n");
const B: (&str, &str) =
    ("migrations/20_b.sql", "-- migrate:up\nCREATE TABLE b (id integer);\n-- migrate:down\nDROP TABLE b;\n");
const C: (&str, &str) =
    ("migrations/30_c.sql", "-- migrate:up\nCREATE TABLE c (id integer);\n-- migrate:down\nDROP TABLE c;\n");

/// The versions that the table of versions holds.
async fn versions(store: &Store) -> Vec<i64> {
    store.repo.sql::<i64>("select version from schema_migrations order by version").await.unwrap()
}

/// The tables among a, b, c and d that there are.
async fn tables(store: &Store) -> String {
    let names = store.pick(
        "select name from sqlite_schema where type = 'table' and length(name) = 1 order by 1",
        "select table_name::text from information_schema.tables where table_schema = current_schema() \
         and length(table_name) = 1 order by 1",
    );
    store.repo.sql::<String>(names).await.unwrap().concat()
}

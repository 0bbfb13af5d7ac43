//! What introspection says of a database.

pub mod postgres;
pub mod sqlite;

use peristyle::prelude::*;
use peristyle_migrate::catalog::{Catalog, Table};
use peristyle_migrate::introspect::{self, Options};
use peristyle_tests::{Store, on_sql_stores};

/// The catalog of the store.
pub async fn read(store: &Store) -> Catalog {
    introspect::read(&store.repo, &Options::default()).await.unwrap()
}

fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    catalog.table(&name.into()).unwrap_or_else(|| panic!("no {name} in {catalog:?}"))
}

on_sql_stores! {
    async fn the_number_of_statements_does_not_grow_with_the_tables(store: Store) {
        let mut counts = Vec::new();
        for round in 0..2 {
            for number in 0..20 {
                let name = format!("t_{round}_{number}");
                store.repo.script(format!("create table {name} (a int primary key, b int references {name}); create index i_{name} on {name} (b)")).await.unwrap();
            }
            let reading = async |repo: Repo| introspect::read(&repo, &Options::default()).await;
            let (catalog, statements) = store.repo.capture(reading).await.unwrap();
            assert_eq!(catalog.tables.len(), 20 * (round + 1));
            counts.push(statements.len());
        }
        assert!(counts[0] == counts[1] && counts[0] <= 16, "{counts:?}");
    }
}

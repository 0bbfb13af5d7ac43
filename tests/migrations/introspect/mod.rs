//! What introspection says of a database.

pub mod postgres;
pub mod sqlite;

use peristyle_migrate::catalog::{Catalog, Table};
use peristyle_migrate::introspect::{self, Options};
use peristyle_tests::Store;

/// The catalog of the store.
pub async fn read(store: &Store) -> Catalog {
    introspect::read(&store.repo, &Options::default()).await.unwrap()
}

fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    catalog.table(&name.into()).unwrap_or_else(|| panic!("no {name} in {catalog:?}"))
}

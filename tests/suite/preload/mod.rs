//! Preloads: what is loaded, and by how many statements.

mod counts;
mod edges;
mod limits;
mod smoke;
mod stores;
mod streams;

use super::*;
use peristyle::prelude::*;
use std::time::Duration;
/// Another repo on the store, which has one connection to read with.
async fn one_connection(store: &Store) -> Repo {
    let wait = Duration::from_secs(5);
    if store.is_postgres() {
        Postgres::options(store.url()).pool_size(1).acquire_timeout(wait).connect().await.unwrap()
    } else {
        Sqlite::options(store.url()).readers(1).acquire_timeout(wait).connect().await.unwrap()
    }
}

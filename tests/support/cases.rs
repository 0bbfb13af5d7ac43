//! Running a case on stores: the macros, and what they call.

use crate::{Kind, Store};
use std::future::Future;
use std::panic::resume_unwind;
use std::time::Duration;
use tokio::runtime::Builder;

/// Makes a module of every case, with one test per store: `repo_004_all_with_in::sqlite`, `::postgres`, `::redis` and
/// `::redis_cluster`.
///
/// Each test has an empty store and a runtime of its own, and fails if it does not end in time. What needs SQL, joins, savepoints
/// or the schemas of tables belongs in [`on_sql_stores!`](crate::on_sql_stores); what only one store can do, in
/// [`on_sqlite!`](crate::on_sqlite), [`on_postgres!`](crate::on_postgres) or [`on_both_redis!`](crate::on_both_redis).
#[macro_export]
macro_rules! on_every_store {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(
            sqlite Sqlite, postgres Postgres, redis Redis, redis_cluster RedisCluster;
            $(#[$attribute])* $name, $store, $type, $body
        );)*
    };
}

/// Like [`on_every_store!`](crate::on_every_store), without Redis Clusters: for cases of one transaction over several tables, which
/// are in several slots.
#[macro_export]
macro_rules! on_every_store_but_clusters {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(
            sqlite Sqlite, postgres Postgres, redis Redis;
            $(#[$attribute])* $name, $store, $type, $body
        );)*
    };
}

/// Like [`on_every_store!`](crate::on_every_store), on SQLite and on Postgres: for cases that need what Redis has not.
#[macro_export]
macro_rules! on_sql_stores {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(sqlite Sqlite, postgres Postgres; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_every_store!`](crate::on_every_store), on SQLite alone.
#[macro_export]
macro_rules! on_sqlite {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(sqlite Sqlite; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_every_store!`](crate::on_every_store), on Postgres alone.
#[macro_export]
macro_rules! on_postgres {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(postgres Postgres; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_postgres!`](crate::on_postgres), in a database of its own instead of a schema of its own: for cases that look
/// at or kill every connection of their database, or make schemas.
#[macro_export]
macro_rules! on_postgres_database {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(postgres PostgresDatabase; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_sql_stores!`](crate::on_sql_stores), on Postgres in a database of its own.
#[macro_export]
macro_rules! on_every_database {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(sqlite Sqlite, postgres PostgresDatabase; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_every_store!`](crate::on_every_store), on a Redis server alone, in a prefix of its own.
#[macro_export]
macro_rules! on_redis {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(redis Redis; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_redis!`](crate::on_redis), on a Redis Cluster.
#[macro_export]
macro_rules! on_redis_cluster {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(redis_cluster RedisCluster; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// Like [`on_redis!`](crate::on_redis), on a Redis server and on a Redis Cluster.
#[macro_export]
macro_rules! on_both_redis {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: $type:ty) $body:block)*) => {
        $($crate::cases!(redis Redis, redis_cluster RedisCluster; $(#[$attribute])* $name, $store, $type, $body);)*
    };
}

/// The module of one case; the other macros call it.
#[doc(hidden)]
#[macro_export]
macro_rules! cases {
    ($($test:ident $kind:ident),+; $(#[$attribute:meta])* $name:ident, $store:ident, $type:ty, $body:block) => {
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn case($store: $type) $body

            $(
                #[test]
                fn $test() {
                    $crate::cases::run($crate::Kind::$kind, case);
                }
            )+
        }
    };
}

/// How long a case may take before it counts as hanging.
fn time_limit() -> Duration {
    Duration::from_secs(if soaking() { 3600 } else { 120 })
}

fn soaking() -> bool {
    std::env::var_os("PERISTYLE_SOAK").is_some_and(|value| !value.is_empty())
}

/// How often to repeat something: `short` times in a plain run, `long` times under `tests/run --soak`.
pub fn count(short: u32, long: u32) -> u32 {
    if soaking() { long } else { short }
}

/// Runs a case on an empty store of this kind, which is gone afterwards, also if the case panics or hangs.
///
/// # Panics
///
/// With the case's own panic; if the store cannot be made; if the case takes too long.
pub fn run<C, F>(kind: Kind, case: C)
where
    C: FnOnce(Store) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let place = kind.place();
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => panic!("no runtime: {error}"),
    };
    let outcome = runtime.block_on(async {
        let store = Store::at(place.clone()).await;
        tokio::time::timeout(time_limit(), tokio::spawn(case(store))).await
    });
    // Before the place goes: a task that the case left behind may hold a connection.
    runtime.shutdown_timeout(Duration::from_secs(5));
    drop(place);
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => match error.try_into_panic() {
            Ok(payload) => resume_unwind(payload),
            Err(error) => panic!("the case did not run to its end: {error}"),
        },
        Err(_) => panic!("the case did not end within {:?}", time_limit()),
    }
}

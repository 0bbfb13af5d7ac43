//! The integration suite: every case on every store that can run it.

mod abandoned;
mod associations;
mod changeset;
mod compile_fail;
mod conditions;
mod correlated;
mod explain;
mod faults;
mod guard;
mod loader;
mod multi;
mod nesting;
mod prefixes;
mod preload;
mod queries;
mod raw_values;
mod readme;
mod redaction;
mod reductions;
mod repo;
mod routing;
mod sessions;
mod shared_queries;
mod sql;
mod stored_secrets;
mod subquery_secrets;
mod suppressed_inserts;
mod tour;
mod tour_associations;
mod tour_changesets;
mod tour_stores;
mod tour_writes;
mod transactions;
mod types;
mod writes;

use peristyle_tests::{
    Store, on_every_store, on_every_store_but_clusters, on_postgres, on_sql_stores, on_sqlite, schemas,
};

//! The integration suite: every case on every store that can run it.

mod compile_fail;
mod explain;
mod nesting;
mod queries;
mod readme;
mod redaction;
mod repo;
mod sql;
mod tour;
mod transactions;
mod types;
mod writes;

use peristyle_tests::{Store, on_every_store, on_postgres, on_sqlite, schemas};

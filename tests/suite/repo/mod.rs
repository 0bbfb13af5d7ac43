//! The repo: reading, writing, streaming, and statements that were prepared before a table changed.

mod aggregates;
mod composite_keys;
mod delete_all;
mod insert_all;
mod lookup;
mod missing_prefix;
mod on_conflict;
mod prepared;
mod raw_rows;
mod schemas_of_tables;
mod streams;
mod update_all;
mod upsert;
mod write;

use super::*;

//! The core of Peristyle: schemas, typed expressions, queries and the repo. It knows no database driver and no SQL text.
//!
//! Applications use the facade, the crate `peristyle`, which re-exports these modules.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod adapter;
pub mod association;
pub mod changeset;
pub mod error;
pub mod expr;
pub mod loader;
pub mod preload;
pub mod query;
pub mod repo;
pub mod row;
pub mod schema;
pub mod statement;
mod tuples;
pub mod value;

#[doc(hidden)]
pub mod __private {
    pub use serde_json;
}

//! The Redis adapter of Peristyle.
//!
//! Rows are JSON strings, indexes are sorted sets, and every write is one server-side script; `docs/redis.md` describes the
//! layout for other programs.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod change;
mod cluster;
mod connection;
mod cursor;
mod error;
mod evaluate;
mod layout;
mod node;
mod options;
mod packed;
mod pending;
mod plan;
mod policy;
mod read;
mod registry;
mod reindex;
mod row;
mod script;
mod session;
mod shared;
mod store;
mod sweep;
mod topology;
mod url;
mod write;

#[cfg(test)]
mod tests;

pub use options::{Redis, RedisOptions};
pub use policy::RedisWarning;

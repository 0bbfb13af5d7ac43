#![doc = include_str!("../../../docs/postgres.md")]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod bind;
mod call;
mod cleanup;
mod column_type;
mod connection;
mod constraint;
mod copy;
mod cursor;
mod decode;
mod error;
mod failure;
mod notice;
mod numeric;
mod opening;
mod options;
mod pool;
mod row;
mod session;
mod tables;
mod url;

pub use options::{Postgres, PostgresOptions};

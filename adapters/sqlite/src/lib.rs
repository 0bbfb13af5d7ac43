//! The SQLite adapter of Peristyle, on SQLite's own library, which is built in.
//!
//! [`Sqlite::options`] opens a database and gives a [`Repo`](peristyle_query::repo::Repo):
//!
//! ```
//! # async fn example() -> Result<(), peristyle_query::error::Error> {
//! use peristyle_sqlite::Sqlite;
//!
//! let repo = Sqlite::options("sqlite::memory:").connect().await?;
//! repo.script("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! A file has one connection that writes and several that read ([`SqliteOptions::readers`]), each on a thread of its own;
//! with a write-ahead log readers go on beside the writer. Calls wait for a free connection in the order in which they
//! came, at most [`SqliteOptions::acquire_timeout`]. No async runtime is needed: any executor can poll the futures.
//!
//! - A read outside of a transaction goes to a reader, a write to the writer. Of a statement that the program wrote itself
//!   SQLite says which of both it is.
//! - A future that is dropped stops its statement, and a call that has not begun is skipped. A statement is stopped by a
//!   flag of its own, never that of the connection, so that its successor is not hit.
//! - A transaction holds the writer (`BEGIN IMMEDIATE`), or a reader if it is read-only, until it ends. Dropping it rolls
//!   back before anyone else gets the connection. Of a statement that fails in a transaction SQLite undoes that statement
//!   alone. A write that is stopped ends the whole transaction.
//! - A stream holds a reader until it ends or is dropped, with one part of its rows in memory; inside of a transaction it
//!   shares the transaction's connection.
//!
#![doc = include_str!("../../../docs/sqlite.md")]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod bind;
mod call;
mod connection;
mod constraint;
mod cursor;
mod decimal;
mod error;
mod functions;
mod hold;
mod options;
mod pool;
mod row;
mod rows;
mod session;
mod task;
mod temporal;
mod url;

#[cfg(test)]
mod tests;

pub use options::{Sqlite, SqliteOptions};

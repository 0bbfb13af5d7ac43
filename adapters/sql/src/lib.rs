//! Renders Peristyle's statements as SQL, per dialect, without a database.
//!
//! [`render`] turns the plain form of a statement into text and parameters, [`PlanCache`] does so once per shape, and
//! [`ToSql`] shows the SQL of a query. The text is deterministic: aliases are a table's initial and its position, columns
//! are listed and qualified, values are bound and identifiers quoted.
//!
//! # What a connection to SQLite must provide
//!
//! SQLite has no decimals and its LIKE ignores case, so the SQL for it relies on a connection that has
//!
//! - the collation `decimal`, which compares decimals written as text by their value;
//! - the functions `decimal_add`, `decimal_sub`, `decimal_mul`, `decimal_div` and `decimal_rem` of two decimals, and the
//!   aggregates `decimal_sum`, `decimal_avg`, `decimal_min` and `decimal_max`, which give decimals as text and take
//!   integers, too;
//! - `PRAGMA case_sensitive_like = ON`;
//! - lists bound as JSON, with items in the form in which their column stores them, and bytes in hexadecimal (read back by
//!   `UNHEX`, of SQLite 3.41).

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod alias;
mod builder;
mod canary;
mod condition;
pub mod constraint;
mod copy;
mod delete;
mod explain;
mod expression;
mod group_by;
mod insert;
mod join;
mod limit;
mod list;
mod lock;
mod on_conflict;
mod order_by;
mod per_parent;
mod plan;
mod plan_cache;
mod position;
mod prefix;
mod quote;
mod raw;
mod renderer;
mod returning;
mod select;
mod shape;
mod target;
mod to_sql;
mod tree;
mod types;
mod update;

pub use copy::{copy_in, table_name};
pub use plan::Repeated;
pub use plan_cache::PlanCache;
pub use quote::{quoted, text_literal};
pub use renderer::render;
pub use to_sql::ToSql;

use peristyle_query::error::{Error, Unsupported};
use std::borrow::Cow;
use std::time::Duration;

/// Refuses a time to live, which no SQL store has.
///
/// # Errors
///
/// [`Error::Unsupported`] if there is one.
pub fn without_ttl(store: &'static str, ttl: Option<Duration>) -> Result<(), Error> {
    match ttl {
        None => Ok(()),
        Some(_) => {
            let instead = "give the rows a column with the time when they expire, and delete those that are past it";
            Err(unsupported(store, "time to live", instead))
        }
    }
}

/// The error of what a store cannot do, and what to do instead.
fn unsupported(
    store: &'static str,
    feature: impl Into<Cow<'static, str>>,
    instead: impl Into<Cow<'static, str>>,
) -> Error {
    Unsupported { store, feature: feature.into(), instead: instead.into() }.into()
}

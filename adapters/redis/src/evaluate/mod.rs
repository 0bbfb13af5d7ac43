//! What the client computes itself over rows that an index has found: conditions, expressions, order, groups and the result.
//!
//! Expressions mean what they mean on the SQL stores, and where these differ, what they mean on Postgres; NULL is the least
//! value, as on SQLite. `docs/redis.md` lists the differences.

mod aggregate;
mod arithmetic;
mod cast;
mod check;
mod compare;
mod expression;
mod function;
mod group;
mod identity;
mod like;
mod output;
mod sort;
mod source;

#[cfg(test)]
mod tests;

pub(crate) use check::{check, check_select, is_grouped};
pub(crate) use expression::{evaluate, holds};
pub(crate) use output::{Done, check_returning, collect, returning, run};
pub(crate) use source::{Computed, Scope, Source};

use crate::layout::STORE;
use peristyle_query::error::{DatabaseError, Error, QueryError, Unsupported};
use std::borrow::Cow;

/// The refusal of what no row can be asked here.
fn unsupported(feature: impl Into<Cow<'static, str>>, instead: impl Into<Cow<'static, str>>) -> Error {
    Unsupported { store: STORE, feature: feature.into(), instead: instead.into() }.into()
}

/// The error of values for which an operation has no result. It shows none of them.
fn failure(message: impl Into<String>) -> Error {
    DatabaseError { store: STORE, message: message.into(), ..DatabaseError::default() }.into()
}

/// The error of steps that do not fit together; builders never make such.
fn malformed() -> Error {
    QueryError::new("an expression's operators and operands do not match: build expressions with the typed methods")
        .into()
}

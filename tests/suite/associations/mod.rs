//! Associations: in filters and selections, in joins, as queries of their own, and as fields.

/// An inline snapshot in a case that runs on every store.
macro_rules! snapshot {
    ($value:expr, @$expected:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($value, @$expected) }
    };
}

mod aggregates;
mod conformance;
mod edges;
mod fields;
mod filters_that_follow;
mod joins;
mod keys;
mod lists;
mod paths;
mod quantifiers;
mod rows;
mod shelf;

use super::*;
use peristyle::prelude::*;

/// The SQL of a query, which is the same in both dialects but for the sign of a parameter.
#[track_caller]
fn sql_of<Sc: Scope, Out>(query: &Query<Sc, Out>) -> String {
    let [postgres, sqlite] =
        [Dialect::Postgres, Dialect::Sqlite].map(|dialect| query.to_sql(dialect).expect("the SQL").to_string());
    assert_eq!(postgres, sqlite.replace('?', "$"), "the dialects differ in more than their parameters");
    postgres
}

/// The message of an error that is a mistake in a query.
#[track_caller]
fn query_error<T: std::fmt::Debug>(result: Result<T, peristyle::Error>) -> String {
    match result {
        Err(error @ peristyle::Error::Query(_)) => error.to_string(),
        other => panic!("expected Error::Query, found {other:?}"),
    }
}

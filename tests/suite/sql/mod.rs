//! The SQL of every clause and operator, on Postgres and on SQLite side by side.
//!
//! Each statement is not only shown: both stores run it on the same rows, and must give the same result.

mod aggregates;
mod arithmetic;
mod casts;
mod clear;
mod comparison;
mod delete;
mod distinct;
mod filter;
mod fragments;
mod group_by;
mod in_list;
mod insert;
mod joins;
mod like;
mod limit;
mod literals;
mod logic;
mod null;
mod order_by;
mod parameters;
mod prefix;
mod select;
mod sources;
mod store;
mod subqueries;
mod text;
mod update;

use super::Store;
use chrono::NaiveDate;
use peristyle::prelude::*;
use rust_decimal::Decimal;
use store::{both, ran, rows};

/// A row with a column of most types.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Book {
    id: i64,
    title: String,
    subtitle: Option<String>,
    pages: i32,
    stock: Option<i32>,
    sold: i64,
    weight: f64,
    price: Option<Decimal>,
    in_print: bool,
    printed: Option<NaiveDate>,
    author_id: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Author {
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Review {
    id: i64,
    book_id: i64,
    stars: i16,
}

/// A row of keys alone.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(primary_key(book_id, author_id))]
struct Pin {
    book_id: i64,
    author_id: i64,
}

/// What the tests write.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Draft {
    id: i64,
    title: String,
    words: i32,
    due: Option<NaiveDate>,
}

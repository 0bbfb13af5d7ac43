//! The table that every library reads and writes: one struct, which each of them derives in its own way.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::Queryable;
use peristyle::prelude::*;

/// How many rows there are, with the keys 1 to this.
pub const ROWS: i64 = 10_000;

/// A row of eight columns of different types.
#[derive(Clone, Debug, Default, PartialEq, Schema, sqlx::FromRow, Queryable)]
#[schema(table = "items")]
pub struct Item {
    pub id: i64,
    pub name: String,
    pub email: Option<String>,
    pub age: Option<i32>,
    pub score: f64,
    pub active: bool,
    pub body: String,
    pub inserted_at: DateTime<Utc>,
}

/// A SELECT of all columns, with what follows `FROM items`. A macro, since some peers take only literals.
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, email, age, score, active, body, inserted_at FROM items ", $rest)
    };
}
/// An INSERT of all columns but the key, with its placeholders and what follows them.
macro_rules! insert {
    ($rest:literal) => {
        concat!("INSERT INTO items (name, email, age, score, active, body, inserted_at) VALUES ", $rest)
    };
}
pub(crate) use {insert, select};

impl Item {
    /// The row of this number, without its key.
    pub fn new(number: i64) -> Self {
        Item {
            id: 0,
            name: format!("Item number {number}"),
            email: (number % 5 != 0).then(|| format!("item-{number}@example.com")),
            age: (number % 7 != 0).then_some((number % 90) as i32),
            score: number as f64 / 8.0,
            active: number % 3 != 0,
            body: format!("{number}: the quick brown fox jumps over the lazy dog, and over the fence."),
            inserted_at: DateTime::UNIX_EPOCH + TimeDelta::microseconds(1_700_000_000_000_000 + number * 1_234_567),
        }
    }

    /// A number made of every column, so that contenders can be held to the same result.
    pub fn sum(&self) -> u64 {
        let texts = self.name.len() + self.email.as_ref().map_or(0, String::len) + self.body.len();
        let numbers = self.id + i64::from(self.age.unwrap_or(-1)) + self.score as i64 + i64::from(self.active);
        (self.inserted_at.timestamp_micros() + numbers) as u64 + texts as u64
    }
}

/// The sum of several rows.
pub fn sum<'i>(items: impl IntoIterator<Item = &'i Item>) -> u64 {
    items.into_iter().fold(0, |sum, item| sum.wrapping_add(item.sum()))
}

/// Keys in an order that no cache foresees, the same for every contender.
#[derive(Clone, Copy, Default)]
pub struct Keys(i64);

impl Keys {
    pub fn next(&mut self) -> i64 {
        self.0 = (self.0 + 7_919) % (ROWS - 100);
        self.0 + 1
    }
}

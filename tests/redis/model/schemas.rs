//! What the model writes: a generated key, a key of two columns, and buckets.

use chrono::{DateTime, Utc};
use peristyle::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "users", index(age, name), allow_filtering = 1000)]
pub struct User {
    pub id: i64,
    #[schema(unique)]
    pub email: String,
    #[schema(index)]
    pub name: Option<String>,
    pub age: Option<i32>,
    #[schema(index)]
    pub balance: Decimal,
    #[schema(index)]
    pub active: bool,
    #[schema(index)]
    pub seen_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
    #[schema(version)]
    pub revision: i32,
    pub inserted_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub sessions: HasMany<Session>,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "sessions", primary_key(user_id, device), index(user_id, seen_at))]
pub struct Session {
    pub user_id: i64,
    pub device: String,
    #[schema(unique)]
    pub token: Option<Uuid>,
    pub seen_at: DateTime<Utc>,
    pub hits: i64,
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "items", buckets = 4, ttl = "2h")]
pub struct Item {
    #[schema(primary_key, natural)]
    pub id: Uuid,
    #[schema(index)]
    pub label: Option<String>,
    pub stock: i32,
}

/// The tables of SQLite.
pub const TABLES: &str = "
    create table users ({id}, email {text} not null, name {text}, age {i32}, balance {decimal} not null,
        active {bool} not null, seen_at {timestamp}, note {text}, revision {i32} not null,
        inserted_at {timestamp} not null, updated_at {timestamp} not null);
    create unique index users_email_index on users (email);
    create table sessions (user_id {i64} not null, device {text} not null, token {uuid}, seen_at {timestamp} not null,
        hits {i64} not null, expires_at {timestamp}, primary key (user_id, device));
    create unique index sessions_token_index on sessions (token);
    create table items (id {uuid} not null primary key, label {text}, stock {i32} not null);
";

/// A row of the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    User(i64),
    Session(i64, String),
    Item(u128),
}

impl Place {
    /// What follows the prefix in the tag of its part, its key text, and how claims of its table begin.
    pub fn table(&self) -> &'static str {
        match self {
            Place::User(_) => "users",
            Place::Session(..) => "sessions",
            Place::Item(_) => "items",
        }
    }

    /// The text of the key.
    pub fn text(&self) -> String {
        match self {
            Place::User(id) => id.to_string(),
            Place::Session(user, device) => {
                format!("{user}:{}", device.replace('%', "%25").replace(':', "%3A").replace('\0', "%00"))
            }
            Place::Item(id) => Uuid::from_u128(*id).to_string(),
        }
    }
}

/// The times of the model: those after the first are far from now.
pub fn moment(number: u32) -> DateTime<Utc> {
    let first = DateTime::from_timestamp(4_102_444_800, 0).unwrap_or_default();
    first + chrono::TimeDelta::microseconds(i64::from(number) * 1_500_001)
}

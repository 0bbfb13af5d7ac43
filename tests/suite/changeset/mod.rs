//! Changesets, with and without a store.

mod casting;
mod changes;
mod choices;
mod constraint_columns;
mod constraints;
mod crashes;
mod derive;
mod derive_nested;
mod derive_validations;
mod embeds;
mod exclusion;
mod form_bodies;
mod formats;
mod forms;
mod json_schemas;
mod lengths;
mod locks;
mod merging;
mod numbers;
mod own_validations;
mod params;
mod properties;
mod races;
mod relation_edges;
mod relations;
mod report_all;
mod returning;
mod uniqueness;
mod validations;

use super::*;
use peristyle::changeset::Changeable;
use peristyle::prelude::*;
use serde_json::{Value as Json, json};

/// The messages of a changeset, by field.
fn messages<S: Changeable>(changeset: &Changeset<S>) -> Json {
    serde_json::to_value(changeset.errors()).unwrap()
}

/// The metadata of the first error of a field.
fn metadata<S: Changeable>(changeset: &Changeset<S>, field: &str) -> Json {
    Json::Object(changeset.errors().on(field).next().unwrap().metadata().clone())
}

/// A schema for validations: a field of most types.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Member {
    pub id: i64,
    #[schema(size = 160)]
    pub email: String,
    pub name: Option<String>,
    pub nick: Nick,
    pub age: Option<i32>,
    pub rank: Option<i16>,
    pub points: Option<i64>,
    pub ratio: Option<f64>,
    pub share: Option<f32>,
    pub balance: Option<rust_decimal::Decimal>,
    pub level: Wrapped,
    pub role: Option<Role>,
    pub born: Option<chrono::NaiveDate>,
    pub joined: Option<chrono::DateTime<chrono::Utc>>,
    pub token: Option<uuid::Uuid>,
    pub active: bool,
    pub avatar: Option<Vec<u8>>,
    pub extra: Option<Json>,
    pub pets: Option<Vec<String>>,
    pub scores: Option<Vec<Option<i32>>>,
    #[schema(virtual, redact)]
    pub password: Option<String>,
}

/// A newtype of a text.
#[derive(Debug, Clone, Default, PartialEq, DbType)]
pub struct Nick(pub String);

/// A newtype of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, DbType)]
pub struct Wrapped(pub i32);

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
pub enum Role {
    Guest,
    Member,
    Admin,
}

/// A member to come, with these params.
fn member(params: Json) -> Changeset<Member> {
    Changeset::<Member>::new().cast(&params, |m| {
        (
            (m.email, m.name, m.nick, m.age, m.rank, m.points, m.ratio, m.share, m.balance, m.level),
            (m.role, m.born, m.joined, m.token, m.active, m.avatar, m.extra, m.pets, m.scores, m.password),
        )
    })
}

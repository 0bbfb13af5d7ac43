//! The structs. Nothing in them says where they live; `main` does.

use chrono::{DateTime, Utc};
use peristyle::prelude::*;
use uuid::Uuid;

/// Who signs in and writes.
#[derive(Debug, Clone, Default, Schema)]
pub struct User {
    pub id: i64,
    #[schema(unique)]
    pub name: String,
    #[schema(foreign_key = author_id)]
    pub posts: HasMany<Post>,
    pub sessions: HasMany<Session>,
}

/// What is written.
#[derive(Debug, Clone, Default, Schema)]
pub struct Post {
    pub id: i64,
    pub title: String,
    #[schema(index)]
    pub author_id: i64,
    pub author: BelongsTo<User>,
}

/// Who is signed in: gone half an hour after it was last written.
#[derive(Debug, Clone, Default, Schema)]
#[schema(ttl = "30m", index(user_id, seen_at), managed = false)]
pub struct Session {
    #[schema(primary_key)]
    pub token: Uuid,
    pub user_id: i64,
    #[schema(index)]
    pub seen_at: DateTime<Utc>,
    pub user: BelongsTo<User>,
}

/// How often something happened.
#[derive(Debug, Clone, Default, Schema)]
#[schema(managed = false)]
pub struct Counter {
    #[schema(primary_key, natural)]
    pub name: String,
    pub count: i64,
}

//! The structs. `peristyle migrate diff` reads them, and writes the migrations.

use chrono::{DateTime, Utc};
use peristyle::prelude::*;

/// Who writes.
#[derive(Debug, Clone, Default, Schema)]
pub struct Author {
    pub id: i64,
    #[schema(unique, size = 160)]
    pub email: String,
    pub name: String,
    pub posts: HasMany<Post>,
}

/// What is written.
#[derive(Debug, Clone, Default, Schema)]
pub struct Post {
    pub id: i64,
    pub title: String,
    pub body: String,
    pub inserted_at: DateTime<Utc>,
    #[schema(index)]
    pub author_id: i64,
    pub author: BelongsTo<Author>,
}

//! What queries give, whatever their SQL is.

mod breadth;
mod filtering;
mod joining;
mod ordering;
mod selecting;
mod sources;
mod strings;
mod subqueries;

use super::{Store, on_every_store, on_postgres, on_sql_stores, schemas};
use peristyle::prelude::*;
use schemas::{Comment, Permalink, Post, TABLES};

/// Makes the tables, and inserts posts of these titles and numbers of visits.
async fn posts(store: &Store, posts: &[(&str, i32)]) -> Vec<Post> {
    store.create(TABLES).await;
    let mut inserted = Vec::with_capacity(posts.len());
    for (title, visits) in posts {
        inserted.push(store.repo.insert(Post::visited(title, *visits)).await.unwrap());
    }
    inserted
}

//! Preloads: what is loaded, and by how many statements.

/// Loads associations into rows in hand, and gives how many statements that took.
macro_rules! preloading {
    ($repo:expr, $rows:expr, $associations:expr) => {{
        let loaded = $repo.capture(async |repo| repo.preload($rows, $associations).await).await;
        loaded.unwrap().1.len()
    }};
}

/// Reads all rows of a query, and gives them with how many statements that took.
macro_rules! counting {
    ($repo:expr, $query:expr) => {{
        let query = $query;
        let (rows, statements) = $repo.capture(async |repo| repo.all(&query).await).await.unwrap();
        (rows, statements.len())
    }};
}

mod composite;
mod counts;
mod edges;
mod embeds;
mod functions;
mod has_and_belongs;
mod join_preloads;
mod joined;
mod limits;
mod loaded;
mod ordered_between;
mod queries;
mod selections;
mod statements;
mod stores;
mod streams;
mod subqueries;
mod through;

use super::*;
use peristyle::prelude::*;
use schemas::{Comment, Permalink, Post, PostUserLink, User};
use std::time::Duration;

async fn user(repo: &Repo, name: &str) -> User {
    repo.insert(User::named(name)).await.unwrap()
}

async fn post(repo: &Repo, title: &str) -> Post {
    repo.insert(Post::titled(title)).await.unwrap()
}

async fn posts<const N: usize>(repo: &Repo, titles: [&str; N]) -> [Post; N] {
    let mut posts = Vec::new();
    for title in titles {
        posts.push(post(repo, title).await);
    }
    posts.try_into().unwrap()
}

async fn comment(repo: &Repo, post: &Post, text: &str) -> Comment {
    repo.insert(Comment::on(post, text)).await.unwrap()
}

async fn comment_by(repo: &Repo, post: &Post, author: &User, text: &str) -> Comment {
    repo.insert(Comment::on(post, text).by(author)).await.unwrap()
}

async fn permalink(repo: &Repo, url: &str, post_id: Option<i64>) -> Permalink {
    repo.insert(Permalink { post_id, ..Permalink::to(url) }).await.unwrap()
}

async fn link(repo: &Repo, post: &Post, user: &User) {
    repo.insert(PostUserLink { post_id: post.id, user_id: user.id }).await.unwrap();
}

fn texts(comments: &[Comment]) -> Vec<&str> {
    comments.iter().map(|comment| comment.text.as_deref().unwrap_or_default()).collect()
}

fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.title.as_deref().unwrap_or_default()).collect()
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_deref().unwrap_or_default()).collect()
}

fn urls(permalinks: &[Permalink]) -> Vec<&str> {
    permalinks.iter().map(|permalink| permalink.url.as_deref().unwrap_or_default()).collect()
}

/// In the order of their names, for what has no order of its own.
fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

/// Another repo on the store, which has one connection to read with.
async fn one_connection(store: &Store) -> Repo {
    let wait = Duration::from_secs(5);
    if store.is_redis() {
        store.connect().await
    } else if store.is_postgres() {
        Postgres::options(store.url()).pool_size(1).acquire_timeout(wait).connect().await.unwrap()
    } else {
        Sqlite::options(store.url()).readers(1).acquire_timeout(wait).connect().await.unwrap()
    }
}

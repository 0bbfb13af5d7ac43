use peristyle::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct User {
    id: i64,
    posts: HasMany<Post>,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Post {
    id: i64,
    user_id: i64,
}

fn insert(repo: &Repo) {
    let _ = repo.insert_all(vec![User::default()]).on_conflict(|c| c.target(|u| u.id).update(|u| u.posts()));
}

fn main() {}

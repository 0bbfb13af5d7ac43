use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    posts: HasMany<Post>,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    author_id: Option<i64>,
}

fn main() {}

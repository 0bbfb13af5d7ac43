use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    #[schema(foreign_key = author_id)]
    posts: HasMany<Post>,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    author_id: Option<i32>,
    author: BelongsTo<Option<User>>,
}

fn main() {}

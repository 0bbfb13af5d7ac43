use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    user_id: i64,
    author: BelongsTo<User>,
}

fn main() {}

use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    #[schema(order = |p, j| j.position.asc())]
    posts: HasMany<Post>,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    user_id: i64,
}

fn main() {}

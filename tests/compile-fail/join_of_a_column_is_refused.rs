use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    name: Option<String>,
    #[schema(foreign_key = author_id)]
    posts: HasMany<Post>,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    title: String,
    author_id: Option<i64>,
    author: BelongsTo<Option<User>>,
}

fn main() {
    let _ = User::query().join(|u| u.name);
}

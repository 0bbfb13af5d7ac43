use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    name: String,
}

#[derive(Clone, Default, Embedded)]
struct Item {
    user_id: i32,
    user: BelongsTo<User>,
}

fn main() {}

use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    name: String,
}

#[derive(Clone, Default, Embedded)]
struct Item {
    name: String,
    buyers: HasMany<User>,
}

fn main() {}

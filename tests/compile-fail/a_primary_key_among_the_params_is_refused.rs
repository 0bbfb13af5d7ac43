use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    email: String,
    #[schema(writable = never)]
    number: i32,
}

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    id: Option<i64>,
    email: String,
    number: Option<i32>,
}

fn main() {}

use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    email: String,
    age: Option<i32>,
}

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    email: Option<Option<String>>,
    age: Option<i64>,
}

fn main() {}

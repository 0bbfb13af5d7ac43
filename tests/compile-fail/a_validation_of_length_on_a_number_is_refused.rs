use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    name: Option<String>,
    age: Option<i32>,
}

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    #[validate(length(max = 100))]
    name: Option<String>,
    #[validate(length(max = 3))]
    age: Option<i32>,
}

fn main() {}

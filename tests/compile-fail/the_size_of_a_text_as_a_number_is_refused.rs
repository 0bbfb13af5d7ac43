use peristyle::prelude::*;

#[derive(Default, Schema)]
struct User {
    id: i64,
    name: Option<String>,
    age: i32,
    score: f64,
}

fn check(changeset: Changeset<User>) {
    let _ = changeset.validate_number(|u| u.name, 1..);
}

fn main() {}

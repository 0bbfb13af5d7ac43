use peristyle::prelude::*;

#[derive(Schema)]
struct User {
    id: i64,
    name: String,
}

fn main() {
    let _ = User::query().select(|u| u.name).subquery();
}

use peristyle::prelude::*;

#[derive(Schema)]
struct User {
    id: i64,
    name: Option<String>,
    age: Option<i32>,
    active: bool,
    #[schema(virtual)]
    password: Option<String>,
}

#[derive(Projection)]
struct Line {
    name: String,
    age: Option<i32>,
}

fn main() {
    let _ = User::query().select(|u| LineSelect { name: u.name, age: u.age });
}

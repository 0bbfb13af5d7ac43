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

fn main() {
    let _ = User::query().filter(|u| u.nmae.eq("Ann"));
}

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

fn change(user: User) {
    let _ = user.change(|u| u.id.set(u.age.cast::<i64>()));
}

fn main() {}

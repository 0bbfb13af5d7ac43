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

#[derive(Schema)]
struct Post {
    id: i64,
    author_id: i64,
}

fn main() {
    let _ = User::query().filter(|u| {
        let _ = Post::query().filter(|p| p.author_id.eq(u.id));
        u.active
    });
}

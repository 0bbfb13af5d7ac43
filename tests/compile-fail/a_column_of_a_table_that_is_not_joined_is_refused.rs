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
    let _ = User::query().join_on::<Post>(|(u, p)| u.id.eq(p.author_id)).filter(|(u, p)| {
        let _ = Post::query().filter(|other| other.author_id.eq(u.id));
        p.author_id.gt(0)
    });
}

use peristyle::prelude::*;

#[derive(Schema)]
struct User {
    id: i64,
}

#[derive(Schema)]
struct Post {
    id: i64,
    author_id: i64,
}

fn main() {
    let _ = User::query().filter(|u| {
        let posts = Post::query_in(&u).filter(|p| p.author_id.eq(u.id));
        let _ = Post::query().filter(|_| exists(posts));
        u.id.gt(0)
    });
}

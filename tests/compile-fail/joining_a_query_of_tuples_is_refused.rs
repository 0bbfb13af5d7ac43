use peristyle::prelude::*;

#[derive(Schema)]
struct User {
    id: i64,
    name: String,
}

#[derive(Schema)]
struct Post {
    id: i64,
    author_id: i64,
}

fn main() {
    let counts = Post::query().group_by(|p| p.author_id).select(|p| (p.author_id, p.id.count()));
    let _ = User::query().join_query(counts, |(u, c)| u.id.eq(c.author_id));
}

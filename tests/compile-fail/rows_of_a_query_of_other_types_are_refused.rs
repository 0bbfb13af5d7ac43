use peristyle::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Post {
    id: i64,
    title: String,
    visits: Option<i32>,
}

fn main() {
    let _ = Post::rows_from(Post::query().select(|p| (p.visits, p.id)), |p| (p.visits, p.title));
}

use peristyle::prelude::*;

use peristyle::expr::Order;

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    #[schema(join_table = "posts_tags", order = by_title)]
    tags: ManyToMany<Tag>,
}

#[derive(Clone, Default, Schema)]
struct Tag {
    id: i64,
    title: String,
}

fn by_title<Sc: 'static>(post: PostColumns<Sc, NotNull>) -> Order<Sc> {
    post.id.asc()
}

fn main() {}

use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    #[schema(foreign_key = author_id)]
    posts: HasMany<Post>,
    #[schema(through = [posts, remark])]
    comments: HasMany<Comment>,
    #[schema(through = [posts, author])]
    their_comments: HasMany<Comment>,
    #[schema(through = [posts, title])]
    titles: HasMany<Post>,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    title: String,
    author_id: Option<i64>,
    author: BelongsTo<Option<User>>,
    remarks: HasMany<Comment>,
}

#[derive(Clone, Default, Schema)]
struct Comment {
    id: i64,
    post_id: i64,
}

fn main() {}

use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    posts: HasMany<Post>,
    profile: HasOne<Profile>,
    comments: HasMany<Comment>,
}

#[derive(Clone, Default, Schema)]
struct Post {
    id: i64,
    user_id: i64,
}

#[derive(Clone, Default, Schema)]
struct Profile {
    id: i64,
    user_id: i64,
}

#[derive(Clone, Default, Schema)]
struct Comment {
    id: i64,
    user_id: i64,
    text: Option<String>,
}

#[derive(Changeset)]
#[changeset(schema = Comment)]
struct NewComment {
    text: Option<String>,
}

#[derive(Changeset)]
#[changeset(schema = Profile)]
struct NewProfile {}

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    #[changeset(assoc)]
    posts: Vec<NewComment>,
    #[changeset(assoc)]
    profile: Vec<NewProfile>,
    #[changeset(assoc)]
    comments: NewComment,
    #[changeset(assoc)]
    friends: Vec<NewComment>,
}

fn main() {}

use peristyle::prelude::*;

#[derive(Schema)]
struct User {
    id: i64,
    #[schema(uniqe)]
    email: String,
}

fn main() {}

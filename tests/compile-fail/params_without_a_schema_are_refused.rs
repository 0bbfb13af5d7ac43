use peristyle::prelude::*;

#[derive(Changeset)]
struct SignUp {
    email: String,
}

fn main() {}

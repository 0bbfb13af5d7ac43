use peristyle::prelude::*;
use std::time::Duration;

#[derive(Schema)]
struct User {
    id: i64,
    patience: Duration,
}

fn main() {}

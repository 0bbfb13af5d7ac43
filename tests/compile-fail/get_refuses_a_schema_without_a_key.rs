use peristyle::prelude::*;

#[derive(Schema)]
struct Event {
    kind: String,
}

fn get(repo: &Repo) {
    let _ = repo.get::<Event>(1);
}

fn main() {}

use peristyle::prelude::*;

fn insert(repo: &Repo) {
    let _ = repo.insert_all(vec!["a", "b"]);
}

fn main() {}

use peristyle::prelude::*;

fn main() {
    let repo: Repo = todo!();
    let _ = repo.insert_all(vec!["a", "b"]);
}

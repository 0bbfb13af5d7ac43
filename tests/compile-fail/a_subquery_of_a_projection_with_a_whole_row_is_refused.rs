use peristyle::prelude::*;

#[derive(Schema)]
struct User {
    id: i64,
    name: String,
}

#[derive(Projection)]
struct Ranked {
    user: User,
    rank: i64,
}

fn main() {
    let _ = User::query().select(|u| RankedSelect { user: u, rank: u.id }).subquery();
}

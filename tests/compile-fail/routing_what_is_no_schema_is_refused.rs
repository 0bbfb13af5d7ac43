use peristyle::prelude::*;

#[derive(Projection)]
struct Name {
    name: String,
}

fn stores(postgres: &Repo, redis: &Repo) -> Repo {
    postgres.route::<Name>(redis)
}

fn main() {}

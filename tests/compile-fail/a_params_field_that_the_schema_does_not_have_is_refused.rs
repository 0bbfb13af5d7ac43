use peristyle::prelude::*;

mod accounts {
    use peristyle::prelude::*;

    #[derive(Clone, Default, Schema)]
    pub struct User {
        id: i64,
        email: String,
    }
}

use accounts::User;

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    emial: String,
    #[changeset(field = mail)]
    address: Option<String>,
    #[constraint(unique(fields(org_id, email)))]
    email: Option<String>,
}

fn main() {}

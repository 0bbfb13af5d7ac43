use peristyle::prelude::*;

#[derive(Clone, Default, Embedded)]
struct Settings {
    theme: String,
}

#[derive(Clone, Default, Embedded)]
struct Address {
    street: String,
}

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    #[schema(embed)]
    settings: Settings,
    #[schema(embed)]
    address: Address,
}

#[derive(Changeset)]
#[changeset(schema = Address)]
struct NewAddress {
    street: String,
}

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    #[changeset(embed)]
    settings: NewAddress,
    address: Address,
}

fn main() {}

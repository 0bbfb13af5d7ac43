use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    email: String,
    name: Option<String>,
    age: Option<i32>,
}

#[derive(Changeset)]
#[changeset(schema = User)]
struct SignUp {
    #[changeset(feild = email)]
    mail: String,
    #[validate(lenght(max = 100))]
    name: Option<String>,
    #[constraint(uniq)]
    age: Option<i32>,
}

fn main() {}

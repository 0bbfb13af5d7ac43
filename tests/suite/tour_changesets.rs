//! The public API by example: changesets and writes.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct User {
    id: i64,
    #[schema(unique, size = 160)]
    email: String,
    name: Option<String>,
    age: Option<i32>,
}

#[derive(Deserialize, Changeset)]
#[changeset(schema = User)]
struct SignUp {
    #[validate(format = r"^[^@\s]+@[^@\s]+$", length(max = 160))]
    #[constraint(unique)]
    email: String,
    #[validate(length(min = 1, max = 100))]
    name: Option<String>,
    #[validate(number(gte = 18))]
    age: Option<i32>,
}

const TABLES: &str = "
    create table users ({id}, email {text} not null, name {text}, age {i32});
    create unique index users_email_index on users (email);
";

fn by_hand<P: serde::Serialize>(params: &P) -> Changeset<User> {
    Changeset::<User>::new()
        .cast(params, |u| (u.email, u.name, u.age))
        .validate_required(|u| u.email)
        .validate_format(|u| u.email, r"^[^@\s]+@[^@\s]+$")
        .validate_length(|u| u.email, ..=160)
        .validate_length(|u| u.name, 1..=100)
        .validate_number(|u| u.age, 18..)
        .unique_constraint(|u| u.email)
}

on_every_store! {
    async fn params_become_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;

        let params = json!({"email": "ann@example.com", "age": "42"});
        let user: User = repo.insert(SignUp::cast(&params)).await.unwrap();
        assert_eq!((user.email.as_str(), user.name.as_deref(), user.age), ("ann@example.com", None, Some(42)));

        let sign_up: SignUp = serde_json::from_value(json!({"email": "bob@example.com", "name": "Bob"})).unwrap();
        let user: User = repo.insert(sign_up.changeset()).await.unwrap();
        assert_eq!((user.name.as_deref(), user.age), (Some("Bob"), None));

        let form = HashMap::from([("email", "cleo@example.com"), ("age", "18"), ("name", "")]);
        let user = repo.insert(by_hand(&form)).await.unwrap();
        assert_eq!((user.name.as_deref(), user.age), (None, Some(18)));

        let user = repo.update(SignUp::cast_on(user, &json!({"name": "Cleo"}))).await.unwrap();
        let user = repo.update(user.change(|u| u.age.set(None))).await.unwrap();
        assert_eq!((user.name.as_deref(), user.age), (Some("Cleo"), None));
        repo.delete(user).await.unwrap();
        assert_eq!(repo.count(User::query()).await.unwrap(), 2);
    }

    async fn what_is_wrong_comes_back_by_field(store: Store) {
        store.create(TABLES).await;
        let taken = json!({"email": "ann@example.com"});
        store.repo.insert(SignUp::cast(&taken)).await.unwrap();
        let wrong = json!({"name": "", "age": "17"});
        for (params, expected) in [
            (taken, json!({"email": ["has already been taken"]})),
            (wrong, json!({"email": ["can't be blank"], "age": ["must be greater than or equal to 18"]})),
        ] {
            for changeset in [SignUp::cast(&params), by_hand(&params)] {
                match store.repo.insert(changeset).await {
                    Err(Error::Invalid(invalid)) => {
                        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), expected);
                        assert_eq!(json!(invalid.params()), params);
                    }
                    other => panic!("it should be invalid: {other:?}"),
                }
            }
        }
    }
}

//! `#[derive(Changeset)]`: params as a struct.

use super::*;
use serde::{Deserialize, Serialize};

/// A schema of another module, whose fields are private there.
mod accounts {
    use peristyle::prelude::*;

    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, DbEnum)]
    enum Level {
        #[default]
        Guest,
        Member,
    }

    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    #[schema(table = "accounts")]
    pub struct Account {
        id: i64,
        #[schema(unique)]
        email: String,
        name: Option<String>,
        age: Option<i32>,
        visits: i64,
        active: bool,
        level: Level,
        #[schema(redact)]
        secret: Option<String>,
        #[schema(virtual)]
        code: Option<i32>,
    }

    impl Account {
        pub fn new(email: &str, age: Option<i32>) -> Self {
            Account { email: email.to_owned(), age, ..Account::default() }
        }

        pub fn id(&self) -> i64 {
            self.id
        }

        pub fn summary(&self) -> (&str, Option<&str>, Option<i32>, i64) {
            (&self.email, self.name.as_deref(), self.age, self.visits)
        }

        pub fn code(&self) -> Option<i32> {
            self.code
        }

        pub fn is_member(&self) -> bool {
            self.level == Level::Member
        }
    }

    /// Params beside the schema may have its private types.
    #[derive(Changeset)]
    #[changeset(schema = Account)]
    pub struct Promotion {
        level: Level,
    }
}

use accounts::{Account, Promotion};

pub const ACCOUNTS: &str = "
    create table accounts (
        {id}, email varchar(100) not null, name {text}, age {i32}, visits {i64} not null, active {bool} not null,
        level varchar(20) not null, secret {text},
        constraint accounts_age_is_positive check (age > 0)
    );
    create unique index accounts_email_index on accounts (email);
";

#[derive(Debug, Clone, Default, Deserialize, Serialize, Changeset)]
#[changeset(schema = Account)]
struct SignUp {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    age: Option<Option<i32>>,
    visits: i64,
    #[changeset(required)]
    active: Option<bool>,
}

fn whole() -> Json {
    json!({"email": "ann@example.com", "name": "Ann", "age": "42", "visits": 0, "active": "true", "id": 7, "secret": "x"})
}

#[test]
fn raw_input_is_cast_and_only_the_fields_of_the_struct_are_taken() {
    let changeset = SignUp::cast(&whole());
    assert_eq!(messages(&changeset), json!({}));
    assert_eq!(changeset.changed(), ["email", "name", "age", "visits", "active"]);
    assert_eq!(changeset.required(), ["email", "visits", "active"]);
    assert_eq!(changeset.params().unwrap()["age"], "42");
    let account = changeset.apply().unwrap();
    assert_eq!(account.summary(), ("ann@example.com", Some("Ann"), Some(42), 0));
    assert_eq!(account.id(), 0);
}

#[test]
fn every_bad_field_is_an_error_of_that_field() {
    let changeset = SignUp::cast(&json!({"email": 7, "age": "old", "visits": "many", "active": null}));
    assert_eq!(
        messages(&changeset),
        json!({"email": ["is invalid"], "age": ["is invalid"], "visits": ["is invalid"], "active": ["can't be blank"]})
    );
}

#[test]
fn a_required_field_that_is_absent_is_blank_whatever_its_type_defaults_to() {
    let blank = json!({"email": ["can't be blank"], "visits": ["can't be blank"], "active": ["can't be blank"]});
    assert_eq!(messages(&SignUp::cast(&json!({}))), blank);
    let typed = SignUp { email: "ann@example.com".into(), ..SignUp::default() }.changeset();
    assert_eq!(messages(&typed), json!({"active": ["can't be blank"]}));
    // Into a changeset whose row has them, they count.
    let started = Changeset::build(Account::new("ann@example.com", None));
    assert_eq!(messages(&SignUp::cast_into(started, &json!({"active": false}))), json!({}));
}

#[test]
fn input_that_is_no_object_is_an_error_and_nothing_else_is_taken() {
    let changeset = SignUp::cast(&json!([1]));
    assert_eq!(messages(&changeset)["base"], json!(["is invalid"]));
    assert!(changeset.changed().is_empty());
}

#[test]
fn typed_values_tell_absent_from_null() {
    let params = |age| SignUp { email: "a@b.c".into(), age, active: Some(true), ..SignUp::default() };
    let row = || Account::new("a@b.c", Some(42));
    let absent = params(None).changeset_on(row());
    assert_eq!(absent.changed(), ["active"]);
    let null = params(Some(None)).changeset_on(row());
    assert_eq!(null.changed(), ["age", "active"]);
    assert_eq!(null.apply().unwrap().summary().2, None);
    let value = params(Some(Some(43))).changeset_on(row()).apply().unwrap();
    assert_eq!(value.summary().2, Some(43));
    // A row to come keeps an explicit NULL, so that it is written.
    assert!(params(Some(None)).changeset().changed().contains(&"age"));
    assert!(!params(None).changeset().changed().contains(&"age"));
}

#[test]
fn on_a_row_absent_fields_stay_and_required_ones_must_not_become_blank() {
    let row = || Account::new("ann@example.com", Some(42));
    let changeset = SignUp::cast_on(row(), &json!({"name": "Ann"}));
    assert_eq!((messages(&changeset), changeset.changed()), (json!({}), vec!["name"]));
    let changeset = SignUp::cast_on(row(), &json!({"email": "  ", "age": null}));
    assert_eq!(messages(&changeset), json!({"email": ["can't be blank"]}));
    assert_eq!(changeset.changed(), ["age"]);
    let blank = SignUp { active: Some(true), ..SignUp::default() }.changeset_on(row());
    assert_eq!(messages(&blank), json!({"email": ["can't be blank"]}));
}

#[test]
fn both_ways_give_the_same_changeset() {
    let params: SignUp = serde_json::from_value(json!({
        "email": "a@b.c", "name": "Ann", "age": 42, "visits": 3, "active": true
    }))
    .unwrap();
    let cast = SignUp::cast(&params);
    let typed = params.changeset();
    assert_eq!(cast.changed(), typed.changed());
    assert_eq!(cast.required(), typed.required());
    assert_eq!(cast.apply().unwrap(), typed.apply().unwrap());
}

#[test]
fn params_beside_the_schema_may_have_its_private_types() {
    let changeset = Promotion::cast_on(Account::default(), &json!({"level": "member"}));
    assert!(changeset.apply().unwrap().is_member());
    let changeset = Promotion::cast(&json!({"level": "king"}));
    assert_eq!(messages(&changeset), json!({"level": ["is invalid"]}));
}

#[derive(Debug, Default, Deserialize, Changeset)]
#[serde(rename_all = "camelCase")]
#[changeset(schema = Account)]
struct Renamed {
    #[changeset(field = email)]
    mail_address: String,
    #[changeset(field = name, rename = "nick")]
    nick_name: Option<String>,
    #[serde(skip)]
    visits: Option<i64>,
    #[serde(rename = "Code")]
    code: Option<i32>,
    #[changeset(input)]
    captcha_answer: Option<String>,
    #[serde(default)]
    #[changeset(skip)]
    note: Vec<u8>,
}

#[test]
fn params_have_names_of_their_own() {
    let changeset = Renamed::cast(&json!({
        "mailAddress": "a@b.c", "nick": "Ann", "visits": 7, "Code": "5", "captchaAnswer": "x", "email": "no", "note": [1]
    }));
    assert_eq!(messages(&changeset), json!({}));
    // The params that are kept, like the errors, stand under the names of the schema's fields.
    let params = changeset.params().unwrap();
    assert_eq!((&params["email"], &params["captcha_answer"]), (&json!("a@b.c"), &json!("x")));
    let account = changeset.apply().unwrap();
    assert_eq!(account.summary(), ("a@b.c", Some("Ann"), None, 0));
    assert_eq!(account.code(), Some(5));
    assert_eq!(messages(&Renamed::cast(&json!({"email": "a@b.c"}))), json!({"email": ["can't be blank"]}));
}

#[test]
fn what_does_not_come_from_outside_may_still_be_typed() {
    let params = Renamed {
        mail_address: "a@b.c".into(),
        visits: Some(3),
        captcha_answer: Some("x".into()),
        ..Renamed::default()
    };
    assert!(params.note.is_empty());
    let changeset = params.changeset();
    assert_eq!(changeset.params().unwrap()["captcha_answer"], "x");
    assert_eq!(changeset.apply().unwrap().summary().3, 3);
}

#[derive(Changeset)]
#[changeset(schema = Account, validate = without_digits, validate = no_visits)]
struct Checked {
    email: String,
    #[validate(required(message = "is needed"))]
    name: Option<String>,
    #[changeset(input)]
    captcha: String,
}

fn without_digits(changeset: Changeset<Account>) -> Changeset<Account> {
    let captcha = changeset.params().and_then(|params| params.get("captcha")).cloned();
    match captcha {
        Some(Json::String(text)) if text.contains(|c: char| c.is_ascii_digit()) => {
            changeset.add_error("captcha", "has digits")
        }
        _ => changeset,
    }
}

fn no_visits(changeset: Changeset<Account>) -> Changeset<Account> {
    if changeset.errors().is_empty() { changeset } else { changeset.add_error("base", "is wrong") }
}

#[test]
fn functions_check_the_whole_and_what_is_only_checked_may_be_required() {
    let changeset = Checked::cast(&json!({"email": "a@b.c", "captcha": " "}));
    assert_eq!(
        messages(&changeset),
        json!({"name": ["is needed"], "captcha": ["can't be blank"], "base": ["is wrong"]})
    );
    let typed = |captcha: &str| Checked { email: "a@b.c".into(), name: Some("Ann".into()), captcha: captcha.into() };
    assert_eq!(messages(&typed("x").changeset()), json!({}));
    assert_eq!(messages(&typed("1").changeset()), json!({"captcha": ["has digits"], "base": ["is wrong"]}));
    let changeset = Checked::cast_on(Account::new("a@b.c", None), &json!({"name": "Ann"}));
    assert_eq!(messages(&changeset), json!({"captcha": ["can't be blank"], "base": ["is wrong"]}));
}

macro_rules! params {
    ($name:ident, $schema:path, $check:path, $($field:ident: $type:ty = $length:expr),*) => {
        #[derive(Changeset)]
        #[changeset(schema = $schema, validate = $check)]
        struct $name {
            $(#[validate(length(max = $length), custom(with = not_x))] $field: $type,)*
        }
    };
}
params!(FromMacro, accounts::Account, no_visits, email: String = 5, name: Option<String> = 1);

fn not_x(text: &str) -> Result<(), &'static str> {
    if text == "x" { Err("is x") } else { Ok(()) }
}

#[test]
fn params_that_a_macro_writes_are_the_same() {
    let typed = FromMacro { email: "x".into(), name: Some("xy".into()) }.changeset();
    assert_eq!(
        messages(&typed),
        json!({"email": ["is x"], "name": ["should be at most 1 character(s)"], "base": ["is wrong"]})
    );
    assert_eq!(messages(&FromMacro::cast(&json!({"email": "abc"}))), json!({}));
}

#[derive(Changeset)]
#[changeset(schema = Account)]
struct Import {
    #[changeset(key)]
    id: i64,
    email: String,
}

#[derive(Changeset)]
#[changeset(schema = Account)]
#[constraint(check(fields(age), name = "is_positive", match = suffix, error_on = "birthday"))]
struct Constrained {
    #[constraint(unique(fields(email), message = "belongs to somebody else"))]
    email: String,
    visits: i64,
    active: bool,
    age: Option<i32>,
}

on_every_store! {
    async fn what_params_say_is_written(store: Store) {
        store.create(ACCOUNTS).await;
        let account: Account = store.repo.insert(SignUp::cast(&whole())).await.unwrap();
        assert_eq!(account.summary(), ("ann@example.com", Some("Ann"), Some(42), 0));
        let changed = SignUp::cast_on(account, &json!({"age": null, "visits": "1"}));
        let account = store.repo.update(changed).await.unwrap();
        assert_eq!(account.summary(), ("ann@example.com", Some("Ann"), None, 1));
        let params = SignUp { email: "b@b.c".into(), visits: 2, ..SignUp::default() };
        let account = store.repo.update(params.changeset_on(account)).await.unwrap();
        let read: Account = store.repo.get(account.id()).await.unwrap().unwrap();
        assert_eq!(read.summary(), ("b@b.c", Some("Ann"), None, 2));
    }

    async fn invalid_params_are_not_written_and_come_back_with_their_errors(store: Store) {
        store.create(ACCOUNTS).await;
        let error = store.repo.insert(SignUp::cast(&json!({"email": "a@b.c", "visits": "x"}))).await.unwrap_err();
        let invalid = error.invalid().unwrap();
        assert_eq!(
            serde_json::to_value(invalid.errors()).unwrap(),
            json!({"visits": ["is invalid"], "active": ["can't be blank"]})
        );
        assert_eq!(invalid.params().unwrap()["visits"], "x");
        assert_eq!(store.repo.all(Account::query()).await.unwrap(), []);
    }

    async fn a_key_may_come_from_outside_where_the_params_say_so(store: Store) {
        store.create(ACCOUNTS).await;
        let account = store.repo.insert(Import { id: 70, email: "a@b.c".into() }.changeset()).await.unwrap();
        assert_eq!(account.id(), 70);
        let account = store.repo.insert(Import::cast(&json!({"id": "71", "email": "b@b.c"}))).await.unwrap();
        assert_eq!(account.id(), 71);
    }
}

on_sql_stores! {
    async fn declared_constraints_are_errors_of_fields(store: Store) {
        store.create(ACCOUNTS).await;
        let params = |age| json!({"email": "a@b.c", "visits": 0, "active": true, "age": age});
        store.repo.insert(Constrained::cast(&params(1))).await.unwrap();
        let errors_of = async |params: Json| {
            let error = store.repo.insert(Constrained::cast(&params)).await.unwrap_err();
            serde_json::to_value(error.invalid().unwrap().errors()).unwrap()
        };
        assert_eq!(errors_of(params(1)).await, json!({"email": ["belongs to somebody else"]}));
        let mut negative = params(-1);
        negative["email"] = json!("b@b.c");
        assert_eq!(errors_of(negative).await, json!({"birthday": ["is invalid"]}));
    }
}

//! Validations as attributes of params.

use super::{Member, Nick, Role, messages, metadata};
use peristyle::changeset::Validation;
use peristyle::prelude::*;
use serde::Deserialize;
use serde_json::json;

const TAGS: [&str; 2] = ["cat", "dog"];

#[derive(Debug, Default, Deserialize, Changeset)]
#[changeset(schema = Member)]
struct Joining {
    #[validate(format(pattern = r"^[^@\s]+@[^@\s]+$", message = "is no address"), length(max = 16))]
    email: Option<String>,
    #[validate(length(min = 2, max = 4, message = "has a length of its own"), exclusion(["root", "admin"]))]
    name: Option<String>,
    #[serde(skip)]
    #[validate(length(equal = 3, count = bytes), custom(with = not_loud))]
    nick: Option<Nick>,
    #[validate(number(gte = 18, lt = 100, ne = 50))]
    age: Option<i32>,
    #[validate(number(1..=5), inclusion(2..))]
    rank: Option<i16>,
    #[validate(number(gt = 0, message = "must be positive"))]
    ratio: Option<f64>,
    #[serde(skip)]
    #[validate(inclusion([Role::Guest, Role::Member], message = "is not for you"))]
    role: Option<Role>,
    #[validate(subset(TAGS), length(..=2))]
    pets: Option<Vec<String>>,
    #[validate(acceptance(message = "must be read"))]
    terms: Option<bool>,
    #[validate(confirmation(message = "differ"), length(4.., count = codepoints))]
    password: Option<String>,
    password_confirmation: Option<String>,
}

fn not_loud(nick: &Nick) -> Result<(), FieldError> {
    if nick.0.ends_with('!') { Err(FieldError::new("is loud").with("validation", "loud")) } else { Ok(()) }
}

fn valid() -> serde_json::Value {
    json!({
        "email": "a@example.com", "name": "Ann", "nick": "añ", "age": 42, "rank": 2, "ratio": 0.5, "role": "member",
        "pets": ["cat"], "terms": true, "password": "12345", "password_confirmation": "12345"
    })
}

#[test]
fn what_is_valid_passes_every_validation() {
    let changeset = Joining::cast(&valid());
    assert_eq!(messages(&changeset), json!({}));
    assert_eq!(changeset.get_change(|m| m.age), Some(Some(42)));
}

#[test]
fn each_validation_finds_what_is_wrong_and_says_it_in_its_own_words() {
    let cases = [
        (json!({"email": "x"}), json!({"email": ["is no address"]})),
        (json!({"email": "a@example.example"}), json!({"email": ["should be at most 16 character(s)"]})),
        (json!({"name": "A"}), json!({"name": ["has a length of its own"]})),
        (json!({"name": "root"}), json!({"name": ["is reserved"]})),
        (json!({"nick": "é"}), json!({"nick": ["should be 3 byte(s)"]})),
        (json!({"nick": "ab!"}), json!({"nick": ["is loud"]})),
        (json!({"age": "17"}), json!({"age": ["must be greater than or equal to 18"]})),
        (json!({"age": 100}), json!({"age": ["must be less than 100"]})),
        (json!({"age": 50}), json!({"age": ["must be not equal to 50"]})),
        (json!({"rank": 6}), json!({"rank": ["must be less than or equal to 5"]})),
        (json!({"rank": 1}), json!({"rank": ["is invalid"]})),
        (json!({"ratio": 0}), json!({"ratio": ["must be positive"]})),
        (json!({"role": "admin"}), json!({"role": ["is not for you"]})),
        (json!({"pets": ["fish"]}), json!({"pets": ["has an invalid entry"]})),
        (json!({"pets": ["cat", "dog", "cat"]}), json!({"pets": ["should have at most 2 item(s)"]})),
        (json!({"terms": false}), json!({"terms": ["must be read"]})),
        (json!({"terms": null}), json!({"terms": ["must be read"]})),
        (json!({"password": "1234"}), json!({"password_confirmation": ["differ"]})),
        (
            json!({"password": "123", "password_confirmation": "123"}),
            json!({"password": ["should be at least 4 character(s)"]}),
        ),
    ];
    for (changed, expected) in cases {
        let mut params = valid();
        params.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let found = match expected.get("nick").or(expected.get("role")) {
            // These do not come from outside.
            Some(_) => messages(&typed(&params).changeset()),
            None => messages(&Joining::cast(&params)),
        };
        assert_eq!(found, expected, "{changed}");
        if changed["age"] != "17" {
            assert_eq!(messages(&typed(&params).changeset()), expected, "typed {changed}");
        }
    }
}

fn typed(params: &serde_json::Value) -> Joining {
    let mut joining: Joining = serde_json::from_value(params.clone()).unwrap();
    joining.nick = params["nick"].as_str().map(|nick| Nick(nick.to_owned()));
    joining.role = params["role"].as_str().map(|role| if role == "admin" { Role::Admin } else { Role::Member });
    joining.terms = joining.terms.or(Some(false));
    joining
}

#[test]
fn validations_are_recorded_as_the_builder_records_them() {
    let derived = Joining::cast(&json!({}));
    let built = Changeset::<Member>::new()
        .cast(&json!({}), |m| (m.email, m.age))
        .validate_format(|m| m.email, r"^[^@\s]+@[^@\s]+$")
        .validate_length(|m| m.email, ..=16)
        .validate_number(|m| m.age, Number::new().gte(18).lt(100).ne(50));
    let of = |changeset: &Changeset<Member>, field: &str| -> Vec<Validation> {
        changeset.validations().filter(|(name, _)| *name == field).map(|(_, validation)| validation.clone()).collect()
    };
    for field in ["email", "age"] {
        let recorded = of(&derived, field);
        assert!(!recorded.is_empty());
        assert_eq!(format!("{recorded:?}"), format!("{:?}", of(&built, field)));
    }
    assert!(derived.validations().any(|(name, _)| name == "terms"));
}

#[test]
fn errors_have_the_metadata_of_the_builder() {
    let changeset = Joining { nick: Some(Nick("ab!".into())), terms: Some(true), ..Joining::default() }.changeset();
    assert_eq!(metadata(&changeset, "nick"), json!({"validation": "loud"}));
    let changeset = Joining::cast(&json!({"age": 7, "terms": true}));
    assert_eq!(
        metadata(&changeset, "age"),
        json!({"validation": "number", "kind": "greater_than_or_equal_to", "number": 18})
    );
}

#[test]
fn what_a_row_has_already_is_not_validated_again() {
    let row = || Member { email: "nobody".into(), age: Some(7), ..Member::default() };
    let changeset = Joining::cast_on(row(), &json!({"name": "Ann", "email": "nobody", "terms": true}));
    assert_eq!(messages(&changeset), json!({}));
    assert_eq!(changeset.changed(), ["name"]);
    let typed = Joining { email: Some("nobody".into()), age: Some(8), terms: Some(true), ..Joining::default() };
    assert_eq!(messages(&typed.changeset_on(row())), json!({"age": ["must be greater than or equal to 18"]}));
}

#[derive(Changeset)]
#[changeset(schema = Member, rename_all = "camelCase")]
struct Strict {
    #[validate(confirmation)]
    #[changeset(field = password)]
    new_password: String,
    new_password_confirmation: String,
}

#[test]
fn a_confirmation_that_is_no_option_must_be_there_under_its_own_name() {
    let strict = |params| messages(&Strict::cast(&params));
    assert_eq!(strict(json!({"newPassword": "x", "newPasswordConfirmation": "x"})), json!({}));
    assert_eq!(strict(json!({"newPassword": "x"})), json!({"password_confirmation": ["can't be blank"]}));
    assert_eq!(
        strict(json!({"newPassword": "x", "newPasswordConfirmation": "y"})),
        json!({"password_confirmation": ["does not match confirmation"]})
    );
    let typed = Strict { new_password: "x".into(), new_password_confirmation: "y".into() };
    assert_eq!(messages(&typed.changeset()), json!({"password_confirmation": ["does not match confirmation"]}));
}

//! What a form shows of a changeset.

use super::*;
use peristyle::changeset::{Input, InputType};

fn input(changeset: &Changeset<Member>, name: &str) -> Input {
    changeset.form().input(name).unwrap_or_else(|| panic!("no input {name}")).clone()
}

#[test]
fn a_new_form_shows_what_is_asked_and_no_errors() {
    let changeset = Changeset::<Member>::new()
        .cast(&json!({}), |m| (m.email, m.age))
        .validate_required(|m| (m.email, m.age))
        .validate_length(|m| m.email, 3..)
        .validate_format(|m| m.email, "@");
    assert!(!changeset.is_valid());
    assert_eq!(
        serde_json::to_value(changeset.form()).unwrap(),
        json!({
            "name": "Member",
            "inputs": [
                {"name": "email", "type": "text", "required": true, "min_length": 3, "max_length": 160, "pattern": "@", "errors": []},
                {"name": "age", "type": "number", "step": "1", "required": true, "errors": []},
            ],
            "errors": {},
        })
    );
}

#[test]
fn a_form_that_was_sent_shows_what_was_sent_and_what_is_wrong() {
    let params = json!({"email": "ann", "age": "many", "name": null, "terms": "0"});
    let changeset = Changeset::<Member>::new()
        .cast(&params, |m| (m.email, m.age, m.name))
        .validate_format(|m| m.email, "@")
        .validate_acceptance("terms")
        .add_error("base", "is odd");
    let form = changeset.form();
    assert_eq!(
        serde_json::to_value(&form).unwrap(),
        json!({
            "name": "Member",
            "inputs": [
                {"name": "email", "type": "text", "required": false, "max_length": 160, "pattern": "@", "value": "ann", "errors": ["has invalid format"]},
                {"name": "age", "type": "number", "step": "1", "required": false, "value": "many", "errors": ["is invalid"]},
                {"name": "name", "type": "text", "required": false, "value": "", "errors": []},
                {"name": "terms", "type": "checkbox", "required": true, "value": "0", "errors": ["must be accepted"]},
            ],
            "errors": {"base": ["is odd"]},
        })
    );
    assert_eq!(form.input("email").unwrap().errors[0].validation(), Some("format"));
}

#[test]
fn errors_of_a_changeset_without_params_are_shown_once_it_was_tried() {
    let changeset = Changeset::<Member>::new().cast(&json!({}), |m| m.email).validate_required(|m| m.email);
    assert!(input(&changeset, "email").errors.is_empty());
    let invalid = changeset.apply().unwrap_err();
    let changeset = invalid.invalid().unwrap().changeset::<Member>().unwrap();
    assert_eq!(input(changeset, "email").errors[0].to_string(), "can't be blank");
}

#[test]
fn an_input_holds_what_was_sent_else_the_change_else_the_row() {
    let row =
        Member { name: Some("Ann".into()), age: Some(7), role: Some(Role::Guest), active: true, ..Member::default() };
    let changeset = Changeset::of(row).cast(&json!({"age": "x"}), |m| (m.name, m.age, m.nick, m.role, m.active));
    let changeset = changeset.change(|m| m.nick.set(Nick("a".into())));
    let values = ["name", "age", "nick", "role", "active"].map(|name| input(&changeset, name).value);
    assert_eq!(values, ["Ann", "x", "a", "guest", "true"].map(|text| Some(text.to_owned())));
    // A row to come is blank, but for what it was given.
    let blank = Changeset::build(Member { age: Some(7), ..Member::default() });
    let held: Vec<_> = blank.form().inputs.into_iter().filter(|input| input.value.is_some()).collect();
    assert_eq!(
        held.iter().map(|input| (&*input.name, input.value.as_deref())).collect::<Vec<_>>(),
        [("age", Some("7"))]
    );
}

#[test]
fn what_is_secret_is_never_shown() {
    let changeset = member(json!({"password": "hunter2", "password_confirmation": "hunter3"}))
        .validate_length(|m| m.password, 12..)
        .validate_confirmation(|m| m.password);
    let password = input(&changeset, "password");
    assert_eq!((password.kind, password.value, password.min_length), (InputType::Password, None, Some(12)));
    let confirmation = input(&changeset, "password_confirmation");
    assert_eq!((confirmation.kind, &confirmation.value), (InputType::Password, &None));
    assert_eq!(confirmation.errors[0].to_string(), "does not match confirmation");
    let shown = serde_json::to_string(&changeset.form()).unwrap() + &changeset.json_schema().to_string();
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn limits_of_several_validations_are_the_strictest() {
    let changeset = member(json!({}))
        .validate_number(|m| m.age, Number::new().gt(17).lt(150))
        .validate_inclusion(|m| m.age, 10..=99)
        .validate_number(|m| m.ratio, Number::new().gt(0).lte(0.5))
        .validate_length(|m| m.email, ..=200)
        .validate_length(|m| m.email, 5..=100)
        .validate_length(|m| m.name, Length::new().max(10).bytes());
    let age = input(&changeset, "age");
    assert_eq!((age.min.as_deref(), age.max.as_deref()), (Some("18"), Some("99")));
    let ratio = input(&changeset, "ratio");
    assert_eq!((ratio.min.as_deref(), ratio.max.as_deref()), (Some("0"), Some("0.5")));
    assert_eq!(ratio.kind.step(), Some("any"));
    let email = input(&changeset, "email");
    assert_eq!((email.min_length, email.max_length), (Some(5), Some(100)));
    assert_eq!(input(&changeset, "name").max_length, None);
}

#[test]
fn few_values_are_options() {
    let changeset = member(json!({}))
        .validate_inclusion(|m| m.age, [1, 2])
        .validate_inclusion(|m| m.role, [Role::Guest, Role::Member])
        .validate_subset(|m| m.pets, ["cat", "dog"]);
    let (age, role, pets) = (input(&changeset, "age"), input(&changeset, "role"), input(&changeset, "pets"));
    assert_eq!((age.kind, age.options), (InputType::Select, vec!["1".to_owned(), "2".to_owned()]));
    assert_eq!((role.kind, role.options), (InputType::Select, vec!["guest".to_owned(), "member".to_owned()]));
    assert_eq!((pets.kind, pets.options), (InputType::List, vec!["cat".to_owned(), "dog".to_owned()]));
}

#[test]
fn before_anything_is_cast_a_form_has_the_fields_that_can_be() {
    let names: Vec<_> = Changeset::<Member>::new().form().inputs.into_iter().map(|input| input.name).collect();
    assert!(!names.contains(&"id".into()) && names.contains(&"email".into()) && names.contains(&"password".into()));
}

//! What all validations have in common, and what is known of them afterwards.

use super::*;
use peristyle::changeset::Validation;

#[test]
fn errors_of_several_validations_add_up() {
    let changeset = member(json!({"email": "x", "age": "y"}))
        .validate_required(|m| (m.name, m.age))
        .validate_format(|m| m.email, "@")
        .validate_length(|m| m.email, 3..)
        .add_error("base", "is odd");
    assert_eq!(
        messages(&changeset),
        json!({
            "email": ["has invalid format", "should be at least 3 character(s)"], "age": ["is invalid"],
            "name": ["can't be blank"], "base": ["is odd"],
        })
    );
}

#[test]
fn a_message_is_of_the_validation_right_before_it() {
    let changeset = member(json!({"email": "x"}))
        .validate_format(|m| m.email, "@")
        .validate_length(|m| m.email, ..=10)
        .with_message("is long");
    assert_eq!(messages(&changeset), json!({"email": ["has invalid format"]}));
    let cast = Changeset::<Member>::new().cast(&json!({"age": "x"}), |m| m.age).with_message("is no number");
    assert_eq!(messages(&cast), json!({"age": ["is no number"]}));
}

#[test]
fn what_the_store_computes_is_not_validated() {
    let changeset = Member { age: Some(1), ..Member::default() }.change(|m| m.age.set(m.age + 1));
    assert!(changeset.validate_number(|m| m.age, 100..).is_valid());
}

#[test]
fn validations_are_known_whether_or_not_they_found_something() {
    let changeset = member(json!({}))
        .validate_format(|m| m.email, "@")
        .validate_length(|m| m.email, Length::new().max(160).bytes())
        .validate_number(|m| m.age, 18..150)
        .validate_subset(|m| m.pets, ["cat"])
        .validate_acceptance("terms")
        .validate_confirmation_required(|m| m.password);
    let names: Vec<&str> = changeset.validations().map(|(_, validation)| validation.name()).collect();
    assert_eq!(names, ["format", "length", "number", "subset", "acceptance", "confirmation"]);
    assert_eq!(changeset.validations().next(), Some(("email", &Validation::Format { pattern: "@".to_owned() })));
    assert_eq!(
        changeset.traverse_validations(|_, validation| validation.to_json()),
        json!({
            "email": [
                {"validation": "format", "pattern": "@"},
                {"validation": "length", "max": 160, "count": "bytes"},
            ],
            "age": [{"validation": "number", "greater_than_or_equal_to": 18, "less_than": 150}],
            "pets": [{"validation": "subset", "enum": ["cat"]}],
            "terms": [{"validation": "acceptance"}],
            "password": [{"validation": "confirmation", "required": true}],
        })
    );
}

#[test]
fn errors_are_translated_by_their_template() {
    let changeset = member(json!({"name": "Ann"})).validate_length(|m| m.name, 5..);
    let german = changeset.traverse_errors(|field, error| match error.template() {
        "should be at least %{count} character(s)" => {
            format!("{field}: mindestens {} Zeichen", error.metadata()["count"])
        }
        other => other.to_owned(),
    });
    assert_eq!(german, json!({"name": ["name: mindestens 5 Zeichen"]}));
}

//! Texts that match a pattern.

use super::*;
use peristyle::Error;

#[test]
fn a_text_that_does_not_match_has_an_invalid_format() {
    let pattern = r"^[^@\s]+@[^@\s]+$";
    assert!(member(json!({"email": "a@b.c"})).validate_format(|m| m.email, pattern).is_valid());
    let changeset = member(json!({"email": "a b"})).validate_format(|m| m.email, pattern);
    assert_eq!(messages(&changeset), json!({"email": ["has invalid format"]}));
    assert_eq!(metadata(&changeset, "email"), json!({"validation": "format"}));
    let changeset = member(json!({"email": "a b"})).validate_format(|m| m.email, pattern).with_message("is no address");
    assert_eq!(messages(&changeset), json!({"email": ["is no address"]}));
}

#[test]
fn nullable_texts_newtypes_and_virtual_fields_have_formats() {
    let params = json!({"name": "Ann1", "nick": "x y", "password": "secret"});
    let changeset = member(params)
        .validate_format(|m| m.name, r"^\p{L}+$")
        .validate_format(|m| m.nick, r"^\S+$")
        .validate_format(|m| m.password, r"(?i)[0-9]");
    let message = ["has invalid format"];
    assert_eq!(messages(&changeset), json!({"name": message, "nick": message, "password": message}));
    assert!(member(json!({"name": "Žofie"})).validate_format(|m| m.name, r"^\p{Lu}\w+$").is_valid());
}

#[test]
fn only_what_is_changed_and_not_null_is_validated() {
    let odd = Member { email: "odd".into(), name: Some("1".into()), ..Member::default() };
    let changeset = Changeset::of(odd)
        .cast(&json!({"name": null, "email": "odd"}), |m| (m.name, m.email))
        .validate_format(|m| m.name, "^x$")
        .validate_format(|m| m.email, "^x$");
    assert!(changeset.is_valid(), "{changeset:?}");
}

#[test]
fn a_pattern_that_is_none_is_a_mistake_of_the_program() {
    let error = member(json!({})).validate_format(|m| m.email, "(").apply().unwrap_err();
    let Error::Query(_) = &error else { panic!("{error}") };
    let text = error.to_string();
    assert!(
        text.contains("Member.email") && text.contains("validate_format") && text.contains("unclosed group"),
        "{text}"
    );
}

#[test]
fn a_hostile_text_is_matched_in_linear_time() {
    let text = "a".repeat(50_000);
    let started = std::time::Instant::now();
    let changeset = member(json!({"email": text})).validate_format(|m| m.email, "^(a+)+$!");
    assert!(!changeset.is_valid());
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

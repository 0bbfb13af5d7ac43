//! Values among given ones: inclusion, exclusion and subset.

use super::*;
use chrono::NaiveDate;
use peristyle::changeset::{Allowed, Validation};
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashSet};

#[test]
fn a_value_is_one_of_a_list() {
    assert!(member(json!({"name": "Ann"})).validate_inclusion(|m| m.name, ["Ann", "Bob"]).is_valid());
    let changeset = member(json!({"name": "Eve"})).validate_inclusion(|m| m.name, ["Ann", "Bob"]);
    assert_eq!(messages(&changeset), json!({"name": ["is invalid"]}));
    assert_eq!(metadata(&changeset, "name"), json!({"validation": "inclusion", "enum": ["Ann", "Bob"]}));
    let changeset = member(json!({"name": "Eve"})).validate_inclusion(|m| m.name, ["Ann"]).with_message("is not Ann");
    assert_eq!(messages(&changeset), json!({"name": ["is not Ann"]}));
}

#[test]
fn lists_come_in_many_forms_and_have_the_values_of_the_field() {
    let eve = || member(json!({"name": "Eve", "age": 7, "role": "guest", "nick": "eve"}));
    let names = vec!["Ann".to_owned(), "Bob".to_owned()];
    let refused = json!({"name": ["is invalid"]});
    assert_eq!(messages(&eve().validate_inclusion(|m| m.name, &names)), refused);
    assert_eq!(messages(&eve().validate_inclusion(|m| m.name, &names[..1])), refused);
    assert_eq!(messages(&eve().validate_inclusion(|m| m.name, BTreeSet::from(["Ann"]))), refused);
    let set = HashSet::from(["Dan", "Cid", "Bob", "Ann"]);
    let changeset = eve().validate_inclusion(|m| m.name, set);
    assert_eq!(metadata(&changeset, "name")["enum"], json!(["Ann", "Bob", "Cid", "Dan"]));
    assert_eq!(messages(&eve().validate_inclusion(|m| m.name, names)), refused);
    let known = ["Eve".to_owned()];
    assert!(eve().validate_inclusion(|m| m.name, &known).is_valid());
    assert!(eve().validate_inclusion(|m| m.name, known).is_valid());
    assert!(eve().validate_inclusion(|m| m.role, [Role::Guest]).is_valid());
    assert!(!eve().validate_inclusion(|m| m.role, [Role::Admin]).is_valid());
    assert!(eve().validate_inclusion(|m| m.nick, [Nick("eve".into())]).is_valid());
}

#[test]
fn a_value_is_in_a_range() {
    let aged = |age: i32| member(json!({"age": age}));
    assert!(aged(150).validate_inclusion(|m| m.age, 0..=150).is_valid());
    assert!(aged(i32::MAX).validate_inclusion(|m| m.age, 0..).is_valid());
    assert!(!aged(-1).validate_inclusion(|m| m.age, 0..).is_valid());
    assert!(aged(-1).validate_inclusion(|m| m.age, ..0).is_valid());
    assert!(aged(0).validate_inclusion(|m| m.age, ..=0).is_valid());
    let changeset = aged(150).validate_inclusion(|m| m.age, 18..150);
    assert_eq!(metadata(&changeset, "age")["enum"], json!({"min": 18, "below": 150}));
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let changeset = member(json!({"born": "1999-12-31"})).validate_inclusion(|m| m.born, first..);
    assert_eq!(metadata(&changeset, "born")["enum"], json!({"min": "2000-01-01"}));
}

#[test]
fn decimals_are_compared_by_their_value() {
    let half = [Decimal::new(5, 1)];
    assert!(member(json!({"balance": "0.50"})).validate_inclusion(|m| m.balance, half).is_valid());
    assert!(!member(json!({"balance": "0.50"})).validate_exclusion(|m| m.balance, half).is_valid());
}

#[test]
fn a_value_is_reserved() {
    let changeset = member(json!({"name": "root", "age": 13})).validate_exclusion(|m| m.name, ["admin", "root"]);
    assert_eq!(messages(&changeset), json!({"name": ["is reserved"]}));
    assert_eq!(metadata(&changeset, "name"), json!({"validation": "exclusion", "enum": ["admin", "root"]}));
    assert!(member(json!({"name": "ann"})).validate_exclusion(|m| m.name, ["admin", "root"]).is_valid());
    assert!(!member(json!({"age": 13})).validate_exclusion(|m| m.age, 13..=19).is_valid());
}

#[test]
fn every_item_of_a_list_is_one_of_a_set() {
    let known = ["cat", "dog"];
    for (pets, valid) in [(json!(["cat", "dog", "cat"]), true), (json!([]), true), (json!(["cat", "cow"]), false)] {
        assert_eq!(member(json!({"pets": pets})).validate_subset(|m| m.pets, known).is_valid(), valid, "{pets}");
    }
    let changeset = member(json!({"pets": ["cow"]})).validate_subset(|m| m.pets, known);
    assert_eq!(messages(&changeset), json!({"pets": ["has an invalid entry"]}));
    assert_eq!(metadata(&changeset, "pets"), json!({"validation": "subset", "enum": ["cat", "dog"]}));
    assert!(member(json!({"scores": [1, 5]})).validate_subset(|m| m.scores, 1..=5).is_valid());
    assert!(!member(json!({"scores": [1, null]})).validate_subset(|m| m.scores, 1..=5).is_valid());
}

#[test]
fn the_values_are_known_afterwards() {
    let changeset =
        member(json!({})).validate_inclusion(|m| m.age, 1..=3).validate_exclusion(|m| m.role, [Role::Admin]);
    let validations: Vec<_> = changeset.validations().collect();
    let range = Allowed::Range { min: Some(json!(1)), max: Some(json!(3)), exclusive: false };
    assert_eq!(validations[0], ("age", &Validation::Inclusion(range)));
    assert_eq!(validations[1].1.to_json(), json!({"validation": "exclusion", "enum": ["admin"]}));
}

//! Casting what comes from outside.

use super::messages;
use super::schemas::{CompositePk, Post};
use peristyle::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

#[test]
fn only_the_permitted_fields_are_read_and_each_is_cast_to_its_type() {
    let params = json!({"title": "hello", "visits": "42", "public": "false", "cost": "1.50", "id": 7});
    let changeset = Changeset::<Post>::new().cast(&params, |p| (p.title, p.visits, p.public, p.cost));
    assert!(changeset.is_valid());
    assert_eq!(changeset.changed(), ["title", "visits", "public", "cost"]);
    assert_eq!(changeset.get_change(|p| p.visits), Some(Some(42)));
    assert_eq!(changeset.get_change(|p| p.id), None);
    let post = changeset.apply().unwrap();
    assert_eq!((post.title.as_deref(), post.visits, post.public), (Some("hello"), Some(42), Some(false)));
    assert_eq!(post.cost, Some("1.50".parse().unwrap()));
}

#[test]
fn every_bad_field_is_an_error_of_that_field_and_no_change() {
    let params = json!({"title": 7, "visits": "many", "posted": "2020-02-30", "uuid": "x"});
    let changeset = Changeset::<Post>::new().cast(&params, |p| (p.title, p.visits, p.posted, p.uuid));
    assert_eq!(
        messages(&changeset),
        json!({"title": ["is invalid"], "visits": ["is invalid"], "posted": ["is invalid"], "uuid": ["is invalid"]})
    );
    assert!(changeset.changed().is_empty());
    let errors = changeset.errors();
    let error = errors.on("visits").next().unwrap();
    assert_eq!((error.validation(), error.metadata()["type"].as_str()), (Some("cast"), Some("i32")));
}

#[test]
fn absent_differs_from_null_and_a_blank_text_is_null() {
    let post = Post { title: Some("old".into()), visits: Some(1), counter: Some(2), ..Post::default() };
    let changeset =
        Changeset::of(post).cast(&json!({"title": "  ", "visits": null}), |p| (p.title, p.visits, p.counter));
    assert_eq!(changeset.get_change(|p| p.title), Some(None));
    assert_eq!(changeset.get_change(|p| p.visits), Some(None));
    assert_eq!(changeset.get_change(|p| p.counter), None);
    assert_eq!(changeset.get_field(|p| p.counter), Some(Some(2)));
}

#[test]
fn an_empty_text_is_kept_where_no_value_counts_as_empty() {
    let changeset = Changeset::<Post>::new().empty_values(EmptyValues::none()).cast(&json!({"title": ""}), |p| p.title);
    assert_eq!(changeset.get_change(|p| p.title), Some(Some(String::new())));
}

#[test]
fn what_the_row_has_already_is_no_change_and_takes_an_earlier_one_back() {
    let post = Post { title: Some("old".into()), ..Post::default() };
    let changeset = Changeset::of(post.clone()).cast(&json!({"title": "new"}), |p| p.title);
    assert!(changeset.is_changed(|p| p.title));
    let changeset = changeset.cast(&json!({"title": "old"}), |p| p.title);
    assert!(!changeset.is_changed(|p| p.title));
    let changeset = Changeset::of(post).force_changes().cast(&json!({"title": "old"}), |p| p.title);
    assert_eq!(changeset.changed(), ["title"]);
}

#[test]
fn params_come_from_anything_that_serializes() {
    #[derive(Serialize)]
    struct Form<'f> {
        title: &'f str,
        visits: u8,
    }
    let from_struct = Changeset::<Post>::new().cast(&Form { title: "a", visits: 3 }, |p| (p.title, p.visits));
    assert_eq!(from_struct.get_change(|p| p.visits), Some(Some(3)));
    let map = HashMap::from([("title", "a"), ("visits", "3")]);
    let from_map = Changeset::<Post>::new().cast(&map, |p| (p.title, p.visits));
    assert_eq!(from_map.get_change(|p| p.visits), Some(Some(3)));
    assert_eq!(from_map.params().unwrap()["visits"], "3");
}

#[test]
fn params_that_are_no_object_are_invalid() {
    for params in [json!(null), json!([1]), json!("x"), json!(1.5)] {
        let changeset = Changeset::<Post>::new().cast(&params, |p| p.title);
        assert_eq!(messages(&changeset), json!({"base": ["is invalid"]}), "{params}");
    }
}

#[test]
fn virtual_fields_are_cast_and_applied() {
    let changeset = Changeset::<Post>::new().cast(&json!({"temp": "warm"}), |p| p.temp);
    assert_eq!(changeset.get_change(|p| p.temp), Some(Some("warm".to_owned())));
    assert_eq!(changeset.apply().unwrap().temp.as_deref(), Some("warm"));
}

#[test]
fn a_blank_field_that_must_not_be_is_an_error_with_a_message_of_its_own() {
    let changeset = Changeset::<Post>::new()
        .cast(&json!({"title": ""}), |p| p.title)
        .validate_required(|p| (p.title, p.visits))
        .with_message("is needed");
    assert_eq!(messages(&changeset), json!({"title": ["is needed"], "visits": ["is needed"]}));
    assert_eq!(changeset.required(), ["title", "visits"]);
}

#[test]
fn a_required_field_that_input_makes_blank_is_an_error_although_the_row_has_a_value() {
    let row = CompositePk { a: 1, b: 2, name: Some("x".into()) };
    let changeset = Changeset::of(row).cast(&json!({"a": null, "name": ""}), |c| (c.a, c.name));
    let changeset = changeset.validate_required(|c| (c.a, c.b, c.name)).with_message("is needed");
    assert_eq!(messages(&changeset), json!({"a": ["is needed"], "name": ["is needed"]}));
}

#[test]
fn applying_an_invalid_changeset_gives_it_back_with_its_errors_and_params() {
    let changeset = Changeset::<Post>::new().cast(&json!({"visits": "x"}), |p| p.visits);
    let Err(peristyle::Error::Invalid(invalid)) = changeset.apply() else { panic!("it is invalid") };
    assert_eq!(invalid.to_string(), "cannot insert Post: visits is invalid");
    assert_eq!(invalid.params().unwrap()["visits"], "x");
    let changeset = invalid.into_inner().into_changeset::<Post>().unwrap();
    assert!(!changeset.is_valid());
}

//! Validations of a program's own.

use super::*;

#[test]
fn a_function_validates_what_a_field_becomes() {
    let even = |number: &i32| if number % 2 == 0 { Ok(()) } else { Err("is odd") };
    assert!(member(json!({"age": 2})).validate_change(|m| m.age, even).is_valid());
    assert_eq!(messages(&member(json!({"age": 3})).validate_change(|m| m.age, even)), json!({"age": ["is odd"]}));
    for params in [json!({}), json!({"age": null}), json!({"age": "x"})] {
        let changeset = member(params).validate_change(|m| m.age, |_| -> Result<(), FieldError> { panic!("called") });
        assert!(changeset.errors().on("age").all(|error| error.to_string() == "is invalid"));
    }
}

#[test]
fn its_error_may_have_metadata_and_another_message() {
    let changeset = member(json!({"nick": "abc"})).validate_change(
        |m| m.nick,
        |nick| match nick.0.len() {
            3 => Err(FieldError::new("has %{count} letters").with("validation", "nick").with("count", 3)),
            _ => Ok(()),
        },
    );
    assert_eq!(messages(&changeset), json!({"nick": ["has 3 letters"]}));
    assert_eq!(changeset.errors().on("nick").next().unwrap().validation(), Some("nick"));
    let changeset = changeset.validate_change(|m| m.nick, |_| Err("is plain")).with_message("is dull");
    assert_eq!(messages(&changeset), json!({"nick": ["has 3 letters", "is dull"]}));
}

#[test]
fn a_function_validates_the_whole_changeset() {
    let adults_have_names = |changeset: Changeset<Member>| {
        let nameless = changeset.get_field(|m| m.age).flatten() >= Some(18) && changeset.is_missing(|m| m.name);
        if nameless { changeset.add_error("name", "is needed from 18 on") } else { changeset }
    };
    assert!(member(json!({"age": 17})).validate_with(adults_have_names).is_valid());
    let changeset = member(json!({"age": 18})).validate_with(adults_have_names);
    assert_eq!(messages(&changeset), json!({"name": ["is needed from 18 on"]}));
    let changeset = member(json!({"age": 18, "born": "x"})).validate_with(adults_have_names).with_message("is missing");
    assert_eq!(messages(&changeset), json!({"born": ["is invalid"], "name": ["is missing"]}));
}

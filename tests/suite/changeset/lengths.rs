//! Lengths of texts, lists, bytes and maps.

use super::*;
use peristyle::Error;

#[test]
fn a_text_is_too_short_too_long_or_not_exactly_so_long() {
    let named = |name: &str| member(json!({"name": name}));
    assert!(named("Ann").validate_length(|m| m.name, 1..=3).is_valid());
    let cases = [
        (named("Anna").validate_length(|m| m.name, 1..=3), "should be at most 3 character(s)", "max", 3),
        (named("Anna").validate_length(|m| m.name, ..=3), "should be at most 3 character(s)", "max", 3),
        (named("Anna").validate_length(|m| m.name, ..4), "should be at most 3 character(s)", "max", 3),
        (named("An").validate_length(|m| m.name, 3..), "should be at least 3 character(s)", "min", 3),
        (named("An").validate_length(|m| m.name, 3..10), "should be at least 3 character(s)", "min", 3),
        (named("An").validate_length(|m| m.name, 3), "should be 3 character(s)", "is", 3),
    ];
    for (changeset, message, kind, count) in cases {
        assert_eq!(messages(&changeset), json!({"name": [message]}));
        let expected = json!({"validation": "length", "kind": kind, "count": count, "type": "string"});
        assert_eq!(metadata(&changeset, "name"), expected);
        assert_eq!(changeset.errors().on("name").next().unwrap().template(), message.replace('3', "%{count}"));
    }
    let changeset = named("Anna").validate_length(|m| m.name, ..=3).with_message("has more than %{count} letters");
    assert_eq!(messages(&changeset), json!({"name": ["has more than 3 letters"]}));
}

#[test]
fn characters_are_counted_as_readers_code_points_or_bytes_do() {
    // A family of one grapheme, seven code points and 25 bytes.
    let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}";
    let named = || member(json!({"name": family}));
    assert!(named().validate_length(|m| m.name, 1).is_valid());
    assert!(named().validate_length(|m| m.name, Length::new().is(7).codepoints()).is_valid());
    assert!(named().validate_length(|m| m.name, Length::new().is(25).bytes()).is_valid());
    let changeset = named().validate_length(|m| m.name, Length::new().max(24).bytes());
    assert_eq!(messages(&changeset), json!({"name": ["should be at most 24 byte(s)"]}));
    assert_eq!(metadata(&changeset, "name")["type"], "binary");
    assert!(
        member(json!({"name": "e\u{301}\r\n"})).validate_length(|m| m.name, Length::from(2).graphemes()).is_valid()
    );
}

#[test]
fn lists_bytes_and_json_have_lengths() {
    let params = json!({"pets": ["cat"], "scores": [1, 2], "avatar": "abc", "extra": {"a": 1}});
    let changeset = member(params)
        .validate_length(|m| m.pets, 2..)
        .validate_length(|m| m.scores, ..=1)
        .validate_length(|m| m.avatar, 4)
        .validate_length(|m| m.extra, 2);
    assert_eq!(
        messages(&changeset),
        json!({
            "pets": ["should have at least 2 item(s)"], "scores": ["should have at most 1 item(s)"],
            "avatar": ["should be 4 byte(s)"], "extra": ["should have 2 item(s)"],
        })
    );
    let types = ["pets", "avatar", "extra"].map(|field| metadata(&changeset, field)["type"].clone());
    assert_eq!(types, [json!("list"), json!("binary"), json!("map")]);
    for (extra, message) in [
        (json!([1]), "should have at least 2 item(s)"),
        (json!("x"), "should be at least 2 character(s)"),
        (json!(123), "is invalid"),
    ] {
        let changeset = member(json!({"extra": extra})).validate_length(|m| m.extra, 2..);
        assert_eq!(messages(&changeset), json!({"extra": [message]}));
    }
}

#[test]
fn newtypes_and_virtual_fields_have_lengths() {
    let changeset = member(json!({"nick": "x", "password": "abc"}))
        .validate_length(|m| m.nick, 2..)
        .validate_length(|m| m.password, 12..);
    assert_eq!(messages(&changeset)["nick"], json!(["should be at least 2 character(s)"]));
    assert_eq!(messages(&changeset)["password"], json!(["should be at least 12 character(s)"]));
    assert!(!format!("{changeset:?}").contains("abc"));
}

#[test]
fn a_range_without_a_length_is_a_mistake_of_the_program() {
    #[allow(clippy::reversed_empty_ranges)]
    let lengths = [Length::from(3..=2), Length::from(..0), Length::from(4..4), Length::from(0..0)];
    for length in lengths {
        let error = member(json!({})).validate_length(|m| m.name, length).apply().unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("Member.name"), "{error}");
    }
}

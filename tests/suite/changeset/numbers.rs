//! Numbers that are compared.

use super::*;
use peristyle::Error;
use rust_decimal::Decimal;

#[test]
fn each_comparison_has_its_message_and_metadata() {
    let aged = || member(json!({"age": 18}));
    let cases = [
        (aged().validate_number(|m| m.age, Number::new().lt(18)), "must be less than 18", "less_than"),
        (aged().validate_number(|m| m.age, Number::new().gt(18)), "must be greater than 18", "greater_than"),
        (
            aged().validate_number(|m| m.age, Number::new().lte(17)),
            "must be less than or equal to 17",
            "less_than_or_equal_to",
        ),
        (
            aged().validate_number(|m| m.age, Number::new().gte(19)),
            "must be greater than or equal to 19",
            "greater_than_or_equal_to",
        ),
        (aged().validate_number(|m| m.age, Number::new().eq(19)), "must be equal to 19", "equal_to"),
        (aged().validate_number(|m| m.age, Number::new().ne(18)), "must be not equal to 18", "not_equal_to"),
    ];
    for (changeset, message, kind) in cases {
        assert_eq!(messages(&changeset), json!({"age": [message]}));
        let metadata = metadata(&changeset, "age");
        assert_eq!((&metadata["validation"], &metadata["kind"]), (&json!("number"), &json!(kind)));
        assert!(metadata["number"].is_i64());
    }
    assert!(aged().validate_number(|m| m.age, Number::new().gte(18).lt(19).ne(17).eq(18)).is_valid());
}

#[test]
fn the_first_comparison_that_fails_is_the_error() {
    let changeset = member(json!({"age": 5})).validate_number(|m| m.age, Number::new().gt(10).gt(20));
    assert_eq!(messages(&changeset), json!({"age": ["must be greater than 10"]}));
    let changeset = member(json!({"age": 5})).validate_number(|m| m.age, 10..).with_message("is below %{number}");
    assert_eq!(messages(&changeset), json!({"age": ["is below 10"]}));
}

#[test]
fn ranges_of_every_type_of_number() {
    let params = json!({
        "age": 0, "rank": 0, "points": 0, "ratio": 0.0, "share": 0.0, "balance": "0", "level": 0
    });
    let valid = member(params.clone())
        .validate_number(|m| m.age, 0..=150)
        .validate_number(|m| m.rank, 0..)
        .validate_number(|m| m.points, -5_000_000_000..5_000_000_000)
        .validate_number(|m| m.ratio, 0.0..=1.0)
        .validate_number(|m| m.ratio, ..1)
        .validate_number(|m| m.share, ..=0.5)
        .validate_number(|m| m.share, 0..)
        .validate_number(|m| m.balance, 0..)
        .validate_number(|m| m.balance, ..Decimal::new(1, 2))
        .validate_number(|m| m.level, Wrapped(0)..);
    assert!(valid.is_valid(), "{valid:?}");
    let invalid = member(params)
        .validate_number(|m| m.points, 5_000_000_000..)
        .validate_number(|m| m.ratio, 0.5..)
        .validate_number(|m| m.share, 0.1..)
        .validate_number(|m| m.balance, Decimal::new(150, 2)..)
        .validate_number(|m| m.level, ..Wrapped(0));
    assert_eq!(
        messages(&invalid),
        json!({
            "points": ["must be greater than or equal to 5000000000"],
            "ratio": ["must be greater than or equal to 0.5"],
            "share": ["must be greater than or equal to 0.1"],
            "balance": ["must be greater than or equal to 1.50"],
            "level": ["must be less than 0"],
        })
    );
}

#[test]
fn nothing_is_rounded() {
    let exact = member(json!({"ratio": 0.1, "share": 0.1, "balance": 0.1, "points": 9_007_199_254_740_993_i64}))
        .validate_number(|m| m.ratio, Number::new().eq(0.1))
        .validate_number(|m| m.share, Number::new().eq(0.1))
        .validate_number(|m| m.balance, Number::new().eq(Decimal::new(10, 2)))
        .validate_number(|m| m.points, Number::new().gt(9_007_199_254_740_992));
    assert!(exact.is_valid(), "{exact:?}");
    let whole = member(json!({"ratio": -1})).validate_number(|m| m.ratio, 0..);
    assert_eq!(messages(&whole), json!({"ratio": ["must be greater than or equal to 0"]}));
}

#[test]
fn what_is_not_a_number_is_in_no_range_and_no_limit() {
    let nan = Changeset::build(Member::default()).change(|m| m.ratio.set(f64::NAN));
    assert!(!nan.clone().validate_number(|m| m.ratio, ..=f64::INFINITY).is_valid());
    assert!(nan.validate_number(|m| m.ratio, Number::new().ne(0)).is_valid());
    let error = member(json!({})).validate_number(|m| m.ratio, f64::NAN..).apply().unwrap_err();
    assert!(matches!(error, Error::Query(_)) && error.to_string().contains("Member.ratio"), "{error}");
}

#[test]
fn what_is_given_for_a_row_to_come_is_validated_although_its_type_has_it_by_default() {
    let changeset = member(json!({"level": 0})).validate_number(|m| m.level, Wrapped(1)..);
    assert_eq!(messages(&changeset), json!({"level": ["must be greater than or equal to 1"]}));
    let changeset = Changeset::build(Member::default()).change(|m| m.level.set(Wrapped(0)));
    assert!(!changeset.validate_number(|m| m.level, Wrapped(1)..).is_valid());
    // What a row in the store has already is not validated again.
    let existing = Changeset::of(Member::default()).cast(&json!({"level": 0}), |m| m.level);
    assert!(existing.validate_number(|m| m.level, Wrapped(1)..).is_valid());
}

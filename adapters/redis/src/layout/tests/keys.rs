//! The texts of keys.

use crate::layout::key_text;
use crate::layout::testing::{ORDERED, values};
use peristyle_query::value::{DataType, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// The types that make keys: equal values have equal texts.
fn key_types() -> Vec<DataType> {
    ORDERED.into_iter().filter(|known| !matches!(known, DataType::F32 | DataType::F64)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn two_values_have_the_same_text_only_if_they_are_equal(
        (left, right) in proptest::sample::select(key_types()).prop_flat_map(|t| (values(t), values(t))),
    ) {
        let (one, other) = (key_text([&left]).unwrap(), key_text([&right]).unwrap());
        prop_assert_eq!(one == other, left == right, "{} {}", left, right);
        prop_assert!(!one.contains(['\0', ':']), "{}", one);
    }

    #[test]
    fn the_parts_of_a_key_do_not_run_into_each_other(
        left in proptest::collection::vec(values(DataType::Text), 2),
        right in proptest::collection::vec(values(DataType::Text), 2),
    ) {
        prop_assert_eq!(key_text(&left).unwrap() == key_text(&right).unwrap(), left == right);
    }
}

#[test]
fn the_texts_are_those_of_the_documentation() {
    let text = |value: Value| key_text([&value]).unwrap();
    assert_eq!(text(Value::I64(-42)), "-42");
    assert_eq!(text(Value::Decimal(Decimal::new(1000, 4))), "0.1");
    assert_eq!(text(Value::Decimal(Decimal::new(0, 4))), "0");
    assert_eq!(text(Value::Bytes(vec![0, 255])), "00ff");
    assert_eq!(text(Value::Text("a:b%c\0d".into())), "a%3Ab%25c%00d");
    let moment = "2026-01-31T08:30:00Z".parse().map(Value::Timestamp).unwrap();
    assert_eq!(text(moment), "2026-01-31T08%3A30%3A00.000000Z");
    assert_eq!(key_text(&[Value::I64(1), Value::Text("a".into())]).unwrap(), "1:a");
}

#[test]
fn null_and_what_has_several_texts_are_refused() {
    let message = |value: Value| key_text([&value]).unwrap_err().to_string();
    assert!(message(Value::Null(DataType::I64)).contains("a key has no NULL"));
    assert!(message(Value::F64(1.0)).contains("keys of type f64"));
    assert!(message(Value::Json(serde_json::json!(1))).contains("keys of type JSON"));
}

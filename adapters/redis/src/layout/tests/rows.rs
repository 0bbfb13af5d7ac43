//! Rows: every value as it was, and what no column has untouched.

use crate::layout::testing::{EVERY, all, rows, same, values};
use crate::layout::{StoredRow, json, write_row};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn column(name: &str) -> &'static FieldMeta {
    EVERY.fields.iter().find(|field| field.column == name).unwrap()
}

fn row(raw: &str) -> StoredRow {
    StoredRow::parse(&EVERY, raw).unwrap()
}

fn text_of(value: &Value) -> String {
    let mut text = String::new();
    json::push(&mut text, value).unwrap();
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn a_value_is_read_as_it_was_written(
        (value, data_type) in proptest::sample::select(all()).prop_flat_map(|t| (values(t), Just(t))),
    ) {
        let text = text_of(&value);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        let read = json::value(&text, data_type).unwrap();
        prop_assert!(same(&read, &value), "{} {} {}", text, read, value);
    }
}

proptest! {
    #[test]
    fn a_row_is_read_as_it_was_written(values in rows()) {
        let row = row(&write_row(&EVERY, &values, None).unwrap());
        for (field, value) in &values {
            let read = row.value(field).unwrap();
            prop_assert!(same(&read, value), "{}: {} {}", field.column, read, value);
        }
    }

    #[test]
    fn a_write_of_no_column_leaves_the_row_as_it_is(values in rows()) {
        let raw = write_row(&EVERY, &values, None).unwrap();
        prop_assert_eq!(write_row(&EVERY, &[], Some(&row(&raw))).unwrap(), raw);
    }

    #[test]
    fn no_text_panics(raw in "\\PC{0,20}|\\{(\"(id|text|f64)\":[-0-9.e\"\\\\u{}\\[\\]]{0,8},?){0,3}\\}") {
        if let Ok(row) = StoredRow::parse(&EVERY, raw) {
            for field in EVERY.fields {
                let _ = row.value(field);
            }
            let _ = row.key();
        }
    }
}

#[test]
fn what_no_column_has_is_kept_byte_for_byte() {
    let old = row(r#"{ "later": [1.0, 1e2,  {"a":0.10}], "id": 1, "l\u0061st":9007199254740993, "text":"a" }"#);
    let new = write_row(&EVERY, &[(column("text"), Value::Text("b".into()))], Some(&old)).unwrap();
    assert_eq!(new, r#"{"id":1,"text":"b","later":[1.0, 1e2,  {"a":0.10}],"l\u0061st":9007199254740993}"#);
}

#[test]
fn a_column_that_becomes_null_leaves_the_row() {
    let old = row(r#"{"id":1,"text":"a","i64":3}"#);
    let new = write_row(&EVERY, &[(column("text"), Value::Null(DataType::Text))], Some(&old)).unwrap();
    assert_eq!(new, r#"{"id":1,"i64":3}"#);
}

#[test]
fn the_texts_are_those_of_the_documentation() {
    let text = |name: &str, raw: &str| text_of(&json::value(raw, column(name).data_type).unwrap());
    assert_eq!(text("i64", "9007199254740991"), "9007199254740991");
    assert_eq!(text("i64", "9007199254740992"), r#""9007199254740992""#);
    assert_eq!(text("i64", "-9223372036854775808"), r#""-9223372036854775808""#);
    assert_eq!(text("decimal", r#""0.10""#), r#""0.10""#);
    assert_eq!(text("decimal", "0.10"), r#""0.10""#);
    assert_eq!(text("bytes", r#""00FF""#), r#""00ff""#);
    assert_eq!(text("time", r#""08:30""#), r#""08:30:00.000000""#);
    assert_eq!(text("date_time", r#""2026-01-31 08:30:00""#), r#""2026-01-31T08:30:00.000000""#);
    assert_eq!(text("moment", r#""2026-01-31T10:30:00+02:00""#), r#""2026-01-31T08:30:00.000000Z""#);
    assert_eq!(text("moment", r#""2026-01-31T08:30:00.123456789Z""#), r#""2026-01-31T08:30:00.123456Z""#);
    assert_eq!(text("interval", r#""P1M2DT3.5S""#), r#""P1M2DT3.5S""#);
    assert_eq!(text("json", r#"{"a":18446744073709551615}"#), r#"{"a":18446744073709551615}"#);
    assert_eq!(text("numbers", "[1,null,9007199254740993]"), r#"[1,null,"9007199254740993"]"#);
    assert_eq!(text("f64", r#""-Infinity""#), r#""-Infinity""#);
}

#[test]
fn the_forms_of_other_programs_are_read() {
    let row = row(r#"{"i16":"7","i32":7.0,"i64":7e2,"f64":1,"f32":0.1,"decimal":12.50,"text":null,"json":null}"#);
    let value = |name: &str| row.value(column(name)).unwrap();
    assert_eq!(value("i16"), Value::I16(7));
    assert_eq!(value("i32"), Value::I32(7));
    assert_eq!(value("i64"), Value::I64(700));
    assert_eq!(value("f64"), Value::F64(1.0));
    assert_eq!(value("f32"), Value::F32(0.1));
    assert!(same(&value("decimal"), &Value::Decimal(Decimal::new(1250, 2))));
    assert_eq!(value("text"), Value::Null(DataType::Text));
    assert_eq!(value("json"), Value::Json(serde_json::Value::Null));
    assert_eq!(value("uuid"), Value::Null(DataType::Uuid));
}

#[test]
fn of_members_with_the_same_name_the_last_counts() {
    assert_eq!(row(r#"{"id":1,"i64":1,"i\u00364":2}"#).value(column("i64")).unwrap(), Value::I64(2));
    assert_eq!(row(r#"{"i64":1,"i64":null}"#).value(column("i64")).unwrap(), Value::Null(DataType::I64));
}

#[test]
fn a_member_of_another_type_names_the_row_and_the_column() {
    let row = row(r#"{"id":42,"i16":70000,"i32":"seven","bool":1,"text":3,"bytes":"0g","uuid":"x","f32":1e300}"#);
    let message = |name: &str| row.value(column(name)).unwrap_err().to_string();
    let texts = ["i16", "i32", "bool", "text", "bytes", "uuid", "f32"].map(message);
    assert_eq!(
        texts,
        [
            r#"cannot read column "i16" of every:42: expected i16, found 70000, which is out of its range"#,
            r#"cannot read column "i32" of every:42: expected i32, found the text "seven""#,
            r#"cannot read column "bool" of every:42: expected bool, found the integer 1"#,
            r#"cannot read column "text" of every:42: expected text, found the integer 3"#,
            r#"cannot read column "bytes" of every:42: expected bytes, found the text "0g""#,
            r#"cannot read column "uuid" of every:42: expected uuid, found the text "x""#,
            r#"cannot read column "f32" of every:42: expected f32, found 1e300, which is out of its range"#,
        ]
    );
}

#[test]
fn a_secret_of_another_type_is_not_shown() {
    let error = row(r#"{"id":42,"secret":"hunter2"}"#).value(column("secret")).unwrap_err();
    assert_eq!(error.to_string(), r#"cannot read column "secret" of every:42: expected i32, found [redacted]"#);
}

#[test]
fn what_is_no_row_is_refused_without_being_shown() {
    let message = |raw: &str| StoredRow::parse(&EVERY, raw).unwrap_err().in_row(|| "every:1".into()).to_string();
    assert_eq!(
        message("hunter2"),
        "cannot read a value of every:1: expected JSON, found in the table every what is no JSON object, at byte 1"
    );
    for raw in ["", "[]", "1", r#"{"id":1"#, r#"{"id":1} x"#, r#"{id:1}"#, r#"{"id":1,}"#] {
        assert!(message(raw).contains("no JSON object"), "{raw}");
    }
    let error = StoredRow::parse(&EVERY, vec![0xff, 0xfe]).unwrap_err();
    assert!(error.to_string().contains("no UTF-8"), "{error}");
}

#[test]
fn a_document_too_deep_to_be_read_again_is_not_written() {
    let nested = |levels: usize| (0..levels).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    let text = text_of(&Value::Json(nested(127)));
    assert_eq!(json::document(&text).unwrap(), nested(127));
    let error = json::push(&mut String::new(), &Value::Json(nested(128))).unwrap_err();
    assert!(error.to_string().contains("more than 127 levels"), "{error}");
    assert!(json::document(&format!("[{text}]")).is_err());
}

#[test]
fn a_number_of_another_width_is_written_if_it_fits() {
    let write = |name: &str, value| write_row(&EVERY, &[(column(name), value)], None);
    assert_eq!(write("i16", Value::I64(7)).unwrap(), r#"{"i16":7}"#);
    assert_eq!(write("decimal", Value::I32(7)).unwrap(), r#"{"decimal":"7"}"#);
    assert_eq!(write("i32", Value::Decimal(Decimal::new(70, 1))).unwrap(), r#"{"i32":7}"#);
    assert_eq!(
        write("i16", Value::I64(70_000)).unwrap_err().to_string().lines().next(),
        Some("redis cannot hold this i16: i16: the number is out of its range")
    );
    assert_eq!(
        write("text", Value::I64(7)).unwrap_err().to_string().lines().next(),
        Some("redis cannot hold this text: text: the value is of type i64")
    );
}

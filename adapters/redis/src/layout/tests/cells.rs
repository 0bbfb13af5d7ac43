//! Rows of results: what a program reads of stored rows and of computed values.

use crate::layout::testing::{EVERY, rows, same};
use crate::layout::{StoredRow, write_row};
use crate::row::{Cell, Cells};
use peristyle_query::row::{Row, RowReader};
use peristyle_query::value::{DataType, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

proptest! {
    #[test]
    fn a_stored_row_and_its_values_read_alike(values in rows()) {
        let row = StoredRow::parse(&EVERY, write_row(&EVERY, &values, None).unwrap()).unwrap();
        let stored = columns(&row);
        let computed = Cells::new(values.iter().map(|(_, value)| Cell::Value(value.clone())).collect());
        prop_assert_eq!(stored.len(), values.len());
        for (index, (field, value)) in values.iter().enumerate() {
            for cells in [&stored, &computed] {
                let read = cells.value(index, field.data_type).unwrap();
                prop_assert!(same(&read, value), "{}: {} {}", field.column, read, value);
                prop_assert_eq!(cells.is_null(index).unwrap(), value.is_null());
                prop_assert!(same(&cells.any(index).unwrap(), value));
            }
            prop_assert_eq!(stored.name(index), field.column);
        }
    }
}

/// All columns of a stored row.
fn columns(row: &StoredRow) -> Cells<'_> {
    Cells::new((0..EVERY.fields.len()).map(|position| Cell::Stored(row, position)).collect())
}

fn row(raw: &str) -> StoredRow {
    StoredRow::parse(&EVERY, raw).unwrap()
}

#[test]
fn texts_and_bytes_are_lent_as_long_as_the_row_is_there() {
    let row = row(r#"{"id":1,"text":"a\nb","mood":"calm","bytes":"00ff"}"#);
    let cells = columns(&row);
    let at = |name: &str| EVERY.fields.iter().position(|field| field.column == name).unwrap();
    assert_eq!(cells.text(at("text")).unwrap(), Some("a\nb"));
    assert_eq!(cells.text(at("text")).unwrap(), Some("a\nb"));
    assert_eq!(cells.text(at("mood")).unwrap(), Some("calm"));
    assert_eq!(cells.bytes(at("bytes")).unwrap(), Some([0, 255].as_slice()));
    assert_eq!(cells.text(at("uuid")).unwrap(), None);
}

#[test]
fn a_field_of_another_type_names_the_field_and_the_row() {
    let row = row(r#"{"id":"one","secret":"hunter2"}"#);
    let cells = Cells::new(vec![Cell::Stored(&row, 0)]);
    let error = RowReader::new(&cells).required_field::<i64>("Every", &EVERY.fields[0]).unwrap_err();
    assert_eq!(error.to_string(), r#"cannot read Every.id of every: expected i64, found the text "one""#);
    let secret = EVERY.fields.iter().position(|field| field.redact).unwrap();
    let error = Cells::new(vec![Cell::Stored(&row, secret)]).i32(0).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn a_row_that_is_too_short_is_an_error() {
    let error = RowReader::new(&Cells::new(Vec::new())).required::<i64>().unwrap_err();
    assert_eq!(error.to_string(), "cannot read a value: expected i64, found a row of 0 columns");
    assert!(Cells::new(Vec::new()).i64(0).is_err());
}

#[test]
fn a_computed_number_is_read_as_a_wider_one_and_no_other() {
    let cells = |value| Cells::new(vec![Cell::Value(value)]);
    assert_eq!(cells(Value::I64(7)).i16(0).unwrap(), Some(7));
    assert_eq!(cells(Value::I32(7)).decimal(0).unwrap(), Some(Decimal::from(7)));
    assert_eq!(cells(Value::I64(7)).f64(0).unwrap(), Some(7.0));
    assert!(cells(Value::I64(70_000)).i16(0).is_err());
    assert!(cells(Value::I64((1 << 53) + 1)).f64(0).is_err());
    assert!(cells(Value::Text("7".into())).i64(0).is_err());
    assert!(cells(Value::F64(1e300)).f32(0).is_err());
    assert_eq!(cells(Value::Null(DataType::Text)).i64(0).unwrap(), None);
}

//! When values are the same: for DISTINCT, groups and what is counted once.

use chrono::Timelike;
use peristyle_query::value::{Interval, Value};
use serde_json::{Number, Value as Json};

/// Adds bytes that two values of a type share exactly if they are equal, NULL being equal to itself.
pub(super) fn push(bytes: &mut Vec<u8>, value: &Value) {
    let tagged = |bytes: &mut Vec<u8>, tag: u8, content: &[u8]| {
        bytes.push(tag);
        bytes.extend_from_slice(content);
    };
    match value {
        Value::Null(_) => bytes.push(0),
        Value::Bool(value) => tagged(bytes, 1, &[u8::from(*value)]),
        Value::I16(value) => tagged(bytes, 2, &i64::from(*value).to_be_bytes()),
        Value::I32(value) => tagged(bytes, 2, &i64::from(*value).to_be_bytes()),
        Value::I64(value) => tagged(bytes, 2, &value.to_be_bytes()),
        Value::F32(value) => tagged(bytes, 3, &float(f64::from(*value)).to_be_bytes()),
        Value::F64(value) => tagged(bytes, 3, &float(*value).to_be_bytes()),
        Value::Decimal(value) => {
            // Normalized, equal decimals have one form; zero may still carry a sign.
            let value = if value.is_zero() { rust_decimal::Decimal::ZERO } else { value.normalize() };
            tagged(bytes, 4, &value.serialize());
        }
        Value::Text(value) | Value::Enum(_, value) => sized(bytes, 5, value.as_bytes()),
        Value::Bytes(value) => sized(bytes, 6, value),
        Value::Uuid(value) => tagged(bytes, 7, value.as_bytes()),
        Value::Date(value) => {
            let days = value.signed_duration_since(chrono::NaiveDate::default()).num_days();
            tagged(bytes, 8, &days.to_be_bytes());
        }
        Value::Time(value) => {
            tagged(bytes, 9, &value.num_seconds_from_midnight().to_be_bytes());
            bytes.extend_from_slice(&value.nanosecond().to_be_bytes());
        }
        Value::DateTime(value) => moment(bytes, 10, value.and_utc()),
        Value::Timestamp(value) => moment(bytes, 10, *value),
        Value::Interval(value) => tagged(bytes, 11, &length(value).to_be_bytes()),
        Value::Json(value) => {
            bytes.push(12);
            json(bytes, value);
        }
        Value::Array(_, items) => {
            tagged(bytes, 13, &(items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| push(bytes, item));
        }
        other => sized(bytes, 14, other.to_string().as_bytes()),
    }
}

/// The bytes of several values in turn.
pub(super) fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.into_iter().for_each(|value| push(&mut bytes, value));
    bytes
}

fn sized(bytes: &mut Vec<u8>, tag: u8, content: &[u8]) {
    bytes.push(tag);
    bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
    bytes.extend_from_slice(content);
}

fn moment(bytes: &mut Vec<u8>, tag: u8, moment: chrono::DateTime<chrono::Utc>) {
    bytes.push(tag);
    bytes.extend_from_slice(&moment.timestamp().to_be_bytes());
    bytes.extend_from_slice(&moment.timestamp_subsec_nanos().to_be_bytes());
}

/// The bits of a float: both zeros are one number, and so is whatever is none.
fn float(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else if value == 0.0 {
        0
    } else {
        value.to_bits()
    }
}

/// How long an interval is, a month counting as 30 days, in microseconds: what Postgres compares.
pub(super) fn length(interval: &Interval) -> i128 {
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * 86_400_000_000 + i128::from(interval.micros)
}

/// A document: numbers by their value, members in the order of their names.
fn json(bytes: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Null => bytes.push(0),
        Json::Bool(value) => bytes.extend_from_slice(&[1, u8::from(*value)]),
        Json::Number(value) => number(bytes, value),
        Json::String(value) => sized(bytes, 4, value.as_bytes()),
        Json::Array(items) => {
            bytes.push(5);
            bytes.extend_from_slice(&(items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| json(bytes, item));
        }
        Json::Object(members) => {
            bytes.push(6);
            bytes.extend_from_slice(&(members.len() as u64).to_be_bytes());
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in members {
                sized(bytes, 4, name.as_bytes());
                json(bytes, member);
            }
        }
    }
}

fn number(bytes: &mut Vec<u8>, number: &Number) {
    let float_value = number.as_f64().unwrap_or(f64::NAN);
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    // A float is a whole number as soon as it has no fraction, so that 1 and 1.0 are one.
    let whole =
        whole.or_else(|| (float_value.fract() == 0.0 && float_value.abs() < 1e30).then_some(float_value as i128));
    match whole {
        Some(whole) => {
            bytes.push(2);
            bytes.extend_from_slice(&whole.to_be_bytes());
        }
        None => {
            bytes.push(3);
            bytes.extend_from_slice(&float(float_value).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn equal_values_have_the_same_bytes_and_others_do_not() {
        let same = |left: Value, right: Value| of([&left]) == of([&right]);
        assert!(same(Value::F64(0.0), Value::F64(-0.0)));
        assert!(same(Value::F64(f64::NAN), Value::F64(-f64::NAN)));
        assert!(same(Value::Decimal(Decimal::new(150, 2)), Value::Decimal(Decimal::new(15, 1))));
        assert!(same(Value::Decimal(Decimal::new(0, 2)), Value::Decimal(-Decimal::ZERO)));
        assert!(same(Value::Json(serde_json::json!({"a": 1})), Value::Json(serde_json::json!({"a": 1.0}))));
        assert!(!same(Value::Text("a".into()), Value::Text("ab".into())));
        assert!(!same(Value::I64(0), Value::Null(peristyle_query::value::DataType::I64)));
        // The border between two values is part of the bytes.
        let text = |text: &str| Value::Text(text.into());
        assert_ne!(of([&text("a"), &text("bc")]), of([&text("ab"), &text("c")]));
    }
}

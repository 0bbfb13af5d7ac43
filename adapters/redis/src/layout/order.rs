//! Ordered bytes: those of two values of a type compare, byte by byte, as the values do.

use super::STORE;
use super::json::micros;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use peristyle_query::error::{Error, Unsupported};
use peristyle_query::value::Value;
use rust_decimal::Decimal;

/// NULL, which is less than all.
pub(crate) const NULL: u8 = 1;
/// What is before the bytes of any other value.
pub(crate) const VALUE: u8 = 2;

/// Appends the ordered bytes of a value.
///
/// # Errors
///
/// [`Error::Unsupported`] for a type that has none: JSON, a list, an interval.
pub(crate) fn encode(value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
    if value.is_null() {
        out.push(NULL);
        return Ok(());
    }
    out.push(VALUE);
    match value {
        Value::Bool(value) => out.push(u8::from(*value)),
        Value::I16(value) => integer(i64::from(*value), out),
        Value::I32(value) => integer(i64::from(*value), out),
        Value::I64(value) => integer(*value, out),
        Value::F32(value) => float(f64::from(*value), out),
        Value::F64(value) => float(*value, out),
        Value::Decimal(value) => decimal(value, out),
        Value::Text(text) | Value::Enum(_, text) => terminated(text.as_bytes(), out),
        Value::Bytes(bytes) => terminated(bytes, out),
        Value::Uuid(value) => out.extend_from_slice(value.as_bytes()),
        Value::Date(value) => integer(days(*value), out),
        Value::Time(value) => integer(micros_of_day(*value), out),
        Value::DateTime(value) => integer(micros_since_epoch(*value), out),
        Value::Timestamp(value) => integer(micros_since_epoch(value.naive_utc()), out),
        other => {
            let feature = format!("order of values of type {}", other.data_type()).into();
            let instead = "compare an integer, a text, a UUID, a decimal or a time".into();
            return Err(Unsupported { store: STORE, feature, instead }.into());
        }
    }
    Ok(())
}

/// Appends what the ordered bytes of all texts (or bytes) with this beginning begin with.
pub(crate) fn encode_prefix(beginning: &[u8], out: &mut Vec<u8>) {
    out.push(VALUE);
    escaped(beginning, out);
}

/// The least bytes that are greater than all that begin with `prefix`; `None` if there are none.
pub(crate) fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

fn integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&(value as u64 ^ 1 << 63).to_be_bytes());
}

fn float(value: f64, out: &mut Vec<u8>) {
    let bits = match value {
        value if value.is_nan() => f64::NAN.to_bits() & !(1 << 63),
        0.0 => 0,
        value => value.to_bits(),
    };
    let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    out.extend_from_slice(&ordered.to_be_bytes());
}

fn decimal(value: &Decimal, out: &mut Vec<u8>) {
    if value.is_zero() {
        out.push(2);
        return;
    }
    let digits = value.mantissa().unsigned_abs().to_string();
    // The first digit of 5 is worth 5 * 10^0; that of 0.05, 5 * 10^-2. At most 28 either way.
    let exponent = digits.len() as i64 - 1 - i64::from(value.scale());
    let negative = value.is_sign_negative();
    out.push(if negative { 1 } else { 3 });
    let start = out.len();
    out.push((exponent + 128) as u8);
    out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
    out.push(0);
    if negative {
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn terminated(bytes: &[u8], out: &mut Vec<u8>) {
    escaped(bytes, out);
    out.extend_from_slice(&[0, 1]);
}

fn escaped(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(u8::MAX);
        }
    }
}

fn days(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - i64::from(NaiveDate::default().num_days_from_ce())
}

fn micros_of_day(time: NaiveTime) -> i64 {
    let time = micros(time);
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000)
}

fn micros_since_epoch(moment: NaiveDateTime) -> i64 {
    days(moment.date()) * 86_400_000_000 + micros_of_day(moment.time())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::testing::{ORDERED, values};
    use peristyle_query::value::DataType;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn bytes(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(value, &mut bytes).unwrap();
        bytes
    }

    fn compare(left: &Value, right: &Value) -> Ordering {
        let floats = |left: f64, right: f64| match (left.is_nan(), right.is_nan()) {
            (false, false) => left.partial_cmp(&right).unwrap(),
            (left, right) => left.cmp(&right),
        };
        match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
            (Value::I16(left), Value::I16(right)) => left.cmp(right),
            (Value::I32(left), Value::I32(right)) => left.cmp(right),
            (Value::I64(left), Value::I64(right)) => left.cmp(right),
            (Value::F32(left), Value::F32(right)) => floats(f64::from(*left), f64::from(*right)),
            (Value::F64(left), Value::F64(right)) => floats(*left, *right),
            (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
            (Value::Text(left) | Value::Enum(_, left), Value::Text(right) | Value::Enum(_, right)) => left.cmp(right),
            (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
            (Value::Uuid(left), Value::Uuid(right)) => left.cmp(right),
            (Value::Date(left), Value::Date(right)) => left.cmp(right),
            (Value::Time(left), Value::Time(right)) => left.cmp(right),
            (Value::DateTime(left), Value::DateTime(right)) => left.cmp(right),
            (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
            (left, right) => unreachable!("{left} {right}"),
        }
    }

    fn pairs() -> impl Strategy<Value = (Value, Value)> {
        proptest::sample::select(ORDERED.to_vec()).prop_flat_map(|data_type| (values(data_type), values(data_type)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn the_order_of_bytes_is_that_of_values((left, right) in pairs()) {
            prop_assert_eq!(bytes(&left).cmp(&bytes(&right)), compare(&left, &right), "{} {}", left, right);
        }

        #[test]
        fn what_follows_a_value_does_not_disturb_its_order((left, right) in pairs(), one: [u8; 3], other: [u8; 3]) {
            let order = compare(&left, &right);
            let followed = |value: &Value, end: [u8; 3]| [bytes(value), end.to_vec()].concat();
            let expected = order.then(one.cmp(&other));
            prop_assert_eq!(followed(&left, one).cmp(&followed(&right, other)), expected, "{} {}", left, right);
        }

        #[test]
        fn null_is_less_than_every_value((value, _) in pairs()) {
            prop_assert!(bytes(&Value::Null(value.data_type())) < bytes(&value));
        }

        #[test]
        fn a_prefix_is_a_range(beginning in "[a\0\u{1}ÿ]{0,3}", text in "[a\0\u{1}ÿ]{0,5}") {
            let mut start = Vec::new();
            encode_prefix(beginning.as_bytes(), &mut start);
            let end = prefix_end(&start).unwrap();
            let bytes = bytes(&Value::Text(text.clone()));
            prop_assert_eq!(start <= bytes && bytes < end, text.starts_with(&beginning));
        }
    }

    #[test]
    fn integers_of_all_widths_have_the_same_bytes() {
        assert_eq!(bytes(&Value::I16(-7)), bytes(&Value::I64(-7)));
        assert_eq!(bytes(&Value::I32(7)), bytes(&Value::I64(7)));
        assert_eq!(bytes(&Value::F32(0.5)), bytes(&Value::F64(0.5)));
    }

    #[test]
    fn the_bytes_are_those_of_the_documentation() {
        assert_eq!(bytes(&Value::Null(DataType::I64)), [1]);
        assert_eq!(bytes(&Value::Bool(true)), [2, 1]);
        assert_eq!(bytes(&Value::I64(42)), [2, 0x80, 0, 0, 0, 0, 0, 0, 42]);
        assert_eq!(bytes(&Value::F64(-0.0)), [2, 0x80, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes(&Value::Decimal(Decimal::new(120, 1))), [2, 3, 129, b'1', b'2', 0]);
        assert_eq!(bytes(&Value::Decimal(Decimal::new(-120, 1))), [2, 1, !129, !b'1', !b'2', 255]);
        assert_eq!(bytes(&Value::Decimal(Decimal::new(0, 3))), [2, 2]);
        assert_eq!(bytes(&Value::Text("a\0b".into())), [2, b'a', 0, 255, b'b', 0, 1]);
        assert_eq!(bytes(&Value::Date(NaiveDate::from_ymd_opt(1970, 1, 2).unwrap())), bytes(&Value::I64(1)));
        let time = NaiveTime::from_hms_micro_opt(0, 0, 1, 5).unwrap();
        assert_eq!(bytes(&Value::Time(time)), bytes(&Value::I64(1_000_005)));
        let moment = NaiveDate::default().and_time(time);
        assert_eq!(bytes(&Value::DateTime(moment)), bytes(&Value::I64(1_000_005)));
        assert_eq!(bytes(&Value::Timestamp(moment.and_utc())), bytes(&Value::I64(1_000_005)));
    }

    #[test]
    fn a_nan_of_either_sign_is_greater_than_infinity() {
        for nan in [f64::NAN, -f64::NAN] {
            assert!(bytes(&Value::F64(nan)) > bytes(&Value::F64(f64::INFINITY)));
            assert_eq!(bytes(&Value::F64(nan)), bytes(&Value::F64(f64::NAN)));
        }
    }

    #[test]
    fn nothing_is_after_all_that_begin_with_bytes_of_ones() {
        assert_eq!(prefix_end(&[255, 255]), None);
        assert_eq!(prefix_end(&[]), None);
        assert_eq!(prefix_end(&[1, 255]), Some(vec![2]));
    }

    #[test]
    fn a_document_has_no_order() {
        let error = encode(&Value::Json(serde_json::json!({})), &mut Vec::new()).unwrap_err();
        assert!(error.is_unsupported());
        assert!(error.to_string().contains("values of type JSON"), "{error}");
    }
}

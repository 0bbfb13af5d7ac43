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
            let feature = format!("an order of values of type {}", other.data_type()).into();
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
        value if value == 0.0 => 0,
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

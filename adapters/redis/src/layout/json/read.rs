//! From the JSON text of a value to the value: tolerant of the forms that other programs write, strict about what makes no
//! sense.

use super::{EXACT, temporal};
use peristyle_query::error::DecodeError;
use peristyle_query::value::{DataType, Interval, Value};
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How much of a text an error shows.
const SHOWN: usize = 80;

/// The value of a type, other than NULL, that a JSON text stands for.
///
/// # Errors
///
/// [`DecodeError`] if it stands for none.
pub(crate) fn value(raw: &str, data_type: DataType) -> Result<Value, DecodeError> {
    Ok(match data_type {
        DataType::Bool => Value::Bool(boolean(raw)?),
        DataType::I16 => Value::I16(small(raw, data_type)?),
        DataType::I32 => Value::I32(small(raw, data_type)?),
        DataType::I64 => Value::I64(whole(raw, data_type)?),
        DataType::F32 => Value::F32(single(raw)?),
        DataType::F64 => Value::F64(number(raw)?),
        DataType::Text => Value::Text(text(raw, data_type)?.into_owned()),
        DataType::Enum(name) => Value::Enum(name, text(raw, data_type)?.into_owned()),
        DataType::Bytes => Value::Bytes(bytes(raw)?),
        DataType::Uuid => Value::Uuid(parsed(raw, data_type, |text| text.parse().ok())?),
        DataType::Date => Value::Date(parsed(raw, data_type, temporal::date)?),
        DataType::Time => Value::Time(parsed(raw, data_type, temporal::time)?),
        DataType::DateTime => Value::DateTime(parsed(raw, data_type, temporal::date_time)?),
        DataType::Timestamp => Value::Timestamp(parsed(raw, data_type, temporal::moment)?),
        DataType::Decimal => Value::Decimal(decimal(raw)?),
        DataType::Json => Value::Json(document(raw)?),
        DataType::Interval => Value::Interval(interval(raw)?),
        DataType::Array(item) => Value::Array(item, list(raw, item)?),
        other => return Err(unexpected(other, raw)),
    })
}

pub(crate) fn boolean(raw: &str) -> Result<bool, DecodeError> {
    match raw {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(unexpected(DataType::Bool, raw)),
    }
}

/// An integer: a number, or a string of digits.
pub(crate) fn whole(raw: &str, expected: DataType) -> Result<i64, DecodeError> {
    let digits = match raw.as_bytes() {
        [b'"', .., b'"'] => &raw[1..raw.len() - 1],
        _ => raw,
    };
    if let Ok(number) = digits.parse() {
        return Ok(number);
    }
    // A program whose numbers are all floats writes 3 as 3.0.
    match raw.parse::<f64>() {
        Ok(float) if is_number(raw) && float.fract() == 0.0 && float.abs() <= EXACT as f64 => Ok(float as i64),
        _ if digits.len() > 18 && digits.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(out_of_range(expected, digits))
        }
        _ => Err(unexpected(expected, raw)),
    }
}

/// An integer of a smaller type.
pub(crate) fn small<T: TryFrom<i64>>(raw: &str, expected: DataType) -> Result<T, DecodeError> {
    let number = whole(raw, expected)?;
    T::try_from(number).map_err(|_| out_of_range(expected, &number.to_string()))
}

/// A float, or the name of what JSON has no number for.
pub(crate) fn number(raw: &str) -> Result<f64, DecodeError> {
    match raw {
        r#""NaN""# => Ok(f64::NAN),
        r#""Infinity""# => Ok(f64::INFINITY),
        r#""-Infinity""# => Ok(f64::NEG_INFINITY),
        _ => match raw.parse::<f64>() {
            Ok(float) if is_number(raw) && float.is_finite() => Ok(float),
            Ok(_) if is_number(raw) => Err(out_of_range(DataType::F64, &shown(raw))),
            _ => Err(unexpected(DataType::F64, raw)),
        },
    }
}

/// A float of 32 bits, read from its text at once: by way of 64 bits it would be rounded twice.
pub(crate) fn single(raw: &str) -> Result<f32, DecodeError> {
    if !is_number(raw) {
        return match number(raw) {
            Ok(float) => Ok(float as f32),
            Err(_) => Err(unexpected(DataType::F32, raw)),
        };
    }
    match raw.parse::<f32>() {
        Ok(float) if float.is_finite() => Ok(float),
        _ => Err(out_of_range(DataType::F32, &shown(raw))),
    }
}

/// A text, without a copy if nothing in it is escaped.
pub(crate) fn text(raw: &str, expected: DataType) -> Result<Cow<'_, str>, DecodeError> {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Err(unexpected(expected, raw));
    };
    if !inner.contains('\\') {
        return Ok(Cow::Borrowed(inner));
    }
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Ok(Cow::Owned(text)),
        Err(_) => Err(DecodeError::new(expected, format!("{}, which is not Unicode", shown(raw)))),
    }
}

/// What a text stands for.
pub(crate) fn parsed<T>(
    raw: &str,
    expected: DataType,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    parse(&text(raw, expected)?).ok_or_else(|| unexpected(expected, raw))
}

/// Bytes, as hexadecimal digits.
pub(crate) fn bytes(raw: &str) -> Result<Vec<u8>, DecodeError> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    parsed(raw, DataType::Bytes, |text| {
        let pairs = text.as_bytes().chunks(2);
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        };
        pairs.map(byte).collect()
    })
}

/// A decimal with its scale: a string, or a number as another program may write it.
pub(crate) fn decimal(raw: &str) -> Result<Decimal, DecodeError> {
    if is_number(raw) {
        return exact(raw).ok_or_else(|| unexpected(DataType::Decimal, raw));
    }
    parsed(raw, DataType::Decimal, exact)
}

fn exact(text: &str) -> Option<Decimal> {
    let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+'));
    match text.split_once(['e', 'E']) {
        None => Some(text).filter(|text| plain(text)).and_then(|text| Decimal::from_str_exact(text).ok()),
        Some((number, exponent)) if plain(number) && plain(exponent) => Decimal::from_scientific(text).ok(),
        Some(_) => None,
    }
}

/// A JSON document.
pub(crate) fn document(raw: &str) -> Result<serde_json::Value, DecodeError> {
    serde_json::from_str(raw).map_err(|error| DecodeError::new(DataType::Json, format!("{} ({error})", found(raw))))
}

pub(crate) fn interval(raw: &str) -> Result<Interval, DecodeError> {
    parsed(raw, DataType::Interval, |text| text.parse().ok())
}

/// The items of a list; `null` is NULL among them.
pub(crate) fn list(raw: &str, item: &'static DataType) -> Result<Vec<Value>, DecodeError> {
    let items: Vec<&RawValue> = match serde_json::from_str(raw) {
        Ok(items) => items,
        Err(_) => return Err(unexpected(DataType::Array(item), raw)),
    };
    let read = |raw: &RawValue| match raw.get() {
        "null" if *item != DataType::Json => Ok(Value::Null(*item)),
        raw => value(raw, *item),
    };
    items.into_iter().map(read).collect()
}

/// Whether a JSON text is a number.
fn is_number(raw: &str) -> bool {
    raw.bytes().next().is_some_and(|byte| byte == b'-' || byte.is_ascii_digit())
}

fn out_of_range(expected: DataType, number: &str) -> DecodeError {
    DecodeError::new(expected, format!("{number}, which is out of its range"))
}

/// The error of a stored value that is not of its type.
fn unexpected(expected: DataType, raw: &str) -> DecodeError {
    DecodeError::new(expected, found(raw))
}

fn found(raw: &str) -> String {
    match raw.as_bytes().first() {
        Some(b'"') => format!("the text {}", shown(raw)),
        Some(b'{') => format!("the object {}", shown(raw)),
        Some(b'[') => format!("the list {}", shown(raw)),
        Some(b'-' | b'0'..=b'9') if raw.parse::<i64>().is_ok() => format!("the integer {raw}"),
        Some(b'-' | b'0'..=b'9') => format!("the number {}", shown(raw)),
        Some(b't' | b'f') => format!("the boolean {}", shown(raw)),
        Some(b'n') => "NULL".to_owned(),
        _ => shown(raw),
    }
}

/// A text as errors show it: cut if it is long.
pub(crate) fn shown(raw: &str) -> String {
    match raw.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &raw[..end], raw.len()),
        None => raw.to_owned(),
    }
}

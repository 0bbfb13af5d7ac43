//! From a value to its JSON text.

use super::{EXACT, temporal};
use crate::layout::STORE;
use peristyle_query::error::{EncodeError, Error};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt::Write;

/// How deep a JSON document may be nested; a deeper one could not be read again.
const DEPTH: usize = 127;

/// Appends the JSON text of a value; that of NULL is `null`.
///
/// # Errors
///
/// [`Error::Encode`] for a JSON document that is nested too deep.
pub(crate) fn push(out: &mut String, value: &Value) -> Result<(), Error> {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Null(_) => out.write_str("null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::I16(value) => write!(out, "{value}"),
        Value::I32(value) => write!(out, "{value}"),
        Value::I64(value) if value.unsigned_abs() > EXACT.unsigned_abs() => write!(out, "\"{value}\""),
        Value::I64(value) => write!(out, "{value}"),
        Value::F32(value) if value.is_finite() => write!(out, "{value:?}"),
        Value::F64(value) if value.is_finite() => write!(out, "{value:?}"),
        Value::F32(value) => not_finite(out, f64::from(*value)),
        Value::F64(value) => not_finite(out, *value),
        Value::Text(text) | Value::Enum(_, text) => {
            push_text(out, text);
            Ok(())
        }
        Value::Bytes(bytes) => {
            out.push('"');
            let _ = bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"));
            out.write_str("\"")
        }
        Value::Uuid(value) => write!(out, "\"{value}\""),
        Value::Date(value) => write!(out, "\"{value}\""),
        Value::Time(value) => write!(out, "\"{}\"", temporal::time_text(*value)),
        Value::DateTime(value) => write!(out, "\"{}\"", temporal::date_time_text(*value)),
        Value::Timestamp(value) => write!(out, "\"{}\"", temporal::moment_text(*value)),
        Value::Decimal(value) => write!(out, "\"{value}\""),
        Value::Interval(value) => write!(out, "\"{value}\""),
        Value::Json(document) if depth_is_at_most(document, DEPTH) => write!(out, "{document}"),
        Value::Json(_) => {
            let reason = format!("it is nested more than {DEPTH} levels deep");
            return Err(EncodeError { store: STORE, data_type: DataType::Json, reason }.into());
        }
        Value::Array(_, items) => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                push(out, item)?;
            }
            out.write_str(if items.is_empty() { "[]" } else { "]" })
        }
        other => {
            let reason = "the adapter does not know this type".to_owned();
            return Err(EncodeError { store: STORE, data_type: other.data_type(), reason }.into());
        }
    };
    Ok(())
}

/// Appends a text in quotes.
pub(crate) fn push_text(out: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let _ = write!(out, "{}", Json::from(text));
    } else {
        out.reserve(text.len() + 2);
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

fn not_finite(out: &mut String, value: f64) -> std::fmt::Result {
    out.write_str(match value {
        value if value.is_nan() => "\"NaN\"",
        value if value > 0.0 => "\"Infinity\"",
        _ => "\"-Infinity\"",
    })
}

fn depth_is_at_most(document: &Json, levels: usize) -> bool {
    let fits = |inner| levels > 1 && depth_is_at_most(inner, levels - 1);
    match document {
        Json::Array(items) => levels > 0 && items.iter().all(|item| is_plain(item) || fits(item)),
        Json::Object(members) => levels > 0 && members.values().all(|item| is_plain(item) || fits(item)),
        _ => true,
    }
}

fn is_plain(document: &Json) -> bool {
    !matches!(document, Json::Array(_) | Json::Object(_))
}

/// The value as one of a column's type: another width of number may have come out of an expression.
///
/// # Errors
///
/// [`Error::Encode`] that names the column, if the value is not of its type or out of its range.
pub(crate) fn fit<'v>(field: &FieldMeta, value: &'v Value) -> Result<Cow<'v, Value>, Error> {
    let found = value.data_type();
    if found == field.data_type {
        return Ok(Cow::Borrowed(value));
    }
    let refuse = |reason: String| -> Error {
        EncodeError { store: STORE, data_type: field.data_type, reason: format!("{}: {reason}", field.column) }.into()
    };
    let out_of_range = || refuse("the number is out of its range".into());
    let whole = match value {
        Value::I16(number) => Some(i64::from(*number)),
        Value::I32(number) => Some(i64::from(*number)),
        Value::I64(number) => Some(*number),
        Value::Decimal(number) if number.is_integer() => number.to_i64(),
        _ => None,
    };
    let fitted = match (field.data_type, value) {
        (data_type, Value::Null(_)) => Some(Value::Null(data_type)),
        (DataType::I16, _) if whole.is_some() => {
            Some(Value::I16(whole.and_then(|number| number.try_into().ok()).ok_or_else(out_of_range)?))
        }
        (DataType::I32, _) if whole.is_some() => {
            Some(Value::I32(whole.and_then(|number| number.try_into().ok()).ok_or_else(out_of_range)?))
        }
        (DataType::I64, _) => whole.map(Value::I64),
        (DataType::Decimal, _) => whole.map(|number| Value::Decimal(Decimal::from(number))),
        (DataType::F64, Value::F32(number)) => Some(Value::F64(f64::from(*number))),
        (DataType::F64, _) => whole.map(|number| Value::F64(number as f64)),
        (DataType::F32, Value::F64(number)) => {
            let single = *number as f32;
            if single.is_infinite() && number.is_finite() {
                return Err(out_of_range());
            }
            Some(Value::F32(single))
        }
        (DataType::F32, _) => whole.map(|number| Value::F32(number as f32)),
        (DataType::Text, Value::Enum(_, text)) => Some(Value::Text(text.clone())),
        (DataType::Enum(name), Value::Text(text) | Value::Enum(_, text)) => Some(Value::Enum(name, text.clone())),
        // An embedded struct, or a list of them, may be declared either way.
        (DataType::Json, Value::Array(..)) => Some(Value::Json(value.to_json())),
        _ => None,
    };
    fitted.map(Cow::Owned).ok_or_else(|| refuse(format!("the value is of type {found}")))
}

//! The text of a row's key, and of the values of a unique index.

use super::STORE;
use super::json::temporal;
use peristyle_query::error::{EncodeError, Error, Unsupported};
use peristyle_query::value::{DataType, Value};

/// The values of a key as one text: its parts are joined by `:`.
///
/// Numbers are in decimal, decimals without trailing zeros, UUIDs hyphenated in lower case, bytes in hexadecimal digits, times
/// as in JSON; in texts, `%`, `:` and NUL are written as `%25`, `%3A` and `%00`.
///
/// # Errors
///
/// [`Error::Encode`] for NULL, [`Error::Unsupported`] for a type that no key may have.
pub(crate) fn key_text<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<String, Error> {
    let mut text = String::new();
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            text.push(':');
        }
        push(&mut text, value)?;
    }
    Ok(text)
}

fn push(text: &mut String, value: &Value) -> Result<(), Error> {
    use std::fmt::Write;
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Bool(value) => write!(text, "{value}"),
        Value::I16(value) => write!(text, "{value}"),
        Value::I32(value) => write!(text, "{value}"),
        Value::I64(value) => write!(text, "{value}"),
        Value::Decimal(value) => write!(text, "{}", value.normalize()),
        Value::Uuid(value) => write!(text, "{value}"),
        Value::Date(value) => write!(text, "{value}"),
        Value::Time(value) => escaped(text, &temporal::time_text(*value)),
        Value::DateTime(value) => escaped(text, &temporal::date_time_text(*value)),
        Value::Timestamp(value) => escaped(text, &temporal::moment_text(*value)),
        Value::Text(value) | Value::Enum(_, value) => escaped(text, value),
        Value::Bytes(value) => value.iter().try_for_each(|byte| write!(text, "{byte:02x}")),
        Value::Null(data_type) => {
            return Err(EncodeError { store: STORE, data_type: *data_type, reason: "a key has no NULL".into() }.into());
        }
        other => {
            let feature = format!("keys of type {}", other.data_type()).into();
            return Err(Unsupported { store: STORE, feature, instead: KEY_TYPES.into() }.into());
        }
    };
    Ok(())
}

fn escaped(text: &mut String, value: &str) -> std::fmt::Result {
    for character in value.chars() {
        match character {
            '%' => text.push_str("%25"),
            ':' => text.push_str("%3A"),
            '\0' => text.push_str("%00"),
            other => text.push(other),
        }
    }
    Ok(())
}

/// Whether values of a type make a key, or the claim of a unique index. Floats do not: equal ones have several texts.
pub(crate) fn makes_a_key(data_type: DataType) -> bool {
    !matches!(data_type, DataType::F32 | DataType::F64 | DataType::Json | DataType::Interval | DataType::Array(_))
}

/// What to use instead of a type that makes no key.
pub(crate) const KEY_TYPES: &str = "use an integer, a text, a UUID, a decimal or a time";

//! Literals, written into the SQL.

use super::precedence::Level;
use super::{Item, Layout};
use crate::target::Target;
use crate::types::postgres_type;
use crate::unsupported;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::value::Value;

/// How a literal is written.
pub(super) fn layout(target: Target, value: &Value) -> Result<Layout, Error> {
    let text = literal(target, value)?;
    let level = if text.starts_with('-') { Level::Sign } else { Level::Atom };
    Ok((level, vec![Item::text(text)]))
}

fn literal(target: Target, value: &Value) -> Result<String, Error> {
    let text = match value {
        Value::Null(_) => return Ok("NULL".to_owned()),
        Value::Bool(value) => return Ok(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        Value::I16(value) => return Ok(value.to_string()),
        Value::I32(value) => return Ok(value.to_string()),
        // Without its sign this is no int8, and so Postgres would take it for a numeric.
        Value::I64(i64::MIN) if target == Target::Postgres => i64::MIN.to_string(),
        Value::I64(value) => return Ok(value.to_string()),
        Value::F32(number) if number.is_finite() => return Ok(format!("{number:?}")),
        Value::F64(number) if number.is_finite() => return Ok(format!("{number:?}")),
        Value::F32(_) | Value::F64(_) if target == Target::Sqlite => {
            let instead = "bind the value instead of writing it as a constant";
            return Err(unsupported(target.name(), "literal of a float that is not finite", instead));
        }
        // NaN, Infinity and -Infinity, of either width.
        Value::F32(number) => f64::from(*number).to_string().replace("inf", "Infinity"),
        Value::F64(number) => number.to_string().replace("inf", "Infinity"),
        Value::Text(text) => return quoted(target, text),
        Value::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(match target {
                Target::Sqlite => format!("x'{hex}'"),
                Target::Postgres => format!("E'\\\\x{hex}'::bytea"),
            });
        }
        Value::Decimal(value) if target == Target::Postgres => return Ok(value.to_string()),
        Value::Enum(_, text) => text.clone(),
        Value::Uuid(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Json(value) => value.to_string(),
        Value::Interval(value) => value.to_string(),
        other => {
            let feature = format!("literal of the type {}", other.data_type());
            return Err(unsupported(target.name(), feature, "bind the value instead of writing it as a constant"));
        }
    };
    let literal = quoted(target, &text)?;
    match postgres_type(value.data_type()) {
        Some(name) if target == Target::Postgres => Ok(format!("{literal}::{name}")),
        _ => Ok(literal),
    }
}

/// Text in quotes.
fn quoted(target: Target, text: &str) -> Result<String, Error> {
    if text.contains('\0') {
        return Err(QueryError::new("a literal cannot hold a NUL character: bind the value instead").into());
    }
    let doubled = text.replace('\'', "''");
    // The E form means the same whatever the server's standard_conforming_strings says.
    Ok(if target == Target::Postgres && text.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    })
}

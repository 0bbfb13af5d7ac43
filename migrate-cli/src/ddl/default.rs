//! The default of a column.

use super::{column_type, literal};
use crate::catalog::{ColumnType, Default};
use peristyle_query::statement::Dialect;
use serde_json::{Number, Value};

pub(super) fn expression(value: &Default, of: &ColumnType, dialect: Dialect) -> Result<String, String> {
    let sqlite = dialect == Dialect::Sqlite;
    match value {
        Default::Null => Ok("NULL".to_owned()),
        Default::Bool(value) => Ok(value.to_string()),
        Default::Integer(value) => number(&value.to_string(), of, sqlite),
        Default::Number(value) => number(value, of, sqlite),
        Default::Text(value) if *of == ColumnType::Binary => bytes(value, sqlite),
        Default::Text(value) => literal::text(value),
        Default::Json(value) => literal::text(&value.to_string()),
        Default::List(items) if sqlite => literal::text(&json_list(items)?.to_string()),
        Default::List(items) => {
            let item = match of {
                ColumnType::Array(item) => item,
                other => other,
            };
            Ok(format!("{}::{}", array(items, item)?, cast_type(of)))
        }
        Default::Sql(sql) if sqlite => Ok(sqlite_expression(sql)),
        Default::Sql(sql) => Ok(sql.clone()),
    }
}

/// A number, as text where SQLite keeps decimals with their scale.
fn number(value: &str, of: &ColumnType, sqlite: bool) -> Result<String, String> {
    let digits = value.trim_start_matches('-');
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') || digits.parse::<f64>().is_err() {
        return Err(format!("the default {value:?} is not a number; write an expression with `.default_sql(..)`"));
    }
    Ok(if sqlite && matches!(of, ColumnType::Decimal(_)) { format!("'{value}'") } else { value.to_owned() })
}

/// The bytes of a text, or of the hexadecimal literal that it is.
fn bytes(value: &str, sqlite: bool) -> Result<String, String> {
    let digits = value
        .strip_prefix("\\x")
        .filter(|digits| digits.len().is_multiple_of(2) && digits.chars().all(|digit| digit.is_ascii_hexdigit()));
    match digits {
        Some(digits) if sqlite => Ok(format!("x'{digits}'")),
        None if sqlite => Ok(format!("x'{}'", literal::hexadecimal(value.as_bytes()))),
        None if value.contains('\0') => Err(format!(
            "the default {value:?} holds a zero byte, which no text can; write it in hexadecimal digits: \"\\\\x{}\"",
            literal::hexadecimal(value.as_bytes())
        )),
        _ => literal::text(value),
    }
}

fn array(items: &[Default], of: &ColumnType) -> Result<String, String> {
    let inner = match of {
        ColumnType::Array(inner) => inner,
        other => other,
    };
    let items: Vec<String> = items
        .iter()
        .map(|item| match item {
            Default::List(items) => array(items, inner),
            item => expression(item, of, Dialect::Postgres),
        })
        .collect::<Result<_, _>>()?;
    Ok(format!("ARRAY[{}]", items.join(",")))
}

/// The type of a list, without a length that would cut its items.
fn cast_type(of: &ColumnType) -> String {
    match of {
        ColumnType::Array(item) => format!("{}[]", cast_type(item)),
        ColumnType::Varchar(_) => "varchar".to_owned(),
        other => column_type::name(other, Dialect::Postgres),
    }
}

fn json_list(items: &[Default]) -> Result<Value, String> {
    let items = items.iter().map(|item| {
        Ok(match item {
            Default::Null => Value::Null,
            Default::Bool(value) => Value::Bool(*value),
            Default::Integer(value) => Value::Number((*value).into()),
            Default::Number(value) => match value.parse().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => return Err(format!("the default {value:?} is not a number")),
            },
            Default::Text(value) => Value::String(value.clone()),
            Default::Json(value) => value.clone(),
            Default::List(items) => json_list(items)?,
            Default::Sql(_) => return Err("SQLite keeps a list as JSON, which no expression can be in".to_owned()),
        })
    });
    Ok(Value::Array(items.collect::<Result<_, _>>()?))
}

/// An expression in SQLite's form: in parentheses, unless it is a literal. `now()` has another name there.
fn sqlite_expression(sql: &str) -> String {
    let sql = sql.trim();
    match sql.to_ascii_lowercase().as_str() {
        "now()" | "current_timestamp" => return "CURRENT_TIMESTAMP".to_owned(),
        "current_date" => return "CURRENT_DATE".to_owned(),
        "current_time" => return "CURRENT_TIME".to_owned(),
        "null" | "true" | "false" => return sql.to_owned(),
        _ => {}
    }
    if is_literal(sql) { sql.to_owned() } else { format!("({sql})") }
}

/// Whether an expression is a number, a text or a blob.
pub(super) fn is_literal(sql: &str) -> bool {
    let quoted = sql.strip_prefix(['x', 'X']).unwrap_or(sql);
    if let Some(inner) = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return !inner.replace("''", "").contains('\'');
    }
    let digits = sql.trim_start_matches(['-', '+']);
    digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits.chars().all(|each| each.is_ascii_alphanumeric() || "+-._".contains(each))
        && (digits.parse::<f64>().is_ok() || digits.starts_with("0x"))
}

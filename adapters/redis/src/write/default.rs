//! The defaults of columns that a write leaves out.

use crate::pending::refused;
use peristyle_query::error::Error;
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};

/// The value of a column that an insert leaves out; `None` if it has no default.
///
/// # Errors
///
/// [`Error::Unsupported`] for a literal that is not one of the column's type: on the SQL stores, the database reads it.
pub(crate) fn default(schema: &SchemaMeta, field: &FieldMeta) -> Result<Option<Value>, Error> {
    let Some(default) = field.default else { return Ok(None) };
    if let Some(value) = default.value {
        return Ok(Some(value()));
    }
    match literal(default.expression, field.data_type) {
        Some(value) => Ok(Some(value)),
        None => Err(refused(
            format!("the default {} of {}.{}, a {}", default.expression, schema.name, field.name, field.data_type),
            "write an expression of the field's type, such as \"Role::Member\" in quotes, or give the field a value",
        )),
    }
}

/// The value of a literal of Rust.
fn literal(text: &str, data_type: DataType) -> Option<Value> {
    let number = || {
        let digits: String = text.chars().filter(|character| !matches!(character, ' ' | '_')).collect();
        let suffix =
            ["i16", "i32", "i64", "f32", "f64"].into_iter().find(|suffix| digits.ends_with(suffix)).unwrap_or("");
        digits.strip_suffix(suffix).map(str::to_owned)
    };
    match data_type {
        DataType::Bool => text.parse().ok().map(Value::Bool),
        DataType::I16 => number()?.parse().ok().map(Value::I16),
        DataType::I32 => number()?.parse().ok().map(Value::I32),
        DataType::I64 => number()?.parse().ok().map(Value::I64),
        DataType::F32 => number()?.parse().ok().map(Value::F32),
        DataType::F64 => number()?.parse().ok().map(Value::F64),
        DataType::Decimal => number()?.parse().ok().map(Value::Decimal),
        DataType::Text => unquoted(text).map(Value::Text),
        _ => None,
    }
}

/// The text of a string literal.
fn unquoted(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character == '"' {
            return None;
        }
        if character != '\\' {
            text.push(character);
            continue;
        }
        text.push(match characters.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            same @ ('\\' | '"' | '\'') => same,
            'x' => char::from_u32(u32::from_str_radix(&characters.by_ref().take(2).collect::<String>(), 16).ok()?)?,
            'u' => {
                let digits: String = characters.by_ref().skip(1).take_while(|next| *next != '}').collect();
                char::from_u32(u32::from_str_radix(&digits.replace('_', ""), 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_values_of_the_columns_type() {
        let cases = [
            ("0", DataType::I16, Value::I16(0)),
            ("- 1", DataType::I32, Value::I32(-1)),
            ("1_000i64", DataType::I64, Value::I64(1000)),
            ("1.5", DataType::F64, Value::F64(1.5)),
            ("true", DataType::Bool, Value::Bool(true)),
            (r#""new""#, DataType::Text, Value::Text("new".into())),
            (r#""a\"b\n\u{e9}\x41""#, DataType::Text, Value::Text("a\"b\né\u{41}".into())),
        ];
        for (text, data_type, value) in cases {
            assert_eq!(literal(text, data_type), Some(value), "{text}");
        }
    }

    #[test]
    fn code_is_no_literal() {
        for (text, data_type) in [
            ("Role::Member", DataType::Text),
            ("i64::MAX", DataType::I64),
            ("70_000", DataType::I16),
            (r#""\q""#, DataType::Text),
        ] {
            assert_eq!(literal(text, data_type), None, "{text}");
        }
    }
}

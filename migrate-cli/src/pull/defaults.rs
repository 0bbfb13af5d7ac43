//! The defaults of columns, as Rust.

use super::enums::Enum;
use super::names::literal;
use crate::catalog::Default;

/// What of `#[schema(..)]` says the default of a field of this type; `None` if Rust has no form for it.
pub(super) fn attribute(default: &Default, rust_type: &str, enums: &[Enum]) -> Option<String> {
    let plain = |value: &str| Some(format!("default = {value}"));
    match (default, rust_type) {
        (Default::Bool(value), "bool") => plain(&value.to_string()),
        // SQLite's own booleans are numbers.
        (Default::Integer(value @ (0 | 1)), "bool") => plain(&(*value == 1).to_string()),
        (Default::Integer(value), "i16" | "i32" | "i64") => plain(&value.to_string()),
        (Default::Integer(value), "f32" | "f64") => plain(&format!("{value}.0")),
        (Default::Number(value), "f32" | "f64") if value.contains('.') && !value.starts_with(['.', '+']) => {
            plain(value)
        }
        (Default::Text(value), "String") => plain(&literal(value)),
        (default, rust_type) => expression(default, rust_type, enums).and_then(|code| plain(&literal(&code))),
    }
}

/// The default as an expression.
fn expression(default: &Default, rust_type: &str, enums: &[Enum]) -> Option<String> {
    if let Some(item) = rust_type.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
        return match default {
            Default::List(items) if items.is_empty() => Some("Vec::new()".to_owned()),
            Default::List(items) => {
                let items: Option<Vec<String>> = items.iter().map(|each| expression(each, item, enums)).collect();
                Some(format!("vec![{}]", items?.join(", ")))
            }
            _ => None,
        };
    }
    match (default, rust_type) {
        (Default::Bool(value), "bool") => Some(value.to_string()),
        (Default::Integer(value), "i16" | "i32" | "i64") => Some(value.to_string()),
        (Default::Integer(value), "Decimal") => decimal(&value.to_string()),
        (Default::Number(value) | Default::Text(value), "Decimal") => decimal(value),
        (Default::Text(value), "String") => Some(format!("{}.to_owned()", literal(value))),
        (Default::Json(value), "serde_json::Value") => Some(format!("serde_json::json!({value})")),
        (Default::Text(value), "serde_json::Value") => {
            let value: serde_json::Value = serde_json::from_str(value).ok()?;
            Some(format!("serde_json::json!({value})"))
        }
        (Default::Sql(sql), "DateTime<Utc>") if is_now(sql) => Some("Utc::now()".to_owned()),
        (Default::Text(value), name) => {
            let each = enums.iter().find(|each| each.name == name)?;
            Some(format!("{}::{}", each.name, each.variant(value)?))
        }
        _ => None,
    }
}

fn is_now(sql: &str) -> bool {
    ["now()", "current_timestamp", "transaction_timestamp()"].iter().any(|now| sql.eq_ignore_ascii_case(now))
}

/// `Decimal::new(1250, 2)` for 12.50.
fn decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some(match (number, fraction.len()) {
        (0, 0) => "Decimal::ZERO".to_owned(),
        (number, scale) => format!("Decimal::new({number}, {scale})"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_code_of_the_fields_type() {
        let role =
            Enum { type_name: "role".into(), name: "Role".into(), variants: vec![("Admin".into(), "admin".into())] };
        let enums = [role];
        for (default, rust_type, expected) in [
            (Default::Integer(3), "i32", Some("default = 3")),
            (Default::Bool(true), "bool", Some("default = true")),
            (Default::Text("a \"b\"".into()), "String", Some("default = \"a \\\"b\\\"\"")),
            (Default::Text("admin".into()), "Role", Some("default = \"Role::Admin\"")),
            (Default::Text("other".into()), "Role", None),
            (Default::Number("-12.50".into()), "Decimal", Some("default = \"Decimal::new(-1250, 2)\"")),
            (Default::List(vec![]), "Vec<String>", Some("default = \"Vec::new()\"")),
            (Default::Sql("now()".into()), "DateTime<Utc>", Some("default = \"Utc::now()\"")),
            (Default::Sql("random()".into()), "f64", None),
        ] {
            assert_eq!(attribute(&default, rust_type, &enums).as_deref(), expected, "{default:?}");
        }
    }
}

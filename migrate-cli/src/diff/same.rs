//! Whether two parts of a database are the same, however they are spelled.

use crate::catalog::{
    Check, Column, ColumnType, Default, Direction, ForeignKey, Index, IndexColumn, IndexPart, Table, Unique,
};
use crate::ddl;
use peristyle_query::statement::Dialect;

/// A type in one spelling: `character varying(160)` of `VARCHAR(160)`.
pub(crate) fn type_name(of: &ColumnType, dialect: Dialect) -> String {
    let text = ddl::column_type(of, dialect);
    match dialect {
        Dialect::Postgres => postgres_type(&text),
        _ => {
            let text = words(&text).to_uppercase();
            text.split(" COLLATE ").next().unwrap_or_default().to_owned()
        }
    }
}

fn postgres_type(text: &str) -> String {
    let text = words(text);
    if let Some(item) = text.strip_suffix("[]") {
        return format!("{}[]", postgres_type(item));
    }
    // Names in quotes are kept as they are, unless they need none.
    let plain = text.split('"').collect::<Vec<_>>();
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let text = match plain[..] {
        ["", name, ""] if is_plain(name) => name.to_owned(),
        ["", prefix, ".", name, ""] if is_plain(prefix) && is_plain(name) => format!("{prefix}.{name}"),
        _ if text.contains('"') => return text,
        _ => text.to_lowercase(),
    };
    let text = text.strip_prefix("pg_catalog.").unwrap_or(&text).to_owned();
    let (name, digits, rest) = match (text.find('('), text.find(')')) {
        (Some(start), Some(end)) if start < end => {
            let digits: String = text[start + 1..end].split(',').map(str::trim).collect::<Vec<_>>().join(",");
            (text[..start].trim().to_owned(), format!("({digits})"), text[end + 1..].trim().to_owned())
        }
        _ => (text.clone(), String::new(), String::new()),
    };
    let name = if rest.is_empty() { name } else { format!("{name} {rest}") };
    match name.as_str() {
        "int8" | "bigserial" | "serial8" => "bigint".to_owned(),
        "int4" | "int" | "serial" | "serial4" => "integer".to_owned(),
        "int2" | "smallserial" | "serial2" => "smallint".to_owned(),
        "bool" => "boolean".to_owned(),
        "float4" => "real".to_owned(),
        "float8" | "float" => "double precision".to_owned(),
        "varchar" | "character varying" => {
            if digits.is_empty() {
                "text".to_owned()
            } else {
                format!("character varying{digits}")
            }
        }
        "char" | "character" => format!("character{}", if digits.is_empty() { "(1)" } else { &digits }),
        "bpchar" => format!("character{digits}"),
        "decimal" | "dec" | "numeric" if !digits.is_empty() && !digits.contains(',') => {
            format!("numeric({},0)", digits.trim_matches(['(', ')']))
        }
        "decimal" | "dec" | "numeric" => format!("numeric{digits}"),
        "timestamptz" | "timestamp with time zone" => format!("timestamp{digits} with time zone"),
        "timestamp" | "timestamp without time zone" => format!("timestamp{digits} without time zone"),
        "timetz" | "time with time zone" => format!("time{digits} with time zone"),
        "time" | "time without time zone" => format!("time{digits} without time zone"),
        "varbit" | "bit varying" => format!("bit varying{digits}"),
        _ => text,
    }
}

/// Text with single spaces.
pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the database numbers the rows by a column.
pub(crate) fn is_numbered(column: &Column) -> bool {
    let serial = match &column.column_type {
        ColumnType::Serial | ColumnType::BigSerial => true,
        ColumnType::Sql(sql) => {
            ["serial", "bigserial", "smallserial"].iter().any(|name| sql.eq_ignore_ascii_case(name))
        }
        _ => false,
    };
    let by_default = matches!(&column.default, Some(Default::Sql(sql)) if sql.starts_with("nextval("));
    serial || by_default || column.identity.is_some()
}

/// Whether two columns have the same type and collation.
pub(crate) fn same_type(a: &Column, b: &Column, dialect: Dialect) -> bool {
    let collation = |column: &Column| match (&column.collation, &column.column_type) {
        (None, ColumnType::Decimal(_)) if dialect == Dialect::Sqlite => Some("decimal".to_owned()),
        (None, ColumnType::Sql(sql)) if dialect == Dialect::Sqlite => {
            words(sql).split_once(" COLLATE ").map(|(_, name)| name.trim_matches('"').to_lowercase())
        }
        (name, _) => name.as_ref().map(|name| name.to_lowercase()),
    };
    type_name(&a.column_type, dialect) == type_name(&b.column_type, dialect) && collation(a) == collation(b)
}

/// Whether two defaults of a column of this type give the same value.
pub(crate) fn same_default(a: Option<&Default>, b: Option<&Default>, of: &ColumnType, dialect: Dialect) -> bool {
    let some = |default: Option<&Default>| default.filter(|default| **default != Default::Null).cloned();
    let (a, b) = match (some(a), some(b)) {
        (None, None) => return true,
        (Some(a), Some(b)) => (a, b),
        _ => return false,
    };
    if a == b {
        return true;
    }
    match (&a, &b) {
        (Default::Integer(_) | Default::Number(_), Default::Integer(_) | Default::Number(_)) => {
            number(&a).is_some_and(|a| number(&b).is_some_and(|b| a == b))
        }
        (Default::Bool(value), Default::Integer(number)) | (Default::Integer(number), Default::Bool(value)) => {
            dialect == Dialect::Sqlite && i64::from(*value) == *number
        }
        (Default::Text(a), Default::Text(b)) => {
            let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            let structured = |text: &str| text.starts_with(['{', '[']);
            dialect == Dialect::Sqlite && structured(a) && structured(b) && json(a).is_some() && json(a) == json(b)
        }
        _ => {
            let text =
                |value: &Default| ddl::default(value, of, dialect).map(|sql| default_text(&sql)).unwrap_or_default();
            text(&a) == text(&b)
        }
    }
}

fn number(default: &Default) -> Option<String> {
    let text = match default {
        Default::Integer(number) => number.to_string(),
        Default::Number(number) => number.clone(),
        _ => return None,
    };
    if text.contains(['e', 'E']) {
        return Some(text);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.trim_start_matches('+')),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    Some(format!("{sign}{whole}.{fraction}"))
}

/// An expression of a default without what does not change its value: parentheses around it, and casts of a literal.
fn default_text(sql: &str) -> String {
    let mut text = words(sql);
    loop {
        let before = text.len();
        if text.starts_with('(') && text.ends_with(')') && is_balanced(&text[1..text.len() - 1]) {
            text = text[1..text.len() - 1].trim().to_owned();
        }
        if let Some((value, _)) = text.rsplit_once("::")
            && is_simple(value)
        {
            text.truncate(value.len());
        }
        if text.len() == before {
            break;
        }
    }
    if let Some(number) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
        && number.parse::<f64>().is_ok()
    {
        text = number.to_owned();
    }
    match text.to_lowercase().as_str() {
        "now()" | "current_timestamp" | "transaction_timestamp()" => "CURRENT_TIMESTAMP".to_owned(),
        _ => text,
    }
}

/// Whether this is a literal, or something in parentheses, whose cast can be left out.
fn is_simple(value: &str) -> bool {
    let quoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    quoted.is_some_and(|inner| !inner.replace("''", "").contains('\''))
        || value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).is_some_and(is_balanced)
        || value.parse::<f64>().is_ok()
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// Whether two conditions are spelled alike, but for blanks and parentheses around them.
pub(crate) fn same_sql(a: &str, b: &str) -> bool {
    let plain = |sql: &str| {
        let mut text = words(sql);
        while text.starts_with('(') && text.ends_with(')') && is_balanced(&text[1..text.len() - 1]) {
            text = text[1..text.len() - 1].trim().to_owned();
        }
        text
    };
    plain(a) == plain(b)
}

fn same_optional_sql(a: Option<&String>, b: Option<&String>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_sql(a, b),
        (a, b) => a == b,
    }
}

/// Whether two indexes are the same but for their names and comments.
pub(crate) fn same_index(a: &Index, b: &Index) -> bool {
    fn method(index: &Index) -> Option<&str> {
        index.using.as_deref().filter(|using| *using != "btree")
    }
    a.unique == b.unique
        && method(a) == method(b)
        && a.include == b.include
        && a.nulls_distinct.unwrap_or(true) == b.nulls_distinct.unwrap_or(true)
        && same_optional_sql(a.filter.as_ref(), b.filter.as_ref())
        && a.options == b.options
        && a.columns.len() == b.columns.len()
        && a.columns.iter().zip(&b.columns).all(|(a, b)| same_index_column(a, b))
}

fn same_index_column(a: &IndexColumn, b: &IndexColumn) -> bool {
    let direction = |column: &IndexColumn| match column.direction {
        None | Some(Direction::Asc | Direction::AscNullsLast) => None,
        Some(Direction::DescNullsFirst) => Some(Direction::Desc),
        other => other,
    };
    let part = match (&a.part, &b.part) {
        (IndexPart::Expression(a), IndexPart::Expression(b)) => same_sql(a, b),
        (a, b) => a == b,
    };
    part && direction(a) == direction(b) && a.collation == b.collation && a.operator_class == b.operator_class
}

/// Whether two foreign keys are the same but for their names and comments.
pub(crate) fn same_foreign_key(a: &ForeignKey, b: &ForeignKey) -> bool {
    let plain = |key: &ForeignKey| ForeignKey { name: String::new(), comment: None, not_valid: false, ..key.clone() };
    plain(a) == plain(b)
}

/// Whether two constraints are the same but for their names and comments.
pub(crate) fn same_unique(a: &Unique, b: &Unique) -> bool {
    let plain = |unique: &Unique| Unique { name: None, comment: None, ..unique.clone() };
    plain(a) == plain(b)
}

/// Whether two checks are the same but for their names and comments.
pub(crate) fn same_check(a: &Check, b: &Check) -> bool {
    same_sql(&a.condition, &b.condition)
}

/// Whether the columns of a primary key are the same ones.
pub(crate) fn same_key(a: &Table, b: &Table) -> bool {
    let columns = |table: &Table| table.primary_key.as_ref().map(|key| key.columns.clone());
    columns(a) == columns(b)
}

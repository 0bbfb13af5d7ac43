//! Literals in the SQL of defaults.

use crate::catalog::Default;
use std::borrow::Cow;

/// The default that this SQL of Postgres stands for. `column_type` is the column's, as Postgres writes it.
pub(super) fn postgres_default(sql: &str, column_type: &str) -> Default {
    let other = || Default::Sql(sql.to_owned());
    let (value, cast) = match sql.strip_prefix("ARRAY[") {
        Some(rest) => return list(rest, column_type).unwrap_or_else(other),
        None => match split_text(sql) {
            Some((text, rest)) => match rest.strip_prefix("::") {
                Some(cast) => (text, cast),
                None => return other(),
            },
            None => return plain(sql).unwrap_or_else(other),
        },
    };
    if !same_type(cast, column_type) {
        return other();
    }
    match &*base(column_type) {
        "json" | "jsonb" => serde_json::from_str(&value).map_or_else(|_| other(), Default::Json),
        name if is_numeric(name) => plain(&value).unwrap_or_else(other),
        array if array.ends_with("[]") => match value.as_str() {
            "{}" => Default::List(Vec::new()),
            _ => other(),
        },
        _ => Default::Text(value),
    }
}

/// The default that this SQL of SQLite stands for.
pub(super) fn sqlite_default(sql: &str) -> Default {
    match split_text(sql) {
        Some((text, "")) if !sql.starts_with(['E', 'e']) => Default::Text(text),
        _ => plain(sql).unwrap_or_else(|| Default::Sql(sql.to_owned())),
    }
}

/// A literal without quotes.
fn plain(sql: &str) -> Option<Default> {
    let sql = sql.trim();
    let unsigned = sql.strip_prefix(['+', '-']).unwrap_or(sql);
    if sql.eq_ignore_ascii_case("null") || sql.starts_with("NULL::") {
        Some(Default::Null)
    } else if sql.eq_ignore_ascii_case("true") || sql.eq_ignore_ascii_case("false") {
        Some(Default::Bool(sql.eq_ignore_ascii_case("true")))
    } else if unsigned.bytes().all(|byte| byte.is_ascii_digit()) && !unsigned.is_empty() {
        Some(sql.parse().map_or_else(|_| Default::Number(sql.to_owned()), Default::Integer))
    } else {
        number(sql).then(|| Default::Number(sql.to_owned()))
    }
}

/// Whether it is a number as SQL writes them.
fn number(sql: &str) -> bool {
    let unsigned = sql.strip_prefix(['+', '-']).unwrap_or(sql);
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.chars().all(|each| each.is_ascii_digit() || ".eE+-".contains(each))
        && unsigned.parse::<f64>().is_ok()
}

/// The items of an array, after `ARRAY[`.
fn list(mut rest: &str, column_type: &str) -> Option<Default> {
    let item_type = column_type.strip_suffix("[]")?;
    let mut items = Vec::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(cast) = rest.strip_prefix(']') {
            let same = cast.is_empty() || cast.strip_prefix("::").is_some_and(|cast| same_type(cast, column_type));
            return same.then_some(Default::List(items));
        }
        let end = match split_text(rest) {
            Some((_, after)) => rest.len() - after.len() + after.find([',', ']'])?,
            None => rest.find([',', ']'])?,
        };
        match postgres_default(&rest[..end], item_type) {
            Default::Sql(_) => return None,
            item => items.push(item),
        }
        rest = &rest[end..];
    }
}

/// The text in quotes that it begins with, and what follows it.
fn split_text(sql: &str) -> Option<(String, &str)> {
    let escapes = sql.starts_with(['E', 'e']);
    let mut characters = sql.strip_prefix(['E', 'e']).unwrap_or(sql).strip_prefix('\'')?.chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\'' => match characters.as_str().strip_prefix('\'') {
                Some(rest) => {
                    text.push('\'');
                    characters = rest.chars();
                }
                None => return Some((text, characters.as_str())),
            },
            // Postgres writes no other escape than this one.
            '\\' if escapes => text.extend(characters.next()),
            character => text.push(character),
        }
    }
    None
}

/// Whether a cast is to the type of the column, whatever its length or precision.
fn same_type(cast: &str, column_type: &str) -> bool {
    let (cast, column_type) = (base(cast), base(column_type));
    cast == column_type
        || (cast == "bpchar" && column_type == "character")
        || is_numeric(&cast) && is_numeric(&column_type)
}

fn is_numeric(name: &str) -> bool {
    ["smallint", "integer", "bigint", "numeric", "real", "double precision"].contains(&name)
}

/// A type without its length or precision: `timestamp with time zone` of `timestamp(3) with time zone`.
fn base(sql: &str) -> Cow<'_, str> {
    match (sql.find('('), sql.find(')')) {
        (Some(start), Some(end)) if start < end && !sql.contains('"') => {
            Cow::Owned(format!("{}{}", &sql[..start], &sql[end + 1..]))
        }
        _ => Cow::Borrowed(sql),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_the_columns_type_are_recognised() {
        let json = serde_json::json!({"a": [1]});
        for (sql, column_type, expected) in [
            ("'x'::text", "text", Default::Text("x".into())),
            ("'it''s'::character varying", "character varying(160)", Default::Text("it's".into())),
            ("E'a\\\\b'::text", "text", Default::Text("a\\b".into())),
            ("'member'::role", "role", Default::Text("member".into())),
            ("''::text", "text", Default::Text(String::new())),
            ("7", "integer", Default::Integer(7)),
            ("'-7'::integer", "integer", Default::Integer(-7)),
            ("'-1'::integer", "smallint", Default::Integer(-1)),
            ("1.50", "numeric(10,2)", Default::Number("1.50".into())),
            ("'-1.5'::numeric", "numeric(10,2)", Default::Number("-1.5".into())),
            (
                "'infinity'::timestamp without time zone",
                "timestamp(3) without time zone",
                Default::Text("infinity".into()),
            ),
            ("true", "boolean", Default::Bool(true)),
            ("NULL::character varying", "character varying(3)", Default::Null),
            ("'{\"a\": [1]}'::jsonb", "jsonb", Default::Json(json)),
            ("'{}'::text[]", "text[]", Default::List(vec![])),
            ("ARRAY[]::text[]", "text[]", Default::List(vec![])),
            (
                "ARRAY['a,]'::text, 'b'::text]",
                "text[]",
                Default::List(vec![Default::Text("a,]".into()), Default::Text("b".into())]),
            ),
            ("ARRAY[1, 2]", "integer[]", Default::List(vec![Default::Integer(1), Default::Integer(2)])),
        ] {
            assert_eq!(postgres_default(sql, column_type), expected, "{sql}");
        }
    }

    #[test]
    fn what_is_no_literal_stays_sql() {
        for (sql, column_type) in [
            ("now()", "timestamp with time zone"),
            ("'x'::text || 'y'::text", "text"),
            ("('a'::text)::role", "role"),
            ("'2020-01-01'::date", "timestamp without time zone"),
            ("ARRAY[now()]", "timestamp with time zone[]"),
            ("1 + 1", "integer"),
            ("'a'::text", "\"weird(1)\""),
        ] {
            assert_eq!(postgres_default(sql, column_type), Default::Sql(sql.into()), "{sql}");
        }
        assert_eq!(sqlite_default("CURRENT_TIMESTAMP"), Default::Sql("CURRENT_TIMESTAMP".into()));
        assert_eq!(sqlite_default("(random())"), Default::Sql("(random())".into()));
        assert_eq!(sqlite_default("x'00'"), Default::Sql("x'00'".into()));
        assert_eq!(sqlite_default("'it''s'"), Default::Text("it's".into()));
        assert_eq!(sqlite_default("-1"), Default::Integer(-1));
        assert_eq!(sqlite_default("1e3"), Default::Number("1e3".into()));
    }
}

//! The Rust type of a column.

use super::enums::Enum;
use crate::catalog::{Column, Default, ObjectName};
use crate::ddl;
use peristyle_query::statement::Dialect;

/// What a column's field has for a type.
pub(super) struct FieldType {
    /// The type, without an Option.
    pub name: String,
    /// What of `#[schema(..)]` says the rest: `size = 160`.
    pub attribute: Option<String>,
    /// Whether Rust has no type for it, so that its text stands in.
    pub is_stand_in: bool,
}

/// The type of a column's field. `enums` are those of the catalog.
pub(super) fn field_type(column: &Column, dialect: Dialect, enums: &[Enum]) -> FieldType {
    let sql = ddl::column_type(&column.column_type, dialect);
    match dialect {
        Dialect::Sqlite => on_sqlite(&sql, column),
        _ => on_postgres(&sql, enums),
    }
}

fn usual(name: &str) -> FieldType {
    FieldType { name: name.to_owned(), attribute: None, is_stand_in: false }
}

/// A type that the column's SQL has to be said for.
fn said(name: &str, sql: &str) -> FieldType {
    FieldType { attribute: Some(format!("sql_type = {sql:?}")), ..usual(name) }
}

fn on_postgres(sql: &str, enums: &[Enum]) -> FieldType {
    if let Some(each) = enums.iter().find(|each| each.type_name == object_name(sql)) {
        return usual(&each.name);
    }
    if let Some(item) = sql.strip_suffix("[]") {
        let item = on_postgres(item, enums);
        // Bytes are a Vec of numbers already; others have their SQL said as a whole.
        return match item.attribute {
            None if item.name != "Vec<u8>" => usual(&format!("Vec<{}>", item.name)),
            _ => FieldType { is_stand_in: item.is_stand_in, ..said(&format!("Vec<{}>", item.name), sql) },
        };
    }
    match (sql.split_once('('), sql) {
        (_, "boolean") => usual("bool"),
        (_, "smallint" | "smallserial") => usual("i16"),
        (_, "integer" | "serial") => usual("i32"),
        (_, "bigint" | "bigserial") => usual("i64"),
        (_, "real") => usual("f32"),
        (_, "double precision") => usual("f64"),
        (_, "numeric") => usual("Decimal"),
        (_, "text") => usual("String"),
        (_, "bytea") => usual("Vec<u8>"),
        (_, "uuid") => usual("Uuid"),
        (_, "date") => usual("NaiveDate"),
        (_, "time without time zone" | "time") => usual("NaiveTime"),
        (_, "timestamp without time zone" | "timestamp") => usual("NaiveDateTime"),
        (_, "timestamp with time zone" | "timestamptz") => usual("DateTime<Utc>"),
        (_, "interval") => usual("Interval"),
        (_, "jsonb") => usual("serde_json::Value"),
        (_, "json") => said("serde_json::Value", sql),
        (Some(("numeric", digits)), _) => with_digits(digits, sql),
        (Some(("character varying" | "varchar", length)), _) => with_length(length, sql),
        (Some(("time", rest)), _) if !rest.ends_with(" with time zone") => said("NaiveTime", sql),
        (Some(("timestamp", rest)), _) if rest.ends_with(" with time zone") => said("DateTime<Utc>", sql),
        (Some(("timestamp", _)), _) => said("NaiveDateTime", sql),
        (Some(("character", _)), _) | (_, "character varying" | "citext" | "name") => said("String", sql),
        (Some(("interval", _)), _) => said("Interval", sql),
        _ => FieldType { is_stand_in: true, ..said("String", sql) },
    }
}

fn with_digits(digits: &str, sql: &str) -> FieldType {
    let numbers = digits.trim_end_matches(')').split_once(',').map(|(digits, scale)| (digits.trim(), scale.trim()));
    match numbers.and_then(|(digits, scale)| Some((digits.parse::<u32>().ok()?, scale.parse::<u32>().ok()?))) {
        Some((digits, scale)) if digits > 0 && scale <= digits => {
            FieldType { attribute: Some(format!("precision({digits}, {scale})")), ..usual("Decimal") }
        }
        _ => said("Decimal", sql),
    }
}

fn with_length(length: &str, sql: &str) -> FieldType {
    match length.trim_end_matches(')').trim().parse::<u32>() {
        Ok(length) => FieldType { attribute: Some(format!("size = {length}")), ..usual("String") },
        Err(_) => said("String", sql),
    }
}

fn on_sqlite(sql: &str, column: &Column) -> FieldType {
    let upper = sql.to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| upper.contains(part));
    match upper.as_str() {
        "INTEGER" => return usual("i64"),
        "REAL" => return usual("f64"),
        "BOOLEAN" => return usual("bool"),
        "BLOB" => return usual("Vec<u8>"),
        "TEXT" if column.collation.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("decimal")) => {
            return usual("Decimal");
        }
        "TEXT" if is_time(column) => return usual("DateTime<Utc>"),
        "TEXT" => return usual("String"),
        _ => {}
    }
    // From here on in the order in which SQLite itself looks for affinities, but for what Rust has types for.
    if has(&["BOOL"]) {
        said("bool", sql)
    } else if has(&["DATETIME", "TIMESTAMP"]) {
        said("NaiveDateTime", sql)
    } else if has(&["DATE"]) {
        said("NaiveDate", sql)
    } else if has(&["INT"]) {
        said("i64", sql)
    } else if has(&["JSON"]) {
        said("serde_json::Value", sql)
    } else if has(&["UUID"]) {
        said("Uuid", sql)
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        said("String", sql)
    } else if has(&["TIME"]) {
        said("NaiveTime", sql)
    } else if has(&["BLOB", "BINARY"]) {
        said("Vec<u8>", sql)
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        said("f64", sql)
    } else if has(&["DEC", "NUMERIC", "MONEY"]) {
        said("Decimal", sql)
    } else {
        FieldType { is_stand_in: true, ..said("String", sql) }
    }
}

/// Whether a text holds a point in time, by the habits of migrations.
fn is_time(column: &Column) -> bool {
    let now = matches!(&column.default, Some(Default::Sql(sql)) if sql.eq_ignore_ascii_case("current_timestamp"));
    now || ["inserted_at", "updated_at", "created_at"].contains(&column.name.as_str())
}

/// The name of a type as Postgres writes it: with a prefix and in quotes where these are needed.
fn object_name(sql: &str) -> ObjectName {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                parts.iter_mut().last().into_iter().for_each(|part| part.push('"'));
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            character => parts.iter_mut().last().into_iter().for_each(|part| part.push(character)),
        }
    }
    let name = parts.pop().unwrap_or_default();
    ObjectName { prefix: parts.pop(), name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ColumnType;

    fn postgres(sql: &str) -> String {
        let enums = [Enum { type_name: "Blog.state".into(), name: "State".into(), variants: vec![] }];
        let field = on_postgres(sql, &enums);
        field.attribute.map_or(field.name.clone(), |attribute| format!("{} {attribute}", field.name))
    }

    #[test]
    fn types_of_postgres_have_types_of_rust() {
        for (sql, expected) in [
            ("bigserial", "i64"),
            ("numeric(10,2)", "Decimal precision(10, 2)"),
            ("character varying(160)", "String size = 160"),
            ("character varying", "String sql_type = \"character varying\""),
            ("timestamp(3) with time zone", "DateTime<Utc> sql_type = \"timestamp(3) with time zone\""),
            ("text[]", "Vec<String>"),
            ("numeric(10,2)[]", "Vec<Decimal> sql_type = \"numeric(10,2)[]\""),
            ("\"Blog\".state", "State"),
            ("\"Blog\".state[]", "Vec<State>"),
            ("inet", "String sql_type = \"inet\""),
        ] {
            assert_eq!(postgres(sql), expected, "{sql}");
        }
    }

    #[test]
    fn types_of_sqlite_have_types_of_rust() {
        for (sql, expected) in [
            ("INTEGER", "i64"),
            ("NVARCHAR(160)", "String"),
            ("NUMERIC(10,2)", "Decimal"),
            ("DATETIME", "NaiveDateTime"),
            ("BIGINT", "i64"),
            ("DOUBLE PRECISION", "f64"),
            ("", "String"),
        ] {
            let column = Column::new("x", ColumnType::Sql(sql.into()));
            assert_eq!(field_type(&column, Dialect::Sqlite, &[]).name, expected, "{sql}");
        }
    }
}

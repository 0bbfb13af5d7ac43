//! Changes of types: what they need, and what they lose.

use super::same::type_name;
use crate::catalog::{Column, ColumnType};
use peristyle_query::statement::Dialect;

/// How the values of a column become those of another type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// By themselves.
    Plain,
    /// By a cast that has to be written.
    Cast,
    /// Not at all: the column is dropped and made again.
    Impossible,
}

/// What a change of type does to the values that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeChange {
    pub conversion: Conversion,
    /// What may be lost, if something may.
    pub loss: Option<&'static str>,
    /// Whether Postgres writes the table anew.
    pub rewrites: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Group {
    Bool,
    Int(u8),
    Decimal,
    Float(u8),
    Text,
    Binary,
    Uuid,
    Date,
    Time,
    Timestamp,
    Interval,
    Json,
    Enum,
    Other,
}

/// The change from one column's type to another's.
pub(super) fn type_change(from: &Column, to: &Column, dialect: Dialect, is_enum: impl Fn(&str) -> bool) -> TypeChange {
    let (from, to) = (type_name(&from.column_type, dialect), type_name(&to.column_type, dialect));
    if dialect == Dialect::Sqlite {
        // SQLite keeps what it cannot convert.
        return TypeChange { conversion: Conversion::Plain, loss: None, rewrites: false };
    }
    if let (Some(from), Some(to)) = (from.strip_suffix("[]"), to.strip_suffix("[]")) {
        return change(from, to, &is_enum);
    }
    match (from.ends_with("[]"), to.ends_with("[]")) {
        (true, _) if to == "text" => TypeChange { conversion: Conversion::Cast, loss: None, rewrites: true },
        (true, _) | (_, true) => TypeChange { conversion: Conversion::Impossible, loss: None, rewrites: false },
        _ => change(&from, &to, &is_enum),
    }
}

fn change(from: &str, to: &str, is_enum: &impl Fn(&str) -> bool) -> TypeChange {
    use Conversion::{Cast, Impossible, Plain};
    use Group::{Bool, Date, Decimal, Enum, Float, Int, Interval, Json, Other, Text, Time, Timestamp};
    let (a, b) = (group(from, is_enum), group(to, is_enum));
    let conversion = match (a, b) {
        (Other, _) | (_, Other) => Cast,
        // What an assignment converts; one that is too long, or too great, stops the migration.
        (Text | Int(_) | Decimal | Float(_), _) if a == b => Plain,
        (Int(_) | Decimal | Float(_), Int(_) | Decimal | Float(_)) => Plain,
        (Date, Timestamp) | (Timestamp, Date | Time | Timestamp) | (Time, Time | Interval) => Plain,
        _ if a == b && a != Enum => Plain,
        (_, Text) => Plain,
        (Text | Enum, _) => Cast,
        (Bool, Int(4)) | (Int(4), Bool) => Cast,
        (Json, Bool | Int(_) | Decimal | Float(_)) => Cast,
        _ => Impossible,
    };
    let digits = |text: &str| -> Option<(u32, u32)> {
        let (whole, scale) = text.strip_prefix("numeric(")?.strip_suffix(')')?.split_once(',')?;
        Some((whole.parse().ok()?, scale.parse().ok()?))
    };
    let loss = match (a, b) {
        (Decimal, Decimal) => match (digits(from), digits(to)) {
            (Some((_, a)), Some((_, b))) if b < a => Some("rounds to fewer digits"),
            (None, Some(_)) => Some("rounds to fewer digits"),
            _ => None,
        },
        (Decimal | Float(_), Int(_)) => Some("rounds to whole numbers"),
        (Decimal, Float(_)) | (Float(8), Float(4)) | (Int(8), Float(_)) | (Int(4), Float(4)) => {
            Some("keeps fewer digits")
        }
        (Timestamp, Date) => Some("loses the time of day"),
        (Timestamp, Time) => Some("loses the date"),
        (Timestamp, Timestamp) if from.contains("with time") && !to.contains("with time") => {
            Some("loses the zone; the session's is used")
        }
        _ => None,
    };
    let length =
        |text: &str| -> Option<u32> { text.strip_prefix("character varying(")?.strip_suffix(')')?.parse().ok() };
    let is_text = |text: &str| text == "text" || length(text).is_some();
    let rewrites = match (a, b) {
        (Text, Text) if is_text(from) && is_text(to) => match (length(from), length(to)) {
            (_, None) => false,
            (Some(from), Some(to)) => to < from,
            (None, Some(_)) => true,
        },
        (Decimal, Decimal) => match (digits(from), digits(to)) {
            (_, None) => false,
            (Some((whole, a)), Some((other, b))) => a != b || other < whole,
            (None, Some(_)) => true,
        },
        _ => true,
    };
    TypeChange { conversion, loss, rewrites }
}

fn group(name: &str, is_enum: &impl Fn(&str) -> bool) -> Group {
    match name.split('(').next().unwrap_or_default().trim() {
        "boolean" => Group::Bool,
        "smallint" => Group::Int(2),
        "integer" => Group::Int(4),
        "bigint" => Group::Int(8),
        "numeric" => Group::Decimal,
        "real" => Group::Float(4),
        "double precision" => Group::Float(8),
        "text" | "character varying" | "character" | "citext" => Group::Text,
        "bytea" => Group::Binary,
        "uuid" => Group::Uuid,
        "date" => Group::Date,
        "interval" => Group::Interval,
        "json" | "jsonb" => Group::Json,
        plain if plain.starts_with("timestamp") => Group::Timestamp,
        plain if plain.starts_with("time") => Group::Time,
        _ if is_enum(name) => Group::Enum,
        _ => Group::Other,
    }
}

/// A value that a column of this type can always have, in SQL, for rows that have none on the way back.
pub(super) fn filler(
    column: &Column,
    dialect: Dialect,
    first_of_enum: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let name = type_name(&column.column_type, dialect);
    if dialect == Dialect::Sqlite {
        let affinity = name.as_str();
        return Some(
            match affinity {
                "INTEGER" | "INT" | "BIGINT" | "BOOLEAN" | "REAL" | "NUMERIC" => "0",
                "BLOB" => "x''",
                _ => "''",
            }
            .to_owned(),
        );
    }
    if name.ends_with("[]") {
        return Some("'{}'".to_owned());
    }
    if let ColumnType::Enum(_) | ColumnType::Sql(_) = &column.column_type
        && let Some(value) = first_of_enum(&name)
    {
        return Some(peristyle_sql::text_literal(&value));
    }
    Some(
        match group(&name, &|_| false) {
            Group::Bool => "false",
            Group::Int(_) | Group::Decimal | Group::Float(_) => "0",
            Group::Text | Group::Binary => "''",
            Group::Uuid => "'00000000-0000-0000-0000-000000000000'",
            Group::Date => "'1970-01-01'",
            Group::Time => "'00:00'",
            Group::Timestamp => "'1970-01-01 00:00:00+00'",
            Group::Interval => "'0'",
            Group::Json => "'{}'",
            Group::Enum | Group::Other => return None,
        }
        .to_owned(),
    )
}

//! The names of types.

use crate::catalog::ColumnType;
use peristyle_query::statement::Dialect;

pub(super) fn name(column_type: &ColumnType, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => on_sqlite(column_type),
        _ => on_postgres(column_type),
    }
}

fn on_postgres(column_type: &ColumnType) -> String {
    let digits = |name: &str, digits: &Option<u32>| match digits {
        Some(digits) => format!("{name}({digits})"),
        None => name.to_owned(),
    };
    match column_type {
        ColumnType::Boolean => "boolean".to_owned(),
        ColumnType::SmallInt => "smallint".to_owned(),
        ColumnType::Integer => "integer".to_owned(),
        ColumnType::BigInt => "bigint".to_owned(),
        ColumnType::Serial => "serial".to_owned(),
        ColumnType::BigSerial => "bigserial".to_owned(),
        ColumnType::Real => "real".to_owned(),
        ColumnType::Double => "double precision".to_owned(),
        ColumnType::Decimal(None) => "numeric".to_owned(),
        ColumnType::Decimal(Some((precision, scale))) => format!("numeric({precision},{scale})"),
        ColumnType::Varchar(length) => format!("varchar({length})"),
        ColumnType::Text => "text".to_owned(),
        ColumnType::Binary => "bytea".to_owned(),
        ColumnType::Uuid => "uuid".to_owned(),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Time(precision) => digits("time", precision),
        ColumnType::DateTime(precision) => digits("timestamp", precision),
        ColumnType::Timestamp(precision) => digits("timestamptz", precision),
        ColumnType::Interval => "interval".to_owned(),
        ColumnType::Json => "jsonb".to_owned(),
        ColumnType::Enum(name) => name.quoted(),
        ColumnType::Array(item) => format!("{}[]", on_postgres(item)),
        ColumnType::Sql(sql) => sql.clone(),
    }
}

/// The types of `docs/sqlite.md`.
fn on_sqlite(column_type: &ColumnType) -> String {
    match column_type {
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::SmallInt
        | ColumnType::Integer
        | ColumnType::BigInt
        | ColumnType::Serial
        | ColumnType::BigSerial => "INTEGER",
        ColumnType::Real | ColumnType::Double => "REAL",
        ColumnType::Decimal(_) => "TEXT COLLATE decimal",
        ColumnType::Binary => "BLOB",
        ColumnType::Varchar(_)
        | ColumnType::Text
        | ColumnType::Uuid
        | ColumnType::Date
        | ColumnType::Time(_)
        | ColumnType::DateTime(_)
        | ColumnType::Timestamp(_)
        | ColumnType::Interval
        | ColumnType::Json
        | ColumnType::Enum(_)
        | ColumnType::Array(_) => "TEXT",
        ColumnType::Sql(sql) => sql,
    }
    .to_owned()
}

/// The type that a column has once it is there: a serial is a number with a default.
pub(super) fn without_sequence(column_type: &ColumnType) -> &ColumnType {
    match column_type {
        ColumnType::Serial => &ColumnType::Integer,
        ColumnType::BigSerial => &ColumnType::BigInt,
        other => other,
    }
}

//! A column and its type.

use super::{ObjectName, is_off};
use serde::{Deserialize, Serialize};

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Whether it may be NULL.
    #[serde(default, skip_serializing_if = "is_off")]
    pub nullable: bool,
    /// The value of rows that give none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Default>,
    /// Whether the database numbers the rows; on SQLite, AUTOINCREMENT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The expression that the database computes it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// The collation, if not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Column {
    /// A column that may be NULL.
    pub fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Column {
            name: name.into(),
            column_type,
            nullable: true,
            default: None,
            identity: None,
            generated: None,
            collation: None,
            comment: None,
        }
    }
}

/// The type of a column: one that every dialect has a form for, or the text of a dialect's own.
///
/// Introspection always gives [`Sql`](ColumnType::Sql), with the store's own spelling; `serial`, `bigserial` and `smallserial`
/// where a column is what these words make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ColumnType {
    Boolean,
    SmallInt,
    Integer,
    BigInt,
    /// A 32-bit number from a sequence of its own.
    Serial,
    /// A 64-bit number from a sequence of its own.
    BigSerial,
    Real,
    Double,
    /// A decimal: how many digits, and how many of them after the point.
    Decimal(Option<(u32, u32)>),
    /// Text with a greatest length in characters.
    Varchar(u32),
    Text,
    Binary,
    Uuid,
    Date,
    /// A time of day, with so many digits after the second.
    Time(Option<u32>),
    /// A time without a zone, with so many digits after the second.
    DateTime(Option<u32>),
    /// A point in time, with so many digits after the second.
    Timestamp(Option<u32>),
    Interval,
    Json,
    /// An enum type: by its name on Postgres, text on SQLite.
    Enum(ObjectName),
    Array(Box<ColumnType>),
    /// As the dialect's SQL has it.
    Sql(String),
}

/// What a column holds in rows that give no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Default {
    /// `DEFAULT NULL`, said aloud.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A number with a fraction, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list of values.
    List(Vec<Default>),
    /// A JSON document.
    Json(serde_json::Value),
    /// An expression of SQL: `now()`.
    Sql(String),
}

/// A column that the database numbers.
#[derive(Clone, Debug, std::default::Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Whether an INSERT may not give a number of its own.
    #[serde(skip_serializing_if = "is_off")]
    pub always: bool,
    /// The first number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// The distance of two numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub increment: Option<i64>,
}

/// A column that is computed from the others of its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// The expression, in SQL.
    pub expression: String,
    /// Whether it is kept in the table, and not computed when read.
    pub stored: bool,
}

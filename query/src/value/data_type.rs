//! The types that a store holds.

use std::fmt;

/// The type of a column or a value, as every store understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// `bool`.
    Bool,
    /// `i16`.
    I16,
    /// `i32`.
    I32,
    /// `i64`.
    I64,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `String`.
    Text,
    /// `Vec<u8>`.
    Bytes,
    /// `uuid::Uuid`.
    Uuid,
    /// `chrono::NaiveDate`.
    Date,
    /// `chrono::NaiveTime`, in microseconds.
    Time,
    /// `chrono::NaiveDateTime`, in microseconds.
    DateTime,
    /// `chrono::DateTime<Utc>`, in microseconds.
    Timestamp,
    /// `rust_decimal::Decimal`.
    Decimal,
    /// `serde_json::Value` and embedded structs.
    Json,
    /// [`Interval`](super::Interval).
    Interval,
    /// An enum type that the store declares, by its name; text where a store has none.
    Enum(&'static str),
    /// A list of a type; JSON where a store has none.
    Array(&'static DataType),
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            DataType::Bool => "bool",
            DataType::I16 => "i16",
            DataType::I32 => "i32",
            DataType::I64 => "i64",
            DataType::F32 => "f32",
            DataType::F64 => "f64",
            DataType::Text => "text",
            DataType::Bytes => "bytes",
            DataType::Uuid => "uuid",
            DataType::Date => "date",
            DataType::Time => "time",
            DataType::DateTime => "date and time",
            DataType::Timestamp => "UTC date and time",
            DataType::Decimal => "decimal",
            DataType::Json => "JSON",
            DataType::Interval => "interval",
            DataType::Enum(name) => return write!(f, "enum {name}"),
            DataType::Array(item) => return write!(f, "list of {item}"),
        };
        f.write_str(name)
    }
}

//! What travels between Rust and a store: [`Value`], its [`DataType`], and [`DbType`], which maps a Rust type to both.

mod cast;
mod data_type;
mod db_type;
mod embedded;
mod interval;
mod json;
mod list;
mod time;

pub use cast::CastError;
pub use data_type::DataType;
pub use db_type::DbType;
pub use embedded::{Embedded, field_from_json};
pub use interval::{Interval, ParseIntervalError};
pub use list::ListItem;
pub(crate) use time::micros;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use std::fmt;
use uuid::Uuid;

/// One value on its way to or from a store.
///
/// A NULL keeps the type of its column, since some stores refuse an untyped one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// NULL of a type.
    Null(DataType),
    /// A boolean.
    Bool(bool),
    /// A 16-bit integer.
    I16(i16),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A calendar date.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A date and time without a zone.
    DateTime(NaiveDateTime),
    /// A moment, in UTC.
    Timestamp(DateTime<Utc>),
    /// An exact decimal.
    Decimal(Decimal),
    /// A JSON document.
    Json(serde_json::Value),
    /// A span of months, days and microseconds.
    Interval(Interval),
    /// A variant of an enum type that the store declares: the type's name, then the variant's.
    Enum(&'static str, String),
    /// A list: the type of its items, then the items (NULLs among them as [`Value::Null`]).
    Array(&'static DataType, Vec<Value>),
}

impl Value {
    /// The type of this value.
    ///
    /// ```
    /// use peristyle_query::value::{DataType, Value};
    /// assert_eq!(Value::I64(1).data_type(), DataType::I64);
    /// assert_eq!(Value::Null(DataType::Text).data_type(), DataType::Text);
    /// ```
    pub fn data_type(&self) -> DataType {
        match self {
            Value::Null(data_type) => *data_type,
            Value::Bool(_) => DataType::Bool,
            Value::I16(_) => DataType::I16,
            Value::I32(_) => DataType::I32,
            Value::I64(_) => DataType::I64,
            Value::F32(_) => DataType::F32,
            Value::F64(_) => DataType::F64,
            Value::Text(_) => DataType::Text,
            Value::Bytes(_) => DataType::Bytes,
            Value::Uuid(_) => DataType::Uuid,
            Value::Date(_) => DataType::Date,
            Value::Time(_) => DataType::Time,
            Value::DateTime(_) => DataType::DateTime,
            Value::Timestamp(_) => DataType::Timestamp,
            Value::Decimal(_) => DataType::Decimal,
            Value::Json(_) => DataType::Json,
            Value::Interval(_) => DataType::Interval,
            Value::Enum(name, _) => DataType::Enum(name),
            Value::Array(item, _) => DataType::Array(item),
        }
    }

    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null(_))
    }

    /// Whether this equals the `Default` of its Rust type: zero, the nil UUID, the epoch, an empty text.
    ///
    /// An insert generates a key, and fills a timestamp, that was left at its default.
    pub fn is_default(&self) -> bool {
        match self {
            Value::Null(_) => true,
            Value::Bool(value) => !value,
            Value::I16(value) => *value == 0,
            Value::I32(value) => *value == 0,
            Value::I64(value) => *value == 0,
            Value::F32(value) => *value == 0.0,
            Value::F64(value) => *value == 0.0,
            Value::Text(value) => value.is_empty(),
            Value::Bytes(value) => value.is_empty(),
            Value::Uuid(value) => value.is_nil(),
            Value::Date(value) => *value == NaiveDate::default(),
            Value::Time(value) => *value == NaiveTime::default(),
            Value::DateTime(value) => *value == NaiveDateTime::default(),
            Value::Timestamp(value) => *value == DateTime::<Utc>::default(),
            Value::Decimal(value) => value.is_zero(),
            Value::Json(value) => value.is_null(),
            Value::Interval(value) => *value == Interval::default(),
            Value::Enum(..) => false,
            Value::Array(_, items) => items.is_empty(),
        }
    }
}

/// How much of a long text or byte string is shown.
const SHOWN: usize = 120;

/// Shows the value as it appears under a displayed statement; long ones are cut.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null(_) => f.write_str("NULL"),
            Value::Bool(value) => value.fmt(f),
            Value::I16(value) => value.fmt(f),
            Value::I32(value) => value.fmt(f),
            Value::I64(value) => value.fmt(f),
            Value::F32(value) => write!(f, "{value:?}"),
            Value::F64(value) => write!(f, "{value:?}"),
            Value::Text(value) | Value::Enum(_, value) => text(f, value),
            Value::Bytes(value) => {
                f.write_str("x'")?;
                for byte in value.iter().take(SHOWN / 2) {
                    write!(f, "{byte:02x}")?;
                }
                f.write_str("'")?;
                if value.len() > SHOWN / 2 {
                    write!(f, "… ({} bytes)", value.len())?;
                }
                Ok(())
            }
            Value::Uuid(value) => value.fmt(f),
            Value::Date(value) => value.fmt(f),
            Value::Time(value) => value.fmt(f),
            Value::DateTime(value) => value.fmt(f),
            Value::Timestamp(value) => write!(f, "{}", value.format("%Y-%m-%d %H:%M:%S%.fZ")),
            Value::Decimal(value) => value.fmt(f),
            Value::Json(value) => {
                let shown = value.to_string();
                match shown.char_indices().nth(SHOWN) {
                    Some((end, _)) => write!(f, "{}…", &shown[..end]),
                    None => f.write_str(&shown),
                }
            }
            Value::Interval(value) => value.fmt(f),
            Value::Array(_, items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index == SHOWN / 4 {
                        write!(f, ", … ({} items)", items.len())?;
                        break;
                    }
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

fn text(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => write!(f, "{:?}… ({} bytes)", &value[..end], value.len()),
        None => write!(f, "{value:?}"),
    }
}

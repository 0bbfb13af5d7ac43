//! The mapping between Rust types and stored ones.

use super::{CastError, DataType, Interval, Value, micros};
use crate::error::DecodeError;
use crate::row::Row;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A Rust type that a store can hold in one column.
///
/// The common types implement it; `#[derive(DbType)]` does so for a newtype, `#[derive(DbEnum)]` for an enum and
/// `#[derive(Embedded)]` for a struct kept as JSON. By hand, three items are enough:
///
/// ```
/// use peristyle_query::error::DecodeError;
/// use peristyle_query::value::{DataType, DbType, Value};
///
/// #[derive(Clone, PartialEq)]
/// struct Celsius(f64);
///
/// impl DbType for Celsius {
///     const DATA_TYPE: DataType = DataType::F64;
///     fn to_value(&self) -> Value {
///         Value::F64(self.0)
///     }
///     fn from_value(value: Value) -> Result<Self, DecodeError> {
///         f64::from_value(value).map(Celsius)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a store can hold",
    label = "no column holds a `{Self}`",
    note = "use a type of Peristyle's list (bool, i64, String, DateTime<Utc>, …) or an Option of one, or derive `DbType` (newtype), `DbEnum` (enum) or `Embedded` (JSON) for your own; a field without a column is #[schema(virtual)]"
)]
pub trait DbType: Sized + Send + Sync + 'static {
    /// The type of the column.
    const DATA_TYPE: DataType;

    /// The names of all values, for a type that has only these: an enum's.
    const VARIANTS: &'static [&'static str] = &[];

    /// This value in the form that travels to a store.
    fn to_value(&self) -> Value;

    /// The same, giving up the value.
    fn into_value(self) -> Value {
        self.to_value()
    }

    /// The value that came from a store. It is never NULL: that is the `Option` around this type.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if `value` is not one of this type.
    fn from_value(value: Value) -> Result<Self, DecodeError>;

    /// The value that a changeset is to take for `input`, which comes from outside and is not null: `"42"` for 42.
    ///
    /// A type with rules of its own overrides it; by default they are those of [`Value::cast`], and what
    /// [`from_value`](DbType::from_value) refuses is invalid.
    ///
    /// # Errors
    ///
    /// [`CastError`], which becomes an error of the field.
    fn cast(input: &serde_json::Value) -> Result<Self, CastError> {
        Self::from_value(Value::cast(Self::DATA_TYPE, input)?).map_err(|_| CastError::invalid())
    }

    /// Reads column `index` of a row, or `None` if it is NULL.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the column does not hold this type.
    fn decode(row: &dyn Row, index: usize) -> Result<Option<Self>, DecodeError> {
        match row.value(index, Self::DATA_TYPE)? {
            Value::Null(_) => Ok(None),
            value => Self::from_value(value).map(Some),
        }
    }
}

macro_rules! db_types {
    ($($rust:ty, $variant:ident, $read:ident;)*) => {$(
        impl DbType for $rust {
            const DATA_TYPE: DataType = DataType::$variant;
            fn to_value(&self) -> Value {
                Value::$variant(self.clone())
            }
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
            fn from_value(value: Value) -> Result<Self, DecodeError> {
                match value {
                    Value::$variant(value) => Ok(value),
                    other => Err(DecodeError::mismatch(Self::DATA_TYPE, &other)),
                }
            }
            fn decode(row: &dyn Row, index: usize) -> Result<Option<Self>, DecodeError> {
                row.$read(index)
            }
        }
    )*};
}

db_types! {
    bool, Bool, bool;
    i16, I16, i16;
    i32, I32, i32;
    i64, I64, i64;
    f32, F32, f32;
    f64, F64, f64;
    Uuid, Uuid, uuid;
    NaiveDate, Date, date;
    Decimal, Decimal, decimal;
    serde_json::Value, Json, json;
    Interval, Interval, interval;
}

impl DbType for String {
    const DATA_TYPE: DataType = DataType::Text;
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
    fn into_value(self) -> Value {
        Value::Text(self)
    }
    fn from_value(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Text(text) | Value::Enum(_, text) => Ok(text),
            other => Err(DecodeError::mismatch(Self::DATA_TYPE, &other)),
        }
    }
    fn decode(row: &dyn Row, index: usize) -> Result<Option<Self>, DecodeError> {
        Ok(row.text(index)?.map(str::to_owned))
    }
}

impl DbType for Vec<u8> {
    const DATA_TYPE: DataType = DataType::Bytes;
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
    fn into_value(self) -> Value {
        Value::Bytes(self)
    }
    fn from_value(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(DecodeError::mismatch(Self::DATA_TYPE, &other)),
        }
    }
    fn decode(row: &dyn Row, index: usize) -> Result<Option<Self>, DecodeError> {
        Ok(row.bytes(index)?.map(<[u8]>::to_vec))
    }
}

macro_rules! times {
    ($($rust:ty, $variant:ident, $read:ident;)*) => {$(
        /// Kept in microseconds: what is finer is cut off.
        impl DbType for $rust {
            const DATA_TYPE: DataType = DataType::$variant;
            fn to_value(&self) -> Value {
                Value::$variant(micros(*self))
            }
            fn from_value(value: Value) -> Result<Self, DecodeError> {
                match value {
                    Value::$variant(value) => Ok(value),
                    other => Err(DecodeError::mismatch(Self::DATA_TYPE, &other)),
                }
            }
            fn decode(row: &dyn Row, index: usize) -> Result<Option<Self>, DecodeError> {
                row.$read(index)
            }
        }
    )*};
}

times! {
    NaiveTime, Time, time;
    NaiveDateTime, DateTime, date_time;
    DateTime<Utc>, Timestamp, timestamp;
}

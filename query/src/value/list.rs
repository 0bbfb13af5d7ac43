//! Lists of values: arrays, or JSON where a store has none.

use super::{DataType, DbType, Interval, Value};
use crate::error::DecodeError;
use crate::row::Row;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A type whose `Vec` is a column: an array of it, or one JSON document for embedded structs.
#[diagnostic::on_unimplemented(
    message = "a list of `{Self}` is not a type that a store can hold",
    note = "derive `DbType`, `DbEnum` or `Embedded` for it"
)]
pub trait ListItem: DbType {
    /// The type of a column that holds a list of this type.
    const LIST_TYPE: DataType = DataType::Array(&Self::DATA_TYPE);
}

macro_rules! list_items {
    ($($rust:ty),*) => { $(impl ListItem for $rust {})* };
}
list_items!(
    bool,
    i16,
    i32,
    i64,
    f32,
    f64,
    String,
    Vec<u8>,
    Uuid,
    NaiveDate,
    NaiveTime,
    NaiveDateTime,
    DateTime<Utc>,
    Decimal,
    serde_json::Value,
    Interval
);

impl<T: ListItem> DbType for Vec<T> {
    const DATA_TYPE: DataType = T::LIST_TYPE;

    fn to_value(&self) -> Value {
        items_to_value::<T>(self.iter().map(T::to_value).collect())
    }

    fn into_value(self) -> Value {
        items_to_value::<T>(self.into_iter().map(T::into_value).collect())
    }

    fn from_value(value: Value) -> Result<Self, DecodeError> {
        value_to_items::<T>(value)?.into_iter().map(T::from_value).collect()
    }

    fn decode(row: &dyn Row, index: usize) -> Result<Option<Self>, DecodeError> {
        match row.value(index, Self::DATA_TYPE)? {
            Value::Null(_) => Ok(None),
            value => Self::from_value(value).map(Some),
        }
    }
}

/// A list whose items may be NULL.
impl<T: ListItem> DbType for Vec<Option<T>> {
    const DATA_TYPE: DataType = T::LIST_TYPE;

    fn to_value(&self) -> Value {
        let item = |item: &Option<T>| item.as_ref().map_or(Value::Null(T::DATA_TYPE), T::to_value);
        items_to_value::<T>(self.iter().map(item).collect())
    }

    fn from_value(value: Value) -> Result<Self, DecodeError> {
        let item = |value: Value| if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) };
        value_to_items::<T>(value)?.into_iter().map(item).collect()
    }
}

fn items_to_value<T: ListItem>(items: Vec<Value>) -> Value {
    match T::LIST_TYPE {
        DataType::Array(item) => Value::Array(item, items),
        _ => Value::Json(serde_json::Value::Array(items.iter().map(Value::to_json).collect())),
    }
}

fn value_to_items<T: ListItem>(value: Value) -> Result<Vec<Value>, DecodeError> {
    match value {
        Value::Array(_, items) => Ok(items),
        Value::Json(serde_json::Value::Array(items)) => items
            .iter()
            .map(|json| Value::from_json(T::DATA_TYPE, json))
            .collect::<Result<_, _>>()
            .map_err(|found| DecodeError::new(T::DATA_TYPE, found)),
        other => Err(DecodeError::mismatch(T::LIST_TYPE, &other)),
    }
}

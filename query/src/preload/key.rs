//! Keys of rows, in a form that can be looked up.

use crate::error::DecodeError;
use crate::query::selected::KeyColumns;
use crate::row::Row;
use crate::value::{DataType, Value};
use uuid::Uuid;

/// The values of a key. Integers of different widths are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Integer(i64),
    Text(String),
    Uuid(Uuid),
    Bytes(Vec<u8>),
    /// Types that are seldom keys, by what they are shown as.
    Other(String),
    Several(Vec<Key>),
}

impl Key {
    /// The key of these values, or `None` if one of them is NULL: NULL equals nothing.
    pub(crate) fn of(values: &[Value]) -> Option<Key> {
        match values {
            [value] => Self::single(value),
            values => values.iter().map(Self::single).collect::<Option<_>>().map(Key::Several),
        }
    }

    fn single(value: &Value) -> Option<Key> {
        Some(match value {
            Value::Null(_) => return None,
            Value::I16(value) => Key::Integer((*value).into()),
            Value::I32(value) => Key::Integer((*value).into()),
            Value::I64(value) => Key::Integer(*value),
            Value::Text(text) | Value::Enum(_, text) => Key::Text(text.clone()),
            Value::Uuid(uuid) => Key::Uuid(*uuid),
            Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
            // Decimals are equal whatever their scale.
            Value::Decimal(decimal) => Key::Other(decimal.normalize().to_string()),
            other => Key::Other(format!("{other:?}")),
        })
    }
}

impl KeyColumns {
    /// The values of the key in a row.
    pub(crate) fn read(&self, row: &dyn Row) -> Result<Vec<Value>, DecodeError> {
        (0..self.fields.len()).map(|index| self.value(row, index)).collect()
    }

    /// The key in a row, or `None` if a part of it is NULL.
    pub(crate) fn key(&self, row: &dyn Row) -> Result<Option<Key>, DecodeError> {
        let [field] = self.fields.as_slice() else { return Ok(Key::of(&self.read(row)?)) };
        // Keys of one integer, by far the most, need no value in between.
        match field.data_type {
            DataType::I16 | DataType::I32 | DataType::I64 => Ok(row.i64(self.first)?.map(Key::Integer)),
            _ => Ok(Key::single(&self.value(row, 0)?)),
        }
    }

    fn value(&self, row: &dyn Row, index: usize) -> Result<Value, DecodeError> {
        let field = self.fields[index];
        row.value(self.first + index, field.data_type).map_err(|error| error.in_column(|| field.column.to_owned()))
    }
}

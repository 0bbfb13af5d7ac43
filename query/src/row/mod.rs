//! Reading a row by position.

mod any;

pub use any::{AnyRow, table};

use crate::error::DecodeError;
use crate::schema::FieldMeta;
use crate::value::{DataType, DbType, Interval, Value};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

/// One row as an adapter holds it, read by position. `None` is NULL.
///
/// An integer method accepts any stored integer that fits; each method refuses what is not of its type with a
/// [`DecodeError`], never a guess.
#[allow(missing_docs)]
pub trait Row {
    /// How many columns the row has.
    fn len(&self) -> usize;
    /// Whether the row has no column.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Whether column `index` is NULL.
    fn is_null(&self, index: usize) -> Result<bool, DecodeError>;
    fn bool(&self, index: usize) -> Result<Option<bool>, DecodeError>;
    fn i16(&self, index: usize) -> Result<Option<i16>, DecodeError>;
    fn i32(&self, index: usize) -> Result<Option<i32>, DecodeError>;
    fn i64(&self, index: usize) -> Result<Option<i64>, DecodeError>;
    fn f32(&self, index: usize) -> Result<Option<f32>, DecodeError>;
    fn f64(&self, index: usize) -> Result<Option<f64>, DecodeError>;
    /// Text, or the name of an enum's variant.
    fn text(&self, index: usize) -> Result<Option<&str>, DecodeError>;
    fn bytes(&self, index: usize) -> Result<Option<&[u8]>, DecodeError>;
    fn uuid(&self, index: usize) -> Result<Option<Uuid>, DecodeError>;
    fn date(&self, index: usize) -> Result<Option<NaiveDate>, DecodeError>;
    fn time(&self, index: usize) -> Result<Option<NaiveTime>, DecodeError>;
    fn date_time(&self, index: usize) -> Result<Option<NaiveDateTime>, DecodeError>;
    fn timestamp(&self, index: usize) -> Result<Option<DateTime<Utc>>, DecodeError>;
    fn decimal(&self, index: usize) -> Result<Option<Decimal>, DecodeError>;
    fn json(&self, index: usize) -> Result<Option<serde_json::Value>, DecodeError>;
    fn interval(&self, index: usize) -> Result<Option<Interval>, DecodeError>;
    /// A list; `item` is the type its items are read as.
    fn list(&self, index: usize, item: &'static DataType) -> Result<Option<Vec<Value>>, DecodeError>;
    /// The name of column `index` in the result, for messages and for tables of raw results.
    fn name(&self, index: usize) -> String;
    /// Column `index` with the type that the store gives it, for results whose types nobody declared.
    fn any(&self, index: usize) -> Result<Value, DecodeError>;

    /// Column `index` as a value of type `data_type`.
    fn value(&self, index: usize, data_type: DataType) -> Result<Value, DecodeError> {
        let value = match data_type {
            DataType::Bool => self.bool(index)?.map(Value::Bool),
            DataType::I16 => self.i16(index)?.map(Value::I16),
            DataType::I32 => self.i32(index)?.map(Value::I32),
            DataType::I64 => self.i64(index)?.map(Value::I64),
            DataType::F32 => self.f32(index)?.map(Value::F32),
            DataType::F64 => self.f64(index)?.map(Value::F64),
            DataType::Text => self.text(index)?.map(|text| Value::Text(text.to_owned())),
            DataType::Bytes => self.bytes(index)?.map(|bytes| Value::Bytes(bytes.to_vec())),
            DataType::Uuid => self.uuid(index)?.map(Value::Uuid),
            DataType::Date => self.date(index)?.map(Value::Date),
            DataType::Time => self.time(index)?.map(Value::Time),
            DataType::DateTime => self.date_time(index)?.map(Value::DateTime),
            DataType::Timestamp => self.timestamp(index)?.map(Value::Timestamp),
            DataType::Decimal => self.decimal(index)?.map(Value::Decimal),
            DataType::Json => self.json(index)?.map(Value::Json),
            DataType::Interval => self.interval(index)?.map(Value::Interval),
            DataType::Enum(name) => self.text(index)?.map(|text| Value::Enum(name, text.to_owned())),
            DataType::Array(item) => self.list(index, item)?.map(|items| Value::Array(item, items)),
        };
        Ok(value.unwrap_or(Value::Null(data_type)))
    }
}

/// Reads the columns of a row from left to right.
pub struct RowReader<'r> {
    row: &'r dyn Row,
    next: usize,
}

impl<'r> RowReader<'r> {
    /// A reader at the first column of `row`.
    pub fn new(row: &'r dyn Row) -> Self {
        RowReader { row, next: 0 }
    }

    /// How many columns are left.
    pub fn remaining(&self) -> usize {
        self.row.len().saturating_sub(self.next)
    }

    /// Whether the next `count` columns are all NULL.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the row ends before.
    pub fn all_null(&self, count: usize) -> Result<bool, DecodeError> {
        for index in self.next..self.next + count {
            if !self.row.is_null(index)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The names and the values of all columns that are left, with the types that the store gives.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a column has a type that no [`Value`] stands for.
    pub fn rest(&mut self) -> Result<(Vec<String>, Vec<Value>), DecodeError> {
        let columns = self.next..self.row.len();
        self.next = self.row.len();
        let names = columns.clone().map(|index| self.row.name(index)).collect();
        let value = |index| self.row.any(index).map_err(|error| error.in_column(|| self.row.name(index)));
        Ok((names, columns.map(value).collect::<Result<_, _>>()?))
    }

    /// Passes over `count` columns.
    pub fn skip(&mut self, count: usize) {
        self.next += count;
    }

    /// The next column, or `None` if it is NULL.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the column does not hold a `T`, or there is none.
    pub fn optional<T: DbType>(&mut self) -> Result<Option<T>, DecodeError> {
        let index = self.next;
        self.next += 1;
        if index >= self.row.len() {
            return Err(DecodeError::new(T::DATA_TYPE, format!("a row of {} columns", self.row.len())));
        }
        T::decode(self.row, index).map_err(|error| error.in_column(|| self.row.name(index)))
    }

    /// The next column, which must not be NULL.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the column is NULL or does not hold a `T`.
    pub fn required<T: DbType>(&mut self) -> Result<T, DecodeError> {
        let index = self.next;
        match self.optional()? {
            Some(value) => Ok(value),
            None => Err(DecodeError::null(T::DATA_TYPE).in_column(|| self.row.name(index))),
        }
    }

    /// The next column for a schema's nullable field.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] naming the field.
    pub fn optional_field<T: DbType>(
        &mut self,
        schema: &'static str,
        field: &FieldMeta,
    ) -> Result<Option<T>, DecodeError> {
        self.optional().map_err(|error| error.in_field(schema, field))
    }

    /// The next column for a schema's field.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] naming the field.
    pub fn required_field<T: DbType>(&mut self, schema: &'static str, field: &FieldMeta) -> Result<T, DecodeError> {
        self.required().map_err(|error| error.in_field(schema, field))
    }
}

//! A row of the driver, read by position.

use crate::column_type::ColumnType;
use crate::decode::Cell;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle_query::error::DecodeError;
use peristyle_query::row::Row;
use peristyle_query::value::{DataType, Interval, Value};
use rust_decimal::Decimal;
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Column, Row as _};
use uuid::Uuid;

/// The types of a statement's columns.
pub(crate) fn column_types(row: &PgRow) -> Vec<ColumnType> {
    row.columns().iter().map(|column| ColumnType::of(column.type_info())).collect()
}

/// A row and the types of its columns.
pub(crate) struct PostgresRow<'r> {
    pub(crate) row: &'r PgRow,
    pub(crate) types: &'r [ColumnType],
}

impl PostgresRow<'_> {
    /// The value at `index`, or `None` for NULL; `expected` is for the message of a missing column.
    fn cell(&self, index: usize, expected: DataType) -> Result<Option<Cell<'_>>, DecodeError> {
        let Some(column_type) = self.types.get(index) else {
            return Err(DecodeError::new(expected, format!("a row of {} columns", self.types.len())));
        };
        let value: PgValueRef<'_> =
            self.row.try_get_raw(index).map_err(|error| DecodeError::new(expected, error.to_string()))?;
        // The only error of `as_bytes` is NULL.
        Ok(value.as_bytes().ok().map(|bytes| Cell { bytes, column_type }))
    }
}

macro_rules! read {
    ($($name:ident -> $type:ty, $data_type:ident;)*) => {$(
        fn $name(&self, index: usize) -> Result<Option<$type>, DecodeError> {
            self.cell(index, DataType::$data_type)?.map(Cell::$name).transpose()
        }
    )*};
}

impl Row for PostgresRow<'_> {
    fn len(&self) -> usize {
        self.types.len()
    }

    fn is_null(&self, index: usize) -> Result<bool, DecodeError> {
        self.cell(index, DataType::Bool).map(|cell| cell.is_none())
    }

    read! {
        bool -> bool, Bool;
        i16 -> i16, I16;
        i32 -> i32, I32;
        i64 -> i64, I64;
        f32 -> f32, F32;
        f64 -> f64, F64;
        text -> &str, Text;
        bytes -> &[u8], Bytes;
        uuid -> Uuid, Uuid;
        date -> NaiveDate, Date;
        time -> NaiveTime, Time;
        date_time -> NaiveDateTime, DateTime;
        timestamp -> DateTime<Utc>, Timestamp;
        decimal -> Decimal, Decimal;
        json -> serde_json::Value, Json;
        interval -> Interval, Interval;
    }

    fn list(&self, index: usize, item: &'static DataType) -> Result<Option<Vec<Value>>, DecodeError> {
        self.cell(index, DataType::Array(item))?.map(|cell| cell.list(item)).transpose()
    }

    fn name(&self, index: usize) -> String {
        self.row.columns().get(index).map_or_else(String::new, |column| column.name().to_owned())
    }

    fn any(&self, index: usize) -> Result<Value, DecodeError> {
        let natural = self.types.get(index).and_then(ColumnType::natural);
        match (self.cell(index, natural.unwrap_or(DataType::Text))?, natural) {
            (Some(cell), Some(data_type)) => cell.value(data_type),
            (Some(cell), None) => Err(DecodeError::new(DataType::Text, cell.column_type.name())),
            (None, natural) => Ok(Value::Null(natural.unwrap_or(DataType::Text))),
        }
    }
}

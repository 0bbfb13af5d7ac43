//! Reading SQLite's rows: tolerant of the forms that other programs write, strict about what makes no sense.

use crate::{decimal, temporal};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle_query::error::DecodeError;
use peristyle_query::row::Row;
use peristyle_query::value::{DataType, Interval, Value};
use rusqlite::types::ValueRef;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

/// A row where SQLite holds it.
pub(crate) struct SqliteRow<'r> {
    row: &'r rusqlite::Row<'r>,
    columns: usize,
}

/// The greatest integer up to which a real holds every one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// How much of a text an error shows.
const SHOWN: usize = 80;

impl<'r> SqliteRow<'r> {
    pub(crate) fn new(row: &'r rusqlite::Row<'r>) -> Self {
        SqliteRow { row, columns: row.as_ref().column_count() }
    }

    fn get(&self, index: usize, expected: DataType) -> Result<ValueRef<'_>, DecodeError> {
        self.row.get_ref(index).map_err(|_| DecodeError::new(expected, format!("a row of {} columns", self.columns)))
    }

    fn integer(&self, index: usize, expected: DataType) -> Result<Option<i64>, DecodeError> {
        match self.get(index, expected)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            // A column of reals holds 3 as 3.0.
            ValueRef::Real(number) if number.fract() == 0.0 && number.abs() <= EXACT => Ok(Some(number as i64)),
            other => Err(unexpected(expected, other)),
        }
    }

    fn small<T: TryFrom<i64>>(&self, index: usize, expected: DataType) -> Result<Option<T>, DecodeError> {
        match self.integer(index, expected)? {
            None => Ok(None),
            Some(number) => match T::try_from(number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(DecodeError::new(expected, format!("{number}, which is out of its range"))),
            },
        }
    }

    fn real(&self, index: usize, expected: DataType) -> Result<Option<f64>, DecodeError> {
        match self.get(index, expected)? {
            ValueRef::Null => Ok(None),
            ValueRef::Real(number) => Ok(Some(number)),
            ValueRef::Integer(number) if (number as f64) as i128 == i128::from(number) => Ok(Some(number as f64)),
            other => Err(unexpected(expected, other)),
        }
    }

    fn string(&self, index: usize, expected: DataType) -> Result<Option<&str>, DecodeError> {
        match self.get(index, expected)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(DecodeError::new(expected, format!("{}, which is not UTF-8", shown(text)))),
            },
            other => Err(unexpected(expected, other)),
        }
    }

    fn parsed<T>(
        &self,
        index: usize,
        expected: DataType,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        match self.string(index, expected)? {
            None => Ok(None),
            Some(text) => match parse(text) {
                Some(value) => Ok(Some(value)),
                None => Err(unexpected(expected, ValueRef::Text(text.as_bytes()))),
            },
        }
    }
}

/// The error of a stored value that is not of its type.
fn unexpected(expected: DataType, found: ValueRef<'_>) -> DecodeError {
    let found = match found {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => format!("the integer {number}"),
        ValueRef::Real(number) => format!("the real {number:?}"),
        ValueRef::Text(text) => format!("the text {}", shown(text)),
        ValueRef::Blob(blob) => format!("a blob of {} bytes", blob.len()),
    };
    DecodeError::new(expected, found)
}

/// A text as errors show it: quoted, and cut if it is long.
pub(crate) fn shown(text: &[u8]) -> String {
    let start = String::from_utf8_lossy(&text[..text.len().min(SHOWN * 4)]);
    match start.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}… ({} bytes)", &start[..end], text.len()),
        None => format!("{start:?}"),
    }
}

impl Row for SqliteRow<'_> {
    fn len(&self) -> usize {
        self.columns
    }

    fn is_null(&self, index: usize) -> Result<bool, DecodeError> {
        Ok(matches!(self.get(index, DataType::Text)?, ValueRef::Null))
    }

    fn bool(&self, index: usize) -> Result<Option<bool>, DecodeError> {
        match self.get(index, DataType::Bool)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(0) => Ok(Some(false)),
            ValueRef::Integer(1) => Ok(Some(true)),
            other => Err(unexpected(DataType::Bool, other)),
        }
    }

    fn i16(&self, index: usize) -> Result<Option<i16>, DecodeError> {
        self.small(index, DataType::I16)
    }

    fn i32(&self, index: usize) -> Result<Option<i32>, DecodeError> {
        self.small(index, DataType::I32)
    }

    fn i64(&self, index: usize) -> Result<Option<i64>, DecodeError> {
        self.integer(index, DataType::I64)
    }

    fn f32(&self, index: usize) -> Result<Option<f32>, DecodeError> {
        match self.real(index, DataType::F32)? {
            Some(number) if number.is_finite() && (number as f32).is_infinite() => {
                Err(DecodeError::new(DataType::F32, format!("{number:?}, which is out of its range")))
            }
            number => Ok(number.map(|number| number as f32)),
        }
    }

    fn f64(&self, index: usize) -> Result<Option<f64>, DecodeError> {
        self.real(index, DataType::F64)
    }

    fn text(&self, index: usize) -> Result<Option<&str>, DecodeError> {
        self.string(index, DataType::Text)
    }

    fn bytes(&self, index: usize) -> Result<Option<&[u8]>, DecodeError> {
        match self.get(index, DataType::Bytes)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes)),
            other => Err(unexpected(DataType::Bytes, other)),
        }
    }

    fn uuid(&self, index: usize) -> Result<Option<Uuid>, DecodeError> {
        if let ValueRef::Blob(bytes) = self.get(index, DataType::Uuid)? {
            return match Uuid::from_slice(bytes) {
                Ok(uuid) => Ok(Some(uuid)),
                Err(_) => Err(unexpected(DataType::Uuid, ValueRef::Blob(bytes))),
            };
        }
        self.parsed(index, DataType::Uuid, |text| Uuid::parse_str(text).ok())
    }

    fn date(&self, index: usize) -> Result<Option<NaiveDate>, DecodeError> {
        self.parsed(index, DataType::Date, temporal::parse_date)
    }

    fn time(&self, index: usize) -> Result<Option<NaiveTime>, DecodeError> {
        self.parsed(index, DataType::Time, temporal::parse_time)
    }

    fn date_time(&self, index: usize) -> Result<Option<NaiveDateTime>, DecodeError> {
        self.parsed(index, DataType::DateTime, temporal::parse_date_time)
    }

    fn timestamp(&self, index: usize) -> Result<Option<DateTime<Utc>>, DecodeError> {
        let moment = self.parsed(index, DataType::Timestamp, temporal::parse_date_time)?;
        Ok(moment.map(|moment| moment.and_utc()))
    }

    fn decimal(&self, index: usize) -> Result<Option<Decimal>, DecodeError> {
        let value = self.get(index, DataType::Decimal)?;
        decimal::read(value).map_err(|found| DecodeError::new(DataType::Decimal, found))
    }

    fn json(&self, index: usize) -> Result<Option<Json>, DecodeError> {
        match self.get(index, DataType::Json)? {
            // A column declared as JSON has the affinity of numbers, and json_extract gives them too.
            ValueRef::Integer(number) => Ok(Some(number.into())),
            ValueRef::Real(number) if number.is_finite() => Ok(Some(number.into())),
            _ => self.parsed(index, DataType::Json, |text| serde_json::from_str(text).ok()),
        }
    }

    fn interval(&self, index: usize) -> Result<Option<Interval>, DecodeError> {
        self.parsed(index, DataType::Interval, |text| text.parse().ok())
    }

    fn list(&self, index: usize, item: &'static DataType) -> Result<Option<Vec<Value>>, DecodeError> {
        let parse = |text: &str| serde_json::from_str::<Vec<Json>>(text).ok();
        let Some(items) = self.parsed(index, DataType::Array(item), parse)? else {
            return Ok(None);
        };
        let items = items.iter().map(|json| Value::from_json(*item, json));
        match items.collect() {
            Ok(items) => Ok(Some(items)),
            Err(found) => Err(DecodeError::new(*item, format!("{found} in the list"))),
        }
    }

    fn name(&self, index: usize) -> String {
        let name = self.row.as_ref().column_name(index);
        name.map_or_else(|_| (index + 1).to_string(), str::to_owned)
    }

    fn any(&self, index: usize) -> Result<Value, DecodeError> {
        match self.get(index, DataType::Text)? {
            ValueRef::Null => Ok(Value::Null(DataType::Text)),
            ValueRef::Integer(number) => Ok(Value::I64(number)),
            ValueRef::Real(number) => Ok(Value::F64(number)),
            ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
            ValueRef::Text(_) => Ok(match self.string(index, DataType::Text)? {
                Some(text) => Value::Text(text.to_owned()),
                None => Value::Null(DataType::Text),
            }),
        }
    }
}

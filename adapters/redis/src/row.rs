//! Rows of results.

use crate::layout::{StoredRow, json};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle_query::error::DecodeError;
use peristyle_query::row::Row;
use peristyle_query::value::{DataType, Interval, Value};
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::cell::OnceCell;
use uuid::Uuid;

/// A column of a result.
#[derive(Clone, Debug)]
pub(crate) enum Cell<'r> {
    /// The schema's field at this position, of a stored row: decoded when it is read.
    Stored(&'r StoredRow, usize),
    /// A value that was computed.
    Value(Value),
}

/// A row of a result.
pub(crate) struct Cells<'r> {
    cells: Vec<Cell<'r>>,
    /// What is lent and lies nowhere else: one for each column, made when the first is asked for.
    held: OnceCell<Box<[Held]>>,
}

#[derive(Clone, Default)]
struct Held {
    text: OnceCell<String>,
    bytes: OnceCell<Vec<u8>>,
}

impl<'r> Cells<'r> {
    /// A row of these columns.
    pub(crate) fn new(cells: Vec<Cell<'r>>) -> Self {
        Cells { cells, held: OnceCell::new() }
    }

    /// The value of a column, with the type that it has.
    pub(crate) fn cell_value(cell: &Cell<'_>) -> Result<Value, DecodeError> {
        match cell {
            Cell::Stored(row, position) => row.value_at(*position),
            Cell::Value(value) => Ok(value.clone()),
        }
    }

    fn cell(&self, index: usize, expected: DataType) -> Result<&Cell<'r>, DecodeError> {
        self.cells
            .get(index)
            .ok_or_else(|| DecodeError::new(expected, format!("a row of {} columns", self.cells.len())))
    }

    fn held(&self, index: usize) -> Option<&Held> {
        self.held.get_or_init(|| vec![Held::default(); self.cells.len()].into_boxed_slice()).get(index)
    }

    /// Reads a column from its JSON text, or from the value; `None` from this is one of another type.
    fn read<'a, T>(
        &'a self,
        index: usize,
        expected: DataType,
        stored: impl FnOnce(&'a str) -> Result<T, DecodeError>,
        computed: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        match self.cell(index, expected)? {
            Cell::Stored(row, position) => match row.member(*position) {
                None => Ok(None),
                Some(raw) => stored(raw).map(Some).map_err(|error| row.located(error, *position)),
            },
            Cell::Value(Value::Null(_)) => Ok(None),
            Cell::Value(value) => match computed(value) {
                Some(value) => Ok(Some(value)),
                None => Err(DecodeError::mismatch(expected, value)),
            },
        }
    }

    fn small<T: TryFrom<i64>>(&self, index: usize, expected: DataType) -> Result<Option<T>, DecodeError> {
        let computed = |value: &Value| whole(value).and_then(|number| T::try_from(number).ok());
        self.read(index, expected, |raw| json::small(raw, expected), computed)
    }

    fn text_of(&self, index: usize, expected: DataType) -> Result<Option<Cow<'_, str>>, DecodeError> {
        self.read(
            index,
            expected,
            |raw| json::text(raw, expected),
            |value| match value {
                Value::Text(text) | Value::Enum(_, text) => Some(Cow::Borrowed(text.as_str())),
                _ => None,
            },
        )
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::I16(number) => Some(i64::from(*number)),
        Value::I32(number) => Some(i64::from(*number)),
        Value::I64(number) => Some(*number),
        _ => None,
    }
}

/// A method that reads the values of one variant.
macro_rules! reads {
    ($($name:ident: $variant:ident -> $rust:ty = $stored:expr;)*) => {
        $(fn $name(&self, index: usize) -> Result<Option<$rust>, DecodeError> {
            self.read(index, DataType::$variant, $stored, |value| match value {
                Value::$variant(value) => Some(value.clone()),
                _ => None,
            })
        })*
    };
}

impl Row for Cells<'_> {
    fn len(&self) -> usize {
        self.cells.len()
    }

    fn is_null(&self, index: usize) -> Result<bool, DecodeError> {
        Ok(match self.cell(index, DataType::Text)? {
            Cell::Stored(row, position) => row.member(*position).is_none(),
            Cell::Value(value) => value.is_null(),
        })
    }

    fn i16(&self, index: usize) -> Result<Option<i16>, DecodeError> {
        self.small(index, DataType::I16)
    }

    fn i32(&self, index: usize) -> Result<Option<i32>, DecodeError> {
        self.small(index, DataType::I32)
    }

    fn i64(&self, index: usize) -> Result<Option<i64>, DecodeError> {
        self.read(index, DataType::I64, |raw| json::whole(raw, DataType::I64), whole)
    }

    fn f32(&self, index: usize) -> Result<Option<f32>, DecodeError> {
        self.read(index, DataType::F32, json::single, |value| match value {
            Value::F32(number) => Some(*number),
            Value::F64(number) => Some(*number as f32).filter(|single| single.is_finite() || !number.is_finite()),
            _ => None,
        })
    }

    fn f64(&self, index: usize) -> Result<Option<f64>, DecodeError> {
        self.read(index, DataType::F64, json::number, |value| match value {
            Value::F32(number) => Some(f64::from(*number)),
            Value::F64(number) => Some(*number),
            other => whole(other).filter(|number| (*number as f64) as i128 == i128::from(*number)).map(|n| n as f64),
        })
    }

    fn text(&self, index: usize) -> Result<Option<&str>, DecodeError> {
        match self.text_of(index, DataType::Text)? {
            None => Ok(None),
            Some(Cow::Borrowed(text)) => Ok(Some(text)),
            Some(Cow::Owned(text)) => Ok(self.held(index).map(|held| held.text.get_or_init(|| text).as_str())),
        }
    }

    fn bytes(&self, index: usize) -> Result<Option<&[u8]>, DecodeError> {
        let stored = |raw| json::bytes(raw).map(Cow::Owned);
        let bytes = self.read(index, DataType::Bytes, stored, |value| match value {
            Value::Bytes(bytes) => Some(Cow::Borrowed(bytes.as_slice())),
            _ => None,
        })?;
        match bytes {
            None => Ok(None),
            Some(Cow::Borrowed(bytes)) => Ok(Some(bytes)),
            Some(Cow::Owned(bytes)) => Ok(self.held(index).map(|held| held.bytes.get_or_init(|| bytes).as_slice())),
        }
    }

    reads! {
        bool: Bool -> bool = json::boolean;
        uuid: Uuid -> Uuid = |raw| json::parsed(raw, DataType::Uuid, |text| text.parse().ok());
        date: Date -> NaiveDate = |raw| json::parsed(raw, DataType::Date, json::date);
        time: Time -> NaiveTime = |raw| json::parsed(raw, DataType::Time, json::time);
        date_time: DateTime -> NaiveDateTime = |raw| json::parsed(raw, DataType::DateTime, json::date_time);
        timestamp: Timestamp -> DateTime<Utc> = |raw| json::parsed(raw, DataType::Timestamp, json::moment);
        json: Json -> serde_json::Value = json::document;
        interval: Interval -> Interval = json::interval;
    }

    fn decimal(&self, index: usize) -> Result<Option<Decimal>, DecodeError> {
        self.read(index, DataType::Decimal, json::decimal, |value| match value {
            Value::Decimal(number) => Some(*number),
            other => whole(other).map(Decimal::from),
        })
    }

    fn list(&self, index: usize, item: &'static DataType) -> Result<Option<Vec<Value>>, DecodeError> {
        self.read(
            index,
            DataType::Array(item),
            |raw| json::list(raw, item),
            |value| match value {
                Value::Array(_, items) => Some(items.clone()),
                _ => None,
            },
        )
    }

    fn name(&self, index: usize) -> String {
        match self.cells.get(index) {
            Some(Cell::Stored(row, position)) => match row.schema().fields.get(*position) {
                Some(field) => field.column.to_owned(),
                None => (index + 1).to_string(),
            },
            _ => (index + 1).to_string(),
        }
    }

    fn any(&self, index: usize) -> Result<Value, DecodeError> {
        Cells::cell_value(self.cell(index, DataType::Text)?)
    }
}

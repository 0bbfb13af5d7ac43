//! Reading one value from its binary form.

use crate::column_type::ColumnType;
use crate::numeric;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use peristyle_query::error::DecodeError;
use peristyle_query::value::{DataType, Interval, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

/// One value that is not NULL: its bytes, and the type that the server gives them.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'r> {
    pub(crate) bytes: &'r [u8],
    pub(crate) column_type: &'r ColumnType,
}

type Decoded<T> = Result<T, DecodeError>;

impl<'r> Cell<'r> {
    /// The error of asking this cell for a value of another type.
    fn refuse<T>(self, expected: DataType) -> Decoded<T> {
        Err(DecodeError::new(expected, self.column_type.name()))
    }

    fn fixed<const N: usize>(self, expected: DataType) -> Decoded<[u8; N]> {
        self.bytes.try_into().map_err(|_| {
            DecodeError::new(expected, format!("{} bytes of {}", self.bytes.len(), self.column_type.name()))
        })
    }

    pub(crate) fn bool(self) -> Decoded<bool> {
        match self.column_type {
            ColumnType::Bool => self.fixed::<1>(DataType::Bool).map(|[byte]| byte != 0),
            _ => self.refuse(DataType::Bool),
        }
    }

    /// Any stored integer.
    fn integer(self, expected: DataType) -> Decoded<i64> {
        match self.column_type {
            ColumnType::Int2 => self.fixed(expected).map(|bytes| i16::from_be_bytes(bytes).into()),
            ColumnType::Int4 => self.fixed(expected).map(|bytes| i32::from_be_bytes(bytes).into()),
            ColumnType::Int8 => self.fixed(expected).map(i64::from_be_bytes),
            ColumnType::Oid => self.fixed(expected).map(|bytes| u32::from_be_bytes(bytes).into()),
            _ => self.refuse(expected),
        }
    }

    fn narrow<T: TryFrom<i64>>(self, expected: DataType) -> Decoded<T> {
        let value = self.integer(expected)?;
        T::try_from(value).map_err(|_| DecodeError::new(expected, format!("{value}, which does not fit")))
    }

    pub(crate) fn i16(self) -> Decoded<i16> {
        self.narrow(DataType::I16)
    }

    pub(crate) fn i32(self) -> Decoded<i32> {
        self.narrow(DataType::I32)
    }

    pub(crate) fn i64(self) -> Decoded<i64> {
        self.integer(DataType::I64)
    }

    pub(crate) fn f32(self) -> Decoded<f32> {
        match self.column_type {
            ColumnType::Float4 => self.fixed(DataType::F32).map(f32::from_be_bytes),
            _ => self.refuse(DataType::F32),
        }
    }

    /// A float; a numeric too, since `avg` of integers is one.
    pub(crate) fn f64(self) -> Decoded<f64> {
        match self.column_type {
            ColumnType::Float8 => self.fixed(DataType::F64).map(f64::from_be_bytes),
            ColumnType::Float4 => self.fixed(DataType::F64).map(|bytes| f32::from_be_bytes(bytes).into()),
            ColumnType::Numeric => {
                numeric::decode_f64(self.bytes).map_err(|found| DecodeError::new(DataType::F64, found))
            }
            _ => self.refuse(DataType::F64),
        }
    }

    pub(crate) fn text(self) -> Decoded<&'r str> {
        match self.column_type {
            ColumnType::Text => std::str::from_utf8(self.bytes)
                .map_err(|error| DecodeError::new(DataType::Text, format!("bytes that are not UTF-8 ({error})"))),
            _ => self.refuse(DataType::Text),
        }
    }

    pub(crate) fn bytes(self) -> Decoded<&'r [u8]> {
        match self.column_type {
            ColumnType::Bytea => Ok(self.bytes),
            _ => self.refuse(DataType::Bytes),
        }
    }

    pub(crate) fn uuid(self) -> Decoded<Uuid> {
        match self.column_type {
            ColumnType::Uuid => self.fixed(DataType::Uuid).map(Uuid::from_bytes),
            _ => self.refuse(DataType::Uuid),
        }
    }

    pub(crate) fn date(self) -> Decoded<NaiveDate> {
        if *self.column_type != ColumnType::Date {
            return self.refuse(DataType::Date);
        }
        let days = i32::from_be_bytes(self.fixed(DataType::Date)?);
        let found = || match days {
            i32::MAX => "infinity".to_owned(),
            i32::MIN => "-infinity".to_owned(),
            days => format!("a date {days} days from 2000-01-01, beyond chrono's range"),
        };
        let distance = Days::new(days.unsigned_abs().into());
        let date = match days {
            i32::MAX | i32::MIN => None,
            0.. => EPOCH.date().checked_add_days(distance),
            _ => EPOCH.date().checked_sub_days(distance),
        };
        date.ok_or_else(|| DecodeError::new(DataType::Date, found()))
    }

    pub(crate) fn time(self) -> Decoded<NaiveTime> {
        if *self.column_type != ColumnType::Time {
            return self.refuse(DataType::Time);
        }
        let micros = i64::from_be_bytes(self.fixed(DataType::Time)?);
        let seconds = u32::try_from(micros.div_euclid(1_000_000)).unwrap_or(u32::MAX);
        let nanos = micros.rem_euclid(1_000_000) as u32 * 1_000;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
            .ok_or_else(|| DecodeError::new(DataType::Time, "24:00:00, beyond chrono's range"))
    }

    fn moment(self, expected: DataType) -> Decoded<NaiveDateTime> {
        let micros = i64::from_be_bytes(self.fixed(expected)?);
        let found = || match micros {
            i64::MAX => "infinity".to_owned(),
            i64::MIN => "-infinity".to_owned(),
            micros => format!("a time {micros} microseconds from 2000-01-01, beyond chrono's range"),
        };
        match micros {
            i64::MAX | i64::MIN => None,
            micros => EPOCH.checked_add_signed(TimeDelta::microseconds(micros)),
        }
        .ok_or_else(|| DecodeError::new(expected, found()))
    }

    pub(crate) fn date_time(self) -> Decoded<NaiveDateTime> {
        match self.column_type {
            ColumnType::Timestamp => self.moment(DataType::DateTime),
            _ => self.refuse(DataType::DateTime),
        }
    }

    /// A moment. A column without a zone holds UTC, since that is how the server takes a moment that is written to it.
    pub(crate) fn timestamp(self) -> Decoded<DateTime<Utc>> {
        match self.column_type {
            ColumnType::TimestampTz | ColumnType::Timestamp => self.moment(DataType::Timestamp).map(|at| at.and_utc()),
            _ => self.refuse(DataType::Timestamp),
        }
    }

    /// An exact decimal, or any integer.
    pub(crate) fn decimal(self) -> Decoded<Decimal> {
        match self.column_type {
            ColumnType::Numeric => {
                numeric::decode(self.bytes).map_err(|found| DecodeError::new(DataType::Decimal, found))
            }
            _ => self.integer(DataType::Decimal).map(Decimal::from),
        }
    }

    pub(crate) fn json(self) -> Decoded<serde_json::Value> {
        let text = match (self.column_type, self.bytes) {
            (ColumnType::Json, text) => text,
            // A version, then the text.
            (ColumnType::Jsonb, [1, text @ ..]) => text,
            _ => return self.refuse(DataType::Json),
        };
        serde_json::from_slice(text)
            .map_err(|error| DecodeError::new(DataType::Json, format!("a document that is not read ({error})")))
    }

    pub(crate) fn interval(self) -> Decoded<Interval> {
        if *self.column_type != ColumnType::Interval {
            return self.refuse(DataType::Interval);
        }
        let bytes: [u8; 16] = self.fixed(DataType::Interval)?;
        let [a, b, c, d, e, f, g, h, days @ .., i, j, k, l] = bytes;
        Ok(Interval {
            months: i32::from_be_bytes([i, j, k, l]),
            days: i32::from_be_bytes(days),
            micros: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
        })
    }

    /// The items of a one-dimensional array, each read as `item`.
    pub(crate) fn list(self, item: &'static DataType) -> Decoded<Vec<Value>> {
        let ColumnType::Array(item_type) = self.column_type else {
            return self.refuse(DataType::Array(item));
        };
        let broken = |found: &str| DecodeError::new(DataType::Array(item), found);
        let mut reader = Reader(self.bytes);
        let cut_short = || broken("an array that is cut short");
        let dimensions = reader.i32().ok_or_else(cut_short)?;
        reader.i32().ok_or_else(cut_short)?;
        let oid = reader.i32().ok_or_else(cut_short)?;
        match dimensions {
            0 => return Ok(Vec::new()),
            1 => {}
            more => return Err(broken(&format!("an array of {more} dimensions"))),
        }
        let known = ColumnType::built_in(oid as u32);
        let column_type = known.as_ref().unwrap_or(item_type);
        let count = reader.i32().and_then(|count| usize::try_from(count).ok()).ok_or_else(cut_short)?;
        reader.i32().ok_or_else(cut_short)?;
        let mut items = Vec::with_capacity(count.min(reader.0.len() / 4));
        for index in 0..count {
            items.push(match reader.i32().ok_or_else(cut_short)? {
                -1 => Value::Null(*item),
                length => {
                    let length = usize::try_from(length).map_err(|_| cut_short())?;
                    let bytes = reader.take(length).ok_or_else(cut_short)?;
                    Cell { bytes, column_type }.value(*item).map_err(|error| error.inside(&format!("item {index}")))?
                }
            });
        }
        Ok(items)
    }

    /// This cell as a value of type `data_type`.
    pub(crate) fn value(self, data_type: DataType) -> Decoded<Value> {
        Ok(match data_type {
            DataType::Bool => Value::Bool(self.bool()?),
            DataType::I16 => Value::I16(self.i16()?),
            DataType::I32 => Value::I32(self.i32()?),
            DataType::I64 => Value::I64(self.i64()?),
            DataType::F32 => Value::F32(self.f32()?),
            DataType::F64 => Value::F64(self.f64()?),
            DataType::Text => Value::Text(self.text()?.to_owned()),
            DataType::Bytes => Value::Bytes(self.bytes()?.to_vec()),
            DataType::Uuid => Value::Uuid(self.uuid()?),
            DataType::Date => Value::Date(self.date()?),
            DataType::Time => Value::Time(self.time()?),
            DataType::DateTime => Value::DateTime(self.date_time()?),
            DataType::Timestamp => Value::Timestamp(self.timestamp()?),
            DataType::Decimal => Value::Decimal(self.decimal()?),
            DataType::Json => Value::Json(self.json()?),
            DataType::Interval => Value::Interval(self.interval()?),
            DataType::Enum(name) => Value::Enum(name, self.text()?.to_owned()),
            DataType::Array(item) => Value::Array(item, self.list(item)?),
            other => return self.refuse(other),
        })
    }
}

/// Midnight of 2000-01-01, from which the server counts.
const EPOCH: NaiveDateTime = match DateTime::from_timestamp(946_684_800, 0) {
    Some(epoch) => epoch.naive_utc(),
    None => NaiveDateTime::MIN,
};

/// Takes bytes from the front.
struct Reader<'r>(&'r [u8]);

impl<'r> Reader<'r> {
    fn take(&mut self, count: usize) -> Option<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }
}

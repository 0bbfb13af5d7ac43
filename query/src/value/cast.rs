//! Casting: what comes from outside, as JSON, into a value of a type.
//!
//! The rules are those of Ecto's `Ecto.Type.cast`: text that reads as a number is one, a number is not a text, and dates may
//! come as the parts of a form.

use super::{DataType, Interval, Value, micros};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::borrow::Cow;

/// Why something from outside is not a value of a type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CastError {
    /// What to say instead of "is invalid".
    pub message: Option<Cow<'static, str>>,
}

impl CastError {
    /// The error that says "is invalid".
    pub fn invalid() -> Self {
        CastError::default()
    }

    /// The error with a message of its own.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        CastError { message: Some(message.into()) }
    }
}

impl Value {
    /// The value of type `data_type` that `input`, which is not null, means.
    ///
    /// ```
    /// use peristyle_query::value::{DataType, Value};
    /// use serde_json::json;
    /// assert_eq!(Value::cast(DataType::I32, &json!("42")), Ok(Value::I32(42)));
    /// assert!(Value::cast(DataType::I32, &json!(4.2)).is_err());
    /// assert!(Value::cast(DataType::Text, &json!(42)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`CastError`] if it means none.
    pub fn cast(data_type: DataType, input: &Json) -> Result<Value, CastError> {
        let value = match data_type {
            DataType::Bool => boolean(input).map(Value::Bool),
            DataType::I16 => integer(input).map(Value::I16),
            DataType::I32 => integer(input).map(Value::I32),
            DataType::I64 => integer(input).map(Value::I64),
            DataType::F32 => float(input).map(|n| n as f32).filter(|n| n.is_finite()).map(Value::F32),
            DataType::F64 => float(input).map(Value::F64),
            DataType::Text => input.as_str().map(|text| Value::Text(text.to_owned())),
            DataType::Bytes => bytes(input).map(Value::Bytes),
            DataType::Uuid => parsed(input).map(Value::Uuid),
            DataType::Date => date(input).map(Value::Date),
            DataType::Time => time(input).map(|time| Value::Time(micros(time))),
            DataType::DateTime => date_time(input).map(|moment| Value::DateTime(micros(moment))),
            DataType::Timestamp => timestamp(input).map(|moment| Value::Timestamp(micros(moment))),
            DataType::Decimal => decimal(input).map(Value::Decimal),
            DataType::Json => Some(Value::Json(input.clone())),
            DataType::Interval => interval(input).map(Value::Interval),
            DataType::Enum(name) => input.as_str().map(|text| Value::Enum(name, text.to_owned())),
            DataType::Array(item) => {
                let items = input.as_array().ok_or_else(CastError::invalid)?;
                let cast = |input: &Json| match input {
                    Json::Null => Ok(Value::Null(*item)),
                    input => Value::cast(*item, input),
                };
                return items.iter().map(cast).collect::<Result<_, _>>().map(|items| Value::Array(item, items));
            }
        };
        value.ok_or_else(CastError::invalid)
    }
}

fn parsed<T: std::str::FromStr>(input: &Json) -> Option<T> {
    input.as_str()?.trim().parse().ok()
}

fn boolean(input: &Json) -> Option<bool> {
    match input {
        Json::Bool(value) => Some(*value),
        Json::String(text) if text == "true" || text == "1" => Some(true),
        Json::String(text) if text == "false" || text == "0" => Some(false),
        _ => None,
    }
}

fn integer<T: TryFrom<i64>>(input: &Json) -> Option<T> {
    let number = match input {
        Json::Number(number) => number.as_i64()?,
        text => parsed(text)?,
    };
    number.try_into().ok()
}

fn float(input: &Json) -> Option<f64> {
    let number = match input {
        Json::Number(number) => number.as_f64()?,
        text => parsed(text)?,
    };
    number.is_finite().then_some(number)
}

fn decimal(input: &Json) -> Option<Decimal> {
    let exact = |text: &str| text.parse().or_else(|_| Decimal::from_scientific(text)).ok();
    match input {
        Json::Number(number) => exact(&number.to_string()),
        Json::String(text) => exact(text.trim()),
        _ => None,
    }
}

/// A text is its own bytes; a list of numbers is how serde writes bytes.
fn bytes(input: &Json) -> Option<Vec<u8>> {
    match input {
        Json::String(text) => Some(text.clone().into_bytes()),
        Json::Array(items) => items.iter().map(integer::<i64>).map(|byte| byte?.try_into().ok()).collect(),
        _ => None,
    }
}

/// A part of a date or a time, as a form sends it: a number, or a text of one.
fn part<T: TryFrom<i64>>(input: &Json, name: &str) -> Option<T> {
    integer(input.get(name)?)
}

fn date(input: &Json) -> Option<NaiveDate> {
    match input {
        Json::Object(_) => NaiveDate::from_ymd_opt(part(input, "year")?, part(input, "month")?, part(input, "day")?),
        text => parsed(text),
    }
}

fn time(input: &Json) -> Option<NaiveTime> {
    match input {
        Json::Object(parts) => {
            let second = if parts.contains_key("second") { part(input, "second")? } else { 0 };
            let micro = if parts.contains_key("microsecond") { part(input, "microsecond")? } else { 0 };
            NaiveTime::from_hms_micro_opt(part(input, "hour")?, part(input, "minute")?, second, micro)
        }
        text => clock_time(text.as_str()?.trim()),
    }
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()
}

/// A date and a time, with a `T` or a blank between them, and with or without seconds; a zone is left out.
fn date_time(input: &Json) -> Option<NaiveDateTime> {
    match input {
        Json::Object(_) => Some(date(input)?.and_time(time(input)?)),
        text => {
            let text = text.as_str()?.trim();
            match DateTime::parse_from_rfc3339(text) {
                Ok(moment) => Some(moment.naive_local()),
                Err(_) => without_zone(text),
            }
        }
    }
}

fn without_zone(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    Some(date.parse::<NaiveDate>().ok()?.and_time(clock_time(time)?))
}

/// The same as a moment: one without a zone is in UTC.
fn timestamp(input: &Json) -> Option<DateTime<Utc>> {
    if let Some(Ok(moment)) = input.as_str().map(|text| DateTime::parse_from_rfc3339(text.trim())) {
        return Some(moment.with_timezone(&Utc));
    }
    date_time(input).map(|moment| moment.and_utc())
}

fn interval(input: &Json) -> Option<Interval> {
    match input {
        Json::Object(parts) => {
            let known = ["months", "days", "micros"];
            if parts.is_empty() || parts.keys().any(|key| !known.contains(&key.as_str())) {
                return None;
            }
            let number = |name: &str| if parts.contains_key(name) { part::<i64>(input, name) } else { Some(0) };
            let (months, days) = (number("months")?.try_into().ok()?, number("days")?.try_into().ok()?);
            Some(Interval { months, days, micros: number("micros")? })
        }
        text => parsed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cast(data_type: DataType, input: Json) -> Option<Value> {
        Value::cast(data_type, &input).ok()
    }

    #[test]
    fn numbers_come_as_numbers_or_as_text() {
        assert_eq!(cast(DataType::I64, json!("-7")), Some(Value::I64(-7)));
        assert_eq!(cast(DataType::I16, json!(40_000)), None);
        assert_eq!(cast(DataType::I64, json!("7 apples")), None);
        assert_eq!(cast(DataType::I64, json!(7.5)), None);
        assert_eq!(cast(DataType::I64, json!(u64::MAX)), None);
        assert_eq!(cast(DataType::F64, json!("1e3")), Some(Value::F64(1000.0)));
        assert_eq!(cast(DataType::F64, json!("inf")), None);
        assert_eq!(cast(DataType::F32, json!(1e300)), None);
        assert_eq!(cast(DataType::Decimal, json!("12.50")), Some(Value::Decimal("12.50".parse().unwrap())));
        assert_eq!(cast(DataType::Decimal, json!("NaN")), None);
    }

    #[test]
    fn only_the_words_of_a_form_are_booleans() {
        assert_eq!(cast(DataType::Bool, json!("1")), Some(Value::Bool(true)));
        assert_eq!(cast(DataType::Bool, json!("false")), Some(Value::Bool(false)));
        assert_eq!(cast(DataType::Bool, json!("yes")), None);
        assert_eq!(cast(DataType::Bool, json!(1)), None);
    }

    #[test]
    fn dates_and_times_come_as_text_or_in_parts() {
        let day = NaiveDate::from_ymd_opt(2015, 12, 31).unwrap();
        assert_eq!(cast(DataType::Date, json!("2015-12-31")), Some(Value::Date(day)));
        assert_eq!(cast(DataType::Date, json!({"year": "2015", "month": 12, "day": "31"})), Some(Value::Date(day)));
        assert_eq!(cast(DataType::Date, json!({"year": "2015", "month": 13, "day": "31"})), None);
        let noon = day.and_hms_opt(12, 30, 0).unwrap();
        for text in ["2015-12-31T12:30", "2015-12-31 12:30:00", "2015-12-31T12:30:00+02:00"] {
            assert_eq!(cast(DataType::DateTime, json!(text)), Some(Value::DateTime(noon)), "{text}");
        }
        assert_eq!(
            cast(DataType::Timestamp, json!("2015-12-31T14:30:00+02:00")),
            Some(Value::Timestamp(noon.and_utc()))
        );
        assert_eq!(cast(DataType::Timestamp, json!("2015-12-31T12:30")), Some(Value::Timestamp(noon.and_utc())));
        let parts = json!({"year": 2015, "month": 12, "day": 31, "hour": 12, "minute": 30});
        assert_eq!(cast(DataType::Timestamp, parts), Some(Value::Timestamp(noon.and_utc())));
        assert_eq!(cast(DataType::Time, json!("25:00")), None);
    }

    #[test]
    fn a_list_is_cast_item_by_item() {
        let expected = Value::Array(&DataType::I64, vec![Value::I64(1), Value::Null(DataType::I64)]);
        assert_eq!(cast(DataType::Array(&DataType::I64), json!(["1", null])), Some(expected));
        assert_eq!(cast(DataType::Array(&DataType::I64), json!(["x"])), None);
        assert_eq!(cast(DataType::Array(&DataType::I64), json!("1")), None);
    }
}

//! The JSON form of values, for embedded structs and for stores without lists.

use super::{DataType, Interval, Value};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;

impl Value {
    /// This value as JSON: numbers and booleans as they are, bytes in hexadecimal, the rest as text.
    ///
    /// A float that is not finite is JSON's null, as JSON has no such number.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null(_) => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::I16(value) => (*value).into(),
            Value::I32(value) => (*value).into(),
            Value::I64(value) => (*value).into(),
            Value::F32(value) => f64::from(*value).into(),
            Value::F64(value) => (*value).into(),
            Value::Text(value) | Value::Enum(_, value) => value.as_str().into(),
            Value::Bytes(value) => hex(value).into(),
            Value::Uuid(value) => value.to_string().into(),
            Value::Date(value) => value.to_string().into(),
            Value::Time(value) => value.to_string().into(),
            Value::DateTime(value) => value.format("%Y-%m-%dT%H:%M:%S%.f").to_string().into(),
            Value::Timestamp(value) => value.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string().into(),
            Value::Decimal(value) => value.to_string().into(),
            Value::Json(value) => value.clone(),
            Value::Interval(value) => value.to_string().into(),
            Value::Array(_, items) => Json::Array(items.iter().map(Value::to_json).collect()),
        }
    }

    /// The value of type `data_type` that `json` holds, the inverse of [`Value::to_json`].
    ///
    /// # Errors
    ///
    /// What was found instead, as text, if `json` is not of that type.
    pub fn from_json(data_type: DataType, json: &Json) -> Result<Value, String> {
        if json.is_null() && data_type != DataType::Json {
            return Ok(Value::Null(data_type));
        }
        let value = match data_type {
            DataType::Bool => json.as_bool().map(Value::Bool),
            DataType::I16 => integer(json).and_then(|n| n.try_into().ok()).map(Value::I16),
            DataType::I32 => integer(json).and_then(|n| n.try_into().ok()).map(Value::I32),
            DataType::I64 => integer(json).map(Value::I64),
            DataType::F32 => json.as_f64().map(|n| Value::F32(n as f32)),
            DataType::F64 => json.as_f64().map(Value::F64),
            DataType::Text => json.as_str().map(|text| Value::Text(text.to_owned())),
            DataType::Bytes => json.as_str().and_then(unhex).map(Value::Bytes),
            DataType::Uuid => parsed(json).map(Value::Uuid),
            DataType::Date => parsed::<NaiveDate>(json).map(Value::Date),
            DataType::Time => parsed::<NaiveTime>(json).map(Value::Time),
            DataType::DateTime => json.as_str().and_then(date_time).map(Value::DateTime),
            DataType::Timestamp => json.as_str().and_then(timestamp).map(Value::Timestamp),
            DataType::Decimal => decimal(json).map(Value::Decimal),
            DataType::Json => Some(Value::Json(json.clone())),
            DataType::Interval => parsed::<Interval>(json).map(Value::Interval),
            DataType::Enum(name) => json.as_str().map(|text| Value::Enum(name, text.to_owned())),
            DataType::Array(item) => match json.as_array() {
                Some(items) => {
                    let items = items.iter().map(|json| Value::from_json(*item, json));
                    return items.collect::<Result<_, _>>().map(|items| Value::Array(item, items));
                }
                None => None,
            },
        };
        value.ok_or_else(|| {
            let mut found = json.to_string();
            if let Some((end, _)) = found.char_indices().nth(80) {
                found.truncate(end);
                found.push('…');
            }
            found
        })
    }
}

fn integer(json: &Json) -> Option<i64> {
    // A JSON writer may turn 3 into 3.0.
    json.as_i64().or_else(|| json.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64))
}

fn parsed<T: std::str::FromStr>(json: &Json) -> Option<T> {
    json.as_str()?.parse().ok()
}

fn date_time(text: &str) -> Option<NaiveDateTime> {
    text.replacen(' ', "T", 1).parse().ok()
}

fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => Some(moment.with_timezone(&Utc)),
        Err(_) => date_time(text).map(|naive| naive.and_utc()),
    }
}

fn decimal(json: &Json) -> Option<Decimal> {
    match json {
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

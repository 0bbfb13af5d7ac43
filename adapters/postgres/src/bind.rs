//! The binary form of parameters, and the type that each declares.

use crate::numeric;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use peristyle_query::value::{DataType, Interval, Value};

/// The greatest number of parameters of one statement.
pub(crate) const MAX_PARAMETERS: usize = 65_535;

/// The greatest size of a value, in bytes.
const MAX_SIZE: usize = 1 << 30;

/// The object identifier of the type that a parameter declares. A variant of an enum travels as text: the statement casts
/// it, since the number of a declared type differs from database to database.
pub(crate) fn type_oid(data_type: DataType) -> u32 {
    match data_type {
        DataType::Bool => 16,
        DataType::I16 => 21,
        DataType::I32 => 23,
        DataType::I64 => 20,
        DataType::F32 => 700,
        DataType::F64 => 701,
        DataType::Bytes => 17,
        DataType::Uuid => 2950,
        DataType::Date => 1082,
        DataType::Time => 1083,
        DataType::DateTime => 1114,
        DataType::Timestamp => 1184,
        DataType::Decimal => 1700,
        DataType::Json => 3802,
        DataType::Interval => 1186,
        DataType::Array(item) => match item {
            DataType::Bool => 1000,
            DataType::I16 => 1005,
            DataType::I32 => 1007,
            DataType::I64 => 1016,
            DataType::F32 => 1021,
            DataType::F64 => 1022,
            DataType::Bytes => 1001,
            DataType::Uuid => 2951,
            DataType::Date => 1182,
            DataType::Time => 1183,
            DataType::DateTime => 1115,
            DataType::Timestamp => 1185,
            DataType::Decimal => 1231,
            DataType::Json => 3807,
            DataType::Interval => 1187,
            _ => 1009,
        },
        _ => 25,
    }
}

/// Appends the binary form of a value that is not NULL, or says why the server cannot hold it.
pub(crate) fn encode(value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    match value {
        Value::Null(_) => {}
        Value::Bool(value) => out.push((*value).into()),
        Value::I16(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::I32(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::I64(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::F32(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::F64(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Text(text) | Value::Enum(_, text) => {
            refuse_nul(text)?;
            out.extend_from_slice(text.as_bytes());
        }
        Value::Bytes(bytes) => out.extend_from_slice(bytes),
        Value::Uuid(value) => out.extend_from_slice(value.as_bytes()),
        Value::Date(date) => out.extend_from_slice(&days(*date)?.to_be_bytes()),
        Value::Time(time) => out.extend_from_slice(&micros_of_day(*time)?.to_be_bytes()),
        Value::DateTime(at) => out.extend_from_slice(&micros(*at)?.to_be_bytes()),
        Value::Timestamp(at) => out.extend_from_slice(&micros(at.naive_utc())?.to_be_bytes()),
        Value::Decimal(value) => numeric::encode(*value, out),
        Value::Json(value) => {
            refuse_nul_in_json(value)?;
            // The version of the binary form of jsonb, then its text.
            out.push(1);
            serde_json::to_writer(&mut *out, value).map_err(|error| error.to_string())?;
        }
        Value::Interval(Interval { months, days, micros }) => {
            out.extend_from_slice(&micros.to_be_bytes());
            out.extend_from_slice(&days.to_be_bytes());
            out.extend_from_slice(&months.to_be_bytes());
        }
        Value::Array(item, items) => encode_array(item, items, out)?,
        other => return Err(format!("no form is known for a {}", other.data_type())),
    }
    match out.len() - start {
        0..MAX_SIZE => Ok(()),
        size => Err(format!("it has {size} bytes, and a value has at most one gigabyte")),
    }
}

fn encode_array(item: &DataType, items: &[Value], out: &mut Vec<u8>) -> Result<(), String> {
    if matches!(item, DataType::Array(_)) {
        return Err("a list of lists is not stored as an array; keep it as a JSON document (serde_json::Value)".into());
    }
    let count = i32::try_from(items.len()).map_err(|_| "a list has at most 2,147,483,647 items".to_owned())?;
    let has_null = items.iter().any(Value::is_null);
    out.extend_from_slice(&i32::from(count > 0).to_be_bytes());
    out.extend_from_slice(&i32::from(has_null).to_be_bytes());
    out.extend_from_slice(&type_oid(*item).to_be_bytes());
    if count == 0 {
        return Ok(());
    }
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&1i32.to_be_bytes());
    for (index, value) in items.iter().enumerate() {
        let found = value.data_type();
        if type_oid(found) != type_oid(*item) {
            return Err(format!("item {index} is a {found} in a list of {item}"));
        }
        let length_at = out.len();
        out.extend_from_slice(&(-1i32).to_be_bytes());
        if !value.is_null() {
            encode(value, out).map_err(|reason| format!("item {index}: {reason}"))?;
            let length = i32::try_from(out.len() - length_at - 4).map_err(|_| "an item is too long".to_owned())?;
            out[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(())
}

fn refuse_nul(text: &str) -> Result<(), String> {
    match text.find('\0') {
        Some(at) => Err(format!("it has a NUL character (U+0000) at byte {at}; remove it, or keep the value as bytes")),
        None => Ok(()),
    }
}

fn refuse_nul_in_json(value: &serde_json::Value) -> Result<(), String> {
    match value {
        serde_json::Value::String(text) => refuse_nul(text).map_err(|reason| format!("in a string, {reason}")),
        serde_json::Value::Array(items) => items.iter().try_for_each(refuse_nul_in_json),
        serde_json::Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            refuse_nul(key).map_err(|reason| format!("in a key, {reason}"))?;
            refuse_nul_in_json(value)
        }),
        _ => Ok(()),
    }
}

/// Days from 2000-01-01; the first day that the server has is November 24, 4714 BC.
fn days(date: NaiveDate) -> Result<i32, String> {
    const FIRST: i64 = -2_451_545;
    let days = date.signed_duration_since(epoch_date()).num_days();
    match i32::try_from(days) {
        Ok(days) if i64::from(days) >= FIRST => Ok(days),
        _ => Err("it is before the first day that Postgres has, November 24, 4714 BC".to_owned()),
    }
}

fn micros_of_day(time: NaiveTime) -> Result<i64, String> {
    if time.nanosecond() >= 1_000_000_000 {
        return Err("it is in a leap second, and Postgres has none".to_owned());
    }
    Ok(i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000))
}

/// Microseconds from 2000-01-01; finer parts are cut off.
fn micros(at: NaiveDateTime) -> Result<i64, String> {
    Ok(i64::from(days(at.date())?) * 86_400_000_000 + micros_of_day(at.time())?)
}

fn epoch_date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column_type::ColumnType;
    use crate::decode::Cell;
    use serde_json::json;

    fn bytes(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        encode(value, &mut out).unwrap();
        out
    }

    #[test]
    fn a_list_keeps_its_nulls() {
        let items = vec![Value::I64(1), Value::Null(DataType::I64), Value::I64(-1)];
        let bytes = bytes(&Value::Array(&DataType::I64, items.clone()));
        let column_type = ColumnType::built_in(1016).unwrap();
        assert_eq!(Cell { bytes: &bytes, column_type: &column_type }.list(&DataType::I64).unwrap(), items);
    }

    #[test]
    fn every_type_declares_a_type_that_reads_back() {
        for data_type in [DataType::Bool, DataType::Json, DataType::Interval, DataType::Decimal, DataType::Timestamp] {
            let column_type = ColumnType::built_in(type_oid(data_type)).unwrap();
            assert_eq!(column_type.natural(), Some(data_type));
        }
        let list = DataType::Array(&DataType::Uuid);
        assert_eq!(ColumnType::built_in(type_oid(list)).unwrap().natural(), Some(list));
    }

    #[test]
    fn a_nul_character_is_refused_wherever_it_hides() {
        let text = |value: &str| Value::Text(value.to_owned());
        let hidden = [
            text("a\0b"),
            Value::Enum("role", "a\0".into()),
            Value::Json(json!({"a": ["\0"]})),
            Value::Json(json!({"\0": 1})),
            Value::Array(&DataType::Text, vec![text("a"), text("\0")]),
        ];
        for value in hidden {
            let reason = encode(&value, &mut Vec::new()).unwrap_err();
            assert!(reason.contains("NUL character"), "{reason}");
        }
        assert!(encode(&Value::Json(json!("\\u0000")), &mut Vec::new()).is_ok());
    }

    #[test]
    fn dates_before_the_first_day_of_the_server_are_refused() {
        let reason = encode(&Value::Date(NaiveDate::MIN), &mut Vec::new()).unwrap_err();
        assert!(reason.contains("4714 BC"), "{reason}");
        assert!(encode(&Value::Date(NaiveDate::MAX), &mut Vec::new()).is_ok());
        assert!(encode(&Value::DateTime(NaiveDateTime::MIN), &mut Vec::new()).is_err());
        assert!(encode(&Value::DateTime(NaiveDateTime::MAX), &mut Vec::new()).is_ok());
    }

    #[test]
    fn times_are_cut_to_microseconds() {
        let time = NaiveTime::from_hms_nano_opt(23, 59, 59, 999_999_999).unwrap();
        assert_eq!(bytes(&Value::Time(time)), 86_399_999_999i64.to_be_bytes());
    }
}

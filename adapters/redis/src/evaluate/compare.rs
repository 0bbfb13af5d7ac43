//! The order of values, the same as that of an index: texts byte by byte, NaN after all numbers.

use super::{identity, malformed, unsupported};
use peristyle_query::error::Error;
use peristyle_query::value::{DataType, Value};
use std::cmp::Ordering;

/// How two values of a type compare that are not NULL.
///
/// # Errors
///
/// [`Error::Unsupported`] for JSON, which has no order, [`Error::Query`] for values of types that do not compare.
pub(crate) fn compare(left: &Value, right: &Value) -> Result<Ordering, Error> {
    use Value::{Array, Bool, Bytes, Date, DateTime, Decimal, Enum, Interval, Json, Text, Time, Timestamp, Uuid};
    if let (Some(left), Some(right)) = (integer(left), integer(right)) {
        return Ok(left.cmp(&right));
    }
    if let (Some(left), Some(right)) = (float(left), float(right)) {
        return Ok(floats(left, right));
    }
    Ok(match (left, right) {
        (Bool(left), Bool(right)) => left.cmp(right),
        (Text(left) | Enum(_, left), Text(right) | Enum(_, right)) => left.as_bytes().cmp(right.as_bytes()),
        (Bytes(left), Bytes(right)) => left.cmp(right),
        (Uuid(left), Uuid(right)) => left.cmp(right),
        (Date(left), Date(right)) => left.cmp(right),
        (Time(left), Time(right)) => left.cmp(right),
        (DateTime(left), DateTime(right)) => left.cmp(right),
        (Timestamp(left), Timestamp(right)) => left.cmp(right),
        (Decimal(left), Decimal(right)) => left.cmp(right),
        (Interval(left), Interval(right)) => identity::length(left).cmp(&identity::length(right)),
        (Array(_, left), Array(_, right)) => arrays(left, right)?,
        (Json(_), Json(_)) => {
            return Err(unsupported("order of JSON documents", "keep what is sorted in a column of its own"));
        }
        _ => return Err(malformed()),
    })
}

/// Whether two values of a type are equal that are not NULL.
///
/// # Errors
///
/// [`Error::Query`] for values of types that do not compare.
pub(super) fn equal(left: &Value, right: &Value) -> Result<bool, Error> {
    let by_identity = |value: &Value| matches!(value.data_type(), DataType::Json | DataType::Array(_));
    if by_identity(left) && by_identity(right) {
        return Ok(identity::of([left]) == identity::of([right]));
    }
    compare(left, right).map(Ordering::is_eq)
}

/// Whole numbers of any width.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::I16(value) => Some(i64::from(*value)),
        Value::I32(value) => Some(i64::from(*value)),
        Value::I64(value) => Some(*value),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::F32(value) => Some(f64::from(*value)),
        Value::F64(value) => Some(*value),
        _ => None,
    }
}

fn floats(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

/// Item by item; the shorter list is less if it is the beginning of the other. NULL is the least item.
fn arrays(left: &[Value], right: &[Value]) -> Result<Ordering, Error> {
    for (left, right) in left.iter().zip(right) {
        let order = match (left.is_null(), right.is_null()) {
            (false, false) => compare(left, right)?,
            (left, right) => right.cmp(&left),
        };
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(left.len().cmp(&right.len()))
}

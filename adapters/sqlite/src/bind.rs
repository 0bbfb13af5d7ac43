//! Binding values: the forms in which SQLite stores them.

use crate::call::Call;
use crate::error::STORE;
use crate::temporal;
use peristyle_query::error::{EncodeError, Error};
use peristyle_query::value::Value;
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use serde_json::Value as Json;

/// Binds the values of a call to its statement, after the placeholders of a row if there are such.
pub(crate) fn bind(statement: &mut Statement<'_>, call: &Call) -> Result<(), Error> {
    let first = call.width() + 1;
    for (index, parameter) in call.statement.parameters().iter().enumerate() {
        bind_value(statement, first + index, &parameter.value, call)?;
    }
    Ok(())
}

/// Binds a value to a placeholder, by its number.
pub(crate) fn bind_value(
    statement: &mut Statement<'_>,
    number: usize,
    value: &Value,
    call: &Call,
) -> Result<(), Error> {
    let value = stored(value).map_err(|error| call.in_context(error))?;
    statement.raw_bind_parameter(number, value).map_err(|error| call.error(error))
}

/// The form in which a value is stored.
pub(crate) fn stored(value: &Value) -> Result<ToSqlOutput<'_>, EncodeError> {
    let borrowed = |value| Ok(ToSqlOutput::Borrowed(value));
    let text = |text: String| Ok(ToSqlOutput::Owned(Stored::Text(text)));
    match value {
        Value::Null(_) => borrowed(ValueRef::Null),
        Value::Bool(value) => borrowed(ValueRef::Integer((*value).into())),
        Value::I16(value) => borrowed(ValueRef::Integer((*value).into())),
        Value::I32(value) => borrowed(ValueRef::Integer((*value).into())),
        Value::I64(value) => borrowed(ValueRef::Integer(*value)),
        Value::F32(number) => real(value, (*number).into()),
        Value::F64(number) => real(value, *number),
        Value::Text(value) | Value::Enum(_, value) => borrowed(ValueRef::Text(value.as_bytes())),
        Value::Bytes(value) => borrowed(ValueRef::Blob(value)),
        Value::Uuid(value) => text(value.hyphenated().to_string()),
        Value::Decimal(value) => text(value.to_string()),
        Value::Json(value) => text(value.to_string()),
        Value::Interval(value) => text(value.to_string()),
        Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::Timestamp(_) => text(moment(value)?),
        Value::Array(_, items) => {
            let items = items.iter().map(item).collect::<Result<_, _>>()?;
            text(Json::Array(items).to_string())
        }
        other => Err(refused(other, "this version of the adapter knows no form for it")),
    }
}

/// An item of a list, in JSON. Dates and times have the text form of their columns, so that they compare equal to them.
fn item(value: &Value) -> Result<Json, EncodeError> {
    match value {
        Value::F32(number) if !number.is_finite() => Err(infinite_item(value)),
        Value::F64(number) if !number.is_finite() => Err(infinite_item(value)),
        Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::Timestamp(_) => moment(value).map(Json::String),
        Value::Array(_, items) => items.iter().map(item).collect(),
        value => Ok(value.to_json()),
    }
}

/// The text of a date or a time.
fn moment(value: &Value) -> Result<String, EncodeError> {
    let text = match value {
        Value::Date(date) => temporal::date(*date),
        Value::Time(time) => temporal::time(*time),
        Value::DateTime(moment) => temporal::date_time(*moment),
        Value::Timestamp(moment) => temporal::date_time(moment.naive_utc()),
        _ => Err("it is not a date or a time"),
    };
    text.map_err(|reason| refused(value, reason))
}

fn real(value: &Value, number: f64) -> Result<ToSqlOutput<'_>, EncodeError> {
    if number.is_nan() {
        return Err(refused(value, "SQLite turns NaN into NULL; store NULL (an Option) or another number"));
    }
    Ok(ToSqlOutput::Borrowed(ValueRef::Real(number)))
}

fn infinite_item(value: &Value) -> EncodeError {
    refused(value, "lists are stored as JSON, which has no NaN and no infinity")
}

fn refused(value: &Value, reason: &'static str) -> EncodeError {
    EncodeError { store: STORE, data_type: value.data_type(), reason: reason.to_owned() }
}

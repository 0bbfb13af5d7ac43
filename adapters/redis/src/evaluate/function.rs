//! Scalar functions of one value.

use super::arithmetic::{absolute, out_of_range};
use super::{malformed, unsupported};
use peristyle_query::error::Error;
use peristyle_query::query::ast::Function;
use peristyle_query::value::{DataType, Value};

/// The result of a function for a value that is not NULL.
pub(super) fn function(function: Function, value: &Value) -> Result<Value, Error> {
    match function {
        Function::Abs => absolute(value),
        Function::Lower => Ok(Value::Text(text(value)?.to_lowercase())),
        Function::Upper => Ok(Value::Text(text(value)?.to_uppercase())),
        Function::Length => match i32::try_from(text(value)?.chars().count()) {
            Ok(length) => Ok(Value::I32(length)),
            Err(_) => Err(out_of_range(DataType::I32)),
        },
        other => Err(unsupported(format!("function {other:?}"), "compute it in Rust")),
    }
}

/// The type of a function's result.
pub(super) fn result_type(function: Function, operand: DataType) -> DataType {
    match function {
        Function::Lower | Function::Upper => DataType::Text,
        Function::Length => DataType::I32,
        _ => operand,
    }
}

pub(super) fn text(value: &Value) -> Result<&str, Error> {
    match value {
        Value::Text(text) | Value::Enum(_, text) => Ok(text),
        _ => Err(malformed()),
    }
}

//! Arithmetic: whole numbers in their own width, decimals exactly. What has no result is an error, never another number.

use super::{failure, malformed, unsupported};
use peristyle_query::error::Error;
use peristyle_query::query::ast::BinaryOperator::{self, Add, Divide, Multiply, Remainder, Subtract};
use peristyle_query::value::{DataType, Interval, Value};
use rust_decimal::Decimal;

/// The result of an operator on two numbers of a type.
///
/// # Errors
///
/// [`Error::Database`] for a division by zero, and for a result that the type cannot hold.
pub(super) fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, Error> {
    macro_rules! whole {
        ($left:expr, $right:expr, $variant:ident) => {{
            let result = match operator {
                Add(_) => $left.checked_add($right),
                Subtract(_) => $left.checked_sub($right),
                Multiply(_) => $left.checked_mul($right),
                Divide(_) | Remainder(_) if $right == 0 => return Err(division_by_zero()),
                Divide(_) => $left.checked_div($right),
                // The least number modulo -1 overflows on the way to 0.
                Remainder(_) => Some($left.wrapping_rem($right)),
                _ => return Err(malformed()),
            };
            result.map(Value::$variant).ok_or_else(|| out_of_range(DataType::$variant))
        }};
    }
    match (left, right) {
        (Value::I16(left), Value::I16(right)) => whole!(*left, *right, I16),
        (Value::I32(left), Value::I32(right)) => whole!(*left, *right, I32),
        (Value::I64(left), Value::I64(right)) => whole!(*left, *right, I64),
        (Value::F32(left), Value::F32(right)) => {
            let result = floats(operator, f64::from(*left), f64::from(*right))? as f32;
            finite(f64::from(result), left.is_finite() && right.is_finite(), DataType::F32)?;
            Ok(Value::F32(result))
        }
        (Value::F64(left), Value::F64(right)) => {
            let result = floats(operator, *left, *right)?;
            finite(result, left.is_finite() && right.is_finite(), DataType::F64)?;
            Ok(Value::F64(result))
        }
        (Value::Decimal(left), Value::Decimal(right)) => decimals(operator, *left, *right).map(Value::Decimal),
        (Value::Interval(left), Value::Interval(right)) => intervals(operator, left, right).map(Value::Interval),
        (left, _) => {
            let feature = format!("arithmetic of the type {}", left.data_type());
            Err(unsupported(feature, "read the values and compute in Rust"))
        }
    }
}

/// A number with the other sign.
pub(super) fn negate(value: &Value) -> Result<Value, Error> {
    let out = || out_of_range(value.data_type());
    Ok(match value {
        Value::I16(value) => Value::I16(value.checked_neg().ok_or_else(out)?),
        Value::I32(value) => Value::I32(value.checked_neg().ok_or_else(out)?),
        Value::I64(value) => Value::I64(value.checked_neg().ok_or_else(out)?),
        Value::F32(value) => Value::F32(-value),
        Value::F64(value) => Value::F64(-value),
        // Zero has no sign.
        Value::Decimal(value) if value.is_zero() => Value::Decimal(*value),
        Value::Decimal(value) => Value::Decimal(-value),
        Value::Interval(value) => {
            Value::Interval(intervals(Subtract(DataType::Interval), &Interval::default(), value)?)
        }
        _ => return Err(malformed()),
    })
}

/// A number without its sign.
pub(super) fn absolute(value: &Value) -> Result<Value, Error> {
    let negative = match value {
        Value::I16(value) => *value < 0,
        Value::I32(value) => *value < 0,
        Value::I64(value) => *value < 0,
        Value::F32(value) => return Ok(Value::F32(value.abs())),
        Value::F64(value) => return Ok(Value::F64(value.abs())),
        Value::Decimal(value) => return Ok(Value::Decimal(value.abs())),
        _ => return Err(malformed()),
    };
    if negative { negate(value) } else { Ok(value.clone()) }
}

fn floats(operator: BinaryOperator, left: f64, right: f64) -> Result<f64, Error> {
    Ok(match operator {
        Add(_) => left + right,
        Subtract(_) => left - right,
        Multiply(_) => left * right,
        Divide(_) if right == 0.0 => return Err(division_by_zero()),
        Divide(_) => left / right,
        _ => return Err(malformed()),
    })
}

/// Refuses an infinity that comes of finite numbers.
fn finite(result: f64, operands: bool, data_type: DataType) -> Result<(), Error> {
    if operands && !result.is_finite() { Err(out_of_range(data_type)) } else { Ok(()) }
}

fn decimals(operator: BinaryOperator, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    let result = match operator {
        Add(_) => left.checked_add(right),
        Subtract(_) => left.checked_sub(right),
        Multiply(_) => left.checked_mul(right),
        Divide(_) | Remainder(_) if right.is_zero() => return Err(division_by_zero()),
        Divide(_) => left.checked_div(right),
        Remainder(_) => left.checked_rem(right),
        _ => return Err(malformed()),
    };
    result.ok_or_else(|| out_of_range(DataType::Decimal))
}

fn intervals(operator: BinaryOperator, left: &Interval, right: &Interval) -> Result<Interval, Error> {
    let parts = match operator {
        Add(_) => (
            left.months.checked_add(right.months),
            left.days.checked_add(right.days),
            left.micros.checked_add(right.micros),
        ),
        Subtract(_) => (
            left.months.checked_sub(right.months),
            left.days.checked_sub(right.days),
            left.micros.checked_sub(right.micros),
        ),
        _ => return Err(unsupported("product of intervals", "read the values and compute in Rust")),
    };
    match parts {
        (Some(months), Some(days), Some(micros)) => Ok(Interval { months, days, micros }),
        _ => Err(out_of_range(DataType::Interval)),
    }
}

pub(super) fn out_of_range(data_type: DataType) -> Error {
    failure(format!("a result is out of the range of the type {data_type}: cast the operands to a wider one"))
}

fn division_by_zero() -> Error {
    failure("division by zero: leave such rows out with a condition before it")
}

//! Expressions, with the three values of SQL's logic.
//!
//! What an operand cannot be computed to counts only where it is needed: `x <> 0 AND 10 / x > 1` is false for 0.

use super::arithmetic::{arithmetic, negate};
use super::cast::cast;
use super::check::arity;
use super::compare::{compare, equal};
use super::function::{function, result_type, text};
use super::like::matches;
use super::source::Scope;
use super::{malformed, unsupported};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{BinaryOperator, Expression, Function, Step, UnaryOperator};
use peristyle_query::value::{DataType, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A step, or the value of a part that is known already.
pub(super) enum Item<'e> {
    Step(&'e Step),
    Known(&'e Value),
}

/// What stands on the stack: a value, or why there is none.
type Operand<'e> = Result<Cow<'e, Value>, Error>;

/// The value of an expression.
///
/// # Errors
///
/// [`Error::Unsupported`] for what only SQL has, [`Error::Database`] for a value that an operation has no result for, such as
/// a division by zero, [`Error::Decode`] for a stored value of another type.
pub(crate) fn evaluate(steps: &[Step], scope: &Scope<'_>) -> Result<Value, Error> {
    run(steps.iter().map(Item::Step), scope).map(Cow::into_owned)
}

/// Whether all conditions hold: are neither false nor NULL.
///
/// # Errors
///
/// As [`evaluate`].
pub(crate) fn holds(conditions: &[Expression], scope: &Scope<'_>) -> Result<bool, Error> {
    for condition in conditions {
        if truth(&*run(condition.iter().map(Item::Step), scope)?)? != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value of steps.
pub(super) fn run<'e>(items: impl Iterator<Item = Item<'e>>, scope: &Scope<'_>) -> Operand<'e> {
    let mut stack: Vec<Operand<'e>> = Vec::new();
    for item in items {
        let operand = match item {
            Item::Known(value) => Ok(Cow::Borrowed(value)),
            Item::Step(step) => {
                let first = stack.len().checked_sub(arity(step)?).ok_or_else(malformed)?;
                apply(step, &mut stack.drain(first..), scope)
            }
        };
        stack.push(operand);
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(result), true) => result,
        _ => Err(malformed()),
    }
}

/// A condition's value: `None` is NULL.
pub(super) fn truth(value: &Value) -> Result<Option<bool>, Error> {
    match value {
        Value::Bool(value) => Ok(Some(*value)),
        Value::Null(_) => Ok(None),
        _ => Err(malformed()),
    }
}

fn logical<'e>(truth: Option<bool>) -> Cow<'e, Value> {
    Cow::Owned(truth.map_or(Value::Null(DataType::Bool), Value::Bool))
}

/// The result of a step from its operands.
fn apply<'e>(step: &'e Step, operands: &mut dyn Iterator<Item = Operand<'e>>, scope: &Scope<'_>) -> Operand<'e> {
    let mut next = || operands.next().unwrap_or_else(|| Err(malformed()));
    Ok(match step {
        Step::Column(binding, field) => Cow::Owned(scope.value(*binding, field)?),
        Step::Value { value, .. } | Step::Literal(value) => Cow::Borrowed(value),
        Step::Star => Cow::Owned(Value::Bool(true)),
        Step::Inserted => Cow::Owned(Value::Bool(scope.is_inserted()?)),
        Step::Unary(UnaryOperator::Not) => logical(truth(&*next()?)?.map(|value| !value)),
        Step::Unary(UnaryOperator::IsNull) => logical(Some(next()?.is_null())),
        Step::Unary(UnaryOperator::IsNotNull) => logical(Some(!next()?.is_null())),
        Step::Unary(UnaryOperator::Negate) => {
            let value = next()?;
            if value.is_null() { value } else { Cow::Owned(negate(&value)?) }
        }
        Step::Binary(BinaryOperator::And) | Step::All(_) => logical(connected(operands, false)?),
        Step::Binary(BinaryOperator::Or) | Step::Any(_) => logical(connected(operands, true)?),
        Step::Binary(operator) => {
            let (left, right) = (next()?, next()?);
            binary(*operator, &left, &right)?
        }
        Step::Between(negated) => {
            let (value, low, high) = (next()?, next()?, next()?);
            let low = ordered(&value, &low, Ordering::is_ge)?;
            let high = ordered(&value, &high, Ordering::is_le)?;
            logical(both(low, high).map(|between| between != *negated))
        }
        Step::In { values, negated, .. } => {
            let operand = next()?;
            logical(among(&operand, values)?.map(|among| among != *negated))
        }
        Step::Like { negated, ignore_case } => {
            let (value, pattern) = (next()?, next()?);
            if value.is_null() || pattern.is_null() {
                logical(None)
            } else {
                logical(Some(matches(text(&value)?, text(&pattern)?, *ignore_case) != *negated))
            }
        }
        Step::Function(Function::Coalesce, _) => coalesce(operands)?,
        Step::Function(name, 1) => {
            let value = next()?;
            match value.as_ref() {
                Value::Null(data_type) => Cow::Owned(Value::Null(result_type(*name, *data_type))),
                value => Cow::Owned(function(*name, value)?),
            }
        }
        Step::Cast(data_type) => {
            let value = next()?;
            if value.data_type() == *data_type { value } else { Cow::Owned(cast(&value, *data_type)?) }
        }
        Step::Aggregate { .. } => {
            let instead = "select it, or write it in .having(..) after .group_by(..)";
            return Err(unsupported("aggregate in the condition or the value of a single row", instead));
        }
        _ => return Err(malformed()),
    })
}

/// AND (`decisive` is false) or OR (it is true), up to the first operand that decides.
fn connected<'e>(operands: &mut dyn Iterator<Item = Operand<'e>>, decisive: bool) -> Result<Option<bool>, Error> {
    let mut result = Some(!decisive);
    for operand in operands {
        match truth(&*operand?)? {
            Some(value) if value == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => result = None,
        }
    }
    Ok(result)
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The first operand that is not NULL.
fn coalesce<'e>(operands: &mut dyn Iterator<Item = Operand<'e>>) -> Operand<'e> {
    let mut null = None;
    for operand in operands {
        let operand = operand?;
        if !operand.is_null() {
            return Ok(operand);
        }
        null.get_or_insert(operand);
    }
    null.ok_or_else(malformed)
}

/// Whether a value is among others, none of which is NULL.
fn among(operand: &Value, values: &[Value]) -> Result<Option<bool>, Error> {
    if values.is_empty() {
        return Ok(Some(false));
    }
    if operand.is_null() {
        return Ok(None);
    }
    for value in values {
        if equal(operand, value)? {
            return Ok(Some(true));
        }
    }
    Ok(Some(false))
}

/// A comparison by order; `None` if a side is NULL.
fn ordered(left: &Value, right: &Value, test: fn(Ordering) -> bool) -> Result<Option<bool>, Error> {
    if left.is_null() || right.is_null() {
        return Ok(None);
    }
    compare(left, right).map(|order| Some(test(order)))
}

/// A comparison for equality; `None` if a side is NULL.
fn equals(left: &Value, right: &Value) -> Result<Option<bool>, Error> {
    if left.is_null() || right.is_null() {
        return Ok(None);
    }
    equal(left, right).map(Some)
}

fn binary<'e>(operator: BinaryOperator, left: &Value, right: &Value) -> Operand<'e> {
    use BinaryOperator::{
        Add, And, Concat, Divide, Equal, Greater, GreaterOrEqual, IsDistinctFrom, IsNotDistinctFrom, Less, LessOrEqual,
        Multiply, NotEqual, Or, Remainder, Subtract,
    };
    let same = || Ok::<bool, Error>(equals(left, right)?.unwrap_or(left.is_null() && right.is_null()));
    Ok(match operator {
        Equal => logical(equals(left, right)?),
        NotEqual => logical(equals(left, right)?.map(|equal| !equal)),
        Less => logical(ordered(left, right, Ordering::is_lt)?),
        LessOrEqual => logical(ordered(left, right, Ordering::is_le)?),
        Greater => logical(ordered(left, right, Ordering::is_gt)?),
        GreaterOrEqual => logical(ordered(left, right, Ordering::is_ge)?),
        IsNotDistinctFrom => logical(Some(same()?)),
        IsDistinctFrom => logical(Some(!same()?)),
        Add(data_type) | Subtract(data_type) | Multiply(data_type) | Divide(data_type) | Remainder(data_type) => {
            Cow::Owned(if left.is_null() || right.is_null() {
                Value::Null(data_type)
            } else {
                arithmetic(operator, left, right)?
            })
        }
        Concat if left.is_null() || right.is_null() => Cow::Owned(Value::Null(DataType::Text)),
        Concat => Cow::Owned(Value::Text([text(left)?, text(right)?].concat())),
        And | Or => return Err(malformed()),
    })
}

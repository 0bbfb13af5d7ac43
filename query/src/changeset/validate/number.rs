//! Numbers that are compared with others.

use super::Validation;
use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};
use crate::value::{DbType, Value};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

/// A type of numbers: `i16`, `i32`, `i64`, `f32`, `f64`, `Decimal`, and newtypes of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number",
    label = "expected a field of a number",
    note = "the length of a text or a list is for .validate_length(..); other types are compared with .validate_inclusion(|u| u.field, from..to)"
)]
pub trait Numeric: DbType {}

/// What a number of type `T` is compared with: another one, or an integer where `T` is a float or a decimal.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with the field",
    label = "expected a number of exactly the field's type",
    note = "a decimal or a float takes a whole number too"
)]
pub trait LimitOf<T> {
    /// The limit in the form of the field.
    fn into_limit(self) -> Value;
}

impl<T: Numeric> LimitOf<T> for T {
    fn into_limit(self) -> Value {
        self.into_value()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => { $(impl Numeric for $number {})* };
}
numbers!(i16, i32, i64, f32, f64, Decimal);

impl LimitOf<Decimal> for i32 {
    fn into_limit(self) -> Value {
        Value::Decimal(self.into())
    }
}

impl LimitOf<f64> for i32 {
    fn into_limit(self) -> Value {
        Value::F64(self.into())
    }
}

// Every i16 is a f32, but not every i32.
impl LimitOf<f32> for i16 {
    fn into_limit(self) -> Value {
        Value::F32(self.into())
    }
}

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Comparison {
    LessThan,
    GreaterThan,
    LessThanOrEqualTo,
    GreaterThanOrEqualTo,
    EqualTo,
    NotEqualTo,
}

impl Comparison {
    /// What the metadata calls it, such as `greater_than`.
    pub fn name(self) -> &'static str {
        match self {
            Comparison::LessThan => "less_than",
            Comparison::GreaterThan => "greater_than",
            Comparison::LessThanOrEqualTo => "less_than_or_equal_to",
            Comparison::GreaterThanOrEqualTo => "greater_than_or_equal_to",
            Comparison::EqualTo => "equal_to",
            Comparison::NotEqualTo => "not_equal_to",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Comparison::LessThan => "must be less than %{number}",
            Comparison::GreaterThan => "must be greater than %{number}",
            Comparison::LessThanOrEqualTo => "must be less than or equal to %{number}",
            Comparison::GreaterThanOrEqualTo => "must be greater than or equal to %{number}",
            Comparison::EqualTo => "must be equal to %{number}",
            Comparison::NotEqualTo => "must be not equal to %{number}",
        }
    }

    fn holds(self, ordering: Option<Ordering>) -> bool {
        match self {
            Comparison::LessThan => ordering.is_some_and(Ordering::is_lt),
            Comparison::GreaterThan => ordering.is_some_and(Ordering::is_gt),
            Comparison::LessThanOrEqualTo => ordering.is_some_and(Ordering::is_le),
            Comparison::GreaterThanOrEqualTo => ordering.is_some_and(Ordering::is_ge),
            Comparison::EqualTo => ordering.is_some_and(Ordering::is_eq),
            Comparison::NotEqualTo => !ordering.is_some_and(Ordering::is_eq),
        }
    }
}

/// One comparison of a number, as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what: a number, or a text of a decimal, which JSON's numbers may not hold exactly.
    pub number: Json,
}

/// What numbers of type `T` are compared with. All comparisons must hold; the first that does not is the error.
///
/// A range serves for most: `18..`, `0..=100`, `..1_000`.
///
/// ```
/// # use peristyle_query::{changeset::{Changeset, FieldOf, Number}, schema::Schema, expr::NotNull};
/// # fn example<User: Schema, F: FieldOf<User, Type = i32>>(changeset: Changeset<User>, age: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
/// changeset.validate_number(age, Number::new().gte(18).lt(150).ne(99))
/// # }
/// ```
#[must_use = "a comparison says what a validation checks"]
pub struct Number<T> {
    limits: Vec<(Comparison, Value)>,
    of: PhantomData<fn(T)>,
}

impl<T> Default for Number<T> {
    fn default() -> Self {
        Number::new()
    }
}

impl<T> Number<T> {
    /// Any number.
    pub fn new() -> Self {
        Number { limits: Vec::new(), of: PhantomData }
    }

    /// Greater than this.
    pub fn gt<L: LimitOf<T>>(self, limit: L) -> Self {
        self.and(Comparison::GreaterThan, limit)
    }

    /// Greater than or equal to this.
    pub fn gte<L: LimitOf<T>>(self, limit: L) -> Self {
        self.and(Comparison::GreaterThanOrEqualTo, limit)
    }

    /// Less than this.
    pub fn lt<L: LimitOf<T>>(self, limit: L) -> Self {
        self.and(Comparison::LessThan, limit)
    }

    /// Less than or equal to this.
    pub fn lte<L: LimitOf<T>>(self, limit: L) -> Self {
        self.and(Comparison::LessThanOrEqualTo, limit)
    }

    /// Equal to this.
    pub fn eq<L: LimitOf<T>>(self, limit: L) -> Self {
        self.and(Comparison::EqualTo, limit)
    }

    /// Not equal to this.
    pub fn ne<L: LimitOf<T>>(self, limit: L) -> Self {
        self.and(Comparison::NotEqualTo, limit)
    }

    fn and<L: LimitOf<T>>(mut self, comparison: Comparison, limit: L) -> Self {
        self.limits.push((comparison, limit.into_limit()));
        self
    }
}

/// What [`validate_number`](Changeset::validate_number) takes: a range of numbers, or a [`Number`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a range of the field's numbers",
    label = "expected a range such as `18..` or `0..=100`, or `Number::new().gte(18).lt(100)`"
)]
pub trait IntoNumber<T> {
    /// The comparisons.
    fn into_number(self) -> Number<T>;
}

impl<T> IntoNumber<T> for Number<T> {
    fn into_number(self) -> Number<T> {
        self
    }
}

impl<T, L: LimitOf<T>> IntoNumber<T> for Range<L> {
    fn into_number(self) -> Number<T> {
        Number::new().gte(self.start).lt(self.end)
    }
}

impl<T, L: LimitOf<T>> IntoNumber<T> for RangeInclusive<L> {
    fn into_number(self) -> Number<T> {
        let (start, end) = self.into_inner();
        Number::new().gte(start).lte(end)
    }
}

impl<T, L: LimitOf<T>> IntoNumber<T> for RangeFrom<L> {
    fn into_number(self) -> Number<T> {
        Number::new().gte(self.start)
    }
}

impl<T, L: LimitOf<T>> IntoNumber<T> for RangeTo<L> {
    fn into_number(self) -> Number<T> {
        Number::new().lt(self.end)
    }
}

impl<T, L: LimitOf<T>> IntoNumber<T> for RangeToInclusive<L> {
    fn into_number(self) -> Number<T> {
        Number::new().lte(self.end)
    }
}

/// The order of two numbers of one type; none if one is not a number at all.
fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::I16(one), Value::I16(other)) => Some(one.cmp(other)),
        (Value::I32(one), Value::I32(other)) => Some(one.cmp(other)),
        (Value::I64(one), Value::I64(other)) => Some(one.cmp(other)),
        (Value::F32(one), Value::F32(other)) => one.partial_cmp(other),
        (Value::F64(one), Value::F64(other)) => one.partial_cmp(other),
        (Value::Decimal(one), Value::Decimal(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

/// The number in metadata, as it is written: neither 0.0 for 0 nor 0.10000000149011612 for 0.1.
fn shown(number: &Value) -> Json {
    let written = |text: String| text.parse().unwrap_or(Json::String(text));
    match number {
        Value::F32(number) => written(number.to_string()),
        Value::F64(number) => written(number.to_string()),
        number => number.to_json(),
    }
}

impl<S: Changeable> Changeset<S> {
    /// Adds an error such as "must be greater than or equal to 18" unless the number is in a range, or compares as a
    /// [`Number`] says.
    ///
    /// Both have the same type, so that nothing is rounded: 0.1 is what `0.1` is.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = i32>>(changeset: Changeset<User>, age: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_number(age, 18..)
    /// # }
    /// ```
    pub fn validate_number<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        number: impl IntoNumber<F::Type>,
    ) -> Self
    where
        F::Type: Numeric,
    {
        let Number { limits, .. } = number.into_number();
        if limits.iter().any(|(_, limit)| compare(limit, limit).is_none()) {
            return self.misuse(field, "validate_number(..) compares with what is not a number");
        }
        let noted = limits.iter().map(|(comparison, limit)| Limit { comparison: *comparison, number: shown(limit) });
        if let Some((name, value)) = self.validated(field, Some(Validation::Number(noted.collect()))) {
            let wrong = limits.iter().find(|(comparison, limit)| !comparison.holds(compare(&value, limit)));
            if let Some((comparison, limit)) = wrong {
                let error = FieldError::new(comparison.message()).with("validation", "number");
                self.push_error(name, error.with("kind", comparison.name()).with("number", shown(limit)));
            }
        }
        self
    }
}

//! The values that a validation compares with: a list, or a range.

use super::Allowed;
use crate::expr::IntoValue;
use crate::value::{DbType, Value};
use std::collections::{BTreeSet, HashSet};
use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

/// Values of type `T`: an array, a slice, a `Vec` or a set of them, or a range.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list or a range of the field's values",
    label = "expected an array, a slice, a `Vec`, a set or a range of exactly the field's type",
    note = "a text field takes `&str` too; a field of another type takes its own values"
)]
pub trait Choices<T> {
    /// The values.
    #[doc(hidden)]
    fn into_chosen(self) -> Chosen<T>;
}

/// The values of a validation.
pub enum Chosen<T> {
    /// A list.
    List(Vec<Value>),
    /// A range, and the test whether it has a value.
    Range((Bound<T>, Bound<T>), fn(&(Bound<T>, Bound<T>), &T) -> bool),
}

impl<T: DbType> Chosen<T> {
    /// Whether the value is one of these.
    pub(super) fn has(&self, value: &Value) -> bool {
        match self {
            Chosen::List(values) => values.contains(value),
            Chosen::Range(bounds, contains) => T::from_value(value.clone()).is_ok_and(|value| contains(bounds, &value)),
        }
    }

    /// The values as data.
    pub(super) fn allowed(&self) -> Allowed {
        let edge = |edge: &Bound<T>| match edge {
            Bound::Included(value) | Bound::Excluded(value) => Some(value.to_value().to_json()),
            Bound::Unbounded => None,
        };
        match self {
            Chosen::List(values) => Allowed::Values(values.iter().map(Value::to_json).collect()),
            Chosen::Range((start, end), _) => {
                Allowed::Range { min: edge(start), max: edge(end), exclusive: matches!(end, Bound::Excluded(_)) }
            }
        }
    }
}

fn list<T, V: IntoValue<T>>(values: impl IntoIterator<Item = V>) -> Chosen<T> {
    Chosen::List(values.into_iter().map(IntoValue::into_value).collect())
}

impl<T, V: IntoValue<T>, const N: usize> Choices<T> for [V; N] {
    fn into_chosen(self) -> Chosen<T> {
        list(self)
    }
}

impl<'v, T, V, const N: usize> Choices<T> for &'v [V; N]
where
    &'v V: IntoValue<T>,
{
    fn into_chosen(self) -> Chosen<T> {
        list(self)
    }
}

impl<'v, T, V> Choices<T> for &'v [V]
where
    &'v V: IntoValue<T>,
{
    fn into_chosen(self) -> Chosen<T> {
        list(self)
    }
}

impl<T, V: IntoValue<T>> Choices<T> for Vec<V> {
    fn into_chosen(self) -> Chosen<T> {
        list(self)
    }
}

impl<'v, T, V> Choices<T> for &'v Vec<V>
where
    &'v V: IntoValue<T>,
{
    fn into_chosen(self) -> Chosen<T> {
        list(self)
    }
}

impl<T, V: IntoValue<T>> Choices<T> for BTreeSet<V> {
    fn into_chosen(self) -> Chosen<T> {
        list(self)
    }
}

impl<T, V: IntoValue<T>, H> Choices<T> for HashSet<V, H> {
    fn into_chosen(self) -> Chosen<T> {
        // In an order that is the same each time, as it is shown.
        let mut values: Vec<Value> = self.into_iter().map(IntoValue::into_value).collect();
        values.sort_by_cached_key(|value| value.to_json().to_string());
        Chosen::List(values)
    }
}

fn range<T: PartialOrd>(start: Bound<T>, end: Bound<T>) -> Chosen<T> {
    Chosen::Range((start, end), |bounds, value| bounds.contains(value))
}

macro_rules! ranges {
    ($($range:ident: $own:ident => $start:expr, $end:expr;)*) => {$(
        impl<T: DbType + PartialOrd> Choices<T> for $range<T> {
            fn into_chosen(self) -> Chosen<T> {
                let $own = self;
                range($start, $end)
            }
        }
    )*};
}
ranges! {
    Range: own => Bound::Included(own.start), Bound::Excluded(own.end);
    RangeFrom: own => Bound::Included(own.start), Bound::Unbounded;
    RangeTo: own => Bound::Unbounded, Bound::Excluded(own.end);
    RangeToInclusive: own => Bound::Unbounded, Bound::Included(own.end);
}

impl<T: DbType + PartialOrd> Choices<T> for RangeInclusive<T> {
    fn into_chosen(self) -> Chosen<T> {
        let (start, end) = self.into_inner();
        range(Bound::Included(start), Bound::Included(end))
    }
}

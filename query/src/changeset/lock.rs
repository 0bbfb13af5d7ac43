//! Optimistic locks: a write happens only if the row is still as it was read.

use super::{Changeable, Changeset, FieldOf};
use crate::value::{DataType, DbType, Value};
use std::sync::Arc;

/// A field that is compared with the row in the store, and what it is moved on to.
pub(crate) struct Lock<S> {
    pub(crate) index: usize,
    /// The next value, or `None` if there is none.
    pub(crate) next: Arc<dyn Fn(&S) -> Option<Value> + Send + Sync>,
}

impl<S> Clone for Lock<S> {
    fn clone(&self) -> Self {
        Lock { index: self.index, next: self.next.clone() }
    }
}

/// A number that can count the versions of a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not count versions",
    label = "expected an integer",
    note = "give the next version of any other type with .optimistic_lock_with(|u| u.field, |current| ..)"
)]
pub trait Version: DbType {}
impl Version for i16 {}
impl Version for i32 {}
impl Version for i64 {}

impl<S: Changeable> Changeset<S> {
    /// Lets an update or a delete happen only if this field of the row is still what it is here, and counts it up.
    ///
    /// `#[schema(version)]` does so for every write of a schema. A NULL is not compared; the count begins at 1, and starts
    /// again at 1 after the greatest number of its type. A row that is another by now is
    /// [`Error::Stale`](crate::error::Error::Stale).
    pub fn optimistic_lock<F: FieldOf<S>>(mut self, field: impl FnOnce(S::Fields) -> F) -> Self
    where
        F::Type: Version,
    {
        if let Some(found) = self.one_field(field) {
            let index = found.index;
            let next = move |row: &S| Some(counted_up(&row.field(index)));
            self.locks.push(Lock { index, next: Arc::new(next) });
        }
        self
    }

    /// The same with a next value of one's own, for a time or a UUID: `next` receives the current value, if there is one.
    pub fn optimistic_lock_with<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        next: impl Fn(Option<F::Type>) -> F::Type + Send + Sync + 'static,
    ) -> Self {
        if let Some(found) = self.one_field(field) {
            let index = found.index;
            let next = move |row: &S| {
                let current = match row.field(index) {
                    Value::Null(_) => None,
                    value => Some(F::Type::from_value(value).ok()?),
                };
                Some(next(current).into_value())
            };
            self.locks.push(Lock { index, next: Arc::new(next) });
        }
        self
    }
}

fn counted_up(version: &Value) -> Value {
    match version {
        Value::I16(number) => Value::I16(number.checked_add(1).unwrap_or(1)),
        Value::I32(number) => Value::I32(number.checked_add(1).unwrap_or(1)),
        Value::I64(number) => Value::I64(number.checked_add(1).unwrap_or(1)),
        Value::Null(DataType::I16) => Value::I16(1),
        Value::Null(DataType::I32) => Value::I32(1),
        _ => Value::I64(1),
    }
}

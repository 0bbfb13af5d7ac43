//! The conditions of an optimistic lock, and what it moves on.

use crate::changeset::Changeset;
use crate::error::QueryError;
use crate::query::ast::{BinaryOperator, Expression, compared};
use crate::schema::{FieldMeta, Schema};
use crate::value::{DataType, Value};

/// What a changeset's locks ask of a write.
pub(super) struct Locked {
    /// The conditions that the row in the store is to meet.
    pub(super) filter: Vec<Expression>,
    /// The fields that an update moves on, with their next values.
    pub(super) next: Vec<(usize, &'static FieldMeta, Value)>,
    /// The conditions in words.
    pub(super) described: String,
}

/// The locks of a changeset and of its schema.
pub(super) fn locked<S: Schema>(changeset: &Changeset<S>) -> Result<Locked, QueryError> {
    let row = changeset.data();
    let mut locked = Locked { filter: Vec::new(), next: Vec::new(), described: String::new() };
    for lock in changeset.locks() {
        let field = &S::META.fields[lock.index];
        let value = row.value(lock.index);
        if !value.is_null() {
            locked.push(field, value, BinaryOperator::Equal);
        }
        let next = (lock.next)(row).ok_or_else(|| no_next::<S>(field))?;
        locked.next.push((lock.index, field, next));
    }
    let version = S::META.stored_fields().find(|(_, field)| field.version);
    if let Some((index, field)) = version.filter(|(index, _)| locked.next.iter().all(|(known, ..)| known != index)) {
        let value = row.value(index);
        let next = next_version(&value).ok_or_else(|| no_next::<S>(field))?;
        // A NULL counts as a version.
        let equal = if value.is_null() { BinaryOperator::IsNotDistinctFrom } else { BinaryOperator::Equal };
        locked.push(field, value, equal);
        locked.next.push((index, field, next));
    }
    Ok(locked)
}

impl Locked {
    fn push(&mut self, field: &'static FieldMeta, value: Value, operator: BinaryOperator) {
        self.described += &match field.redact {
            true => format!(", {} = [redacted]", field.name),
            false => format!(", {} = {value}", field.name),
        };
        self.filter.push(compared(field, operator, value));
    }
}

fn no_next<S: Schema>(field: &FieldMeta) -> QueryError {
    QueryError::new(format!("{}.{} has no next version: its type is at its greatest number", S::NAME, field.name))
}

fn next_version(version: &Value) -> Option<Value> {
    match version {
        Value::I16(number) => number.checked_add(1).map(Value::I16),
        Value::I32(number) => number.checked_add(1).map(Value::I32),
        Value::I64(number) => number.checked_add(1).map(Value::I64),
        Value::Null(DataType::I16) => Some(Value::I16(1)),
        Value::Null(DataType::I32) => Some(Value::I32(1)),
        Value::Null(DataType::I64) => Some(Value::I64(1)),
        _ => None,
    }
}

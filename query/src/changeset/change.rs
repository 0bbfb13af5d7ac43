//! Changes: what a field becomes.

use super::{Assignment, Assignments, Changeable, Changeset, FieldOf, Found, Origin};
use crate::expr::{Anchor, enter};
use crate::query::ast::{Expression, Step};
use crate::schema::{FieldMeta, Generation};
use crate::value::{DbType, Value};

/// One field and what it becomes.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) index: usize,
    pub(crate) field: &'static FieldMeta,
    pub(crate) expression: Expression,
}

/// The one value of an expression that is a plain value.
pub(crate) fn plain(expression: &Expression) -> Option<&Value> {
    match expression.as_slice() {
        [Step::Value { value, .. }] => Some(value),
        _ => None,
    }
}

impl<S: Changeable> Changeset<S> {
    /// Adds changes that are trusted: nothing is cast, and a later change of the same field wins.
    ///
    /// A value that an existing row has already is no change of it; for a row to come it is one.
    pub fn change<A: Assignments<S>>(mut self, changes: impl FnOnce(S::Fields) -> A) -> Self {
        for (found, expression) in self.assigned(changes) {
            self.put(found, expression, false);
        }
        self
    }

    /// Adds changes as [`change`](Changeset::change) does, also where the row has these values already.
    pub fn force_change<A: Assignments<S>>(mut self, changes: impl FnOnce(S::Fields) -> A) -> Self {
        for (found, expression) in self.assigned(changes) {
            self.put(found, expression, true);
        }
        self
    }

    /// Sets one field to a value that is trusted, as [`change`](Changeset::change) does.
    pub fn put_change<F: FieldOf<S>>(mut self, field: impl FnOnce(S::Fields) -> F, value: F::Value) -> Self
    where
        F::Value: crate::schema::FieldKind,
    {
        if let Some(found) = self.one_field(field) {
            let value = crate::schema::FieldKind::field_value(&value);
            self.put(found, vec![Step::Value { value, redact: found.meta.redact }], false);
        }
        self
    }

    /// Forgets the change of a field.
    pub fn delete_change<F: FieldOf<S>>(mut self, field: impl FnOnce(S::Fields) -> F) -> Self {
        if let Some(found) = self.one_field(field) {
            self.forget(found.index);
        }
        self
    }

    /// Changes what a field becomes, if it is changed, and not to NULL.
    pub fn update_change<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        update: impl FnOnce(F::Type) -> F::Type,
    ) -> Self {
        if let Some(found) = self.one_field(field)
            && let Some(value) = self.changed_value(found).filter(|value| !value.is_null()).cloned()
            && let Ok(value) = F::Type::from_value(value)
        {
            let value = update(value).into_value();
            self.put(found, vec![Step::Value { value, redact: found.meta.redact }], false);
        }
        self
    }

    /// What a field becomes, or `None` if it is not changed, or to an expression that the store computes.
    pub fn get_change<F: FieldOf<S>>(&self, field: impl FnOnce(S::Fields) -> F) -> Option<F::Value> {
        let found = self.lookup(field)?;
        typed::<S, F>(self.changed_value(found)?.clone())
    }

    /// What a field becomes or, if it is not changed, what it is.
    ///
    /// `None` is only for a field whose change the store computes, or that does not belong to the struct.
    pub fn get_field<F: FieldOf<S>>(&self, field: impl FnOnce(S::Fields) -> F) -> Option<F::Value> {
        let found = self.lookup(field)?;
        typed::<S, F>(self.value_now(found)?)
    }

    /// Whether a field becomes something else than it is.
    pub fn is_changed<F: FieldOf<S>>(&self, field: impl FnOnce(S::Fields) -> F) -> bool {
        let found = self.lookup(field);
        found.and_then(|found| self.change_at(found.index)).is_some_and(|change| self.differs(change))
    }

    /// The names of the fields, associations and embedded structs that the write would change.
    pub fn changed(&self) -> Vec<&'static str> {
        let fields = self.changes.iter().map(|change| change.field.name);
        let relations = self.relations.iter().filter(|relation| relation.is_changed()).map(|relation| relation.name());
        fields.chain(relations).collect()
    }

    /// Whether a field would be blank after the write: NULL, or a value that counts as none.
    pub fn is_missing<F: FieldOf<S>>(&self, field: impl FnOnce(S::Fields) -> F) -> bool {
        self.lookup(field).is_some_and(|found| self.is_blank(found))
    }

    fn assigned<A: Assignments<S>>(&mut self, changes: impl FnOnce(S::Fields) -> A) -> Vec<(Found, Expression)> {
        let mut assignments = Vec::new();
        enter(|level| changes(S::fields(Anchor::new(0, level))).append(&mut assignments));
        let shape = S::shape();
        let mut found = Vec::new();
        for Assignment { field, expression, root, .. } in assignments {
            let index = shape.fields.iter().position(|known| std::ptr::eq(known, field) || known.name == field.name);
            match index {
                Some(index) if root => found.push((Found { index, meta: &shape.fields[index] }, expression)),
                _ => {
                    self.refuse(format!("{}.{} is set on a column of another source than {0}", shape.name, field.name))
                }
            }
        }
        found
    }

    /// The field that a closure names, for methods that only look.
    fn lookup<F: FieldOf<S>>(&self, field: impl FnOnce(S::Fields) -> F) -> Option<Found> {
        super::field::lookup::<S, F>(field).ok()
    }

    /// Notes a change. A plain value that the row has already takes an earlier change back, unless `force`.
    pub(crate) fn put(&mut self, Found { index, meta: field }: Found, mut expression: Expression, force: bool) {
        self.forget(index);
        self.forget_relation(field.name);
        if field.redact {
            crate::expr::redact(&mut expression);
        }
        let change = Change { index, field, expression };
        // What is given for a row to come is validated and written, also where it is what its Rust type has by default: a
        // NULL is written where a row's own `None` is left to the column's default, and 0 is refused by `1..`.
        let explicit = self.origin == Origin::New
            && plain(&change.expression).is_some_and(|value| value.is_null() || field.generation == Generation::None);
        if force || explicit || self.differs(&change) {
            self.changes.push(change);
        }
    }

    pub(crate) fn forget(&mut self, index: usize) {
        self.changes.retain(|change| change.index != index);
    }

    pub(crate) fn change_at(&self, index: usize) -> Option<&Change> {
        self.changes.iter().find(|change| change.index == index)
    }

    /// The plain value that a field is changed to.
    pub(crate) fn changed_value(&self, found: Found) -> Option<&Value> {
        self.change_at(found.index).and_then(|change| plain(&change.expression))
    }

    /// The value after the write, unless the store computes it.
    pub(crate) fn value_now(&self, found: Found) -> Option<Value> {
        match self.change_at(found.index) {
            Some(change) => plain(&change.expression).cloned(),
            None => Some(self.data.field(found.index)),
        }
    }

    pub(crate) fn is_blank(&self, found: Found) -> bool {
        if let Some(relation) = self.relation(found.meta.name) {
            return relation.is_empty();
        }
        self.value_now(found).is_some_and(|value| value.is_null() || self.empty_values.has(&value.to_json()))
    }

    pub(crate) fn differs(&self, change: &Change) -> bool {
        match plain(&change.expression) {
            Some(value) => *value != self.data.field(change.index),
            None => true,
        }
    }
}

fn typed<S, F: FieldOf<S>>(value: Value) -> Option<F::Value> {
    match value {
        Value::Null(_) => F::value_of(None),
        value => F::value_of(Some(F::Type::from_value(value).ok()?)),
    }
}

//! One row of a relation, and what is done with it.

use crate::changeset::{Action, Changeset, Origin, Written};
use crate::schema::{Generation, Schema};
use crate::value::Value;

/// A row of a relation.
pub(crate) struct Child<T> {
    /// Its changeset; gone only while it is written.
    pub(crate) changeset: Option<Changeset<T>>,
    /// What it has become, once it is written.
    pub(crate) written: Option<Written>,
    pub(crate) task: Task,
    /// Whether the row belongs to the owner already.
    pub(crate) linked: bool,
    /// Whether it was given, and does not only make place for one that was.
    pub(crate) given: bool,
}

/// What a write does with a row of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Insert,
    Update,
    Delete,
    /// Deletes the row, and one that is gone already is no error.
    DeleteIfExists,
    /// Parts the row from its owner.
    Unlink,
    /// Leaves the row out of the write.
    Ignore,
}

impl<T: Schema> Child<T> {
    pub(crate) fn new(mut changeset: Changeset<T>, linked: bool) -> Self {
        let task = match (changeset.action, changeset.origin) {
            (Some(Action::Ignore), _) => Task::Ignore,
            // A row that was never there need not go.
            (Some(Action::Delete), Origin::New) => Task::Ignore,
            (Some(Action::Delete), _) => {
                // What goes need not be valid.
                changeset.errors.clear();
                Task::Delete
            }
            (_, Origin::New) => Task::Insert,
            (_, Origin::Existing) => Task::Update,
        };
        Child { changeset: Some(changeset), written: None, task, linked, given: true }
    }

    pub(super) fn replaced(changeset: Changeset<T>, task: Task) -> Self {
        Child { changeset: Some(changeset), written: None, task, linked: true, given: false }
    }

    /// Whether the row is one of the relation after the write.
    pub(crate) fn stays(&self) -> bool {
        matches!(self.task, Task::Insert | Task::Update) || self.task == Task::Ignore && self.linked
    }

    pub(super) fn is_valid(&self) -> bool {
        self.task == Task::Ignore || self.changeset.as_ref().is_none_or(Changeset::is_valid)
    }

    pub(super) fn is_changed(&self) -> bool {
        match self.task {
            Task::Ignore => false,
            Task::Update => !self.linked || self.changeset.as_ref().is_some_and(Changeset::has_changes),
            _ => true,
        }
    }

    /// The value of a field after the write.
    pub(crate) fn value(&self, index: usize) -> Value {
        if let (Task::Ignore, Some(changeset)) = (self.task, &self.changeset) {
            return changeset.data().value(index);
        }
        let written = self.written.as_ref().and_then(|Written(values)| {
            values.iter().rev().find(|(known, _)| *known == index).map(|(_, value)| value.clone())
        });
        written
            .or_else(|| self.changeset.as_ref().and_then(|changeset| changeset.value_at(index)))
            .unwrap_or(Value::Null(T::META.fields[index].data_type))
    }
}

/// Whether a row was never in a store, as far as its generated key tells; `None` if it has no such key.
pub(super) fn is_new<T: Schema>(row: &T) -> Option<bool> {
    let mut keys = T::META.key_fields().peekable();
    keys.peek()?;
    let mut new = true;
    for (index, field) in keys {
        if field.generation != Generation::Key {
            return None;
        }
        new &= row.value(index).is_default();
    }
    Some(new)
}

/// The values of the primary key.
pub(super) fn key_of<T: Schema>(row: &T) -> Vec<Value> {
    T::META.key_fields().map(|(index, _)| row.value(index)).collect()
}

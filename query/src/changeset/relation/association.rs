//! The change of an association: the rows that are to belong to the row, and those that are not any longer.

use super::write;
use super::{Child, Failure, Relation, Task, Writing};
use crate::adapter::BoxFuture;
use crate::association::Link;
use crate::changeset::{Changeset, Errors, Nested};
use crate::error::DecodeError;
use crate::schema::{AssociationKeys, AssociationKind, AssociationMeta, Schema};
use crate::value::Value;
use std::any::Any;
use std::fmt;

/// Copies a changeset, where its row is Clone.
pub(crate) type CopyChangeset<T> = fn(&Changeset<T>) -> Changeset<T>;

/// The change of an association of `S` to `T`.
pub(crate) struct AssociationChange<S, T> {
    pub(crate) link: Link<S, T>,
    /// The rows that were given, in order.
    pub(crate) children: Vec<Child<T>>,
    /// The rows that they take the place of; they are written first.
    pub(crate) replaced: Vec<Child<T>>,
    pub(super) copy: Option<CopyChangeset<T>>,
}

impl<S: Schema, T: Schema> AssociationChange<S, T> {
    pub(crate) fn meta(&self) -> &'static AssociationMeta {
        self.link.meta()
    }

    /// The fields of the owner and those of the target that are equal, by position: for a belongs-to, has-one and has-many
    /// association.
    pub(crate) fn pairs(&self) -> Vec<(usize, usize)> {
        let AssociationKeys::Direct { own, target } = &self.meta().keys else { return Vec::new() };
        S::META.positions_or_key(own).into_iter().zip(T::META.positions_or_key(target)).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Child<T>> {
        self.replaced.iter().chain(&self.children)
    }

    /// Whether it leaves everything as it is.
    pub(super) fn is_idle(&self) -> bool {
        self.all().all(|child| !child.is_changed() && child.is_valid())
    }
}

impl<S: Schema, T: Schema> Relation<S> for AssociationChange<S, T> {
    fn name(&self) -> &'static str {
        self.meta().name
    }

    fn errors(&self) -> Nested {
        let errors = |child: &Child<T>| match &child.changeset {
            Some(changeset) if child.task != Task::Ignore => changeset.errors(),
            _ => Errors::default(),
        };
        if self.meta().is_to_one() {
            Nested::One(self.children.first().map(errors).unwrap_or_default())
        } else {
            Nested::Many(self.children.iter().map(errors).collect())
        }
    }

    fn is_valid(&self) -> bool {
        self.all().all(Child::is_valid)
    }

    fn is_changed(&self) -> bool {
        self.all().any(Child::is_changed)
    }

    fn count(&self) -> usize {
        self.children.iter().filter(|child| child.stays()).count()
    }

    fn writes_rows(&self) -> bool {
        true
    }

    fn before<'w>(&'w mut self, writing: Writing<'w>) -> BoxFuture<'w, Result<Vec<(usize, Value)>, Failure>> {
        Box::pin(write::before(self, writing))
    }

    fn after<'w>(&'w mut self, writing: Writing<'w>, row: &'w [Value]) -> BoxFuture<'w, Result<(), Failure>> {
        Box::pin(write::after(self, writing, row))
    }

    fn finish(self: Box<Self>, row: &mut S) -> Result<(), DecodeError> {
        let belongs_to = self.meta().kind == AssociationKind::BelongsTo;
        if belongs_to {
            let pairs = self.pairs();
            match self.children.iter().find(|child| child.stays()) {
                Some(child) => {
                    for (own, target) in pairs {
                        let value = child.value(target);
                        if !value.is_default() {
                            row.set_value(own, value)?;
                        }
                    }
                }
                None if !self.replaced.is_empty() => {
                    for (own, _) in pairs.into_iter().filter(|(own, _)| S::META.fields[*own].nullable) {
                        row.set_value(own, Value::Null(S::META.fields[own].data_type))?;
                    }
                }
                None => {}
            }
        }
        let mut rows = Vec::with_capacity(self.children.len());
        for child in self.children.into_iter().filter(|child| child.stays()) {
            let Some(changeset) = child.changeset else { continue };
            rows.push(match child.task {
                Task::Ignore => changeset.into_data(),
                _ => changeset.finish(child.written.unwrap_or_default())?,
            });
        }
        self.link.put(row, rows);
        Ok(())
    }

    fn copy(&self) -> Option<Box<dyn Relation<S>>> {
        let copy = self.copy?;
        let child = |child: &Child<T>| Child {
            changeset: child.changeset.as_ref().map(copy),
            written: None,
            task: child.task,
            linked: child.linked,
            given: child.given,
        };
        Some(Box::new(AssociationChange {
            link: self.link,
            children: self.children.iter().map(child).collect(),
            replaced: self.replaced.iter().map(child).collect(),
            copy: self.copy,
        }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Shown<'c, T>(&'c Child<T>);
        impl<T: Schema> fmt::Debug for Shown<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Shown(Child { changeset, task, .. }) = self;
                match (task, changeset) {
                    (Task::Insert | Task::Update, Some(changeset)) => write!(f, "{task:?} {changeset:?}"),
                    _ => write!(f, "{task:?}"),
                }
            }
        }
        f.debug_list().entries(self.all().map(Shown)).finish()
    }
}

//! Relations: the rows of associations, and the embedded structs, that a changeset changes along with its own row.

mod association;
mod cast;
mod children;
mod constraint;
mod embed;
mod link;
mod params;
mod put;
mod tree;
mod write;

pub use cast::CastOptions;
pub use embed::{EmbedType, IntoEmbeds};
pub use link::AssociationOf;
pub use params::ChildParams;
pub use put::IntoChildren;
pub use tree::{AnyClone, Copier, Tree};

pub(crate) use association::AssociationChange;
pub(crate) use children::{Child, Task};

use super::constraint::Constraint;
use super::{Changeset, FieldError, Nested};
use crate::adapter::BoxFuture;
use crate::error::{DecodeError, Error};
use crate::repo::Repo;
use crate::value::Value;
use std::any::Any;
use std::fmt;
use std::panic::Location;

/// What a changeset changes beside the columns of its row.
pub(crate) trait Relation<S>: Send + Sync {
    /// The name of the field.
    fn name(&self) -> &'static str;

    /// The errors of its rows.
    fn errors(&self) -> Nested;

    fn is_valid(&self) -> bool;

    /// Whether there is anything to write.
    fn is_changed(&self) -> bool;

    /// How many rows or structs there are after the change.
    fn count(&self) -> usize;

    /// Whether none is left after the change.
    fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether writing it takes statements of its own.
    fn writes_rows(&self) -> bool;

    /// Writes what comes before the row itself, and gives the values that fields of the row get from it.
    fn before<'w>(&'w mut self, writing: Writing<'w>) -> BoxFuture<'w, Result<Vec<(usize, Value)>, Failure>>;

    /// Writes what comes after the row itself, whose values are `row`, in the order of its fields.
    fn after<'w>(&'w mut self, writing: Writing<'w>, row: &'w [Value]) -> BoxFuture<'w, Result<(), Failure>>;

    /// Puts the rows into the field, as they are after the write or, without one, as the changes make them.
    fn finish(self: Box<Self>, row: &mut S) -> Result<(), DecodeError>;

    /// A copy, where the rows are Clone, as they are if `S` is.
    fn copy(&self) -> Option<Box<dyn Relation<S>>>;

    fn as_any(&self) -> &dyn Any;

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Why the rows of a relation were not written.
pub(crate) enum Failure {
    /// One has errors, which it keeps; of one that goes, they are errors of the association.
    Invalid(Vec<FieldError>),
    /// Anything else.
    Error(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

/// A write that is under way.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'w> {
    pub(crate) repo: &'w Repo,
    /// The constraints that the owner declared, which hold for the rows of a join table too.
    pub(crate) constraints: &'w [Constraint],
    pub(crate) table: &'static str,
    pub(crate) location: &'static Location<'static>,
}

impl<S> Changeset<S> {
    /// The relation of this field, if it is changed.
    pub(crate) fn relation(&self, name: &str) -> Option<&dyn Relation<S>> {
        self.relations.iter().find(|relation| relation.name() == name).map(|relation| &**relation)
    }

    /// Notes the change of a relation, in place of an earlier one.
    pub(crate) fn set_relation(&mut self, relation: Box<dyn Relation<S>>) {
        self.forget_relation(relation.name());
        self.relations.push(relation);
    }

    pub(crate) fn forget_relation(&mut self, name: &str) {
        self.relations.retain(|known| known.name() != name);
    }
}

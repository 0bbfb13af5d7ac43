//! A struct that is inserted with the rows that its associations hold.

use super::association::CopyChangeset;
use super::{AssociationChange, Relation};
use crate::association::Link;
use crate::changeset::{Changeset, Origin};
use crate::schema::{Loadable, Schema};
use std::marker::PhantomData;

/// The rows that the associations of a struct hold, on their way into a changeset. Derived code fills it.
#[doc(hidden)]
pub struct Tree<S> {
    relations: Vec<Box<dyn Relation<S>>>,
    /// The associations that the changeset changes already.
    taken: Vec<&'static str>,
}

impl<S: Schema> Tree<S> {
    /// Takes the rows of one association out of the struct.
    pub fn take<T: Schema>(&mut self, row: &mut S, link: Link<S, T>, copy: Option<CopyChangeset<T>>) {
        if self.taken.contains(&link.meta().name) {
            return;
        }
        let rows = link.take(row);
        if !rows.is_empty() {
            self.relations.push(AssociationChange::of_rows(link, rows, copy).boxed());
        }
    }
}

/// Finds how to copy a changeset of `T`, if it can be: the constant of a `Clone` schema is inherent, and so comes before the
/// one that [`AnyClone`] gives to all.
#[doc(hidden)]
pub struct Copier<T>(PhantomData<fn() -> T>);

impl<T: Schema + Clone> Copier<T> {
    /// How to copy it.
    pub const COPY: Option<CopyChangeset<T>> = Some(Changeset::clone);
}

/// The way to copy what is not `Clone`: none.
#[doc(hidden)]
#[allow(missing_docs)]
pub trait AnyClone<T> {
    const COPY: Option<CopyChangeset<T>> = None;
}

impl<T> AnyClone<T> for Copier<T> {}

impl<S: Schema> Changeset<S> {
    /// Makes the rows that a row to come holds a change of its associations.
    pub(crate) fn with_tree(mut self) -> Self {
        if self.origin == Origin::New {
            let taken = self.relations.iter().map(|relation| relation.name()).collect();
            let mut tree = Tree { relations: Vec::new(), taken };
            self.data.take_associations(&mut tree);
            self.relations.append(&mut tree.relations);
        }
        self
    }
}

impl<S: Schema, T: Schema> Link<S, T> {
    /// Takes what is in hand out of the row; an empty list stays.
    fn take(self, row: &mut S) -> Vec<T> {
        match self.held(row) {
            Loadable::NotLoaded(_) => Vec::new(),
            Loadable::Partial(rows) | Loadable::Loaded(rows) => rows,
        }
    }
}

//! What came from outside for one row of a relation.

use crate::changeset::{Changeable, Changeset, FieldList, Origin};
use serde_json::Value as Json;
use std::fmt;

/// What came from outside for one row of a relation, with the row that it is for: one that exists, or one to come.
///
/// `|post, index| post.cast(|p| (p.title, p.body)).validate_required(|p| p.title)`
pub struct ChildParams<T> {
    pub(super) changeset: Changeset<T>,
    pub(super) params: Json,
}

impl<T: Changeable> ChildParams<T> {
    /// A changeset of the row, with these fields cast.
    pub fn cast<L: FieldList<T>>(self, fields: impl FnOnce(T::Fields) -> L) -> Changeset<T> {
        let ChildParams { changeset, params } = self;
        changeset.cast(&params, fields)
    }

    /// The params.
    pub fn params(&self) -> &Json {
        &self.params
    }

    /// The row: as it is in the store, or its default.
    pub fn data(&self) -> &T {
        self.changeset.data()
    }

    /// Whether the row exists already.
    pub fn exists(&self) -> bool {
        self.changeset.origin == Origin::Existing
    }

    /// A changeset of the row without a change yet, and the params.
    pub fn into_parts(self) -> (Changeset<T>, Json) {
        (self.changeset, self.params)
    }
}

/// Without the params, which may hold what must not be shown.
impl<T: Changeable> fmt::Debug for ChildParams<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildParams").field("exists", &self.exists()).finish_non_exhaustive()
    }
}

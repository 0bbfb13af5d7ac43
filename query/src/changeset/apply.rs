//! Applying: a changeset becomes the row that it describes, without a store.

use super::{Action, Changeable, Changeset, Origin, plain};
use crate::error::{Error, Invalid};

impl<S: Changeable> Changeset<S> {
    /// The row with its changes made, if the changeset is valid.
    ///
    /// A change that only the store can compute, such as `u.age.set(u.age + 1)`, is left out.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the errors of the fields; [`Error::Query`] for a mistake in how the changeset was made.
    pub fn apply(mut self) -> Result<S, Error> {
        if let Some(problem) = self.problem.take() {
            return Err(problem.into());
        }
        if !self.is_valid() {
            self.action = Some(match self.origin {
                Origin::New => Action::Insert,
                Origin::Existing => Action::Update,
            });
            return Err(Invalid::new(self).into());
        }
        self.apply_changes().map_err(Error::from)
    }

    /// The row with its changes made, valid or not: for showing what it would be.
    ///
    /// # Errors
    ///
    /// [`DecodeError`](crate::error::DecodeError) if a change is not a value of its field, which only a
    /// [`Changeable`] written by hand can bring about.
    pub fn apply_changes(self) -> Result<S, crate::error::DecodeError> {
        let mut data = self.data;
        for change in &self.changes {
            if let Some(value) = plain(&change.expression) {
                data.set_field(change.index, value.clone())?;
            }
        }
        for relation in self.relations {
            relation.finish(&mut data)?;
        }
        Ok(data)
    }

    /// The row as it was before the changeset.
    pub(crate) fn into_data(self) -> S {
        self.data
    }
}

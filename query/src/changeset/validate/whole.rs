//! Validations of one's own, of the whole changeset.

use crate::changeset::{Changeable, Changeset, Last};

impl<S: Changeable> Changeset<S> {
    /// Gives the changeset to a function, which may look at all of it and add errors: for rules of several fields, and for
    /// validations that several changesets share.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<Event: Schema, F: FieldOf<Event, Value = i64>>(changeset: Changeset<Event>, starts: impl Fn(Event::Columns<Event, NotNull>) -> F, ends: impl Fn(Event::Columns<Event, NotNull>) -> F) -> Changeset<Event> {
    /// changeset.validate_with(|changeset| {
    ///     let backwards = changeset.get_field(&starts) > changeset.get_field(&ends);
    ///     if backwards { changeset.add_error("ends", "is before the start") } else { changeset }
    /// })
    /// # }
    /// ```
    pub fn validate_with(self, validate: impl FnOnce(Self) -> Self) -> Self {
        let before = self.errors.len();
        let mut changeset = validate(self);
        changeset.last = Last::Errors(before.min(changeset.errors.len()));
        changeset
    }
}

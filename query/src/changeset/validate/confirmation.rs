//! Input that is given twice.

use super::Validation;
use crate::changeset::cast::blank;
use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};
use std::borrow::Cow;

impl<S: Changeable> Changeset<S> {
    /// Adds the error "does not match confirmation" to `password_confirmation`, for a field `password`, if there is such a
    /// param and it is another than that of the field. Both are compared as they came.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User>>(changeset: Changeset<User>, password: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_confirmation(password)
    /// # }
    /// ```
    pub fn validate_confirmation<F: FieldOf<S>>(self, field: impl FnOnce(S::Fields) -> F) -> Self {
        self.confirmation(field, false)
    }

    /// The same for a confirmation that must be there: without it, its error is "can't be blank".
    pub fn validate_confirmation_required<F: FieldOf<S>>(self, field: impl FnOnce(S::Fields) -> F) -> Self {
        self.confirmation(field, true)
    }

    fn confirmation<F: FieldOf<S>>(mut self, field: impl FnOnce(S::Fields) -> F, required: bool) -> Self {
        self.begin();
        let Some(found) = self.one_field(field) else { return self };
        let name = found.meta.name;
        self.note(name, Validation::Confirmation { required });
        let param = format!("{name}_confirmation");
        let error = match &self.params {
            None => None,
            Some(params) => match params.get(&param) {
                Some(confirmation) if params.get(name) == Some(confirmation) => None,
                Some(_) => Some(FieldError::new("does not match confirmation").with("validation", "confirmation")),
                None => required.then(blank),
            },
        };
        self.errors.extend(error.map(|error| (Cow::Owned(param), error)));
        self
    }
}

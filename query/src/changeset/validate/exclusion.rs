//! Values that are not among given ones.

use super::{Choices, Validation};
use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};

impl<S: Changeable> Changeset<S> {
    /// Adds the error "is reserved" if the value is one of these: a list, or a range.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = String>>(changeset: Changeset<User>, name: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_exclusion(name, ["admin", "root"])
    /// # }
    /// ```
    pub fn validate_exclusion<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        values: impl Choices<F::Type>,
    ) -> Self {
        let values = values.into_chosen();
        let allowed = values.allowed();
        let found = allowed.to_json();
        if let Some((name, value)) = self.validated(field, Some(Validation::Exclusion(allowed)))
            && values.has(&value)
        {
            let error = FieldError::new("is reserved").with("validation", "exclusion").with("enum", found);
            self.push_error(name, error);
        }
        self
    }
}

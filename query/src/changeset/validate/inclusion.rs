//! Values that are among given ones.

use super::{Choices, Validation};
use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};

impl<S: Changeable> Changeset<S> {
    /// Adds the error "is invalid" unless the value is one of these: a list, or a range.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = String>, A: FieldOf<User, Type = i32>>(changeset: Changeset<User>, role: impl Fn(User::Columns<User, NotNull>) -> F, age: impl Fn(User::Columns<User, NotNull>) -> A) -> Changeset<User> {
    /// changeset.validate_inclusion(role, ["member", "admin"]).validate_inclusion(age, 0..=150)
    /// # }
    /// ```
    pub fn validate_inclusion<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        values: impl Choices<F::Type>,
    ) -> Self {
        let values = values.into_chosen();
        let allowed = values.allowed();
        let found = allowed.to_json();
        if let Some((name, value)) = self.validated(field, Some(Validation::Inclusion(allowed)))
            && !values.has(&value)
        {
            let error = FieldError::new("is invalid").with("validation", "inclusion").with("enum", found);
            self.push_error(name, error);
        }
        self
    }
}

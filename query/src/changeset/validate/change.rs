//! Validations of one's own, of one field.

use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};
use crate::value::DbType;

impl<S: Changeable> Changeset<S> {
    /// Adds the error that a function returns for what a field is changed to. The function is called only if it is changed,
    /// and not to NULL.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldError, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = String>>(changeset: Changeset<User>, email: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_change(email, |email| match email.ends_with(".invalid") {
    ///     true => Err(FieldError::new("is in a domain that cannot be").with("validation", "domain")),
    ///     false => Ok(()),
    /// })
    /// # }
    /// ```
    pub fn validate_change<F: FieldOf<S>, E: Into<FieldError>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        validate: impl FnOnce(&F::Type) -> Result<(), E>,
    ) -> Self {
        if let Some((name, value)) = self.validated(field, None)
            && let Ok(value) = F::Type::from_value(value)
            && let Err(error) = validate(&value)
        {
            self.push_error(name, error.into());
        }
        self
    }
}

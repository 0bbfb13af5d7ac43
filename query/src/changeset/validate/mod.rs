//! Validations: a file for each. None of them reaches a store, but for
//! [`unsafe_validate_unique`](super::Changeset::unsafe_validate_unique).
//!
//! A validation looks at what a field is changed to, if it is changed, and not to NULL: what is in the store already is not
//! validated again.

mod acceptance;
mod change;
mod choices;
mod confirmation;
mod exclusion;
mod format;
mod inclusion;
mod length;
mod number;
mod required;
mod subset;
mod unique;
mod validation;
mod whole;

pub use choices::Choices;
pub use format::HasFormat;
pub use length::{HasLength, Length, LengthUnit};
pub use number::{Comparison, IntoNumber, Limit, LimitOf, Number, Numeric};
pub use subset::ListField;
pub use unique::UniqueCheck;
pub use validation::{Allowed, Validation};

use super::{Changeable, Changeset, FieldOf, Last};
use crate::value::Value;
use std::borrow::Cow;

impl<S: Changeable> Changeset<S> {
    /// The validations that the changeset was given, each with its field, in order: what a form shows before anything is
    /// sent. [`required`](Changeset::required) has the fields that must not be blank.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf, Length, Validation}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema + Default, F: FieldOf<User, Type = String>>(name: impl Fn(User::Columns<User, NotNull>) -> F) {
    /// let changeset = Changeset::<User>::new().validate_length(name, 1..=100);
    /// let (_, validation) = changeset.validations().next().unwrap();
    /// assert_eq!(validation, &Validation::Length(Length::new().min(1).max(100)));
    /// # }
    /// ```
    pub fn validations(&self) -> impl Iterator<Item = (&str, &Validation)> {
        self.validations.iter().map(|(field, validation)| (&**field, validation))
    }

    /// The validations as JSON, by field: each is what `describe` makes of it.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema + Default, F: FieldOf<User, Type = String>>(name: impl Fn(User::Columns<User, NotNull>) -> F) {
    /// let changeset = Changeset::<User>::new().validate_length(name, 1..=100);
    /// let described = changeset.traverse_validations(|_, validation| validation.to_json());
    /// assert_eq!(described, serde_json::json!({"name": [{"validation": "length", "min": 1, "max": 100}]}));
    /// # }
    /// ```
    pub fn traverse_validations<J: Into<serde_json::Value>>(
        &self,
        describe: impl Fn(&str, &Validation) -> J,
    ) -> serde_json::Value {
        super::errors::by_field(self.validations(), &|field, validation| describe(field, validation).into()).into()
    }

    /// Begins a validation of a field: notes it, and gives the field's name and what it is changed to, if it is, and not
    /// to NULL.
    fn validated<F: FieldOf<S>>(
        &mut self,
        field: impl FnOnce(S::Fields) -> F,
        validation: Option<Validation>,
    ) -> Option<(&'static str, Value)> {
        self.begin();
        let found = self.one_field(field)?;
        if let Some(validation) = validation {
            self.note(found.meta.name, validation);
        }
        let value = self.changed_value(found).filter(|value| !value.is_null())?;
        Some((found.meta.name, value.clone()))
    }

    /// From here on `with_message` is about the errors that come.
    fn begin(&mut self) {
        self.last = Last::Errors(self.errors.len());
    }

    fn note(&mut self, field: impl Into<Cow<'static, str>>, validation: Validation) {
        self.validations.push((field.into(), validation));
    }

    /// Keeps a mistake of the program's own in a validation of a field.
    fn misuse<F: FieldOf<S>>(mut self, field: impl FnOnce(S::Fields) -> F, mistake: &str) -> Self {
        self.begin();
        if let Some(found) = self.one_field(field) {
            self.refuse(format!("{}.{}: {mistake}", S::shape().name, found.meta.name));
        }
        self
    }
}

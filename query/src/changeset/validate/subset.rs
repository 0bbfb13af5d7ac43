//! Lists whose items are among given ones.

use super::{Choices, Validation};
use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};
use crate::value::{DbType, ListItem};

/// A type of lists: `Vec<T>`, or `Vec<Option<T>>` where items may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list",
    label = "expected a field of type `Vec<..>`",
    note = "a field with one value has .validate_inclusion(..)"
)]
pub trait ListField: DbType {
    /// The type of its items.
    type Item: DbType;

    /// The items; `None` is NULL.
    fn into_items(self) -> Vec<Option<Self::Item>>;
}

impl<T: ListItem> ListField for Vec<T> {
    type Item = T;

    fn into_items(self) -> Vec<Option<T>> {
        self.into_iter().map(Some).collect()
    }
}

impl<T: ListItem> ListField for Vec<Option<T>> {
    type Item = T;

    fn into_items(self) -> Vec<Option<T>> {
        self
    }
}

impl<S: Changeable> Changeset<S> {
    /// Adds the error "has an invalid entry" unless each item of the list is one of these. An empty list passes, and an item
    /// that is NULL does not.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = Vec<String>>>(changeset: Changeset<User>, pets: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_subset(pets, ["cat", "dog", "parrot"])
    /// # }
    /// ```
    pub fn validate_subset<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        values: impl Choices<<F::Type as ListField>::Item>,
    ) -> Self
    where
        F::Type: ListField,
    {
        let values = values.into_chosen();
        let allowed = values.allowed();
        let found = allowed.to_json();
        if let Some((name, value)) = self.validated(field, Some(Validation::Subset(allowed)))
            && let Ok(list) = F::Type::from_value(value)
            && !list.into_items().into_iter().all(|item| item.is_some_and(|item| values.has(&item.into_value())))
        {
            let error = FieldError::new("has an invalid entry").with("validation", "subset").with("enum", found);
            self.push_error(name, error);
        }
        self
    }
}

//! Terms that must be accepted.

use super::Validation;
use crate::changeset::{Changeable, Changeset, FieldError};
use crate::value::{DbType, Value};
use std::borrow::Cow;

impl<S: Changeable> Changeset<S> {
    /// Adds the error "must be accepted" unless the param of this name is true, `"true"` or `"1"`, as that of a checkbox that
    /// was ticked. It need not be a field of the struct. Nothing is checked where nothing was cast.
    ///
    /// ```
    /// # use peristyle_query::changeset::{Changeable, Changeset};
    /// # fn example<User: Changeable>(changeset: Changeset<User>) -> Changeset<User> {
    /// changeset.validate_acceptance("terms_of_service")
    /// # }
    /// ```
    pub fn validate_acceptance(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        let param = param.into();
        self.begin();
        self.note(param.clone(), Validation::Acceptance);
        if let Some(params) = &self.params {
            let accepted = params
                .get(&*param)
                .is_some_and(|input| matches!(Value::cast(bool::DATA_TYPE, input), Ok(Value::Bool(true))));
            if !accepted {
                let error = FieldError::new("must be accepted").with("validation", "acceptance");
                self.errors.push((param, error));
            }
        }
        self
    }
}

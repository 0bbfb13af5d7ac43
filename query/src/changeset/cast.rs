//! Casting: what comes from outside becomes changes.

use super::{Changeable, Changeset, EmptyValues, FieldError, FieldList, Found, Last};
use crate::query::ast::Step;
use crate::value::{CastError, DataType, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// The name under which errors of the whole input stand.
const WHOLE: &str = "base";

impl<S: Changeable> Changeset<S> {
    /// Takes values for these fields, and no others, from what came from outside: a JSON body, a form, a map of texts or
    /// any struct that serializes.
    ///
    /// Each value is cast to the field's type (`"42"` is 42; see [`Value::cast`]). One that means none is the error "is
    /// invalid" of its field. A field that is absent stays as it is, and null, or a text that is empty or blank, is NULL; where
    /// a field cannot be NULL that is the error "can't be blank". It can be called again, with other params and other fields.
    pub fn cast<P: Serialize + ?Sized, L: FieldList<S>>(
        mut self,
        params: &P,
        fields: impl FnOnce(S::Fields) -> L,
    ) -> Self {
        self.last = Last::Errors(self.errors.len());
        let fields = self.field_list(fields);
        for found in &fields {
            if !self.permitted.contains(&found.index) {
                self.permitted.push(found.index);
            }
        }
        let Some(params) = self.take_params(params) else { return self };
        for found in fields {
            if let Some(input) = params.get(found.meta.name) {
                self.cast_one(found, input);
            }
        }
        self
    }

    /// Which values casting takes for an absence of one, from here on.
    pub fn empty_values(mut self, empty_values: EmptyValues) -> Self {
        self.empty_values = empty_values;
        self
    }

    /// Keeps, from here on, also changes to values that the row has already.
    pub fn force_changes(mut self) -> Self {
        self.force = true;
        self
    }

    /// The params as an object, which the changeset keeps too, merged with earlier ones.
    pub(crate) fn take_params<P: Serialize + ?Sized>(&mut self, params: &P) -> Option<Map<String, Json>> {
        match serde_json::to_value(params) {
            Ok(Json::Object(params)) => {
                self.params.get_or_insert_default().extend(params.clone());
                Some(params)
            }
            Ok(other) => {
                let what = match other {
                    Json::Null => "nothing",
                    Json::Array(_) => "a list",
                    _ => "a single value",
                };
                let error = FieldError::new("is invalid").with("validation", "cast").with("found", what);
                self.push_error(WHOLE, error.with("type", "object"));
                None
            }
            Err(error) => {
                let error = FieldError::new("is invalid").with("validation", "cast").with("found", error.to_string());
                self.push_error(WHOLE, error.with("type", "object"));
                None
            }
        }
    }

    pub(crate) fn cast_one(&mut self, found: Found, input: &Json) {
        let Found { index, meta: field } = found;
        if field.embedded {
            self.refuse(format!(
                "{}.{} is an embedded struct: cast it with .cast_embed(..), which reads its fields one by one",
                S::shape().name,
                field.name
            ));
            return;
        }
        let input = without_empty(input, field.data_type, &self.empty_values);
        let value = match &*input {
            Json::Null if field.nullable => Value::Null(field.data_type),
            Json::Null => {
                self.push_error(field.name, blank());
                return;
            }
            input => match S::cast_field(index, input) {
                Ok(value) => value,
                Err(error) => {
                    self.push_error(field.name, invalid(error, found));
                    return;
                }
            },
        };
        let force = self.force;
        self.put(found, vec![Step::Value { value, redact: field.redact }], force);
    }
}

/// The input, null where it counts as none; in a list, such items are left out.
fn without_empty<'i>(input: &'i Json, data_type: DataType, empty: &EmptyValues) -> Cow<'i, Json> {
    match input {
        Json::Array(items) if matches!(data_type, DataType::Array(_)) && items.iter().any(|item| empty.has(item)) => {
            Cow::Owned(items.iter().filter(|item| !empty.has(item)).cloned().collect())
        }
        input if empty.has(input) => Cow::Owned(Json::Null),
        input => Cow::Borrowed(input),
    }
}

/// The error of a field that is blank and must not be.
pub(super) fn blank() -> FieldError {
    FieldError::new("can't be blank").with("validation", "required")
}

fn invalid(CastError { message }: CastError, Found { meta, .. }: Found) -> FieldError {
    let error = FieldError::new(message.unwrap_or(Cow::Borrowed("is invalid")))
        .with("validation", "cast")
        .with("type", meta.data_type.to_string());
    if meta.variants.is_empty() { error } else { error.with("enum", meta.variants) }
}

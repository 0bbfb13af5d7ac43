//! What forms and clients show of a changeset: its fields, what they may hold, what they hold, and what is wrong.

mod input;
mod json_schema;

pub use input::{Input, InputType};

use super::{Allowed, Changeable, Changeset, FieldError, Found, Origin, Validation};
use crate::schema::{Generation, Writable};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a form shows of a changeset.
///
/// It serializes to `{"name": "User", "inputs": [..], "errors": {"base": ["is odd"]}}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Form {
    /// The name of the struct.
    pub name: &'static str,
    /// The fields, then the params that are no fields: those to accept and to confirm.
    pub inputs: Vec<Input>,
    /// The errors that stand beside no input, with their names.
    pub errors: Vec<(String, FieldError)>,
}

impl Form {
    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, error) in &self.errors {
            errors.entry(name).or_default().push(error.to_string());
        }
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", self.name)?;
        map.serialize_entry("inputs", &self.inputs)?;
        map.serialize_entry("errors", &errors)?;
        map.end()
    }
}

impl<S: Changeable> Changeset<S> {
    /// What a form shows: an input for each field that was cast (or, if nothing was, for each that can be), with what its type
    /// and the validations ask, the text that it holds, and its errors.
    ///
    /// The text is what was sent, else what the field becomes, else what it is; none for a `redact` field. The errors are
    /// there once something was tried with the changeset, or params that are not empty were cast: a form that is shown
    /// for the first time has none, although what it requires is missing.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf, FieldList}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema + Default, F: FieldOf<User, Type = String> + FieldList<User>>(email: impl Fn(User::Columns<User, NotNull>) -> F) {
    /// let changeset = Changeset::<User>::new().cast(&serde_json::json!({"email": "ann"}), &email).validate_format(&email, "@");
    /// let form = changeset.form();
    /// let input = form.input("email").unwrap();
    /// assert_eq!((input.value.as_deref(), input.pattern.as_deref()), (Some("ann"), Some("@")));
    /// assert_eq!(input.errors[0].to_string(), "has invalid format");
    /// # }
    /// ```
    pub fn form(&self) -> Form {
        let mut inputs: Vec<Input> = self.shown_fields().into_iter().map(|found| self.input_of(found)).collect();
        inputs.extend(self.beside_fields());
        let mut errors = Vec::new();
        let was_sent = self.params.as_ref().is_some_and(|params| !params.is_empty())
            || self.errors.iter().any(|(_, error)| error.validation() == Some("cast"));
        if self.action.is_some() || was_sent {
            for (name, error) in &self.errors {
                match inputs.iter_mut().find(|input| input.name == *name) {
                    Some(input) => input.errors.push(error.clone()),
                    None => errors.push((name.clone().into_owned(), error.clone())),
                }
            }
        }
        Form { name: S::shape().name, inputs, errors }
    }

    /// The fields that are cast; before any is, those that can be.
    fn shown_fields(&self) -> Vec<Found> {
        let fields = S::shape().fields.iter().enumerate().map(|(index, meta)| Found { index, meta });
        if !self.permitted.is_empty() {
            return self.permitted.iter().filter_map(|index| fields.clone().nth(*index)).collect();
        }
        let can_be = |found: &Found| {
            let writable = match found.meta.writable {
                Writable::Always => true,
                Writable::Insert => self.origin == Origin::New,
                Writable::Never => false,
            };
            writable && found.meta.generation == Generation::None && !found.meta.version && !found.meta.embedded
        };
        fields.filter(can_be).collect()
    }

    /// The inputs of params that are no fields.
    fn beside_fields(&self) -> Vec<Input> {
        let mut inputs = Vec::new();
        for (name, validation) in &self.validations {
            match validation {
                Validation::Acceptance => {
                    inputs.push(Input {
                        required: true,
                        value: self.sent(name),
                        ..Input::new(name.clone(), InputType::Checkbox)
                    });
                }
                Validation::Confirmation { required } => {
                    if let Some(Found { meta: field, .. }) = self.found(name) {
                        let name = confirmation(name);
                        let value = if field.redact { None } else { self.sent(&name) };
                        let required = *required;
                        inputs.push(Input { required, value, ..Input::new(name, InputType::of(field)) });
                    }
                }
                _ => {}
            }
        }
        // A field of its own for the terms is shown once.
        inputs.retain(|input| !self.shown_fields().iter().any(|found| found.meta.name == input.name));
        inputs
    }

    /// The field of this name.
    fn found(&self, name: &str) -> Option<Found> {
        let index = S::shape().fields.iter().position(|field| field.name == name)?;
        Some(Found { index, meta: &S::shape().fields[index] })
    }

    /// The names of the values that a field of an enum may have; none for other types.
    fn names_of(&self, Found { index, meta }: Found) -> Vec<&'static str> {
        let allowed = |name: &&&str| {
            let Ok(value) = S::cast_field(index, &serde_json::Value::from(**name)) else { return false };
            let value = value.to_json();
            self.validations_of(meta.name).all(|validation| match validation {
                Validation::Inclusion(Allowed::Values(values)) => values.contains(&value),
                Validation::Exclusion(Allowed::Values(values)) => !values.contains(&value),
                _ => true,
            })
        };
        meta.variants.iter().filter(allowed).copied().collect()
    }

    /// The validations of one field.
    fn validations_of<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c Validation> {
        self.validations().filter(move |(field, _)| *field == name).map(|(_, validation)| validation)
    }
}

/// The name of the param that repeats another.
fn confirmation(name: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{name}_confirmation"))
}

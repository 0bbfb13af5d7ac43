//! What params hold, on its way into a changeset.

use super::{Named, Param, Required, Target};
use crate::changeset::cast::blank;
use crate::changeset::{Changeable, Changeset, Found, Last, Params};
use crate::query::ast::Step;
use crate::schema::FieldKind;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A changeset that receives what params hold, and which of them were given.
pub struct Input<S> {
    pub(super) changeset: Changeset<S>,
    pub(super) given: Vec<&'static str>,
    /// Whether required fields must be there, in a row to come of which nothing was given otherwise: the default of a number
    /// is not blank.
    pub(super) strict: bool,
}

impl<S: Changeable> Input<S> {
    fn new(mut changeset: Changeset<S>, strict: bool) -> Self {
        changeset.last = Last::Errors(changeset.errors.len());
        Input { changeset, given: Vec::new(), strict }
    }

    /// A changeset with raw input cast.
    pub(in crate::changeset) fn cast<P: Params<Schema = S>>(
        changeset: Changeset<S>,
        params: &(impl Serialize + ?Sized),
        strict: bool,
    ) -> Changeset<S> {
        let mut input = Input::new(changeset, strict);
        let renamed = P::FIELDS.iter().any(|field| field.param != Some(field.name));
        let params = match serde_json::to_value(params) {
            Ok(Json::Object(object)) if renamed => input.changeset.take_params(&under_own_names(object, P::FIELDS)),
            _ => input.changeset.take_params(params),
        };
        // Input that is no object is an error already.
        let Some(params) = params else { return P::check(input.changeset) };
        for field in P::FIELDS {
            let Some(value) = params.get(field.name) else { continue };
            input.given.push(field.name);
            if let Target::Field(index) = field.target {
                input.changeset.cast_one(Found { index, meta: &S::shape().fields[index] }, value);
            }
        }
        P::nest(input).finish::<P>()
    }

    /// A changeset with the values of a struct of params.
    pub(in crate::changeset) fn take<P: Params<Schema = S>>(
        changeset: Changeset<S>,
        params: P,
        strict: bool,
    ) -> Changeset<S> {
        params.put(Input::new(changeset, strict)).finish::<P>()
    }

    /// Sets the field at `index`, as the builder's `put_change` does.
    pub fn field<T: FieldKind>(mut self, index: usize, value: &T) -> Self {
        let meta = &S::shape().fields[index];
        let (value, force) = (value.field_value(), self.changeset.force);
        self.changeset.put(Found { index, meta }, vec![Step::Value { value, redact: meta.redact }], force);
        self.given(meta.name)
    }

    /// Notes the value of the field at `index` for the confirmation, which compares what was given.
    pub fn confirmed<T: FieldKind>(mut self, index: usize, value: &T) -> Self {
        let name = S::shape().fields[index].name;
        self.changeset.params.get_or_insert_default().insert(name.to_owned(), value.field_value().to_json());
        self
    }

    /// Notes a value that is only checked.
    pub fn checked<T: Serialize>(mut self, name: &'static str, value: &T) -> Self {
        let Ok(value) = serde_json::to_value(value) else { return self };
        self.changeset.params.get_or_insert_default().insert(name.to_owned(), value);
        self.given(name)
    }

    pub(super) fn given(mut self, name: &'static str) -> Self {
        self.given.push(name);
        self
    }

    /// Adds what the params declare.
    fn finish<P: Params<Schema = S>>(self) -> Changeset<S> {
        let Input { mut changeset, given, strict } = self;
        for field in P::FIELDS {
            let name = field.name;
            let is_given = given.contains(&name);
            changeset.last = Last::Errors(changeset.errors.len());
            let missing = match (field.required, field.target) {
                (Required::No, _) => continue,
                (Required::Filled, Target::Field(_) | Target::Embed(_)) => {
                    changeset = changeset.validate_required(|_| Named::<()>::new(name));
                    strict && !is_given
                }
                (_, Target::Input) => {
                    let input = changeset.params.as_ref().and_then(|params| params.get(name));
                    !is_given || input.is_none_or(|input| input.is_null() || changeset.empty_values.has(input))
                }
                _ => strict && !is_given,
            };
            if missing && !changeset.has_error(name) {
                changeset.push_error(name, blank());
            }
            if let Some(message) = field.message {
                changeset = changeset.with_message(message);
            }
        }
        P::check(changeset)
    }
}

/// The input with the names of the schema's fields in place of its own.
fn under_own_names(mut object: Map<String, Json>, fields: &[Param]) -> Map<String, Json> {
    let found: Vec<Option<Json>> =
        fields.iter().map(|field| field.param.and_then(|param| object.remove(param))).collect();
    for (field, value) in fields.iter().zip(found) {
        // What stands under the field's own name is none of its params.
        object.remove(field.name);
        if let Some(value) = value {
            object.insert(field.name.to_owned(), value);
        }
    }
    object
}

//! What `#[derive(Changeset)]` emits calls of: fields by their names, since those of another module's schema may be private.

use super::cast::blank;
use super::field::{FieldList, FieldName, FieldOf};
use super::{Changeable, Changeset, Found, Last, Params};
use crate::query::ast::Step;
use crate::schema::{FieldKind, Schema, SchemaMeta};
use crate::value::DbType;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::marker::PhantomData;

/// What changesets can be of, with its fields known to the compiler.
#[diagnostic::on_unimplemented(
    message = "there are no changesets of `{Self}`",
    note = "write #[derive(Schema)] on the struct, or #[derive(Embedded)] if it has no table"
)]
pub trait Described: Changeable {
    /// The same as [`Changeable::shape`].
    const SHAPE: &'static SchemaMeta;
}

impl<S: Schema> Described for S {
    const SHAPE: &'static SchemaMeta = S::META;
}

/// A field of a struct of params.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// The name of the schema's field.
    pub name: &'static str,
    /// The name in the input, unless it does not come from outside.
    pub param: Option<&'static str>,
    /// The position of the schema's field, or `None` for what is only checked.
    pub index: Option<usize>,
    /// Whether it must not be blank.
    pub required: bool,
    /// The message if it is.
    pub message: Option<&'static str>,
}

/// A field of type `T`, by its name.
#[derive(Debug)]
pub struct Named<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Named<T> {
    /// The field of this name, which derived code has looked up.
    pub const fn new(name: &'static str) -> Self {
        Named { name, of: PhantomData }
    }
}

impl<T> Clone for Named<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Named<T> {}

impl<S, T: DbType> FieldOf<S> for Named<T> {
    type Type = T;
    type Value = Option<T>;

    fn name(self) -> FieldName {
        FieldName::own(self.name)
    }

    fn value_of(value: Option<T>) -> Option<Option<T>> {
        Some(value)
    }
}

impl<S, T> FieldList<S> for Named<T> {
    fn append(self, list: &mut Vec<FieldName>) {
        list.push(FieldName::own(self.name));
    }
}

/// Fields by their names.
#[derive(Clone, Copy, Debug)]
pub struct NamedList(pub &'static [&'static str]);

impl<S> FieldList<S> for NamedList {
    fn append(self, list: &mut Vec<FieldName>) {
        list.extend(self.0.iter().map(|name| FieldName::own(name)));
    }
}

/// A changeset that receives what params hold, and which of them were given.
pub struct Input<S> {
    changeset: Changeset<S>,
    given: Vec<&'static str>,
}

impl<S: Changeable> Input<S> {
    /// Casts raw input.
    pub(super) fn read<P: Serialize + ?Sized>(mut changeset: Changeset<S>, fields: &[Param], params: &P) -> Self {
        changeset.last = Last::Errors(changeset.errors.len());
        let renamed = fields.iter().any(|field| field.param != Some(field.name));
        let found = match serde_json::to_value(params) {
            Ok(Json::Object(object)) if renamed => changeset.take_params(&under_own_names(object, fields)),
            _ => changeset.take_params(params),
        };
        let mut given = Vec::new();
        for field in fields {
            let Some(input) = found.as_ref().and_then(|params| params.get(field.name)) else { continue };
            given.push(field.name);
            if let Some(index) = field.index {
                changeset.cast_one(Found { index, meta: &S::shape().fields[index] }, input);
            }
        }
        Input { changeset, given }
    }

    /// Takes the values of a struct of params.
    pub(super) fn of<P: Params<Schema = S>>(mut changeset: Changeset<S>, params: P) -> Self {
        changeset.last = Last::Errors(changeset.errors.len());
        let mut input = Input { changeset, given: Vec::new() };
        params.put(&mut input);
        input
    }

    /// Sets the field at `index`, as the builder's `put_change` does.
    pub fn field<T: FieldKind>(&mut self, index: usize, value: &T) {
        let meta = &S::shape().fields[index];
        self.given.push(meta.name);
        let (value, force) = (value.field_value(), self.changeset.force);
        self.changeset.put(Found { index, meta }, vec![Step::Value { value, redact: meta.redact }], force);
    }

    /// Notes the value of the field at `index` for the confirmation, which compares what was given.
    pub fn confirmed<T: FieldKind>(&mut self, index: usize, value: &T) {
        let name = S::shape().fields[index].name;
        self.changeset.params.get_or_insert_default().insert(name.to_owned(), value.field_value().to_json());
    }

    /// Notes a value that is only checked.
    pub fn checked<T: Serialize>(&mut self, name: &'static str, value: &T) {
        if let Ok(value) = serde_json::to_value(value) {
            self.given.push(name);
            self.changeset.params.get_or_insert_default().insert(name.to_owned(), value);
        }
    }

    /// Adds what the params declare. In a row to come of which nothing was given otherwise, `strict` demands that required
    /// fields are there: the default of a number is not blank.
    pub(super) fn finish<P: Params<Schema = S>>(self, strict: bool) -> Changeset<S> {
        let Input { mut changeset, given } = self;
        for field in P::FIELDS.iter().filter(|field| field.required) {
            let name = field.name;
            let is_given = given.contains(&name);
            let missing = if field.index.is_some() {
                changeset = changeset.validate_required(|_| Named::<()>::new(name));
                strict && !is_given
            } else {
                changeset.last = Last::Errors(changeset.errors.len());
                let input = changeset.params.as_ref().and_then(|params| params.get(name));
                !is_given || input.is_none_or(|input| input.is_null() || changeset.empty_values.has(input))
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

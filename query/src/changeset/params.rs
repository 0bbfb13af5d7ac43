//! Params: a struct that says what a changeset takes from outside.

use super::derived::{Input, Param};
use super::{Changeable, Changeset, ChildParams};
use crate::value::Value;
use serde::Serialize;

/// A struct whose fields are what a changeset takes, with their validations and constraints. Derive it with
/// `#[derive(Changeset)]`.
///
/// [`cast`](Params::cast) reads raw input, a JSON body or a form, and finds every bad field; [`changeset`](Params::changeset)
/// takes a value of the struct, whose types are right already. Both give the changeset that the builder's methods would give.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a struct of params",
    label = "expected a struct with #[derive(Changeset)]",
    note = "write #[derive(Changeset)] and #[changeset(schema = ..)] on the struct"
)]
pub trait Params: Sized {
    /// What the changesets are of.
    type Schema: Changeable;

    /// The fields.
    #[doc(hidden)]
    const FIELDS: &'static [Param];

    /// Hands over what the struct holds.
    #[doc(hidden)]
    fn put(self, input: Input<Self::Schema>) -> Input<Self::Schema>;

    /// Casts what is nested.
    #[doc(hidden)]
    fn nest(input: Input<Self::Schema>) -> Input<Self::Schema>;

    /// The fields that tell which row is meant, by position, where the struct holds them.
    #[doc(hidden)]
    fn key(&self) -> Vec<(usize, Value)>;

    /// Adds the validations and the constraints.
    #[doc(hidden)]
    fn check(changeset: Changeset<Self::Schema>) -> Changeset<Self::Schema>;

    /// A changeset of a row to come, from raw input: anything that serializes to an object.
    ///
    /// Each value is cast to its field's type (`"42"` is 42), and one that means none is an error of the field. A field that is
    /// absent stays as it is, unless it is required; null is NULL.
    fn cast<P: Serialize + ?Sized>(params: &P) -> Changeset<Self::Schema>
    where
        Self::Schema: Default,
    {
        Input::cast::<Self>(Changeset::new(), params, true)
    }

    /// As [`cast`](Params::cast), of an existing row: a required field may be absent, if the row's own value is not blank.
    fn cast_on<P: Serialize + ?Sized>(row: Self::Schema, params: &P) -> Changeset<Self::Schema> {
        Self::cast_into(Changeset::of(row), params)
    }

    /// As [`cast`](Params::cast), into a changeset that may have changes already, such as
    /// `Changeset::build(Post { author_id, ..Default::default() })`. A required field counts with the value that it has there.
    fn cast_into<P: Serialize + ?Sized>(changeset: Changeset<Self::Schema>, params: &P) -> Changeset<Self::Schema> {
        Input::cast::<Self>(changeset, params, false)
    }

    /// A changeset of a row to come, from typed values.
    ///
    /// A `None` is absent; in an `Option<Option<_>>`, `Some(None)` is NULL.
    fn changeset(self) -> Changeset<Self::Schema>
    where
        Self::Schema: Default,
    {
        Input::take(Changeset::new(), self, true)
    }

    /// As [`changeset`](Params::changeset), of an existing row, of which it changes what differs.
    fn changeset_on(self, row: Self::Schema) -> Changeset<Self::Schema> {
        self.changeset_into(Changeset::of(row))
    }

    /// As [`changeset`](Params::changeset), into a changeset that may have changes already.
    fn changeset_into(self, changeset: Changeset<Self::Schema>) -> Changeset<Self::Schema> {
        Input::take(changeset, self, false)
    }
}

impl<T: Changeable> ChildParams<T> {
    /// A changeset of the row, by a struct of params: `.cast_assoc(|u| u.posts(), |post, _| post.cast_params::<NewPost>())`.
    pub fn cast_params<P: Params<Schema = T>>(self) -> Changeset<T> {
        let is_new = !self.exists();
        let (changeset, params) = self.into_parts();
        Input::cast::<P>(changeset, &params, is_new)
    }
}

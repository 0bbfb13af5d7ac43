//! What a changeset can be of.

use crate::error::DecodeError;
use crate::expr::{Anchor, NotNull};
use crate::schema::{Record, Schema, SchemaMeta};
use crate::value::{CastError, Value};

/// A struct that changesets change: a schema, or a struct with `#[derive(Embedded)]`.
#[diagnostic::on_unimplemented(
    message = "there are no changesets of `{Self}`",
    note = "write #[derive(Schema)] on the struct, or #[derive(Embedded)] if it has no table"
)]
pub trait Changeable: Sized + Send + Sync + 'static {
    /// Its fields, as closures receive them.
    type Fields: Copy;

    /// What is known of its fields.
    fn shape() -> &'static SchemaMeta;

    /// Its fields.
    fn fields(anchor: Anchor) -> Self::Fields;

    /// The value of field `index` of its [`shape`](Changeable::shape).
    fn field(&self, index: usize) -> Value;

    /// Replaces the value of field `index`.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the field does not hold such a value.
    fn set_field(&mut self, index: usize, value: Value) -> Result<(), DecodeError>;

    /// The value that `input`, which comes from outside and is not null, means for field `index`.
    ///
    /// # Errors
    ///
    /// [`CastError`] if it means none.
    fn cast_field(index: usize, input: &serde_json::Value) -> Result<Value, CastError>;
}

impl<S: Schema> Changeable for S {
    type Fields = <S as Record>::Columns<S, NotNull>;

    fn shape() -> &'static SchemaMeta {
        S::META
    }

    fn fields(anchor: Anchor) -> Self::Fields {
        S::columns(anchor)
    }

    fn field(&self, index: usize) -> Value {
        self.value(index)
    }

    fn set_field(&mut self, index: usize, value: Value) -> Result<(), DecodeError> {
        self.set_value(index, value)
    }

    fn cast_field(index: usize, input: &serde_json::Value) -> Result<Value, CastError> {
        S::cast(index, input)
    }
}

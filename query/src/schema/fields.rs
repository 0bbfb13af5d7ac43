//! The types behind the fields of a schema's columns.

use crate::value::DbType;
use crate::expr::{NotNull, Null, Nullability};
use std::marker::PhantomData;

/// What a field's Rust type says of its column: its type without the Option, and whether it may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a store can hold",
    label = "no column holds a `{Self}`",
    note = "use a type of Peristyle's list (bool, i64, String, DateTime<Utc>, …) or an Option of one, or derive `DbType` (newtype), `DbEnum` (enum) or `Embedded` (JSON) for your own; a field without a column is #[schema(virtual)]"
)]
pub trait Field: FieldKind {}
impl<T: FieldKind> Field for T {}

/// The part of [`Field`] that the compiler computes with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a store can hold",
    label = "no column holds a `{Self}`",
    note = "use a type of Peristyle's list (bool, i64, String, DateTime<Utc>, …) or an Option of one, or derive `DbType` (newtype), `DbEnum` (enum) or `Embedded` (JSON) for your own; a field without a column is #[schema(virtual)]"
)]
pub trait FieldKind {
    /// The type without its Option.
    type Type: DbType;
    /// Whether it may be NULL.
    type Nullability: Nullability;
}

impl<T: DbType> FieldKind for T {
    type Type = T;
    type Nullability = NotNull;
}

impl<T: DbType> FieldKind for Option<T> {
    type Type = T;
    type Nullability = Null;
}

/// A field without a column: changesets cast and validate it, queries refuse it.
pub struct Virtual<Sc, T> {
    /// The name of the field.
    pub name: &'static str,
    types: PhantomData<fn() -> (Sc, T)>,
}

impl<Sc, T> Virtual<Sc, T> {
    /// The virtual field of this name.
    pub const fn new(name: &'static str) -> Self {
        Virtual { name, types: PhantomData }
    }
}

impl<Sc, T> Clone for Virtual<Sc, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Sc, T> Copy for Virtual<Sc, T> {}

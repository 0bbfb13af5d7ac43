//! The types behind the fields of a schema's columns.

use super::FieldMeta;
use crate::error::DecodeError;
use crate::expr::{NotNull, Null, Nullability};
use crate::row::RowReader;
use crate::value::{CastError, DataType, DbType, Value};
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
pub trait FieldKind: Sized {
    /// The type without its Option.
    type Type: DbType;
    /// Whether it may be NULL.
    type Nullability: Nullability;

    /// The field's value in the form that travels to a store; `None` is NULL.
    fn field_value(&self) -> Value;

    /// The field for a value that came from a store.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if `value` is not one of this type.
    fn from_field_value(value: Value) -> Result<Self, DecodeError>;

    /// The value that `input`, which comes from outside and is not null, means for the field.
    ///
    /// # Errors
    ///
    /// [`CastError`] if it means none.
    fn cast_field(input: &serde_json::Value) -> Result<Value, CastError> {
        Self::Type::cast(input).map(DbType::into_value)
    }

    /// The field of `schema` in the next column of a row.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] naming the field if the column does not hold this type.
    fn read_field(row: &mut RowReader<'_>, schema: &'static str, field: &FieldMeta) -> Result<Self, DecodeError>;
}

impl<T: DbType> FieldKind for T {
    type Type = T;
    type Nullability = NotNull;

    fn field_value(&self) -> Value {
        self.to_value()
    }

    fn from_field_value(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null(_) => Err(DecodeError::null(T::DATA_TYPE)),
            value => T::from_value(value),
        }
    }

    fn read_field(row: &mut RowReader<'_>, schema: &'static str, field: &FieldMeta) -> Result<Self, DecodeError> {
        row.required_field(schema, field)
    }
}

impl<T: DbType> FieldKind for Option<T> {
    type Type = T;
    type Nullability = Null;

    fn field_value(&self) -> Value {
        self.as_ref().map_or(Value::Null(T::DATA_TYPE), T::to_value)
    }

    fn from_field_value(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null(_) => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn read_field(row: &mut RowReader<'_>, schema: &'static str, field: &FieldMeta) -> Result<Self, DecodeError> {
        row.optional_field(schema, field)
    }
}

/// A field without a column: changesets cast and validate it, queries refuse it.
pub struct Virtual<Sc, T> {
    field: &'static FieldMeta,
    types: PhantomData<fn() -> (Sc, T)>,
}

impl<Sc, T> Virtual<Sc, T> {
    /// The virtual field that this is the metadata of. Derived code calls it; `T` must be the field's type.
    pub const fn new(field: &'static FieldMeta) -> Self {
        Virtual { field, types: PhantomData }
    }

    /// What is known of the field.
    pub fn field(&self) -> &'static FieldMeta {
        self.field
    }
}

impl<Sc, T> Clone for Virtual<Sc, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Sc, T> Copy for Virtual<Sc, T> {}

/// Finds the type of a virtual field, which need not be one that a store can hold: the constant of [`FieldKind`]s is
/// inherent, and so comes before the one that [`AnyType`] gives to all.
#[doc(hidden)]
pub struct VirtualType<T>(PhantomData<fn() -> T>);

impl<T: FieldKind> VirtualType<T> {
    /// The type of a column for it.
    pub const DATA_TYPE: DataType = <T::Type as DbType>::DATA_TYPE;
    /// The names of all of its values.
    pub const VARIANTS: &'static [&'static str] = <T::Type as DbType>::VARIANTS;

    /// The field's value.
    pub fn value(field: &T) -> Value {
        field.field_value()
    }

    /// The field for a value.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if `value` is not one of this type.
    pub fn set(field: &mut T, value: Value) -> Result<(), DecodeError> {
        T::from_field_value(value).map(|value| *field = value)
    }

    /// The value that `input` means.
    ///
    /// # Errors
    ///
    /// [`CastError`] if it means none.
    pub fn cast(input: &serde_json::Value) -> Result<Value, CastError> {
        T::cast_field(input)
    }
}

/// The type of a virtual field that no store can hold: changesets can do nothing with it.
#[doc(hidden)]
#[allow(missing_docs, clippy::missing_errors_doc)]
pub trait AnyType<T> {
    /// JSON, which can describe anything.
    const DATA_TYPE: DataType = DataType::Json;
    const VARIANTS: &'static [&'static str] = &[];

    fn value(_: &T) -> Value {
        Value::Null(DataType::Json)
    }

    fn set(_: &mut T, value: Value) -> Result<(), DecodeError> {
        Err(DecodeError::new(value.data_type(), "a virtual field of a type that no store can hold"))
    }

    fn cast(_: &serde_json::Value) -> Result<Value, CastError> {
        Err(CastError::invalid())
    }
}

impl<T> AnyType<T> for VirtualType<T> {}

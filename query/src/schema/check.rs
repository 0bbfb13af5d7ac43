//! What derived code asks the compiler about schemas of other modules, and needs of them.

use super::{AssociationKeys, FieldMeta, SchemaMeta, Writable};
use crate::association::JoinTarget;
use crate::expr::{Anchor, IntoCondition, NotNull, Ordering, enter};
use crate::query::ast::{Expression, OrderTerm};
use crate::schema::{Record, Schema};
use crate::value::DataType;

const fn same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn find(schema: &SchemaMeta, field: &str) -> Option<usize> {
    let mut index = 0;
    while index < schema.fields.len() {
        if same_text(schema.fields[index].name, field) && !schema.fields[index].is_virtual {
            return Some(index);
        }
        index += 1;
    }
    None
}

/// Whether a schema has a field of this name with a column.
pub const fn has_field(schema: &SchemaMeta, field: &str) -> bool {
    find(schema, field).is_some()
}

/// The position of the field of this name, which may be virtual.
pub const fn position(schema: &SchemaMeta, field: &str) -> Option<usize> {
    let mut index = 0;
    while index < schema.fields.len() {
        if same_text(schema.fields[index].name, field) {
            return Some(index);
        }
        index += 1;
    }
    None
}

/// Whether the field at this position is in the primary key.
pub const fn in_key(schema: &SchemaMeta, position: usize) -> bool {
    let mut index = 0;
    while index < schema.primary_key.len() {
        if schema.primary_key[index] == position {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether some write may set the field at this position.
pub const fn writable(schema: &SchemaMeta, position: usize) -> bool {
    !matches!(schema.fields[position].writable, Writable::Never)
}

/// The position of the association of this name.
pub const fn association_position(schema: &SchemaMeta, name: &str) -> Option<usize> {
    let mut index = 0;
    while index < schema.associations.len() {
        if same_text(schema.associations[index].name, name) {
            return Some(index);
        }
        index += 1;
    }
    None
}

/// Whether the rows of the association at this position can be written with the row.
pub const fn can_be_written(schema: &SchemaMeta, position: usize) -> bool {
    !matches!(schema.associations[position].keys, AssociationKeys::Through { .. })
}

/// The type of the field at `POSITION` of `S`, without its Option.
#[diagnostic::on_unimplemented(
    message = "this field of `{S}` is not a `{Self}`",
    label = "the schema's field is of another type",
    note = "give it the type of the schema's field; an Option around that means that it may be absent, and two that it may also be NULL"
)]
pub trait FieldType<S, const POSITION: usize> {}

/// Demands that the field at `POSITION` of `S` is a `T`.
pub const fn field_is<T: FieldType<S, POSITION>, S, const POSITION: usize>() {}

/// Whether the primary key of a schema has so many fields.
pub const fn key_is(schema: &SchemaMeta, width: usize) -> bool {
    schema.primary_key.len() == width
}

/// The type of the field of this name, or of the primary key's field at `index` if the name is empty. A field that does not
/// exist is another check's matter: it is text.
pub const fn type_of(schema: &SchemaMeta, field: &str, index: usize) -> DataType {
    let found = if field.is_empty() {
        if index < schema.primary_key.len() { Some(schema.primary_key[index]) } else { None }
    } else {
        find(schema, field)
    };
    match found {
        Some(index) => schema.fields[index].data_type,
        None => DataType::Text,
    }
}

/// Whether keys of two types can be equal.
pub const fn same_type(one: DataType, other: DataType) -> bool {
    match (one, other) {
        (DataType::Bool, DataType::Bool)
        | (DataType::I16, DataType::I16)
        | (DataType::I32, DataType::I32)
        | (DataType::I64, DataType::I64)
        | (DataType::F32, DataType::F32)
        | (DataType::F64, DataType::F64)
        | (DataType::Text, DataType::Text)
        | (DataType::Bytes, DataType::Bytes)
        | (DataType::Uuid, DataType::Uuid)
        | (DataType::Date, DataType::Date)
        | (DataType::Time, DataType::Time)
        | (DataType::DateTime, DataType::DateTime)
        | (DataType::Timestamp, DataType::Timestamp)
        | (DataType::Decimal, DataType::Decimal)
        | (DataType::Json, DataType::Json)
        | (DataType::Interval, DataType::Interval) => true,
        (DataType::Enum(one), DataType::Enum(other)) => same_text(one, other),
        (DataType::Array(one), DataType::Array(other)) => same_type(*one, *other),
        _ => false,
    }
}

/// A column of a join table that no schema describes.
pub const fn join_column(name: &'static str, data_type: DataType) -> FieldMeta {
    FieldMeta::new(name, name, data_type)
}

/// The condition that an attribute gives as a closure over a schema's columns.
pub fn filter<T: Schema, C: IntoCondition<T>>(condition: impl FnOnce(T::Columns<T, NotNull>) -> C) -> Expression {
    enter(|level| condition(T::columns(Anchor::new(0, level))).into_condition().into_steps())
}

/// The order that an attribute gives as a closure over a schema's columns.
pub fn order<T: Schema, R: Ordering<T>>(order: impl FnOnce(T::Columns<T, NotNull>) -> R) -> Vec<OrderTerm> {
    let mut terms = Vec::new();
    enter(|level| order(T::columns(Anchor::new(0, level))).append(&mut terms));
    terms
}

/// The columns of what an association leads to: the next step of a `through`.
pub fn next<Sc: 'static, A: JoinTarget<Sc>>(_association: A) -> <A::Target as Record>::Columns<A::Target, NotNull> {
    <A::Target as Record>::columns(Anchor::new(0, 1))
}

/// An association that leads to `T`.
#[diagnostic::on_unimplemented(
    message = "this `through` leads to `{Self}`, not to `{T}`",
    label = "the last association of the path leads to another schema",
    note = "the path names associations one after the other, the first of this struct, each further one of the struct before, and the last leads to the field's own schema"
)]
pub trait Reaches<T> {}
impl<T> Reaches<T> for T {}

/// Demands that an association leads to `T`.
pub fn ends<T, Sc: 'static, A: JoinTarget<Sc>>(_association: A)
where
    A::Target: Reaches<T>,
{
}

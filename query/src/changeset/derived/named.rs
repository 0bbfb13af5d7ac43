//! Fields and associations by their names and positions, which derived code has looked up.

use crate::association::Link;
use crate::changeset::field::FieldName;
use crate::changeset::{AssociationOf, FieldList, FieldOf};
use crate::schema::Schema;
use crate::value::DbType;
use std::marker::PhantomData;

/// A field of type `T`, by its name.
#[derive(Debug)]
pub struct Named<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Named<T> {
    /// The field of this name.
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

/// A schema whose association at `POSITION` leads to `T`.
#[diagnostic::on_unimplemented(
    message = "this association of `{Self}` does not lead to `{T}`",
    label = "these are params of `{T}`",
    note = "the params of an association are a struct with #[changeset(schema = ..)] of the schema that it leads to"
)]
pub trait AssociationAt<T, const POSITION: usize>: Schema {
    /// The association.
    fn link() -> Link<Self, T>;
}

/// The association at `POSITION`, to `T`.
#[derive(Debug)]
pub struct NamedAssociation<T, const POSITION: usize>(PhantomData<fn() -> T>);

impl<T, const POSITION: usize> NamedAssociation<T, POSITION> {
    /// It.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        NamedAssociation(PhantomData)
    }
}

impl<T, const POSITION: usize> Clone for NamedAssociation<T, POSITION> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const POSITION: usize> Copy for NamedAssociation<T, POSITION> {}

impl<S: AssociationAt<T, POSITION>, T: Schema, const POSITION: usize> AssociationOf<S>
    for NamedAssociation<T, POSITION>
{
    type Target = T;

    fn link(self) -> Option<Link<S, T>> {
        Some(S::link())
    }
}

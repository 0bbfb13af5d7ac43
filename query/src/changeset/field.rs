//! The fields that closures name: `|u| u.email`, `|u| (u.email, u.name)`.

use super::{Changeable, Changeset};
use crate::expr::{Anchor, Column, Nullability, enter};
use crate::schema::{FieldMeta, Virtual};
use crate::value::DbType;

/// A field as a closure names it.
#[derive(Clone, Copy, Debug)]
pub struct FieldName {
    name: &'static str,
    /// Whether it is one of the changeset's own struct.
    own: bool,
}

impl FieldName {
    /// A field of the changeset's own struct.
    pub(super) fn own(name: &'static str) -> Self {
        FieldName { name, own: true }
    }
}

/// A field of `S`: a column, or a virtual field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a field of `{S}`",
    label = "expected a field, such as `u.email`",
    note = "associations and embedded structs have methods of their own: `.cast_assoc(..)`, `.put_assoc(..)`, `.cast_embed(..)`, `.put_embed(..)`"
)]
pub trait FieldOf<S>: Copy {
    /// The field's type without its Option.
    type Type: DbType;
    /// The field's type, with its Option.
    type Value;

    /// Which field it is.
    fn name(self) -> FieldName;

    /// The value of the field's own type.
    fn value_of(value: Option<Self::Type>) -> Option<Self::Value>;
}

impl<S, T: DbType, N: Nullability> FieldOf<S> for Column<S, T, N> {
    type Type = T;
    type Value = N::Out<T>;

    fn name(self) -> FieldName {
        FieldName { name: self.field().name, own: self.is_root() }
    }

    fn value_of(value: Option<T>) -> Option<N::Out<T>> {
        N::from_option(value)
    }
}

impl<S, T: DbType> FieldOf<S> for Virtual<S, T> {
    type Type = T;
    type Value = Option<T>;

    fn name(self) -> FieldName {
        FieldName { name: self.field().name, own: true }
    }

    fn value_of(value: Option<T>) -> Option<Option<T>> {
        Some(value)
    }
}

/// A field, or a tuple of fields, nested where there are many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of fields of `{S}`",
    label = "expected a field, such as `u.email`, or a tuple of fields",
    note = "associations and embedded structs have methods of their own: `.cast_assoc(..)`, `.put_assoc(..)`, `.cast_embed(..)`, `.put_embed(..)`"
)]
pub trait FieldList<S> {
    /// Adds the fields to `list`.
    fn append(self, list: &mut Vec<FieldName>);
}

impl<S, T: DbType, N: Nullability> FieldList<S> for Column<S, T, N> {
    fn append(self, list: &mut Vec<FieldName>) {
        list.push(self.name());
    }
}

impl<S, T: DbType> FieldList<S> for Virtual<S, T> {
    fn append(self, list: &mut Vec<FieldName>) {
        list.push(FieldOf::<S>::name(self));
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<S, $($name: FieldList<S>),*> FieldList<S> for ($($name,)*) {
            fn append(self, list: &mut Vec<FieldName>) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(list);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

/// A field of the changeset's struct that was found.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) index: usize,
    pub(crate) meta: &'static FieldMeta,
}

impl<S: Changeable> Changeset<S> {
    /// The field that a closure names. A field of another struct is a mistake that the changeset keeps.
    pub(crate) fn one_field<F: FieldOf<S>>(&mut self, field: impl FnOnce(S::Fields) -> F) -> Option<Found> {
        match lookup::<S, F>(field) {
            Ok(found) => Some(found),
            Err(name) => self.refuse_field(name),
        }
    }

    /// The fields that a closure names.
    pub(crate) fn field_list<L: FieldList<S>>(&mut self, fields: impl FnOnce(S::Fields) -> L) -> Vec<Found> {
        let mut names = Vec::new();
        enter(|level| fields(S::fields(Anchor::new(0, level))).append(&mut names));
        names.into_iter().filter_map(|name| find::<S>(name).or_else(|| self.refuse_field(name.name))).collect()
    }

    /// The columns that a closure names for a method, by position. A field without one is a mistake that the changeset keeps.
    pub(crate) fn columns<L: FieldList<S>>(&mut self, fields: impl FnOnce(S::Fields) -> L, method: &str) -> Vec<usize> {
        let found = self.field_list(fields);
        if let Some(without) = found.iter().find(|found| found.meta.is_virtual) {
            self.refuse(format!(
                "{}.{} is a virtual field, which the store does not have: leave it out of .{method}(..)",
                S::shape().name,
                without.meta.name
            ));
        }
        found.into_iter().map(|found| found.index).collect()
    }

    fn refuse_field(&mut self, name: &str) -> Option<Found> {
        self.refuse(format!(
            "{name} is a field of another struct than {}: a changeset changes its own fields; give the associated row a changeset with .put_assoc(..)",
            S::shape().name
        ));
        None
    }
}

/// The field that a closure names, or its name if it is not one of `S`.
pub(crate) fn lookup<S: Changeable, F: FieldOf<S>>(field: impl FnOnce(S::Fields) -> F) -> Result<Found, &'static str> {
    let name = enter(|level| field(S::fields(Anchor::new(0, level))).name());
    find::<S>(name).ok_or(name.name)
}

fn find<S: Changeable>(FieldName { name, own }: FieldName) -> Option<Found> {
    let fields = S::shape().fields;
    let index = fields.iter().position(|known| own && known.name == name)?;
    Some(Found { index, meta: &fields[index] })
}

//! Assignments: a column and what it becomes.

use crate::expr::{Column, Expr, Fragment, FragmentOutput, IntoExpr, NotNull, Null, Nullability};
use crate::query::ast::{Expression, Step};
use crate::schema::{FieldMeta, Virtual};
use crate::value::{DbType, Value};
use std::marker::PhantomData;

/// A column and what it becomes.
#[must_use = "an assignment does nothing until a changeset or an update uses it"]
pub struct Assignment<Sc> {
    pub(crate) field: &'static FieldMeta,
    pub(crate) expression: Expression,
    pub(crate) root: bool,
    scope: PhantomData<fn() -> Sc>,
}

impl<Sc, T: DbType, N: Nullability> Column<Sc, T, N> {
    /// Sets the column: to a value, to an `Option` of one (`None` is NULL) where it may be NULL, or to an expression.
    pub fn set<V: Settable<T, N, Sc>>(self, value: V) -> Assignment<Sc> {
        let root = self.is_root();
        Assignment { field: self.field(), expression: value.into_steps(), root, scope: PhantomData }
    }
}

impl<Sc, T: DbType> Virtual<Sc, T> {
    /// Sets the field, in a changeset: to a value, or to an `Option` of one.
    pub fn set<V: Settable<T, Null, Sc>>(self, value: V) -> Assignment<Sc> {
        Assignment { field: self.field(), expression: value.into_steps(), root: true, scope: PhantomData }
    }
}

/// What a column of type `T` may be set to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in this `{T}` column",
    label = "expected a `{T}`",
    note = "a column that may be NULL also takes an `Option` of exactly its type; one that may not be takes no `Option` and no expression that may be NULL"
)]
pub trait Settable<T, N, Sc> {
    /// The plain form.
    fn into_steps(self) -> Expression;
}

fn value(value: Value) -> Expression {
    vec![Step::Value { value, redact: false }]
}

impl<T: DbType, N: Nullability, Sc> Settable<T, N, Sc> for T {
    fn into_steps(self) -> Expression {
        value(self.into_value())
    }
}

impl<T: DbType, N: Nullability, Sc> Settable<T, N, Sc> for &T {
    fn into_steps(self) -> Expression {
        value(self.to_value())
    }
}

impl<N: Nullability, Sc> Settable<String, N, Sc> for &str {
    fn into_steps(self) -> Expression {
        value(Value::Text(self.to_owned()))
    }
}

impl<T: DbType, Sc> Settable<T, Null, Sc> for Option<T> {
    fn into_steps(self) -> Expression {
        value(self.map_or(Value::Null(T::DATA_TYPE), T::into_value))
    }
}

/// A nullability whose columns take expressions of nullability `N`.
#[diagnostic::on_unimplemented(
    message = "an expression that may be NULL cannot be stored in a column that may not",
    label = "this may be NULL",
    note = "give it a value for NULL with `.coalesce(..)`"
)]
pub trait Accepts<N> {}
impl Accepts<NotNull> for NotNull {}
impl Accepts<NotNull> for Null {}
impl Accepts<Null> for Null {}

impl<T: DbType, N: Accepts<M>, M: Nullability, Sc> Settable<T, N, Sc> for Column<Sc, T, M> {
    fn into_steps(self) -> Expression {
        IntoExpr::<T, Sc>::into_steps(self)
    }
}

impl<T: DbType, N: Accepts<M>, M: Nullability, Sc> Settable<T, N, Sc> for Expr<Sc, T, M> {
    fn into_steps(self) -> Expression {
        IntoExpr::<T, Sc>::into_steps(self)
    }
}

impl<O: FragmentOutput, N: Accepts<O::N>, Sc> Settable<O::Type, N, Sc> for Fragment<O> {
    fn into_steps(self) -> Expression {
        IntoExpr::<O::Type, Sc>::into_steps(self)
    }
}

/// An assignment, or a tuple of them, nested where there are many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of assignments",
    label = "expected `u.column.set(value)`, or a tuple of them"
)]
pub trait Assignments<Sc> {
    /// Adds the assignments to `list`.
    fn append(self, list: &mut Vec<Assignment<Sc>>);
}

impl<Sc> Assignments<Sc> for Assignment<Sc> {
    fn append(self, list: &mut Vec<Assignment<Sc>>) {
        list.push(self);
    }
}

impl<Sc> Assignments<Sc> for Vec<Assignment<Sc>> {
    fn append(mut self, list: &mut Vec<Assignment<Sc>>) {
        list.append(&mut self);
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Sc, $($name: Assignments<Sc>),*> Assignments<Sc> for ($($name,)*) {
            fn append(self, list: &mut Vec<Assignment<Sc>>) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(list);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

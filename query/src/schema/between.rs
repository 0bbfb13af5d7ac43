//! The rows between, in the order of a many-to-many association.

use super::{FieldMeta, Schema};
use crate::expr::{Anchor, Column, FragmentOutput, NotNull, Nullability, Ordering, enter};
use crate::query::ast::{Binding, OrderTerm};
use crate::value::{DataType, DbType};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

/// What the rows between two schemas are: a schema of their own, or a [`JoinTable`].
pub trait RowsBetween: 'static {
    /// Their columns, as the second parameter of `order = |t, j| ..` receives them.
    type Columns<Sc: 'static>;

    /// The columns of the source that `anchor` points at.
    fn columns<Sc: 'static>(anchor: Anchor) -> Self::Columns<Sc>;
}

impl<S: Schema> RowsBetween for S {
    type Columns<Sc: 'static> = S::Columns<Sc, NotNull>;

    fn columns<Sc: 'static>(anchor: Anchor) -> Self::Columns<Sc> {
        S::columns(anchor)
    }
}

/// A join table that no schema describes.
#[derive(Clone, Copy, Debug)]
pub enum JoinTable {}

impl RowsBetween for JoinTable {
    type Columns<Sc: 'static> = JoinTableColumns<Sc>;

    fn columns<Sc: 'static>(anchor: Anchor) -> JoinTableColumns<Sc> {
        JoinTableColumns { anchor, scope: PhantomData }
    }
}

/// The columns of a join table that no schema describes, by their names.
pub struct JoinTableColumns<Sc> {
    anchor: Anchor,
    scope: PhantomData<fn() -> Sc>,
}

impl<Sc> Clone for JoinTableColumns<Sc> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Sc> Copy for JoinTableColumns<Sc> {}

impl<Sc> JoinTableColumns<Sc> {
    /// The column of this name: `j.column::<i32>("position")`, or of an `Option` where it may be NULL.
    ///
    /// Nothing checks the name or the type before the statement runs. The name is quoted as every other.
    pub fn column<T: FragmentOutput>(&self, name: &'static str) -> Column<Sc, T::Type, T::N> {
        Column::new(self.anchor, field_of(name, T::Type::DATA_TYPE, T::N::NULLABLE))
    }
}

type Fields = HashMap<(&'static str, DataType, bool), &'static FieldMeta>;

/// The metadata of a column. It is made once for each, and kept: a program has as many as it names.
fn field_of(name: &'static str, data_type: DataType, nullable: bool) -> &'static FieldMeta {
    static FIELDS: Mutex<Option<Fields>> = Mutex::new(None);
    let mut fields = FIELDS.lock().unwrap_or_else(PoisonError::into_inner);
    fields.get_or_insert_default().entry((name, data_type, nullable)).or_insert_with(|| {
        let mut field = FieldMeta::new(name, name, data_type);
        field.nullable = nullable;
        Box::leak(Box::new(field))
    })
}

/// The order that an attribute gives as a closure over the columns of the target and of the rows between.
pub fn order<T, J, R>(order: impl FnOnce(T::Columns<(T, J), NotNull>, J::Columns<(T, J)>) -> R) -> Vec<OrderTerm>
where
    T: Schema,
    J: RowsBetween,
    R: Ordering<(T, J)>,
{
    let mut terms = Vec::new();
    enter(|level| {
        let (target, between) = (Anchor::new(0, level), Anchor::new(Binding::BETWEEN, level));
        order(T::columns(target), J::columns(between)).append(&mut terms);
    });
    terms
}

/// A function that gives the order of a many-to-many association: over the columns of the target, or over those and the
/// columns of the rows between.
#[diagnostic::on_unimplemented(
    message = "this is not a function that gives the order of an association to `{T}`",
    label = "expected a function of the columns of `{T}`, and perhaps of those of the rows between",
    note = "write `fn by_name<Sc: 'static>(t: TagColumns<Sc, NotNull>) -> Order<Sc>`, or with a second parameter for the rows between: the columns of the join schema, or `JoinTableColumns<Sc>`"
)]
pub trait OrderFunction<T, J, Parameters> {
    /// The terms of the order.
    fn terms(self) -> Vec<OrderTerm>;
}

impl<T: Schema, J, R: Ordering<T>, F: FnOnce(T::Columns<T, NotNull>) -> R> OrderFunction<T, J, (T,)> for F {
    fn terms(self) -> Vec<OrderTerm> {
        super::check::order::<T, R>(self)
    }
}

impl<T, J, R, F> OrderFunction<T, J, (T, J)> for F
where
    T: Schema,
    J: RowsBetween,
    R: Ordering<(T, J)>,
    F: FnOnce(T::Columns<(T, J), NotNull>, J::Columns<(T, J)>) -> R,
{
    fn terms(self) -> Vec<OrderTerm> {
        order::<T, J, R>(self)
    }
}

/// The order that an attribute gives as the path of a function.
pub fn order_function<T, J, P>(function: impl OrderFunction<T, J, P>) -> Vec<OrderTerm> {
    function.terms()
}

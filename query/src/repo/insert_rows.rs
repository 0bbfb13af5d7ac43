//! What `insert_all` takes: structs, rows of assignments, and the rows of a query.

use crate::changeset::{Assignment, Assignments};
use crate::error::QueryError;
use crate::expr::{Anchor, Column, Columns, NotNull, Null, enter};
use crate::query::IntoQuery;
use crate::query::ast::{Expression, Select};
use crate::schema::{FieldMeta, Schema};
use crate::value::Value;
use std::marker::PhantomData;

/// Rows to insert.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not rows that can be inserted",
    label = "expected a `Vec`, an array or a slice of a schema's structs",
    note = "or make rows with `User::rows(items, |u, item| (u.name.set(item), ..))` or `User::rows_from(query, |u| (u.name, ..))`"
)]
pub trait IntoRows {
    /// Their schema.
    type Schema: Schema;

    /// The rows.
    fn into_rows(self) -> InsertRows<Self::Schema>;
}

/// Rows to insert, as [`Schema::rows`] and [`Schema::rows_from`] make them.
#[must_use = "rows do nothing until they are inserted"]
pub struct InsertRows<S>(pub(super) Rows<S>);

pub(super) enum Rows<S> {
    Structs(std::vec::IntoIter<S>),
    /// The values of the stored fields of one row after the other.
    Values(std::vec::IntoIter<Value>),
    Assigned(std::vec::IntoIter<NewRow<S>>),
    Query(Result<Box<Select>, QueryError>, Vec<&'static FieldMeta>),
}

/// A row of assignments, which leaves out what it does not assign: made by [`Schema::row`].
#[must_use = "a row does nothing until it is inserted"]
pub struct NewRow<S> {
    pub(super) set: Vec<(&'static FieldMeta, Expression)>,
    pub(super) elsewhere: bool,
    schema: PhantomData<fn() -> S>,
}

impl<S: Schema> NewRow<S> {
    pub(crate) fn new<A: Assignments<S>>(row: impl FnOnce(S::Columns<S, NotNull>) -> A) -> Self {
        let mut list: Vec<Assignment<S>> = Vec::new();
        enter(|level| row(S::columns(Anchor::new(0, level))).append(&mut list));
        let elsewhere = list.iter().any(|assignment| !assignment.root);
        let set = list.into_iter().map(|assignment| (assignment.field, assignment.expression)).collect();
        NewRow { set, elsewhere, schema: PhantomData }
    }
}

impl<S: Schema> InsertRows<S> {
    pub(crate) fn assigned(rows: Vec<NewRow<S>>) -> Self {
        InsertRows(Rows::Assigned(rows.into_iter()))
    }

    pub(crate) fn of_query<Q: IntoQuery, C: Columns<S>>(
        query: Q,
        columns: impl FnOnce(S::Columns<S, NotNull>) -> C,
    ) -> Self {
        let mut fields = Vec::new();
        enter(|level| columns(S::columns(Anchor::new(0, level))).append(&mut fields));
        InsertRows(Rows::Query(query.into_query().without_preloads().into_select().map(Box::new), fields))
    }
}

/// One row to insert: a struct, or a [`NewRow`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row that can be inserted",
    label = "expected a schema's struct",
    note = "write #[derive(Schema)] on the struct, or make rows with `User::row(|u| (u.name.set(..), ..))`"
)]
pub trait InsertRow: Send + Sized + 'static {
    /// Its schema.
    type Schema: Schema;

    #[doc(hidden)]
    fn rows(rows: Vec<Self>) -> InsertRows<Self::Schema>;
}

impl<S: Schema> InsertRow for S {
    type Schema = S;

    fn rows(rows: Vec<S>) -> InsertRows<S> {
        InsertRows(Rows::Structs(rows.into_iter()))
    }
}

impl<S: Schema> InsertRow for NewRow<S> {
    type Schema = S;

    fn rows(rows: Vec<Self>) -> InsertRows<S> {
        InsertRows::assigned(rows)
    }
}

impl<R: InsertRow> IntoRows for Vec<R> {
    type Schema = R::Schema;

    fn into_rows(self) -> InsertRows<R::Schema> {
        R::rows(self)
    }
}

impl<R: InsertRow, const N: usize> IntoRows for [R; N] {
    type Schema = R::Schema;

    fn into_rows(self) -> InsertRows<R::Schema> {
        R::rows(self.into())
    }
}

impl<S: Schema> IntoRows for &[S] {
    type Schema = S;

    fn into_rows(self) -> InsertRows<S> {
        let mut values = Vec::with_capacity(self.len() * S::META.fields.len());
        for row in self {
            values.extend(S::META.stored_fields().map(|(index, _)| row.value(index)));
        }
        InsertRows(Rows::Values(values.into_iter()))
    }
}

impl<S: Schema> IntoRows for &Vec<S> {
    type Schema = S;

    fn into_rows(self) -> InsertRows<S> {
        self.as_slice().into_rows()
    }
}

impl<S: Schema, const N: usize> IntoRows for &[S; N] {
    type Schema = S;

    fn into_rows(self) -> InsertRows<S> {
        self.as_slice().into_rows()
    }
}

impl<S: Schema> IntoRows for InsertRows<S> {
    type Schema = S;

    fn into_rows(self) -> InsertRows<S> {
        self
    }
}

/// What the rows of a query become, where they can be inserted into the columns `C`.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot be inserted into these columns",
    label = "the query gives other columns than those that are named",
    note = "select as many columns as are named, in their order: `User::rows_from(query.select(|q| (q.a, q.b)), |u| (u.a, u.b))`"
)]
pub trait RowOf<C> {}

/// A value of a query that a column can hold.
#[diagnostic::on_unimplemented(
    message = "a column of this type cannot hold `{Self}`",
    label = "a column that the query selects has another type than the one that it is inserted into",
    note = "the types must be the same; a column that may not be NULL takes no Option: give it a value with `.coalesce(..)`"
)]
pub trait StoredIn<C> {}

impl<Sc, T, N> StoredIn<Column<Sc, T, N>> for T {}
impl<Sc, T> StoredIn<Column<Sc, T, Null>> for Option<T> {}

impl<V: StoredIn<Column<Sc, T, N>>, Sc, T, N> RowOf<Column<Sc, T, N>> for V {}

macro_rules! rows_of {
    ($($value:ident $column:ident),*) => {
        impl<$($value: StoredIn<$column>, $column),*> RowOf<($($column,)*)> for ($($value,)*) {}
    };
}
rows_of!(A CA);
rows_of!(A CA, B CB);
rows_of!(A CA, B CB, C CC);
rows_of!(A CA, B CB, C CC, D CD);
rows_of!(A CA, B CB, C CC, D CD, E CE);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ, K CK);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ, K CK, L CL);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ, K CK, L CL, M CM);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ, K CK, L CL, M CM, O CO);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ, K CK, L CL, M CM, O CO, P CP);
rows_of!(A CA, B CB, C CC, D CD, E CE, F CF, G CG, H CH, I CI, J CJ, K CK, L CL, M CM, O CO, P CP, Q CQ);

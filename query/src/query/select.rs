//! SELECT: what a row of the result is made of.

use super::selected::Place;
use super::selected::{Selected, Slots, Tail, add_key};
use super::{Query, Scope};
use crate::error::DecodeError;
use crate::expr::{Column, Condition, Expr, Fragment, FragmentOutput, IntoExpr, Nullability};
use crate::row::RowReader;
use crate::value::DbType;

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Selects expressions instead of the whole root; the output type follows from them.
    ///
    /// A column or an expression gives its type (an Option where it may be NULL, as every `Condition`), all columns of a
    /// source its struct, a tuple of up to sixteen a tuple, the `…Select` of a [`Projection`](trait@Selection) that struct.
    pub fn select<P: Selection<Sc>>(mut self, selection: impl FnOnce(Sc::Bindings) -> P) -> Query<Sc, P::Out> {
        let mut selected = Selected::default();
        self.build::<Sc, _>(|bindings| selection(bindings).append(&mut selected));
        let Selected { mut columns, places } = selected;
        let mut keys = Vec::new();
        for place in &places {
            if let Place::Collection(collection) = place {
                keys.push(add_key(&mut columns, collection.key()));
            }
        }
        self.select.columns = columns;
        if self.has_joined() {
            self.refuse(
                "join_preload and preload_from load into whole rows: leave .select(..) out, or use .preload(..)",
            );
        }
        let preloads = self.tail.map(|tail| tail.preloads).unwrap_or_default();
        let tail = Tail { places, preloads, keys };
        let tail = (!tail.is_idle()).then(|| Box::new(tail));
        let Query { select, problem, level, scope, .. } = self;
        Query { select, problem, decode: P::decode, slots: P::slots, tail, joined: Vec::new(), level, scope }
    }
}

/// What `.select(..)` takes, and what a row of it becomes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from this query",
    label = "expected columns or expressions of this query, a tuple of them, or the `…Select` of a projection",
    note = "a value is selected as `constant(1)` or `constant(\"a\")`, a projection by naming its `…Select` struct"
)]
pub trait Selection<Sc> {
    /// What a row becomes.
    type Out: Send + 'static;

    /// Adds the columns to `columns`.
    fn append(self, columns: &mut Selected);

    /// Reads those columns back.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a column does not hold its type.
    fn decode(row: &mut RowReader<'_>) -> Result<Self::Out, DecodeError>;

    /// Finds the places of an output that later statements fill, in the order of the selection.
    fn slots<'o>(_out: &'o mut Self::Out, _slots: &mut Slots<'o>) {}
}

/// A selection that gives a `T`: what the fields of a projection's `…Select` must be.
#[diagnostic::on_unimplemented(
    message = "the selection `{Self}` does not give a `{T}`",
    label = "expected a selection that gives `{T}`"
)]
pub trait Yields<Sc, T>: Selection<Sc> {
    /// Reads the columns of the selection back.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a column does not hold its type.
    fn read(row: &mut RowReader<'_>) -> Result<T, DecodeError>;

    /// Finds the places of an output that later statements fill.
    fn places<'o>(out: &'o mut T, slots: &mut Slots<'o>);
}

impl<Sc, T, P: Selection<Sc>> Yields<Sc, T> for P
where
    P::Out: Same<T>,
{
    fn read(row: &mut RowReader<'_>) -> Result<T, DecodeError> {
        P::decode(row).map(Same::same)
    }

    fn places<'o>(out: &'o mut T, slots: &mut Slots<'o>) {
        P::slots(P::Out::back(out), slots);
    }
}

/// The same type, as a trait: where it does not hold, its message is clearer than that of a type mismatch.
#[diagnostic::on_unimplemented(
    message = "the expression gives `{Self}`, but the field of the projection is `{T}`",
    label = "a field of this `…Select` has the wrong type",
    note = "an expression that may be NULL gives an Option, any other its plain type: make the field a `{Self}`, or give the expression a value for NULL with `.coalesce(..)`"
)]
pub trait Same<T> {
    /// The value.
    fn same(self) -> T;

    /// The value as its own type again.
    fn back(value: &mut T) -> &mut Self;
}

impl<T> Same<T> for T {
    fn same(self) -> T {
        self
    }

    fn back(value: &mut T) -> &mut T {
        value
    }
}

/// A type that a whole row becomes, read by position: what `repo.sql::<T>(..)` gives.
///
/// Columns, Options of them, tuples, schemas and projections implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row",
    note = "use a column's type, an Option of one, a tuple, a schema or a #[derive(Projection)] struct"
)]
pub trait FromRow: Sized + Send + 'static {
    /// Reads the value from the next columns of a row.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a column does not hold its type.
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, DecodeError>;
}

macro_rules! terms {
    ($($term:ident)*) => {$(
        impl<Sc, T: DbType, N: Nullability> Selection<Sc> for $term<Sc, T, N>
        where
            N::Out<T>: FromRow,
        {
            type Out = N::Out<T>;

            fn append(self, columns: &mut Selected) {
                columns.expression(IntoExpr::<T, Sc>::into_steps(self));
            }

            fn decode(row: &mut RowReader<'_>) -> Result<Self::Out, DecodeError> {
                FromRow::from_row(row)
            }
        }
    )*};
}
terms!(Column Expr);

impl<Sc, O> Selection<Sc> for Fragment<O>
where
    O: FragmentOutput + FromRow,
{
    type Out = O;

    fn append(self, columns: &mut Selected) {
        columns.expression(IntoExpr::<O::Type, Sc>::into_steps(self));
    }

    fn decode(row: &mut RowReader<'_>) -> Result<Self::Out, DecodeError> {
        FromRow::from_row(row)
    }
}

/// It gives NULL where it is neither true nor false.
impl<Sc> Selection<Sc> for Condition<Sc> {
    type Out = Option<bool>;

    fn append(self, columns: &mut Selected) {
        columns.expression(self.into_steps());
    }

    fn decode(row: &mut RowReader<'_>) -> Result<Self::Out, DecodeError> {
        FromRow::from_row(row)
    }
}

impl<T: DbType> FromRow for T {
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, DecodeError> {
        row.required()
    }
}

impl<T: DbType> FromRow for Option<T> {
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, DecodeError> {
        row.optional()
    }
}

impl FromRow for () {
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, DecodeError> {
        row.skip(row.remaining());
        Ok(())
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Sc, $($name: Selection<Sc>),*> Selection<Sc> for ($($name,)*) {
            type Out = ($($name::Out,)*);

            fn append(self, columns: &mut Selected) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(columns);)*
            }

            fn decode(row: &mut RowReader<'_>) -> Result<Self::Out, DecodeError> {
                Ok(($($name::decode(row)?,)*))
            }

            fn slots<'o>(out: &'o mut Self::Out, slots: &mut Slots<'o>) {
                #[allow(non_snake_case)]
                let ($($name,)*) = out;
                $(<$name as Selection<Sc>>::slots($name, slots);)*
            }
        }

        impl<$($name: FromRow),*> FromRow for ($($name,)*) {
            fn from_row(row: &mut RowReader<'_>) -> Result<Self, DecodeError> {
                Ok(($($name::from_row(row)?,)*))
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

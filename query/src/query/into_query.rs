//! What may stand where a query is expected.

use super::ast::{Operation, Select};
use super::{Nested, Query, Scope};
use crate::error::Error;

/// A query, by value or by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query",
    label = "expected a query, by value or by reference",
    note = "`User::query()` is the query for all rows of a schema"
)]
pub trait IntoQuery {
    /// What is in scope of it.
    type Scope: Scope;
    /// What its rows become.
    type Out: Send + 'static;

    /// The query.
    fn into_query(self) -> Query<Self::Scope, Self::Out>;
}

impl<Sc: Scope, Out: Send + 'static> IntoQuery for Query<Sc, Out> {
    type Scope = Sc;
    type Out = Out;

    fn into_query(self) -> Query<Sc, Out> {
        self
    }
}

impl<Sc: Scope, Out: Send + 'static> IntoQuery for &Query<Sc, Out> {
    type Scope = Sc;
    type Out = Out;

    fn into_query(self) -> Query<Sc, Out> {
        self.clone()
    }
}

/// A query that selects one column of type `T`, whether it may be NULL or not, for use inside of one of scope `Outer`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query of one `{T}` column",
    label = "expected a query that selects one `{T}`",
    note = "end it with `.select(|x| x.column)`"
)]
pub trait IntoSelect<T, Outer> {
    /// The plain form, which gives no NULL.
    fn into_select(self) -> Select;
}

impl<T, Outer, Sc: Nested<Outer>> IntoSelect<T, Outer> for Query<Sc, T> {
    fn into_select(self) -> Select {
        self.into_select_any()
    }
}

impl<T, Outer, Sc: Nested<Outer>> IntoSelect<T, Outer> for Query<Sc, Option<T>> {
    fn into_select(self) -> Select {
        self.into_select_any().without_nulls()
    }
}

/// Anything that becomes one statement.
pub trait IntoOperation {
    /// The plain form.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a mistake that types cannot catch.
    fn into_operation(self) -> Result<Operation, Error>;
}

impl<Sc: Scope, Out> IntoOperation for Query<Sc, Out> {
    fn into_operation(self) -> Result<Operation, Error> {
        Ok(Operation::Select(self.into_select()?))
    }
}

impl<Sc: Scope, Out> IntoOperation for &Query<Sc, Out> {
    fn into_operation(self) -> Result<Operation, Error> {
        self.clone().into_operation()
    }
}

//! Subqueries that see the columns of the query around them.

use super::scope::Sources;
use super::{Query, Scope};
use crate::expr::{Anchor, Column, Expr, IntoExpr, NotNull, Nullability};
use crate::query::ast::Expression;
use crate::schema::{Record, Schema};
use std::marker::PhantomData;

/// The scope of a query for `S` inside of one of scope `Outer`, whose columns it sees.
pub struct Sub<Outer, S>(PhantomData<fn() -> (Outer, S)>);

impl<Outer: 'static, S: Record> Scope for Sub<Outer, S> {
    type Root = S;
    type Bindings = S::Columns<Self, NotNull>;
    type Of<R: Record> = Sub<Outer, R>;

    fn bindings(sources: Sources<'_>) -> Self::Bindings {
        S::columns(sources.anchor(0))
    }
}

/// The columns of a source, which know the scope that they are in. `#[derive(Schema)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the columns of a query",
    label = "expected `&u`, where `u` is what the closure of the outer query receives"
)]
pub trait InScope {
    /// The scope.
    type Scope: 'static;
    /// What has the columns.
    type Record: Record;

    /// The source that they belong to.
    fn anchor(&self) -> Anchor;
}

impl<Outer: 'static, S: Schema> Query<Sub<Outer, S>> {
    pub(crate) fn inside() -> Self {
        Query::<S>::new().with_scope()
    }
}

/// What may stand in a query of scope `Outer`: a query of its own, or one that sees `Outer`'s columns.
#[diagnostic::on_unimplemented(
    message = "this subquery sees the columns of another query than the one it is used in",
    note = "make it inside of this query's closure, with `Post::query_in(&u)`"
)]
pub trait Nested<Outer>: Scope {}

impl<Outer, S: Record> Nested<Outer> for S {}
impl<Outer: 'static, S: Record> Nested<Outer> for Sub<Outer, S> {}

macro_rules! joined {
    ($root:ident $($name:ident)*) => {
        impl<Outer, $root, $($name),*> Nested<Outer> for ($root, $($name,)*) where Self: Scope {}
    };
}
joined!(S A);
joined!(S A B);
joined!(S A B C);
joined!(S A B C D);
joined!(S A B C D E);
joined!(S A B C D E F);
joined!(S A B C D E F G);
joined!(S A B C D E F G H);

macro_rules! outer_columns {
    ($($inner:ident)*) => {
        outer_columns!(@wrap [Sc] $($inner)*; $($inner)*);
    };
    (@wrap [$scope:ty] $next:ident $($rest:ident)*; $($all:ident)*) => {
        outer_columns!(@wrap [Sub<$scope, $next>] $($rest)*; $($all)*);
    };
    (@wrap [$scope:ty]; $($all:ident)*) => {
        /// A column of an outer query.
        impl<T, Sc, $($all,)* N: Nullability> IntoExpr<T, $scope> for Column<Sc, T, N> {
            type N = N;

            fn into_steps(self) -> Expression {
                IntoExpr::<T, Sc>::into_steps(self)
            }
        }
    };
}
outer_columns!(A);
outer_columns!(A B);
outer_columns!(A B C);

impl<Sc, T, N: Nullability> Expr<Sc, T, N> {
    /// This expression of an outer query, in a subquery that sees its columns.
    pub fn outer<S>(self) -> Expr<Sub<Sc, S>, T, N> {
        self.retype()
    }
}

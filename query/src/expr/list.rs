//! Lists of expressions, and tests on queries.

use super::column::{Term, shift_select};
use super::{Column, Expr, NotNull, Nullability};
use crate::query::ast::{Expression, OutputColumn, Select, Source, Step};
use crate::query::{Nested, Query, Scope};
use crate::value::{DbType, Value};

/// What `.group_by(..)` takes: a column, an expression, a `Vec` of one, or a tuple of any of these, nested where there
/// are many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of columns of this query",
    label = "expected a column, an expression, or a tuple of them"
)]
pub trait Expressions<Sc> {
    /// Adds the expressions to `list`.
    fn append(self, list: &mut Vec<Expression>);
}

impl<Sc, T: DbType, N: Nullability> Expressions<Sc> for Column<Sc, T, N> {
    fn append(self, list: &mut Vec<Expression>) {
        list.push(self.steps());
    }
}

impl<Sc, T: DbType, N: Nullability> Expressions<Sc> for Expr<Sc, T, N> {
    fn append(self, list: &mut Vec<Expression>) {
        list.push(self.steps());
    }
}

impl<Sc, E: Expressions<Sc>> Expressions<Sc> for Vec<E> {
    fn append(self, list: &mut Vec<Expression>) {
        self.into_iter().for_each(|item| item.append(list));
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Sc, $($name: Expressions<Sc>),*> Expressions<Sc> for ($($name,)*) {
            fn append(self, list: &mut Vec<Expression>) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(list);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

/// Whether `query` gives a row.
pub fn exists<Sc, S: Nested<Sc>, Out>(query: Query<S, Out>) -> Expr<Sc, bool, NotNull> {
    Expr::new(vec![Step::Exists(Box::new(any_row(query)), false)])
}

/// Whether `query` gives no row.
pub fn not_exists<Sc, S: Nested<Sc>, Out>(query: Query<S, Out>) -> Expr<Sc, bool, NotNull> {
    Expr::new(vec![Step::Exists(Box::new(any_row(query)), true)])
}

fn any_row<S: Scope, Out>(query: Query<S, Out>) -> Select {
    let mut select = query.into_select_any();
    select.order_by.clear();
    if !select.distinct || select.offset.is_none() {
        return select;
    }
    // SQLite leaves DISTINCT out of a query that EXISTS tests, but an offset passes over the rows that it has left.
    shift_select(&mut select, 1, 1);
    let mut outer = Select::new(Source::Subquery(Box::new(select)));
    let one = vec![Step::Literal(Value::I32(1))];
    outer.columns.push(OutputColumn::Expression { expression: one, alias: None });
    outer
}

//! The terms of an order.

use super::column::{Term, for_terms};
use super::fragment::FragmentOutput;
use super::{Column, Condition, Expr, Fragment, IntoExpr, Nullability};
use crate::query::ast::{Nulls, OrderTerm};
use crate::value::DbType;
use std::marker::PhantomData;

/// One term of an order: an expression, its direction, and where NULLs go.
#[must_use = "an order does nothing until a query uses it"]
pub struct Order<Sc> {
    term: OrderTerm,
    scope: PhantomData<fn() -> Sc>,
}

impl<Sc> Clone for Order<Sc> {
    fn clone(&self) -> Self {
        Order { term: self.term.clone(), scope: PhantomData }
    }
}

impl<Sc> Order<Sc> {
    fn new(expression: Vec<crate::query::ast::Step>, descending: bool) -> Self {
        Order { term: OrderTerm { expression, descending, nulls: None }, scope: PhantomData }
    }

    /// NULLs come before all values.
    pub fn nulls_first(mut self) -> Self {
        self.term.nulls = Some(Nulls::First);
        self
    }

    /// NULLs come after all values.
    pub fn nulls_last(mut self) -> Self {
        self.term.nulls = Some(Nulls::Last);
        self
    }
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// From the least to the greatest.
        pub fn asc(self) -> Order<Sc> {
            Order::new(self.steps(), false)
        }

        /// From the greatest to the least.
        pub fn desc(self) -> Order<Sc> {
            Order::new(self.steps(), true)
        }
    }
}

impl<O: FragmentOutput> Fragment<O> {
    /// From the least to the greatest.
    pub fn asc<Sc>(self) -> Order<Sc> {
        Order::new(IntoExpr::<O::Type, Sc>::into_steps(self), false)
    }

    /// From the greatest to the least.
    pub fn desc<Sc>(self) -> Order<Sc> {
        Order::new(IntoExpr::<O::Type, Sc>::into_steps(self), true)
    }
}

/// What `.order_by(..)` takes: a term, a column or an expression (ascending), a `Vec` of terms, or a tuple of any of these,
/// nested where there are many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order for this query",
    label = "expected a column, `.asc()`, `.desc()`, or a tuple of them",
    note = "write `.order_by(|u| (u.name.asc(), u.id.desc()))`"
)]
pub trait Ordering<Sc> {
    /// Adds the terms to `terms`.
    fn append(self, terms: &mut Vec<OrderTerm>);
}

impl<Sc> Ordering<Sc> for Order<Sc> {
    fn append(self, terms: &mut Vec<OrderTerm>) {
        terms.push(self.term);
    }
}

impl<Sc, O: Ordering<Sc>> Ordering<Sc> for Vec<O> {
    fn append(self, terms: &mut Vec<OrderTerm>) {
        self.into_iter().for_each(|order| order.append(terms));
    }
}

impl<Sc, O: Ordering<Sc>> Ordering<Sc> for Option<O> {
    fn append(self, terms: &mut Vec<OrderTerm>) {
        self.into_iter().for_each(|order| order.append(terms));
    }
}

impl<Sc, T: DbType, N: Nullability> Ordering<Sc> for Column<Sc, T, N> {
    fn append(self, terms: &mut Vec<OrderTerm>) {
        self.asc().append(terms);
    }
}

impl<Sc, T: DbType, N: Nullability> Ordering<Sc> for Expr<Sc, T, N> {
    fn append(self, terms: &mut Vec<OrderTerm>) {
        self.asc().append(terms);
    }
}

impl<Sc> Ordering<Sc> for Condition<Sc> {
    fn append(self, terms: &mut Vec<OrderTerm>) {
        Order::<Sc>::new(self.into_steps(), false).append(terms);
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Sc, $($name: Ordering<Sc>),*> Ordering<Sc> for ($($name,)*) {
            fn append(self, terms: &mut Vec<OrderTerm>) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(terms);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

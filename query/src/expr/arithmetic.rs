//! Arithmetic, casts and COALESCE.

use super::column::{Term, binary, for_terms};
use super::{Column, Expr, IntoExpr, Null, Nullability};
use crate::query::ast::{BinaryOperator, Function, Step, UnaryOperator};
use crate::value::DbType;
use rust_decimal::Decimal;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// A type with arithmetic: integers, floats and decimals.
///
/// Both operands have the same type; `.cast::<T>()` changes one. Integers divide as in Rust, without a remainder.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no arithmetic in a query",
    label = "not a number",
    note = "numbers are i16, i32, i64, f32, f64 and Decimal"
)]
pub trait Number: DbType {}

macro_rules! numbers {
    ($($number:ty),*) => { $(impl Number for $number {})* };
}
numbers!(i16, i32, i64, f32, f64, Decimal);

macro_rules! operators {
    ($term:ident: $($trait:ident $method:ident $operator:ident),*) => {$(
        impl<Sc, T: Number, N: Nullability, R: IntoExpr<T, Sc>> $trait<R> for $term<Sc, T, N> {
            type Output = Expr<Sc, T, <R::N as Nullability>::Or<N>>;

            fn $method(self, other: R) -> Self::Output {
                let operator = Step::Binary(BinaryOperator::$operator(T::DATA_TYPE));
                Expr::new(binary(self.steps(), other.into_steps(), operator))
            }
        }
    )*};
}
operators!(Column: Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide, Rem rem Remainder);
operators!(Expr: Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide, Rem rem Remainder);

macro_rules! negations {
    ($($term:ident)*) => {$(
        impl<Sc, T: Number, N: Nullability> Neg for $term<Sc, T, N> {
            type Output = Expr<Sc, T, N>;

            fn neg(self) -> Self::Output {
                let mut steps = self.steps();
                steps.push(Step::Unary(UnaryOperator::Negate));
                Expr::new(steps)
            }
        }
    )*};
}
negations!(Column Expr);

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// This, or `other` where it is NULL.
        pub fn coalesce<R: IntoExpr<T, Sc>>(self, other: R) -> Expr<Sc, T, R::N> {
            Expr::new(binary(self.steps(), other.into_steps(), Step::Function(Function::Coalesce, 2)))
        }

        /// The same expression, typed as one that may be NULL: it selects as an `Option`.
        pub fn nullable(self) -> Expr<Sc, T, Null> {
            Expr::new(self.steps())
        }

        /// This as another type, by the store's own conversion (SQL's CAST).
        pub fn cast<U: DbType>(self) -> Expr<Sc, U, N> {
            let mut steps = self.steps();
            steps.push(Step::Cast(U::DATA_TYPE));
            Expr::new(steps)
        }
    }
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// Its distance from zero.
        pub fn abs(self) -> Expr<Sc, T, N>
        where
            T: Number,
        {
            let mut steps = self.steps();
            steps.push(Step::Function(Function::Abs, 1));
            Expr::new(steps)
        }
    }
}

/// The first of two expressions that is not NULL.
pub fn coalesce<Sc, T, N, L, R>(first: L, second: R) -> Expr<Sc, T, R::N>
where
    T: DbType,
    N: Nullability,
    L: Into<Expr<Sc, T, N>>,
    R: IntoExpr<T, Sc>,
{
    first.into().coalesce(second)
}

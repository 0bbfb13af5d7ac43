//! AND, OR and NOT.

use super::column::Term;
use super::{Column, Condition, Expr, IntoExpr, Nullability};
use crate::query::ast::{BinaryOperator, Expression, Step, UnaryOperator};
use std::ops::{BitAnd, BitOr, Not};

pub(super) fn joined(mut left: Expression, mut right: Expression, operator: BinaryOperator) -> Expression {
    left.append(&mut right);
    left.push(Step::Binary(operator));
    left
}

pub(super) fn negated(mut steps: Expression) -> Expression {
    steps.push(Step::Unary(UnaryOperator::Not));
    steps
}

macro_rules! logic {
    ($($term:ident)*) => {$(
        impl<Sc, N: Nullability> $term<Sc, bool, N> {
            /// Both hold. The operator `&` does the same.
            pub fn and<R: IntoExpr<bool, Sc>>(self, other: R) -> Expr<Sc, bool, <R::N as Nullability>::Or<N>> {
                Expr::new(joined(self.steps(), other.into_steps(), BinaryOperator::And))
            }

            /// At least one holds. The operator `|` does the same.
            pub fn or<R: IntoExpr<bool, Sc>>(self, other: R) -> Expr<Sc, bool, <R::N as Nullability>::Or<N>> {
                Expr::new(joined(self.steps(), other.into_steps(), BinaryOperator::Or))
            }
        }

        impl<Sc, N: Nullability, R: IntoExpr<bool, Sc>> BitAnd<R> for $term<Sc, bool, N> {
            type Output = Expr<Sc, bool, <R::N as Nullability>::Or<N>>;

            fn bitand(self, other: R) -> Self::Output {
                self.and(other)
            }
        }

        impl<Sc, N: Nullability, R: IntoExpr<bool, Sc>> BitOr<R> for $term<Sc, bool, N> {
            type Output = Expr<Sc, bool, <R::N as Nullability>::Or<N>>;

            fn bitor(self, other: R) -> Self::Output {
                self.or(other)
            }
        }

        /// It does not hold. NOT of an unknown (NULL) condition is unknown too.
        impl<Sc, N: Nullability> Not for $term<Sc, bool, N> {
            type Output = Expr<Sc, bool, N>;

            fn not(self) -> Self::Output {
                Expr::new(negated(self.steps()))
            }
        }
    )*};
}

logic!(Column Expr);

impl<Sc> Condition<Sc> {
    /// Both hold. The operator `&` does the same.
    pub fn and(self, other: impl IntoExpr<bool, Sc>) -> Self {
        Condition::from_steps(joined(self.into_steps(), other.into_steps(), BinaryOperator::And))
    }

    /// At least one holds. The operator `|` does the same.
    pub fn or(self, other: impl IntoExpr<bool, Sc>) -> Self {
        Condition::from_steps(joined(self.into_steps(), other.into_steps(), BinaryOperator::Or))
    }
}

impl<Sc, R: IntoExpr<bool, Sc>> BitAnd<R> for Condition<Sc> {
    type Output = Condition<Sc>;

    fn bitand(self, other: R) -> Self::Output {
        self.and(other)
    }
}

impl<Sc, R: IntoExpr<bool, Sc>> BitOr<R> for Condition<Sc> {
    type Output = Condition<Sc>;

    fn bitor(self, other: R) -> Self::Output {
        self.or(other)
    }
}

impl<Sc> Not for Condition<Sc> {
    type Output = Condition<Sc>;

    fn not(self) -> Self::Output {
        Condition::from_steps(negated(self.into_steps()))
    }
}

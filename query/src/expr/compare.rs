//! Comparisons, NULL tests and ranges.

use super::column::{Term, binary, for_terms, has_redacted, redact};
use super::{Expr, IntoExpr, IntoValue, NotNull, Nullability};
use crate::query::IntoSelect;
use crate::query::ast::{BinaryOperator, Expression, Select, Step, UnaryOperator};
use crate::value::{DataType, DbType, Value};

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $operator:ident;)*) => {
        for_terms! {
            impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
                $($(#[$doc])*
                pub fn $name<R: IntoExpr<T, Sc>>(self, other: R) -> Expr<Sc, bool, <R::N as Nullability>::Or<N>> {
                    Expr::new(binary(self.steps(), other.into_steps(), Step::Binary(BinaryOperator::$operator)))
                })*
            }
        }
    };
}

comparisons! {
    /// `self = other`.
    eq Equal;
    /// `self <> other`. False for no row where either is NULL.
    ne NotEqual;
    /// `self < other`.
    lt Less;
    /// `self <= other`.
    lte LessOrEqual;
    /// `self > other`.
    gt Greater;
    /// `self >= other`.
    gte GreaterOrEqual;
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// Whether it is NULL.
        pub fn is_null(self) -> Expr<Sc, bool, NotNull> {
            let mut steps = self.steps();
            steps.push(Step::Unary(UnaryOperator::IsNull));
            Expr::new(steps)
        }

        /// Whether it is not NULL.
        pub fn is_not_null(self) -> Expr<Sc, bool, NotNull> {
            let mut steps = self.steps();
            steps.push(Step::Unary(UnaryOperator::IsNotNull));
            Expr::new(steps)
        }

        /// Equal, or both NULL: `None` finds the rows where it is NULL.
        pub fn is_not_distinct_from(self, other: impl IntoNullable<T, Sc>) -> Expr<Sc, bool, NotNull> {
            Expr::new(binary(self.steps(), other.into_steps(), Step::Binary(BinaryOperator::IsNotDistinctFrom)))
        }

        /// Not equal, or NULL on one side only.
        pub fn is_distinct_from(self, other: impl IntoNullable<T, Sc>) -> Expr<Sc, bool, NotNull> {
            Expr::new(binary(self.steps(), other.into_steps(), Step::Binary(BinaryOperator::IsDistinctFrom)))
        }

        /// `low <= self AND self <= high`.
        pub fn between<L, H>(self, low: L, high: H) -> Expr<Sc, bool, <<H::N as Nullability>::Or<L::N> as Nullability>::Or<N>>
        where
            L: IntoExpr<T, Sc>,
            H: IntoExpr<T, Sc>,
        {
            Expr::new(range(self.steps(), low.into_steps(), high.into_steps(), false))
        }

        /// Not between `low` and `high`.
        pub fn not_between<L, H>(self, low: L, high: H) -> Expr<Sc, bool, <<H::N as Nullability>::Or<L::N> as Nullability>::Or<N>>
        where
            L: IntoExpr<T, Sc>,
            H: IntoExpr<T, Sc>,
        {
            Expr::new(range(self.steps(), low.into_steps(), high.into_steps(), true))
        }

        /// Whether it is one of `values`. One statement serves lists of every length; an empty one holds for no row.
        pub fn in_<I>(self, values: I) -> Expr<Sc, bool, N>
        where
            I: IntoIterator,
            I::Item: IntoValue<T>,
        {
            Expr::new(among::<T>(self.steps(), values.into_iter().map(IntoValue::into_value).collect(), false))
        }

        /// Whether it is none of `values`; an empty list holds for every row.
        pub fn not_in<I>(self, values: I) -> Expr<Sc, bool, N>
        where
            I: IntoIterator,
            I::Item: IntoValue<T>,
        {
            Expr::new(among::<T>(self.steps(), values.into_iter().map(IntoValue::into_value).collect(), true))
        }

        /// Whether it is among the values of a query that selects one column.
        ///
        /// NULLs in the query are left out, so that a missing value never makes the test unknown.
        pub fn in_query<Q: IntoSelect<T, Sc>>(self, query: Q) -> Expr<Sc, bool, N> {
            Expr::new(in_query(self.steps(), query.into_select(), false))
        }

        /// Whether it is not among the values of a query that selects one column; NULLs in the query are left out.
        pub fn not_in_query<Q: IntoSelect<T, Sc>>(self, query: Q) -> Expr<Sc, bool, N> {
            Expr::new(in_query(self.steps(), query.into_select(), true))
        }
    }
}

fn range(mut operand: Expression, mut low: Expression, mut high: Expression, negated: bool) -> Expression {
    if [&operand, &low, &high].into_iter().any(has_redacted) {
        [&mut operand, &mut low, &mut high].into_iter().for_each(redact);
    }
    operand.append(&mut low);
    operand.append(&mut high);
    operand.push(Step::Between(negated));
    operand
}

fn among<T: DbType>(mut steps: Expression, values: Vec<Value>, negated: bool) -> Expression {
    let redact = has_redacted(&steps);
    steps.push(Step::In { item: &T::DATA_TYPE, values, negated, redact });
    steps
}

fn in_query(mut steps: Expression, select: Select, negated: bool) -> Expression {
    steps.push(Step::InQuery(Box::new(select), negated));
    steps
}

/// What [`is_not_distinct_from`](Expr::is_not_distinct_from) takes: any [`IntoExpr`], or an Option of a value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a `{T}` or NULL here",
    label = "expected a `{T}`, an `Option<{T}>`, or a column or expression of that type"
)]
pub trait IntoNullable<T, Sc> {
    /// The plain form.
    fn into_steps(self) -> Expression;
}

impl<T: DbType, Sc> IntoNullable<T, Sc> for Option<T> {
    fn into_steps(self) -> Expression {
        super::into_expr::value(self.map_or(Value::Null(T::DATA_TYPE), T::into_value))
    }
}

impl<Sc> IntoNullable<String, Sc> for Option<&str> {
    fn into_steps(self) -> Expression {
        super::into_expr::value(self.map_or(Value::Null(DataType::Text), |text| Value::Text(text.to_owned())))
    }
}

impl<T: DbType, Sc> IntoNullable<T, Sc> for T {
    fn into_steps(self) -> Expression {
        super::into_expr::value(self.into_value())
    }
}

impl<Sc> IntoNullable<String, Sc> for &str {
    fn into_steps(self) -> Expression {
        super::into_expr::value(Value::Text(self.to_owned()))
    }
}

impl<T, Sc, N: Nullability> IntoNullable<T, Sc> for super::Column<Sc, T, N> {
    fn into_steps(self) -> Expression {
        self.steps()
    }
}

impl<T, Sc, N: Nullability> IntoNullable<T, Sc> for Expr<Sc, T, N> {
    fn into_steps(self) -> Expression {
        self.steps()
    }
}

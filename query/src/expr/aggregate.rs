//! Aggregates over the rows of a query or of a group.

use super::column::{Term, for_terms};
use super::{Expr, IntoCondition, NotNull, Null, Nullability};
use crate::query::ast::{Aggregate, Step};
use crate::value::{DataType, DbType};
use rust_decimal::Decimal;

/// A type that can be summed: the sum of `i16` and `i32` is an `i64`, of `i64` a `Decimal`, else of the same type.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be summed", label = "not a number")]
pub trait Summable<Sum>: DbType {}

/// A type that has an average: of a `Decimal` it is a `Decimal`, else an `f64`.
#[diagnostic::on_unimplemented(message = "`{Self}` has no average", label = "not a number")]
pub trait Averageable<Average>: DbType {}

macro_rules! numbers {
    ($($number:ty => $sum:ty, $average:ty;)*) => {$(
        impl Summable<$sum> for $number {}
        impl Averageable<$average> for $number {}
    )*};
}
numbers! {
    i16 => i64, f64;
    i32 => i64, f64;
    i64 => Decimal, f64;
    f32 => f32, f64;
    f64 => f64, f64;
    Decimal => Decimal, Decimal;
}

fn aggregate<Sc, T, U: DbType, N, M>(term: impl Term<Sc, T, N>, function: Aggregate, distinct: bool) -> Expr<Sc, U, M>
where
    T: DbType,
{
    let mut steps = term.steps();
    steps.push(Step::Aggregate { function, distinct, filter: false, operand: T::DATA_TYPE, result: U::DATA_TYPE });
    Expr::new(steps)
}

/// How many rows there are.
pub fn count<Sc>() -> Expr<Sc, i64, NotNull> {
    let result = DataType::I64;
    let step = Step::Aggregate { function: Aggregate::Count, distinct: false, filter: false, operand: result, result };
    Expr::new(vec![Step::Star, step])
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// In how many rows it is not NULL.
        pub fn count(self) -> Expr<Sc, i64, NotNull> {
            aggregate(self, Aggregate::Count, false)
        }

        /// How many different values it has.
        pub fn count_distinct(self) -> Expr<Sc, i64, NotNull> {
            aggregate(self, Aggregate::Count, true)
        }

        /// The least value; NULL if there is none.
        pub fn min(self) -> Expr<Sc, T, Null> {
            aggregate(self, Aggregate::Min, false)
        }

        /// The greatest value; NULL if there is none.
        pub fn max(self) -> Expr<Sc, T, Null> {
            aggregate(self, Aggregate::Max, false)
        }
    }
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// The sum; NULL if there is no value.
        pub fn sum<S: DbType>(self) -> Expr<Sc, S, Null>
        where
            T: Summable<S>,
        {
            aggregate(self, Aggregate::Sum, false)
        }

        /// The sum of the different values; NULL if there is none.
        pub fn sum_distinct<S: DbType>(self) -> Expr<Sc, S, Null>
        where
            T: Summable<S>,
        {
            aggregate(self, Aggregate::Sum, true)
        }
    }
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// The average; NULL if there is no value.
        pub fn avg<A: DbType>(self) -> Expr<Sc, A, Null>
        where
            T: Averageable<A>,
        {
            aggregate(self, Aggregate::Average, false)
        }
    }
}

impl<Sc, T: DbType, N: Nullability> Expr<Sc, T, N> {
    /// The aggregate over the rows for which `condition` holds, the others left out.
    ///
    /// Anything but an aggregate is an [`Error::Query`](crate::error::Error::Query) when the query runs.
    pub fn filter(self, condition: impl IntoCondition<Sc>) -> Self {
        let mut steps = self.into_steps();
        match steps.pop() {
            Some(Step::Aggregate { function, distinct, filter: false, operand, result }) => {
                steps.append(&mut condition.into_condition().into_steps());
                steps.push(Step::Aggregate { function, distinct, filter: true, operand, result });
            }
            other => {
                steps.extend(other);
                steps.push(Step::Invalid(
                    "`.filter(..)` on an expression needs an aggregate right before it: `u.age.sum().filter(u.active)`",
                ));
            }
        }
        Expr::new(steps)
    }
}

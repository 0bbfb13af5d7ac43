//! To-many associations as expressions: correlated subqueries.

use super::Many;
use super::steps::{join_back, reached};
use crate::error::QueryError;
use crate::expr::{
    Averageable, Condition, Expr, IntoCondition, NotNull, Null, Nullability, Summable, TypedExpr, count, enter, exists,
    not_exists, shift_select,
};
use crate::query::ast::{Binding, Expression, OutputColumn, Select, Source, Step};
use crate::query::paths::{hop_condition, moved};
use crate::query::{Query, Selected, Selection, Sub};
use crate::schema::{Hop, Schema};
use crate::value::DbType;

impl<Sc: 'static, T: Schema, O: Schema, Out> Many<Sc, T, O, Out> {
    /// Whether there is a row for which the condition holds.
    pub fn any<C: IntoCondition<Sub<Sc, T>>>(
        self,
        condition: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> C,
    ) -> Expr<Sc, bool, NotNull> {
        self.filter(condition).exists()
    }

    /// Whether there is no row for which the condition holds.
    pub fn none<C: IntoCondition<Sub<Sc, T>>>(
        self,
        condition: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> C,
    ) -> Expr<Sc, bool, NotNull> {
        not_exists(self.filter(condition).correlated())
    }

    /// Whether the condition holds for every row; true if there are none. A condition that is NULL does not hold.
    pub fn all<C: IntoCondition<Sub<Sc, T>>>(
        self,
        condition: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> C,
    ) -> Expr<Sc, bool, NotNull> {
        self.none(|columns| !Condition::or_false(condition(columns).into_condition()))
    }

    /// Whether there is a row.
    pub fn exists(self) -> Expr<Sc, bool, NotNull> {
        exists(self.correlated())
    }

    /// How many rows there are.
    pub fn count(self) -> Expr<Sc, i64, NotNull> {
        self.scalar(|_| count())
    }

    /// The sum of an expression over the rows; NULL if there is no value.
    pub fn sum<E, S: DbType>(self, of: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> E) -> Expr<Sc, S, Null>
    where
        E: TypedExpr<Sub<Sc, T>>,
        E::Type: Summable<S>,
    {
        self.scalar(|columns| of(columns).into_expr().sum::<S>())
    }

    /// The average of an expression over the rows; NULL if there is no value.
    pub fn avg<E, A: DbType>(self, of: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> E) -> Expr<Sc, A, Null>
    where
        E: TypedExpr<Sub<Sc, T>>,
        E::Type: Averageable<A>,
    {
        self.scalar(|columns| of(columns).into_expr().avg::<A>())
    }

    /// The least value of an expression over the rows; NULL if there is none.
    pub fn min<E>(self, of: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> E) -> Expr<Sc, E::Type, Null>
    where
        E: TypedExpr<Sub<Sc, T>>,
    {
        self.scalar(|columns| of(columns).into_expr().min())
    }

    /// The greatest value of an expression over the rows; NULL if there is none.
    pub fn max<E>(self, of: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> E) -> Expr<Sc, E::Type, Null>
    where
        E: TypedExpr<Sub<Sc, T>>,
    {
        self.scalar(|columns| of(columns).into_expr().max())
    }

    /// An aggregate over the rows, as a subquery.
    fn scalar<V, N: Nullability>(
        self,
        aggregate: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> Expr<Sub<Sc, T>, V, N>,
    ) -> Expr<Sc, V, N>
    where
        Expr<Sub<Sc, T>, V, N>: Selection<Sub<Sc, T>>,
    {
        let mut query = self.correlated();
        let mut selected = Selected::default();
        query.build::<Sub<Sc, T>, _>(|columns| aggregate(columns).append(&mut selected));
        let mut select = query.into_select_any();
        if select.limit.is_some() || select.offset.is_some() {
            // The rows that are left are aggregated.
            select.columns = vec![OutputColumn::Row(Binding::of(0, 0), T::META)];
            shift_select(&mut select, 1, 1);
            select = Select::new(Source::Subquery(Box::new(select)));
        } else {
            select.order_by.clear();
        }
        select.columns = selected.columns;
        Expr::new(vec![Step::Scalar(Box::new(select))])
    }

    /// The query for the rows that belong to the owner as the closure that is running sees it.
    fn correlated(self) -> Query<Sub<Sc, T>, Out> {
        let hops = self.link.hops();
        let repeats = self.link.repeats(&hops);
        let (owner, deeper) = enter(|_| (self.owner.binding(), enter(|_| self.owner.binding())));
        let mut query = self.query;
        query.settle();
        if self.repo.is_some() || self.function.is_some() {
            query.refuse("rows from elsewhere cannot be part of this statement: preload them");
        }
        if let Err(problem) = correlate(query.select_mut(), &hops, repeats, owner, deeper) {
            query.refuse_with(problem);
        }
        query
    }
}

/// Ties a query for the last table of `hops` to its owner; `deeper` is the owner as one query further in sees it.
fn correlate(
    select: &mut Select,
    hops: &[Hop],
    repeats: bool,
    owner: Binding,
    deeper: Binding,
) -> Result<(), QueryError> {
    let Some(first) = hops.first() else { return Ok(()) };
    if repeats {
        if let Some(between) = reached(hops) {
            let mut between = between?;
            let place = first_place(&between);
            between.filter.push(hop_condition(first, deeper, place));
            select.filter.insert(0, vec![Step::Exists(Box::new(between), false)]);
            let filters = hops.last().map(|last| last.filters.as_slice()).unwrap_or_default();
            let own = filters.iter().map(|filter| moved(filter(), Binding::of(0, 0)));
            select.filter.splice(1..1, own.collect::<Vec<Expression>>());
        }
        return Ok(());
    }
    let place = join_back(select, hops)?;
    select.filter.insert(0, hop_condition(first, owner, place));
    Ok(())
}

/// The source with the owner's key, in the query for the tables between.
pub(super) fn first_place(between: &Select) -> Binding {
    match between.implied.len().checked_sub(1).and_then(|last| u8::try_from(last).ok()) {
        None => Binding::of(0, 0),
        Some(last) => Binding::of(0, Binding::IMPLIED + last),
    }
}

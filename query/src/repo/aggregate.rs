//! Counting, testing and aggregating the rows of a query.

use super::{Repo, RepoFuture};
use crate::error::{Error, QueryError};
use crate::expr::count;
use crate::query::ast::{Operation, OutputColumn, Select, Source, Step};
use crate::query::subquery::whole_row;
use crate::query::{IntoQuery, Query, Scope, Selected, Selection};
use crate::value::Value;
use std::panic::Location;

impl Repo {
    /// How many rows a query gives, its limit, offset and `distinct` included.
    ///
    /// # Errors
    ///
    /// As [`all`](Repo::all).
    #[track_caller]
    pub fn count<Q: IntoQuery>(&self, query: Q) -> RepoFuture<u64> {
        let (repo, query, location) = (self.clone(), query.into_query().roots(), Location::caller());
        RepoFuture::new(location, async move {
            let mut select = query.into_select()?;
            let grouped = !select.group_by.is_empty() || !select.having.is_empty() || aggregates(&select.columns);
            let mut counted = if grouped || is_cut(&select) {
                Select::new(Source::Subquery(Box::new(select)))
            } else {
                select.order_by.clear();
                select
            };
            let mut selected = Selected::default();
            Selection::<()>::append(count(), &mut selected);
            counted.columns = selected.columns;
            let counts: Vec<i64> = repo.collect(Operation::Select(counted), |row| row.required(), location).await?;
            Ok(counts.first().copied().unwrap_or_default().unsigned_abs())
        })
    }

    /// Whether a query gives a row.
    ///
    /// # Errors
    ///
    /// As [`all`](Repo::all).
    #[track_caller]
    pub fn exists<Q: IntoQuery>(&self, query: Q) -> RepoFuture<bool> {
        let (repo, query, location) = (self.clone(), query.into_query(), Location::caller());
        RepoFuture::new(location, async move { repo.has_row(query, location).await })
    }

    /// Whether a query gives a row.
    pub(crate) async fn has_row<Sc: Scope, Out: Send + 'static>(
        &self,
        query: Query<Sc, Out>,
        location: &'static Location<'static>,
    ) -> Result<bool, Error> {
        let mut select = query.roots().into_select()?;
        // An offset passes over rows that DISTINCT has left, which the columns decide.
        let counts_distinct = select.distinct && select.offset.is_some();
        if !counts_distinct && !aggregates(&select.columns) {
            let one = vec![Step::Literal(Value::I32(1))];
            select.columns = vec![OutputColumn::Expression { expression: one, alias: None }];
        }
        if select.limit.is_none() {
            select.limit = Some(1);
        }
        select.order_by.clear();
        select.distinct = counts_distinct;
        let rows = self.collect(Operation::Select(select), |_| Ok(()), location).await?;
        Ok(!rows.is_empty())
    }

    /// An aggregate over the rows of a query, its limit, offset and `distinct` included.
    ///
    /// The query's own order is left out unless a limit needs it.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] if the query has groups, or the closure gives no aggregate; else as [`all`](Repo::all).
    #[track_caller]
    pub fn aggregate<Q: IntoQuery, A: Selection<Q::Scope>>(
        &self,
        query: Q,
        aggregate: impl FnOnce(<Q::Scope as Scope>::Bindings) -> A,
    ) -> RepoFuture<A::Out> {
        let (repo, mut query, location) = (self.clone(), query.into_query().without_preloads(), Location::caller());
        let mut selected = Selected::default();
        query.build::<Q::Scope, _>(|bindings| aggregate(bindings).append(&mut selected));
        RepoFuture::new(location, async move {
            let select = aggregated(query, selected.columns)?;
            let mut rows = repo.collect(Operation::Select(select), A::decode, location).await?;
            rows.pop().ok_or_else(|| QueryError::new("the aggregate gave no row").into())
        })
    }
}

fn aggregated<Sc: Scope, Out>(query: Query<Sc, Out>, columns: Vec<OutputColumn>) -> Result<Select, Error> {
    let mut select = query.into_open_select()?;
    if !select.group_by.is_empty() {
        return Err(QueryError::new(
            "repo.aggregate(..) gives one value, but the query has groups: use .select(..) with the aggregate and repo.all",
        )
        .into());
    }
    if !aggregates(&columns) {
        return Err(QueryError::new("repo.aggregate(..) needs an aggregate: `|u| u.age.avg()`").into());
    }
    let mut outer = if is_cut(&select) {
        if !select.joins.is_empty() {
            return Err(QueryError::new(
                "repo.aggregate(..) cannot cut joined rows with a limit, an offset or distinct: aggregate without them",
            )
            .into());
        }
        if !select.distinct {
            select.columns = whole_row::<Sc::Root>(&select);
            select.give_unloaded();
        }
        if select.limit.is_none() && select.offset.is_none() {
            select.order_by.clear();
        }
        Select::new(Source::Subquery(Box::new(select)))
    } else {
        select.order_by.clear();
        select
    };
    outer.columns = columns;
    outer.with_joins().map_err(|message| QueryError::new(message).into())
}

/// Whether the rows are fewer than the filters let through.
fn is_cut(select: &Select) -> bool {
    select.distinct || select.limit.is_some() || select.offset.is_some()
}

fn aggregates(columns: &[OutputColumn]) -> bool {
    columns.iter().any(|column| match column {
        OutputColumn::Expression { expression, .. } => {
            // Raw SQL may hold an aggregate.
            expression.iter().any(|step| matches!(step, Step::Aggregate { .. } | Step::Fragment(..)))
        }
        OutputColumn::Row(..) => false,
    })
}

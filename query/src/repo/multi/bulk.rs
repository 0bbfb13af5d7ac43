//! Steps that write many rows.

use super::done::{Step, given};
use super::step::StepKind;
use super::{Done, Multi};
use crate::changeset::Assignments;
use crate::query::{IntoQuery, Scope};
use crate::repo::IntoRows;
use std::fmt::Display;
use std::future::IntoFuture;
use std::panic::Location;

impl Multi {
    /// Inserts many rows. It gives their number; for a conflict clause or what the rows became, use [`run`](Multi::run).
    #[track_caller]
    pub fn insert_all<R: IntoRows>(&mut self, name: impl Display, rows: R) -> Step<u64> {
        let rows = rows.into_rows();
        self.insert_all_with(name, move |_| rows)
    }

    /// The same, of rows that a function makes of what is done so far.
    #[track_caller]
    pub fn insert_all_with<R: IntoRows>(
        &mut self,
        name: impl Display,
        rows: impl FnOnce(&Done) -> R + Send + 'static,
    ) -> Step<u64> {
        let location = Location::caller();
        self.work(name, StepKind::InsertAll, location, move |repo, done| {
            let inserted = repo.insert_all(rows(done)).at(location).into_future();
            Box::pin(async move { inserted.await.map(given) })
        })
    }

    /// Updates all rows of a query. It gives their number.
    ///
    /// ```
    /// # use peristyle_query::{expr::{Column, NotNull}, repo::Multi, schema::Schema};
    /// # fn example<Post: Schema>(age: fn(Post::Columns<Post, NotNull>) -> Column<Post, i32, NotNull>) {
    /// let mut multi = Multi::new();
    /// multi.update_all("a year older", Post::query(), move |p| age(p).set(age(p) + 1));
    /// # }
    /// ```
    #[track_caller]
    pub fn update_all<Q, A>(
        &mut self,
        name: impl Display,
        query: Q,
        assignments: impl FnOnce(<Q::Scope as Scope>::Bindings) -> A + Send + 'static,
    ) -> Step<u64>
    where
        Q: IntoQuery,
        A: Assignments<Q::Scope>,
    {
        let (query, location) = (query.into_query(), Location::caller());
        self.work(name, StepKind::UpdateAll, location, move |repo, _| {
            let updated = repo.update_all(query, assignments).at(location).into_future();
            Box::pin(async move { updated.await.map(given) })
        })
    }

    /// The same, of a query that a function makes of what is done so far, which the assignments receive too.
    #[track_caller]
    pub fn update_all_with<Q, A>(
        &mut self,
        name: impl Display,
        query: impl FnOnce(&Done) -> Q + Send + 'static,
        assignments: impl FnOnce(<Q::Scope as Scope>::Bindings, &Done) -> A + Send + 'static,
    ) -> Step<u64>
    where
        Q: IntoQuery,
        A: Assignments<Q::Scope>,
    {
        let location = Location::caller();
        self.work(name, StepKind::UpdateAll, location, move |repo, done| {
            let updated = repo.update_all(query(done), |columns| assignments(columns, done)).at(location).into_future();
            Box::pin(async move { updated.await.map(given) })
        })
    }

    /// Deletes all rows of a query. It gives their number.
    #[track_caller]
    pub fn delete_all<Q: IntoQuery>(&mut self, name: impl Display, query: Q) -> Step<u64> {
        let query = query.into_query();
        self.delete_all_with(name, move |_| query)
    }

    /// The same, of a query that a function makes of what is done so far.
    #[track_caller]
    pub fn delete_all_with<Q: IntoQuery>(
        &mut self,
        name: impl Display,
        query: impl FnOnce(&Done) -> Q + Send + 'static,
    ) -> Step<u64> {
        let location = Location::caller();
        self.work(name, StepKind::DeleteAll, location, move |repo, done| {
            let deleted = repo.delete_all(query(done)).at(location).into_future();
            Box::pin(async move { deleted.await.map(given) })
        })
    }
}

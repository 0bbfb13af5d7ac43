//! Steps that read.

use super::done::{Step, given};
use super::step::StepKind;
use super::{Done, Multi};
use crate::query::IntoQuery;
use std::fmt::Display;
use std::panic::Location;

impl Multi {
    /// Reads all rows of a query.
    #[track_caller]
    pub fn all<Q: IntoQuery>(&mut self, name: impl Display, query: Q) -> Step<Vec<Q::Out>>
    where
        Q::Out: Sync,
    {
        let query = query.into_query();
        self.all_with(name, move |_| query)
    }

    /// The same, of a query that a function makes of what is done so far.
    #[track_caller]
    pub fn all_with<Q: IntoQuery>(
        &mut self,
        name: impl Display,
        query: impl FnOnce(&Done) -> Q + Send + 'static,
    ) -> Step<Vec<Q::Out>>
    where
        Q::Out: Sync,
    {
        let location = Location::caller();
        self.work(name, StepKind::All, location, move |repo, done| {
            let query = query(done).into_query();
            Box::pin(async move { repo.read(query, location).await.map(given) })
        })
    }

    /// Reads the one row of a query, or `None`.
    #[track_caller]
    pub fn one<Q: IntoQuery>(&mut self, name: impl Display, query: Q) -> Step<Option<Q::Out>>
    where
        Q::Out: Sync,
    {
        let query = query.into_query();
        self.one_with(name, move |_| query)
    }

    /// The same, of a query that a function makes of what is done so far.
    #[track_caller]
    pub fn one_with<Q: IntoQuery>(
        &mut self,
        name: impl Display,
        query: impl FnOnce(&Done) -> Q + Send + 'static,
    ) -> Step<Option<Q::Out>>
    where
        Q::Out: Sync,
    {
        let location = Location::caller();
        self.work(name, StepKind::One, location, move |repo, done| {
            let query = query(done).into_query();
            Box::pin(async move { repo.read_one(query, location).await.map(given) })
        })
    }

    /// Whether a query gives a row.
    #[track_caller]
    pub fn exists<Q: IntoQuery>(&mut self, name: impl Display, query: Q) -> Step<bool> {
        let query = query.into_query();
        self.exists_with(name, move |_| query)
    }

    /// The same, of a query that a function makes of what is done so far.
    #[track_caller]
    pub fn exists_with<Q: IntoQuery>(
        &mut self,
        name: impl Display,
        query: impl FnOnce(&Done) -> Q + Send + 'static,
    ) -> Step<bool> {
        let location = Location::caller();
        self.work(name, StepKind::Exists, location, move |repo, done| {
            let query = query(done).into_query();
            Box::pin(async move { repo.has_row(query, location).await.map(given) })
        })
    }
}

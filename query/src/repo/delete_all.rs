//! Deleting all rows of a query.

use super::returning::{Counted, Gives, Returned};
use super::{Repo, RepoFuture};
use crate::error::{Error, QueryError};
use crate::expr::NotNull;
use crate::query::ast::{Delete, Operation, Select};
use crate::query::written::{DELETE_ALL, Written, written};
use crate::query::{IntoOperation, IntoQuery, Scope, Selection};
use crate::schema::Record;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::panic::Location;

/// A delete of all rows of a query; awaiting it runs it.
#[must_use = "nothing is deleted until it is awaited"]
pub struct DeleteAll<S, G = Counted> {
    repo: Repo,
    query: Result<Select, QueryError>,
    gives: G,
    location: &'static Location<'static>,
    schema: PhantomData<fn() -> S>,
}

impl Repo {
    /// Deletes all rows of a query with one statement, and gives their number.
    ///
    /// ```text
    /// let gone: Vec<i64> = repo.delete_all(User::query().filter(|u| u.age.lt(18))).returning(|u| u.id).await?;
    /// ```
    ///
    /// What an association's `on_delete` asks of `repo.delete` is not done; what the foreign keys of the database say is.
    ///
    /// # Parameters
    ///
    /// `query` says which rows; its order counts with a limit alone, and what it selects or preloads does not.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a query with groups; else as [`delete`](Repo::delete).
    #[track_caller]
    pub fn delete_all<Q: IntoQuery>(&self, query: Q) -> DeleteAll<<Q::Scope as Scope>::Root> {
        DeleteAll {
            repo: self.clone(),
            query: query.into_query().without_preloads().into_open_select(),
            gives: Counted::NEW,
            location: Location::caller(),
            schema: PhantomData,
        }
    }
}

impl<S: Record> DeleteAll<S> {
    /// Gives a selection of each deleted row, as it was, instead of their number: columns, expressions, tuples, the whole row
    /// or a projection.
    pub fn returning<P: Selection<S>>(
        self,
        selection: impl FnOnce(S::Columns<S, NotNull>) -> P,
    ) -> DeleteAll<S, Returned<P::Out>> {
        let DeleteAll { repo, query, location, schema, .. } = self;
        DeleteAll { repo, query, gives: Returned::of::<S, P>(selection), location, schema }
    }
}

impl<S, G: Gives> DeleteAll<S, G> {
    /// Says that the call is at another line.
    pub(super) fn at(mut self, location: &'static Location<'static>) -> Self {
        self.location = location;
        self
    }

    fn operation(&self) -> Result<Operation, QueryError> {
        let written = written(DELETE_ALL, self.query.clone()?, Vec::new())?;
        let Written { schema, prefix, filter, allow_filtering, .. } = written;
        let returning = self.gives.columns(prefix.as_deref())?;
        Ok(Operation::Delete(Delete { schema, prefix, filter, returning, allow_filtering }))
    }
}

impl<S, G: Gives> IntoFuture for DeleteAll<S, G> {
    type Output = Result<G::Output, Error>;
    type IntoFuture = RepoFuture<G::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let operation = self.operation();
        let DeleteAll { repo, gives, location, .. } = self;
        RepoFuture::new(location, async move { gives.run(&repo, operation?, location).await })
    }
}

impl<S, G: Gives> IntoOperation for &DeleteAll<S, G> {
    fn into_operation(self) -> Result<Operation, Error> {
        Ok(self.operation()?)
    }
}

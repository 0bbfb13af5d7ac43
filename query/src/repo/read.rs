//! Reading rows with a query.

use super::{Loading, Repo, RepoFuture};
use crate::error::{Error, MultipleRows, NotFound, QueryError};
use crate::preload::read_rows;
use crate::query::ast::Operation;
use crate::query::{IntoQuery, Query, Scope};
use std::panic::Location;

impl Repo {
    /// All rows of a query.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a mistake in the query, [`Error::Unsupported`] for what the store cannot do,
    /// [`Error::Decode`] for a value that does not fit, and what the store refuses with.
    #[track_caller]
    pub fn all<Q: IntoQuery>(&self, query: Q) -> RepoFuture<Vec<Q::Out>> {
        let (repo, query, location) = (self.clone(), query.into_query(), Location::caller());
        RepoFuture::new(location, async move { repo.read(query, location).await })
    }

    /// The one row of a query, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::MultipleRows`] if there are more; else as [`all`](Repo::all).
    #[track_caller]
    pub fn one<Q: IntoQuery>(&self, query: Q) -> RepoFuture<Option<Q::Out>> {
        let (repo, query, location) = (self.clone(), query.into_query(), Location::caller());
        RepoFuture::new(location, async move { repo.read_one(query, location).await })
    }

    /// The one row of a query.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none and [`Error::MultipleRows`] if there are more; else as [`all`](Repo::all).
    #[track_caller]
    pub fn only<Q: IntoQuery>(&self, query: Q) -> RepoFuture<Q::Out> {
        let (repo, query, location) = (self.clone(), query.into_query(), Location::caller());
        RepoFuture::new(location, async move {
            let schema = Query::<Q::Scope, Q::Out>::root_name();
            match repo.read_one(query, location).await? {
                Some(row) => Ok(row),
                None => Err(NotFound { schema, sought: "the query gives no row".to_owned() }.into()),
            }
        })
    }

    pub(super) async fn read<Sc: Scope, Out: Send + 'static>(
        &self,
        query: Query<Sc, Out>,
        location: &'static Location<'static>,
    ) -> Result<Vec<Out>, Error> {
        let loading = Loading::new(self, location).in_prefix(query.own_prefix());
        let (select, reading) = query.into_parts()?;
        let select = select.with_joins().map_err(QueryError::new)?;
        read_rows(&loading, Operation::Select(select), reading).await
    }

    pub(super) async fn read_one<Sc: Scope, Out: Send + 'static>(
        &self,
        mut query: Query<Sc, Out>,
        location: &'static Location<'static>,
    ) -> Result<Option<Out>, Error> {
        // A second row is enough to know that there are too many; but several may be one root's.
        if !query.is_loaded_from_binding() {
            let select = query.select_mut();
            select.limit = Some(select.limit.unwrap_or(2).min(2));
        }
        let mut rows = self.read(query, location).await?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            _ => Err(MultipleRows { schema: Query::<Sc, Out>::root_name() }.into()),
        }
    }
}

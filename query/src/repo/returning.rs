//! What a bulk write gives: how many rows it wrote, or something of each of them.

use super::{Loading, Repo};
use crate::adapter::BoxFuture;
use crate::error::{Error, QueryError};
use crate::expr::{Anchor, NotNull, enter};
use crate::preload::read_rows;
use crate::query::ast::{Operation, OutputColumn};
use crate::query::selected::{Place, Tail, add_key};
use crate::query::{Reading, Selected, Selection, first_mistake, paths};
use crate::schema::Record;
use std::panic::Location;
use std::sync::Arc;

/// A bulk write that gives the number of its rows.
#[derive(Clone, Copy, Debug)]
pub struct Counted(());

impl Counted {
    pub(super) const NEW: Counted = Counted(());
}

/// A bulk write that gives what a selection says of each row.
pub struct Returned<Out> {
    columns: Vec<OutputColumn>,
    reading: Reading<Out>,
}

impl<Out> Clone for Returned<Out> {
    fn clone(&self) -> Self {
        Returned { columns: self.columns.clone(), reading: self.reading.clone() }
    }
}

impl<Out> Returned<Out> {
    /// What a selection over the rows of `S` gives.
    pub(super) fn of<S: Record, P: Selection<S, Out = Out>>(
        selection: impl FnOnce(S::Columns<S, NotNull>) -> P,
    ) -> Self {
        let mut selected = Selected::default();
        enter(|level| selection(S::columns(Anchor::new(0, level))).append(&mut selected));
        let Selected { mut columns, places } = selected;
        let mut keys = Vec::new();
        for place in &places {
            if let Place::Collection(collection) = place {
                keys.push(add_key(&mut columns, collection.key()));
            }
        }
        let tail = Tail { places, preloads: Vec::new(), keys };
        let tail = (!tail.is_idle()).then(|| Arc::new(tail));
        let redact = OutputColumn::compute_redacted(&columns);
        Returned { columns, reading: Reading { decode: P::decode, slots: P::slots, tail, joined: None, redact } }
    }
}

/// What a bulk write gives: [`Counted`] or [`Returned`].
pub trait Gives: Clone + Send + Sync + 'static {
    /// What one statement gives, and all of them.
    type Output: Send + 'static;

    /// What several statements have given so far.
    type Total: Default + Send + 'static;

    /// The columns that a statement of this prefix reads back.
    #[doc(hidden)]
    fn columns(&self, prefix: Option<&str>) -> Result<Vec<OutputColumn>, QueryError>;

    #[doc(hidden)]
    fn run<'r>(
        &'r self,
        repo: &'r Repo,
        operation: Operation,
        location: &'static Location<'static>,
    ) -> BoxFuture<'r, Result<Self::Output, Error>>;

    /// Adds what a statement gave of the rows at these places.
    #[doc(hidden)]
    fn add(total: &mut Self::Total, output: Self::Output, places: &[usize]);

    #[doc(hidden)]
    fn all(total: Self::Total) -> Self::Output;
}

impl Gives for Counted {
    type Output = u64;
    type Total = u64;

    fn columns(&self, _: Option<&str>) -> Result<Vec<OutputColumn>, QueryError> {
        Ok(Vec::new())
    }

    fn run<'r>(
        &'r self,
        repo: &'r Repo,
        operation: Operation,
        location: &'static Location<'static>,
    ) -> BoxFuture<'r, Result<u64, Error>> {
        Box::pin(repo.execute(operation, location))
    }

    fn add(total: &mut u64, output: u64, _: &[usize]) {
        *total += output;
    }

    fn all(total: u64) -> u64 {
        total
    }
}

impl<Out: Send + 'static> Gives for Returned<Out> {
    type Output = Vec<Out>;
    type Total = Vec<(usize, Out)>;

    fn columns(&self, prefix: Option<&str>) -> Result<Vec<OutputColumn>, QueryError> {
        let mut columns = self.columns.clone();
        for column in &mut columns {
            if let OutputColumn::Expression { expression, .. } = column {
                if let Some(message) = first_mistake(expression) {
                    return Err(QueryError::new(message));
                }
                paths::close_in(expression, prefix).map_err(|_| QueryError::new(BEHIND))?;
            }
        }
        Ok(columns)
    }

    fn run<'r>(
        &'r self,
        repo: &'r Repo,
        operation: Operation,
        location: &'static Location<'static>,
    ) -> BoxFuture<'r, Result<Vec<Out>, Error>> {
        let reading = self.reading.clone();
        Box::pin(async move { read_rows(&Loading::new(repo, location), operation, reading).await })
    }

    fn add(total: &mut Vec<(usize, Out)>, output: Vec<Out>, places: &[usize]) {
        // Of rows that a conflict clause leaves out nothing comes back; which those are is not said.
        total.extend(places.iter().copied().zip(output));
    }

    fn all(mut total: Vec<(usize, Out)>) -> Vec<Out> {
        total.sort_by_key(|(place, _)| *place);
        total.into_iter().map(|(_, output)| output).collect()
    }
}

const BEHIND: &str =
    ".returning(..) cannot follow an association: return the key, and read what is behind it with a query";

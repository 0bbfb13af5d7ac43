//! What a bulk write gives back of its rows.

use super::Repo;
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
pub struct Counted(());

impl Counted {
    pub(super) const NEW: Counted = Counted(());
}

/// A bulk write that gives what a selection says of each row.
pub struct Returned<Out> {
    pub(super) columns: Vec<OutputColumn>,
    pub(super) reading: Reading<Out>,
}

impl<Out> Clone for Returned<Out> {
    fn clone(&self) -> Self {
        Returned { columns: self.columns.clone(), reading: self.reading.clone() }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Counted::NEW
    }
}

/// What a bulk write gives.
pub(super) trait Gives: Clone {
    /// The columns that are read back.
    fn columns(&self) -> Result<Vec<OutputColumn>, QueryError>;
}

impl Gives for Counted {
    fn columns(&self) -> Result<Vec<OutputColumn>, QueryError> {
        Ok(Vec::new())
    }
}

impl<Out> Gives for Returned<Out> {
    fn columns(&self) -> Result<Vec<OutputColumn>, QueryError> {
        let mut columns = self.columns.clone();
        for column in &mut columns {
            if let OutputColumn::Expression { expression, .. } = column {
                if let Some(message) = first_mistake(expression) {
                    return Err(QueryError::new(message));
                }
                paths::close(expression).map_err(|_| QueryError::new(BEHIND))?;
            }
        }
        Ok(columns)
    }
}

const BEHIND: &str =
    ".returning(..) cannot follow an association: return the key, and read what is behind it with a query";

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

impl Repo {
    /// Runs a write and reads its rows back.
    pub(super) async fn write_and_read<Out: Send + 'static>(
        &self,
        operation: Operation,
        reading: Reading<Out>,
        location: &'static Location<'static>,
    ) -> Result<Vec<Out>, Error> {
        read_rows(&super::Loading::new(self, location), operation, reading).await
    }
}

//! Reading the rows of a query, and then what its tail asks for.

use super::joined::{Merge, Seen};
use super::{Found, Key, preload_all};
use crate::adapter::Sink;
use crate::error::{DecodeError, Error, QueryError};
use crate::query::Reading;
use crate::query::ast::Operation;
use crate::query::selected::{KeyColumns, Place, Slots, Tail};
use crate::repo::Loading;
use crate::row::{Row, RowReader};
use crate::value::Value;
use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Decodes rows, and keeps the keys that the tail needs.
pub(crate) struct RowSink<Out> {
    reading: Reading<Out>,
    pub(crate) rows: Vec<Out>,
    /// For each collection, its key in each row.
    keys: Vec<Vec<Vec<Value>>>,
    owners: Option<Owners>,
    joined: Option<JoinedState>,
}

/// How what belongs to the rows of parents is read from the same statement.
#[derive(Clone)]
pub(crate) struct JoinedChildren {
    pub(crate) mergers: Vec<Arc<dyn Merge>>,
    /// The row's own key: several rows of the statement may be one row.
    pub(crate) key: KeyColumns,
}

/// The rows that were met, by the position of their parent and their key.
struct JoinedState {
    children: JoinedChildren,
    positions: HashMap<Key, usize>,
    seen: Seen,
}

/// Finds the parents of a row.
pub(crate) struct Owners {
    pub(crate) key: KeyColumns,
    pub(crate) positions: HashMap<Key, Vec<usize>>,
    /// The key of the row itself, where the statement may repeat rows.
    pub(crate) identity: Option<KeyColumns>,
    pub(crate) seen: HashSet<(Key, Key)>,
    /// The parent of each row.
    pub(crate) of_rows: Vec<usize>,
}

impl<Out: Send + 'static> Sink for RowSink<Out> {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        match &mut self.owners {
            None => self.take(row),
            Some(owners) => {
                let Some(key) = Key::of(&owners.key.read(row)?) else { return Ok(()) };
                if self.joined.is_some() {
                    let of_row = owners.positions.get(&key).cloned().unwrap_or_default();
                    return of_row.into_iter().try_for_each(|owner| self.take_joined(row, owner));
                }
                if let Some(identity) = &owners.identity
                    && let Some(own) = Key::of(&identity.read(row)?)
                    && !owners.seen.insert((key.clone(), own))
                {
                    return Ok(());
                }
                // A row of several parents is read once for each: schemas need not be Clone.
                let positions = owners.positions.get(&key).map_or(&[] as &[usize], Vec::as_slice);
                let count = positions.len();
                owners.of_rows.extend(positions);
                (0..count).try_for_each(|_| self.take(row))
            }
        }
    }
}

impl<Out: Send + 'static> RowSink<Out> {
    pub(crate) fn new(reading: Reading<Out>, owners: Option<Owners>) -> Self {
        let count = reading.tail.as_ref().map_or(0, |tail| tail.keys.len());
        RowSink { reading, rows: Vec::new(), keys: vec![Vec::new(); count], owners, joined: None }
    }

    /// Reads what belongs to the rows, too.
    pub(crate) fn with_joined(mut self, children: Option<JoinedChildren>) -> Self {
        self.joined = children.map(|children| JoinedState { children, positions: HashMap::new(), seen: Seen::new() });
        self
    }

    /// Takes a row of a parent, if it was not met before, and what of it the statement joined.
    fn take_joined(&mut self, row: &dyn Row, owner: usize) -> Result<(), DecodeError> {
        let Some(state) = &self.joined else { return Ok(()) };
        let Some(own) = Key::of(&state.children.key.read(row)?) else { return Ok(()) };
        let path = Key::Several(vec![Key::Integer(owner as i64), own]);
        let position = match state.positions.get(&path) {
            Some(position) => *position,
            None => {
                self.take(row)?;
                if let Some(owners) = &mut self.owners {
                    owners.of_rows.push(owner);
                }
                self.rows.len() - 1
            }
        };
        let (Some(state), Some(child)) = (&mut self.joined, self.rows.get_mut(position)) else { return Ok(()) };
        state.positions.insert(path.clone(), position);
        state.children.mergers.iter().try_for_each(|merger| merger.merge(child, &path, row, &mut state.seen))
    }

    fn take(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let decoded = (self.reading.decode)(&mut RowReader::new(row));
        let decoded = if self.reading.redact { decoded.map_err(DecodeError::redacted) } else { decoded };
        self.rows.push(decoded?);
        if let Some(tail) = &self.reading.tail {
            for (columns, keys) in tail.keys.iter().zip(&mut self.keys) {
                keys.push(columns.read(row)?);
            }
        }
        Ok(())
    }

    /// Takes what it knows of parents, for the next statement.
    pub(crate) fn take_owners(&mut self) -> Option<Owners> {
        self.owners.take()
    }

    /// The sink that an adapter gives back.
    pub(crate) fn back(sink: Box<dyn Sink>) -> Result<Self, Error> {
        let sink: Box<dyn Any> = sink;
        sink.downcast::<Self>().map(|sink| *sink).map_err(|_| QueryError::new("an adapter lost the sink").into())
    }

    /// Runs what the tail asks for, and gives the rows.
    pub(crate) async fn finish(self, loading: &Loading) -> Result<Vec<Out>, Error> {
        let RowSink { reading, mut rows, keys, .. } = self;
        if let Some(tail) = reading.tail.as_deref().filter(|tail| !tail.is_idle() && !rows.is_empty()) {
            fill(loading, &reading, tail, &mut rows, keys).await?;
        }
        Ok(rows)
    }
}

/// Runs what the tail of a query asks for over rows that need no key of their own.
pub(crate) async fn fill_rows<Out: Send + 'static>(
    loading: &Loading,
    reading: &Reading<Out>,
    rows: &mut [Out],
) -> Result<(), Error> {
    match reading.tail.as_deref().filter(|tail| !tail.is_idle() && !rows.is_empty()) {
        Some(tail) => fill(loading, reading, tail, rows, Vec::new()).await,
        None => Ok(()),
    }
}

async fn fill<Out: Send + 'static>(
    loading: &Loading,
    reading: &Reading<Out>,
    tail: &Tail,
    rows: &mut [Out],
    keys: Vec<Vec<Vec<Value>>>,
) -> Result<(), Error> {
    let mut branches = loading.branches();
    let collections = tail.places.iter().filter_map(|place| match place {
        Place::Collection(collection) => Some(collection),
        _ => None,
    });
    let jobs = collections.zip(keys).map(|(collection, keys)| collection.load(&branches.next(), keys)).collect();
    let mut found = branches.run(jobs).await?.into_iter();
    let mut places: Vec<Vec<super::Place<'_>>> = tail.places.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let mut slots = Slots::default();
        (reading.slots)(row, &mut slots);
        for (place, slot) in places.iter_mut().zip(slots.0) {
            place.push(slot);
        }
    }
    for (place, mut slots) in tail.places.iter().zip(places) {
        match place {
            Place::Root => preload_all(loading, &tail.preloads, &mut slots).await?,
            Place::Row => {}
            Place::Collection(collection) => {
                let found: Found = found.next().unwrap_or_else(|| Box::new(()));
                collection.assign(slots, found);
            }
        }
    }
    Ok(())
}

/// Refuses preloads of a root that is not selected.
pub(crate) fn check_tail<Out>(reading: &Reading<Out>) -> Result<(), Error> {
    match &reading.tail {
        Some(tail)
            if !tail.preloads.is_empty() && !tail.places.iter().any(|place| matches!(place, Place::Root)) =>
        {
            Err(QueryError::new(
                "the query preloads associations, but does not select the whole row that they belong to: select it too, as \
                 in `.select(|u| (u, ..))`, or collect them with `u.posts().collect()`",
            )
            .into())
        }
        _ => Ok(()),
    }
}

/// Runs a query and what its tail asks for.
pub(crate) async fn read_rows<Out: Send + 'static>(
    loading: &Loading,
    operation: Operation,
    reading: Reading<Out>,
) -> Result<Vec<Out>, Error> {
    check_tail(&reading)?;
    let sink = Box::new(RowSink::new(reading, None));
    let outcome = loading.run(operation, sink).await?;
    RowSink::<Out>::back(outcome.sink)?.finish(&loading.clone().within_call()).await
}

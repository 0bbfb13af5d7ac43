//! Reading the rows of a query, and then what its tail asks for.

use super::{Found, Key, Merged, preload_all};
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
use std::ops::Range;

/// Decodes rows, and keeps the keys that the tail needs.
pub(crate) struct RowSink<Out> {
    reading: Reading<Out>,
    pub(crate) rows: Vec<Out>,
    /// For each collection, its key in each row.
    keys: Vec<Vec<Vec<Value>>>,
    owners: Option<Owners>,
    met: Met,
}

/// Finds the parents of a row.
pub(crate) struct Owners {
    pub(crate) key: KeyColumns,
    /// For each key, which of `positions` have it.
    pub(crate) places: HashMap<Key, Range<usize>>,
    pub(crate) positions: Vec<usize>,
    /// The key of the row itself, where the statement may repeat rows.
    pub(crate) identity: Option<KeyColumns>,
    pub(crate) seen: HashSet<(Key, Key)>,
    /// The parent of each row.
    pub(crate) of_rows: Vec<usize>,
}

/// What joins have repeated: where the row of a key and a parent is, and what was merged into it.
#[derive(Default)]
struct Met {
    positions: HashMap<Key, usize>,
    merged: Merged,
}

impl<Out: Send + 'static> Sink for RowSink<Out> {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let Some(owners) = &mut self.owners else { return self.take(row, None) };
        let Some(key) = owners.key.key(row)? else { return Ok(()) };
        let Some(places) = owners.places.get(&key).cloned() else { return Ok(()) };
        if let Some(identity) = owners.identity.as_ref().filter(|_| self.reading.joined.is_none())
            && let Some(own) = identity.key(row)?
            && !owners.seen.insert((key, own))
        {
            return Ok(());
        }
        // A row of several parents is read once for each: schemas need not be Clone.
        for place in places {
            let position = self.owners.as_ref().and_then(|owners| owners.positions.get(place)).copied();
            self.take(row, position)?;
        }
        Ok(())
    }
}

impl<Out: Send + 'static> RowSink<Out> {
    pub(crate) fn new(reading: Reading<Out>, owners: Option<Owners>) -> Self {
        let count = reading.tail.as_ref().map_or(0, |tail| tail.keys.len());
        RowSink { reading, rows: Vec::new(), keys: vec![Vec::new(); count], owners, met: Met::default() }
    }

    /// Takes a row for a parent, or what joins added to one that is there.
    fn take(&mut self, row: &dyn Row, owner: Option<usize>) -> Result<(), DecodeError> {
        let Some(joined) = self.reading.joined.clone() else { return self.push(row, owner) };
        let Some(own) = joined.key.key(row)? else { return Ok(()) };
        let own = match owner {
            Some(owner) => Key::Several(vec![Key::Integer(owner as i64), own]),
            None => own,
        };
        let position = match self.met.positions.get(&own) {
            Some(position) => *position,
            None => {
                self.push(row, owner)?;
                self.met.positions.insert(own.clone(), self.rows.len() - 1);
                self.rows.len() - 1
            }
        };
        let Some(root) = self.rows.get_mut(position) else { return Ok(()) };
        joined.mergers.iter().try_for_each(|merger| merger.merge(root, &own, row, &mut self.met.merged))
    }

    fn push(&mut self, row: &dyn Row, owner: Option<usize>) -> Result<(), DecodeError> {
        let decoded = (self.reading.decode)(&mut RowReader::new(row));
        let decoded = if self.reading.redact { decoded.map_err(DecodeError::redacted) } else { decoded };
        self.rows.push(decoded?);
        if let Some(tail) = &self.reading.tail {
            for (columns, keys) in tail.keys.iter().zip(&mut self.keys) {
                keys.push(columns.read(row)?);
            }
        }
        if let Some(owners) = &mut self.owners {
            owners.of_rows.extend(owner);
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

/// Refuses preloads that have a mistake, and those of a root that is not selected.
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
        Some(tail) => Ok(tail.preloads.iter().try_for_each(|preload| preload.check())?),
        None => Ok(()),
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

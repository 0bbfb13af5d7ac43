//! One association of a preload.

use super::{ChildPlan, Found, Job, Place, Preload, preload_all};
use crate::adapter::BoxFuture;
use crate::error::{Error, QueryError};
use crate::repo::Loading;
use crate::schema::{FieldMeta, HasAssociations, Loadable, Schema};
use crate::value::Value;
use std::any::Any;
use std::sync::Arc;

/// Where an association's rows are in the struct that has it.
pub enum Slot<P, T> {
    /// In a field for one row.
    One(fn(&mut P) -> &mut Loadable<Option<Box<T>>>),
    /// In a field for many.
    Many(fn(&mut P) -> &mut Loadable<Vec<T>>),
}

impl<P, T> Clone for Slot<P, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T> Copy for Slot<P, T> {}

impl<P, T> Slot<P, T> {
    /// Whether it is surely the same field.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Slot::One(one), Slot::One(other)) => std::ptr::fn_addr_eq(one, other),
            (Slot::Many(one), Slot::Many(other)) => std::ptr::fn_addr_eq(one, other),
            _ => false,
        }
    }

    pub(crate) fn is_complete(self, parent: &mut P) -> bool {
        match self {
            Slot::One(slot) => matches!(slot(parent), Loadable::Loaded(_)),
            Slot::Many(slot) => matches!(slot(parent), Loadable::Loaded(_)),
        }
    }

    /// The rows that are in hand.
    fn rows(self, parent: &mut P) -> Vec<&mut T> {
        match self {
            Slot::One(slot) => {
                slot(parent).value_mut().and_then(Option::as_mut).map(|row| &mut **row).into_iter().collect()
            }
            Slot::Many(slot) => slot(parent).value_mut().map(|rows| rows.iter_mut().collect()).unwrap_or_default(),
        }
    }

    /// Empties it, so that rows can be added.
    pub(crate) fn begin(self, parent: &mut P, whole: bool) {
        match self {
            Slot::One(slot) => *slot(parent) = state(None, whole),
            Slot::Many(slot) => *slot(parent) = state(Vec::new(), whole),
        }
    }

    /// Adds a row; the first one of a field for one row stays. Gives the row.
    pub(crate) fn add(self, parent: &mut P, row: T) {
        match self {
            Slot::One(slot) => {
                if let Some(place) = slot(parent).value_mut() {
                    place.get_or_insert_with(|| Box::new(row));
                }
            }
            Slot::Many(slot) => {
                if let Some(rows) = slot(parent).value_mut() {
                    rows.push(row);
                }
            }
        }
    }

    /// The row at a position.
    pub(crate) fn at(self, parent: &mut P, position: usize) -> Option<&mut T> {
        match self {
            Slot::One(slot) => slot(parent).value_mut()?.as_deref_mut(),
            Slot::Many(slot) => slot(parent).value_mut()?.get_mut(position),
        }
    }

    pub(crate) fn count(self, parent: &mut P) -> usize {
        self.rows(parent).len()
    }
}

fn state<V>(value: V, whole: bool) -> Loadable<V> {
    if whole { Loadable::Loaded(value) } else { Loadable::Partial(value) }
}

/// Rows and, for each, the values of its parent's key.
pub(crate) type Fetched<T> = Vec<(Vec<Value>, T)>;

/// A program's own way of loading.
type Function<T> = dyn Fn(Vec<Vec<Value>>) -> BoxFuture<'static, Result<Fetched<T>, Error>> + Send + Sync;

/// Where the rows of an association come from.
pub(crate) enum Source<T> {
    Plan(Arc<ChildPlan<T>>),
    Function {
        call: Arc<Function<T>>,
        clone: fn(&T) -> T,
    },
    Problem(QueryError),
    /// The rows are there: only what lies further in is loaded.
    Present,
}

/// An association of `P` to be loaded.
pub(crate) struct Node<P, T> {
    pub(crate) slot: Slot<P, T>,
    /// The fields of the parent that its rows are found by.
    pub(crate) fields: Vec<&'static FieldMeta>,
    pub(crate) source: Source<T>,
    pub(crate) nested: Vec<Arc<dyn Preload>>,
    /// Loads even what is loaded.
    pub(crate) force: bool,
    /// Whether it loads all of the association.
    pub(crate) whole: bool,
}

/// What a node's job found.
struct Loaded<T> {
    rows: Vec<T>,
    /// The position of each row's parent among `asked`.
    of_rows: Vec<usize>,
    /// The positions of the parents that the rows were read for.
    asked: Vec<usize>,
    /// Whether the nested preloads are still to run.
    nested_later: bool,
}

/// The values of fields in a row.
pub(crate) fn values_of<S: HasAssociations>(row: &S, fields: &[&'static FieldMeta]) -> Vec<Value> {
    let position = |field: &&'static FieldMeta| S::OWNER.fields.iter().position(|known| std::ptr::eq(known, *field));
    fields.iter().filter_map(|field| position(field).map(|index| row.key_value(index))).collect()
}

impl<P: HasAssociations, T: Schema> Preload for Node<P, T> {
    fn check(&self) -> Result<(), QueryError> {
        if let Source::Problem(problem) = &self.source {
            return Err(problem.clone());
        }
        self.nested.iter().try_for_each(|nested| nested.check())
    }

    fn prepare(&self, loading: &Loading, parents: &mut [Place<'_>]) -> Job {
        let (mut asked, mut keys) = (Vec::new(), Vec::new());
        for (position, parent) in parents.iter_mut().enumerate() {
            let Some(parent) = parent.downcast_mut::<P>() else { continue };
            let present = matches!(self.source, Source::Present);
            if !present && (loading.is_forced() || self.force || !self.whole || !self.slot.is_complete(parent)) {
                keys.push(values_of(parent, &self.fields));
                asked.push(position);
            }
        }
        // Rows that were there before and new ones take part in one nested statement.
        let nested_later = !self.nested.is_empty() && asked.len() < parents.len();
        let nested = if nested_later { Vec::new() } else { self.nested.clone() };
        let (loading, inner) = (loading.clone(), loading.clone().within_call());
        match &self.source {
            Source::Plan(plan) => {
                let plan = plan.clone();
                Box::pin(async move {
                    let (mut rows, of_rows) =
                        if asked.is_empty() { (Vec::new(), Vec::new()) } else { plan.load(&loading, keys).await? };
                    preload_all(&plan.loading(&inner), &nested, &mut places(&mut rows)).await?;
                    Ok(Box::new(Loaded { rows, of_rows, asked, nested_later }) as Found)
                })
            }
            Source::Function { call, clone } => {
                let (wanted, positions) = super::parents::distinct(keys);
                let call = (!wanted.is_empty()).then(|| call(wanted));
                let clone = *clone;
                Box::pin(async move {
                    let fetched = match call {
                        Some(call) => call.await?,
                        None => Vec::new(),
                    };
                    let (mut rows, of_rows) = super::parents::spread(fetched, &positions, clone);
                    preload_all(&inner, &nested, &mut places(&mut rows)).await?;
                    Ok(Box::new(Loaded { rows, of_rows, asked, nested_later }) as Found)
                })
            }
            Source::Present => Box::pin(async move {
                let (rows, of_rows) = (Vec::<T>::new(), Vec::new());
                Ok(Box::new(Loaded { rows, of_rows, asked, nested_later }) as Found)
            }),
            Source::Problem(problem) => {
                let problem = problem.clone();
                Box::pin(async move { Err(problem.into()) })
            }
        }
    }

    fn same(&self, other: &dyn Preload) -> bool {
        let other: &dyn Any = other;
        let Some(other) = other.downcast_ref::<Self>() else { return false };
        let sources = match (&self.source, &other.source) {
            (Source::Plan(one), Source::Plan(other)) => one.same(other),
            (Source::Function { call: one, .. }, Source::Function { call: other, .. }) => Arc::ptr_eq(one, other),
            (Source::Problem(one), Source::Problem(other)) => one.message == other.message,
            (Source::Present, Source::Present) => self.slot.is(other.slot),
            _ => false,
        };
        sources
            && (self.force, self.whole) == (other.force, other.whole)
            && super::same_preloads(&self.nested, &other.nested)
    }

    fn assign<'a>(
        &'a self,
        loading: &'a Loading,
        parents: &'a mut [Place<'_>],
        found: Found,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let Ok(found) = found.downcast::<Loaded<T>>() else { return Ok(()) };
            let Loaded { rows, of_rows, asked, nested_later } = *found;
            for position in &asked {
                if let Some(parent) = parents.get_mut(*position).and_then(|parent| parent.downcast_mut::<P>()) {
                    self.slot.begin(parent, self.whole);
                }
            }
            for (row, owner) in rows.into_iter().zip(of_rows) {
                let parent = asked.get(owner).and_then(|position| parents.get_mut(*position));
                if let Some(parent) = parent.and_then(|parent| parent.downcast_mut::<P>()) {
                    self.slot.add(parent, row);
                }
            }
            if !nested_later {
                return Ok(());
            }
            let parents = parents.iter_mut().filter_map(|parent| parent.downcast_mut::<P>());
            let rows = parents.flat_map(|parent| self.slot.rows(parent));
            let mut rows: Vec<Place<'_>> = rows.map(|row| row as Place<'_>).collect();
            let inner = match &self.source {
                Source::Plan(plan) => plan.loading(loading),
                _ => loading.clone(),
            };
            preload_all(&inner, &self.nested, &mut rows).await
        })
    }
}

/// Rows as places.
pub(super) fn places<T: Any + Send>(rows: &mut [T]) -> Vec<Place<'_>> {
    rows.iter_mut().map(|row| row as Place<'_>).collect()
}

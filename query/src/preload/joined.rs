//! Preloads from the rows of the same statement.

use super::{Key, Place, Slot};
use crate::error::{DecodeError, QueryError};
use crate::query::ast::{Binding, Expression, Join, JoinKind, OrderTerm, OutputColumn, Select, Source, Step};
use crate::query::paths::{hop_condition, lifted, settle_between};
use crate::query::selected::{KeyColumns, add_key, width};
use crate::row::{Row, RowReader};
use crate::schema::{Hop, Record, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// An association that is read by the statement of its parents.
pub(crate) trait Joined: Send + Sync {
    /// Adds the joins and the columns to the statement; `parent` is the source of the parents.
    fn attach(&self, select: &mut Select, parent: Binding) -> Result<Arc<dyn Merge>, QueryError>;

    /// Whether a parent may have several rows, here or further in.
    fn repeats_parents(&self) -> bool;

    /// Whether its rows, or those further in, are of a source that the query joins by itself.
    fn is_from_binding(&self) -> bool;
}

/// Puts the part of a row that belongs to an association into the parent.
pub(crate) trait Merge: Send + Sync {
    fn merge(&self, parent: Place<'_>, path: &Key, row: &dyn Row, merged: &mut Merged) -> Result<(), DecodeError>;
}

/// Where the rows that were met are in their parents: by the association's first column, and the keys that lead there.
pub(crate) type Merged = HashMap<(usize, Key), usize>;

/// How an association is found in the statement.
pub(crate) enum JoinedFrom {
    /// Along these steps, with conditions and an order over the target.
    Steps { hops: Vec<Hop>, conditions: Vec<Expression>, order_by: Vec<OrderTerm>, kind: JoinKind },
    /// Along the to-one association at this position, once for all that follow it.
    Path(u8),
    /// It is the source of this binding; it is all of the association if it is joined along these steps.
    Binding(Binding, Vec<Hop>),
}

/// An association of `P`.
pub(crate) struct JoinedNode<P, T> {
    pub(crate) slot: Slot<P, T>,
    /// Whether a parent may have several rows.
    pub(crate) repeats: bool,
    pub(crate) from: JoinedFrom,
    pub(crate) whole: bool,
    pub(crate) nested: Vec<Arc<dyn Joined>>,
    pub(crate) problem: Option<QueryError>,
}

impl<P: Schema, T: Schema> Joined for JoinedNode<P, T> {
    fn attach(&self, select: &mut Select, parent: Binding) -> Result<Arc<dyn Merge>, QueryError> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        if T::META.primary_key.is_empty() {
            return Err(QueryError::new(format!(
                "{} has no primary key, by which the rows of a join could be told apart: use .preload(..)",
                T::NAME
            )));
        }
        let mut whole = self.whole;
        let binding = match &self.from {
            JoinedFrom::Path(association) => Binding { path: parent.path.then(*association), ..parent },
            JoinedFrom::Binding(binding, hops) => {
                whole &= is_whole(select, hops, parent, *binding);
                *binding
            }
            JoinedFrom::Steps { hops, conditions, order_by, kind } => {
                // Where the parent itself may be missing, so may its rows.
                let kind = if parent == Binding::of(0, 0) { *kind } else { JoinKind::Left };
                let (mut from, mut between) = (parent, parent);
                for (position, hop) in hops.iter().enumerate() {
                    let own = next_implied(select)?;
                    let mut on = hop_condition(hop, from, own);
                    if position + 1 == hops.len() && !conditions.is_empty() {
                        conditions.iter().for_each(|condition| on.append(&mut lifted(condition.clone(), own)));
                        on.push(Step::All(conditions.len() + 1));
                    }
                    let prefix = select.prefix().map(str::to_owned);
                    let source = Source::Table { schema: hop.to, prefix };
                    select.implied.push(Join { kind, source, on });
                    (between, from) = (from, own);
                }
                let terms = order_by.iter().cloned().map(|mut term| {
                    term.expression = lifted(term.expression, from);
                    settle_between(&mut term.expression, between);
                    term
                });
                select.order_by.extend(terms);
                from
            }
        };
        let first = width(&select.columns);
        select.columns.push(OutputColumn::Row(binding, T::META));
        let key = T::META.key_fields().map(|(_, field)| (vec![Step::Column(binding, field)], field)).collect();
        let key = add_key(&mut select.columns, key);
        let nested = self.nested.iter().map(|nested| nested.attach(select, binding)).collect::<Result<_, _>>()?;
        Ok(Arc::new(Merger { slot: self.slot, first, key, whole, nested }))
    }

    fn is_from_binding(&self) -> bool {
        matches!(self.from, JoinedFrom::Binding(..)) || self.nested.iter().any(|nested| nested.is_from_binding())
    }

    fn repeats_parents(&self) -> bool {
        self.repeats || self.nested.iter().any(|nested| nested.repeats_parents())
    }
}

/// Whether a source that the query joins by itself has all rows that the steps from the parent lead to: neither its own
/// condition nor a filter or another join leaves some out.
fn is_whole(select: &Select, hops: &[Hop], parent: Binding, source: Binding) -> bool {
    let Some((last, between)) = hops.split_last() else { return false };
    let mut others = select.joins.iter().enumerate().filter(|(index, _)| index + 1 != usize::from(source.index));
    let own = usize::from(source.index).checked_sub(1).and_then(|index| select.joins.get(index));
    let implied = (0..Binding::IMPLIED - 1).take(select.implied.len());
    let mut from: Vec<Binding> = implied.map(|index| Binding::of(0, Binding::IMPLIED + index)).collect();
    if between.is_empty() {
        from = vec![parent];
    }
    select.filter.is_empty()
        && select.having.is_empty()
        && select.group_by.is_empty()
        && others.all(|(_, join)| join.kind == JoinKind::Left)
        && own.is_some_and(|own| {
            matches!(own.source, Source::Table { .. })
                && from.into_iter().any(|from| hop_condition(last, from, source) == own.on)
        })
}

/// The binding of the next join that no closure sees.
pub(crate) fn next_implied(select: &Select) -> Result<Binding, QueryError> {
    match u8::try_from(select.implied.len()) {
        Ok(count) if count < Binding::BETWEEN - Binding::IMPLIED => Ok(Binding::of(0, Binding::IMPLIED + count)),
        _ => Err(QueryError::new("the query joins too many tables: split it into several")),
    }
}

struct Merger<P, T> {
    slot: Slot<P, T>,
    /// The first of the association's columns.
    first: usize,
    key: KeyColumns,
    whole: bool,
    nested: Vec<Arc<dyn Merge>>,
}

impl<P: Schema, T: Schema> Merge for Merger<P, T> {
    fn merge(&self, parent: Place<'_>, path: &Key, row: &dyn Row, merged: &mut Merged) -> Result<(), DecodeError> {
        let Some(parent) = parent.downcast_mut::<P>() else { return Ok(()) };
        if merged.insert((self.first, path.clone()), usize::MAX).is_none() {
            self.slot.begin(parent, self.whole);
        }
        let Some(own) = self.key.key(row)? else { return Ok(()) };
        let path = Key::Several(vec![path.clone(), own]);
        let position = match merged.get(&(self.first, path.clone())) {
            Some(position) => *position,
            None => {
                let mut reader = RowReader::new(row);
                reader.skip(self.first);
                let position = self.slot.count(parent);
                self.slot.add(parent, <T as Record>::decode(&mut reader)?);
                merged.insert((self.first, path.clone()), position);
                position
            }
        };
        let Some(child) = self.slot.at(parent, position) else { return Ok(()) };
        self.nested.iter().try_for_each(|nested| nested.merge(child, &path, row, merged))
    }
}

/// How the rows of a statement with joined associations become roots.
#[derive(Clone)]
pub(crate) struct JoinedRows {
    pub(crate) mergers: Vec<Arc<dyn Merge>>,
    /// The root's key, by which rows of one root are known.
    pub(crate) key: KeyColumns,
}

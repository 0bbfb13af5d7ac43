//! How the rows of a query are found: by which keys, or in which ranges of which indexes, in which order, and what is left to
//! do with the rows in hand.

pub(crate) mod access;
pub(crate) mod choose;
pub(crate) mod explain;
pub(crate) mod interval;
pub(crate) mod order;
pub(crate) mod predicate;
pub(crate) mod program;
pub(crate) mod refusal;
pub(crate) mod text;
pub(crate) mod tree;

use crate::layout::Table;
use access::Range;
use peristyle_query::query::ast::Expression;
use std::sync::Arc;

/// How the rows of a query are found.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) table: Arc<Table>,
    pub(crate) source: Source,
    /// Whether the rows in hand are to be filtered by the whole condition.
    pub(crate) filters: bool,
    /// What of it the source leaves open, for texts.
    pub(crate) open: Vec<Expression>,
    /// Whether the rows in hand are to be sorted.
    pub(crate) sorts: bool,
    /// How many rows may be read; `None`: as many as there are.
    pub(crate) most: Option<u64>,
}

/// Where the rows are.
#[derive(Debug)]
pub(crate) enum Source {
    /// No row can fulfil the condition.
    Nothing,
    /// These keys, each once; the conditions say so.
    Keys { keys: Vec<String>, conditions: Vec<Expression> },
    /// In indexes.
    Index(IndexRead),
}

/// A read by indexes: what is walked, and the sets that must have the row too.
#[derive(Debug)]
pub(crate) struct IndexRead {
    pub(crate) driver: Driver,
    pub(crate) filters: Vec<Set>,
    pub(crate) reverse: bool,
}

/// What gives the rows.
#[derive(Debug)]
pub(crate) enum Driver {
    /// Ranges of an index, in the order of its members; limit and offset are those of each group.
    Ranges { stretch: Stretch, groups: Vec<Group>, by_parent: bool },
    /// A set, in no order.
    Set(Set),
}

/// Ranges that are walked one after the other, or merged.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) ranges: Vec<Range>,
    /// By the columns from this one on: `None` if one range follows the other.
    pub(crate) merged_from: Option<usize>,
}

/// A set of rows.
#[derive(Clone, Debug)]
pub(crate) enum Set {
    Stretch(Stretch),
    Union(Vec<Set>),
    Intersection(Vec<Set>),
}

/// Ranges of an index.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    /// The position of the index in the table.
    pub(crate) index: usize,
    pub(crate) ranges: Vec<Range>,
    /// The conditions that they fulfil: one list of these, all of which hold.
    pub(crate) conditions: Vec<Vec<Expression>>,
}

impl Plan {
    /// The positions of the indexes that are read.
    pub(crate) fn indexes(&self) -> Vec<usize> {
        fn of_set(set: &Set, list: &mut Vec<usize>) {
            match set {
                Set::Stretch(stretch) => list.push(stretch.index),
                Set::Union(sets) | Set::Intersection(sets) => sets.iter().for_each(|set| of_set(set, list)),
            }
        }
        let mut list = Vec::new();
        if let Source::Index(read) = &self.source {
            match &read.driver {
                Driver::Ranges { stretch, .. } => list.push(stretch.index),
                Driver::Set(set) => of_set(set, &mut list),
            }
            read.filters.iter().for_each(|set| of_set(set, &mut list));
        }
        list.sort_unstable();
        list.dedup();
        list
    }
}

//! What one index knows of a condition.

use super::interval::{Interval, compare_ends, merge};
use super::predicate::Way;
use crate::layout::{Index, Table, order};
use peristyle_query::schema::FieldMeta;

/// How many ranges one index is asked for at most for columns after the first.
const MOST: usize = 65_536;

/// A stretch of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// From this on, …
    pub(crate) low: Vec<u8>,
    /// … up to this alone; `None`: to the end.
    pub(crate) high: Option<Vec<u8>>,
    /// Where in `low` the values of the leading columns end that are given; one number for each.
    pub(crate) ends: Vec<usize>,
}

impl Range {
    fn all() -> Self {
        Range { low: Vec::new(), high: None, ends: Vec::new() }
    }

    /// The bytes of so many leading columns.
    pub(crate) fn leading(&self, columns: usize) -> &[u8] {
        let end = columns.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        self.low.get(..end).unwrap_or_default()
    }

    /// The part of it that is in an interval of bytes; `None` if there is none.
    pub(crate) fn within(&self, interval: &Interval) -> Option<Range> {
        let low = self.low.clone().max(interval.low.clone());
        let order = compare_ends(self.high.as_deref(), interval.high.as_deref());
        let high = if order.is_gt() { interval.high.clone() } else { self.high.clone() };
        let empty = high.as_ref().is_some_and(|high| *high <= low);
        (!empty).then(|| Range { low, high, ends: self.ends.clone() })
    }
}

/// The columns of an index's members, in order: its own, then those of the primary key.
pub(crate) fn member_columns<'t>(table: &'t Table, position: usize) -> impl Iterator<Item = &'static FieldMeta> + 't {
    let own = table.indexes.get(position).into_iter().flat_map(|index: &Index| index.fields.iter().copied());
    let key = table.schema.key_fields().map(|(_, field)| field).filter(move |_| position > 0);
    own.chain(key)
}

/// The ranges of an index that hold the rows of one way in which a condition can hold.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// The position of the index in its table.
    pub(crate) index: usize,
    /// The ranges, in order and apart.
    pub(crate) ranges: Vec<Range>,
    /// The columns whose conditions the ranges fulfil.
    pub(crate) covered: Vec<&'static FieldMeta>,
}

impl Access {
    /// All of an index.
    pub(crate) fn whole(index: usize) -> Self {
        Access { index, ranges: vec![Range::all()], covered: Vec::new() }
    }

    /// The longest match of an index: an equality prefix, and one range on the column that follows.
    pub(crate) fn of(table: &Table, index: usize, way: &Way) -> Self {
        let mut access = Access::whole(index);
        for field in member_columns(table, index) {
            let Some(column) = way.column(field) else { break };
            if access.covered.iter().any(|known| std::ptr::eq(*known, field)) {
                // The key's column that the index has already: its condition holds.
                break;
            }
            let intervals = column.intervals.list();
            let too_many = access.ranges.len().saturating_mul(intervals.len()) > MOST;
            if too_many && !access.covered.is_empty() {
                break;
            }
            let discrete = column.intervals.is_discrete();
            let further = access.ranges.iter().flat_map(|range| {
                intervals.iter().map(move |interval| {
                    let mut low = range.low.clone();
                    low.extend_from_slice(&interval.low);
                    let high = match &interval.high {
                        Some(high) => Some([&range.low[..], high].concat()),
                        None if range.low.is_empty() => None,
                        None => order::prefix_end(&range.low),
                    };
                    let mut ends = range.ends.clone();
                    if discrete {
                        ends.push(low.len());
                    }
                    Range { low, high, ends }
                })
            });
            access.ranges = further.collect();
            access.covered.push(field);
            if !discrete {
                break;
            }
        }
        access
    }

    /// Whether it fulfils the condition on a column.
    pub(crate) fn covers(&self, field: &FieldMeta) -> bool {
        self.covered.iter().any(|covered| std::ptr::eq(*covered, field))
    }

    /// Whether it fulfils all that a way asks of columns, and the way asks nothing else.
    pub(crate) fn is_exact(&self, way: &Way) -> bool {
        way.other.is_empty() && way.columns.iter().all(|column| self.covers(column.field))
    }
}

/// Makes one list of the ranges of several ways: in order and apart. Ranges that differ in their first `keep` columns stay
/// so.
pub(crate) fn united(lists: impl IntoIterator<Item = Vec<Range>>, keep: usize) -> Vec<Range> {
    let mut ranges: Vec<Range> = lists.into_iter().flatten().collect();
    ranges.sort_by(|one, other| one.low.cmp(&other.low));
    ranges.dedup_by(|next, last| {
        if next.leading(keep) != last.leading(keep) {
            return false;
        }
        let interval = |range: &Range| Interval { low: range.low.clone(), high: range.high.clone() };
        let mut both = vec![interval(last), interval(next)];
        merge(&mut both);
        if both.len() > 1 {
            return false;
        }
        last.high = both.pop().and_then(|one| one.high);
        last.ends.truncate(keep);
        true
    });
    ranges
}

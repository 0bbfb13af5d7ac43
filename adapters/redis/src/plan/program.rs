//! The program of a read by indexes, as `scripts/query.lua` takes it.

use super::access::Range;
use super::{Driver, Group, IndexRead, Plan, Set, Stretch};
use crate::layout::{Index, Table};
use crate::packed::Packed;

/// What a read by indexes gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Rows,
    Count,
    /// For each row where it is in the order: the range, the bytes; and its key.
    Members,
}

/// Which of the rows of a part, or of each parent in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) offset: u64,
    pub(crate) limit: Option<u64>,
}

impl Plan {
    /// The program of a read of this plan.
    pub(crate) fn program(&self, read: &IndexRead, answer: Answer, window: Window) -> Vec<u8> {
        let mut packed = Packed::default();
        let answer = match answer {
            Answer::Rows => "rows",
            Answer::Count => "count",
            Answer::Members => "members",
        };
        packed.array(8).text(answer);
        let indexes = self.indexes();
        packed.array(indexes.len());
        for index in indexes {
            packed.text(suffix(&self.table, index));
        }
        match &read.driver {
            Driver::Ranges { stretch, groups, .. } => {
                packed.array(2 + groups.len()).text("ranges").text(suffix(&self.table, stretch.index));
                groups.iter().for_each(|group| self::group(&mut packed, group));
            }
            Driver::Set(set) => {
                packed.array(2).text("set");
                self.pack_set(&mut packed, set);
            }
        }
        packed.array(read.filters.len());
        read.filters.iter().for_each(|filter| self.pack_set(&mut packed, filter));
        packed.flag(read.reverse).count(in_lua(window.offset));
        match window.limit {
            Some(limit) => packed.count(in_lua(limit)),
            None => packed.flag(false),
        };
        match self.table.key_length() {
            Some(length) => packed.count(length),
            None => packed.flag(false),
        };
        packed.into_bytes()
    }

    fn pack_set(&self, packed: &mut Packed, set: &Set) {
        let (name, sets) = match set {
            Set::Stretch(stretch) => return self.pack_stretch(packed, stretch),
            Set::Union(sets) => ("union", sets),
            Set::Intersection(sets) => ("intersection", sets),
        };
        packed.array(1 + sets.len()).text(name);
        sets.iter().for_each(|set| self.pack_set(packed, set));
    }

    fn pack_stretch(&self, packed: &mut Packed, stretch: &Stretch) {
        packed.array(2 + 2 * stretch.ranges.len()).text("range").text(suffix(&self.table, stretch.index));
        for range in &stretch.ranges {
            bounds(packed, range);
        }
    }
}

/// A number of rows as scripts can count: their numbers are floats. No table has so many.
fn in_lua(rows: u64) -> usize {
    usize::try_from(rows.min(1 << 53)).unwrap_or(usize::MAX)
}

fn group(packed: &mut Packed, group: &Group) {
    packed.array(1 + 3 * group.ranges.len()).flag(group.merged_from.is_some());
    for range in &group.ranges {
        let cut = group.merged_from.map_or(0, |columns| range.leading(columns).len());
        bounds(packed, range);
        packed.count(cut);
    }
}

/// The ends of a range as ZRANGE takes them.
fn bounds(packed: &mut Packed, range: &Range) {
    let marked = |mark: u8, bytes: &[u8]| [&[mark], bytes].concat();
    match range.low.is_empty() {
        true => packed.text("-"),
        false => packed.text(marked(b'[', &range.low)),
    };
    match &range.high {
        None => packed.text("+"),
        Some(high) => packed.text(marked(b'(', high)),
    };
}

fn suffix(table: &Table, index: usize) -> &str {
    table.indexes.get(index).map_or("/keys", |index: &Index| &index.suffix)
}

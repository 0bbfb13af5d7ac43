//! Sets of values of one column, as intervals of their ordered bytes.

use crate::layout::order::{self, NULL, VALUE};
use peristyle_query::error::Error;
use peristyle_query::value::Value;
use std::cmp::Ordering;

/// A stretch of ordered bytes: from `low` on, up to `high` alone. No ordered bytes of a value begin those of another, so that
/// one value is a stretch too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) low: Vec<u8>,
    /// `None`: to the end.
    pub(crate) high: Option<Vec<u8>>,
}

/// Compares two ends, of which `None` is the last.
pub(crate) fn compare_ends(one: Option<&[u8]>, other: Option<&[u8]>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.cmp(other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}

impl Interval {
    fn is_empty(&self) -> bool {
        self.high.as_ref().is_some_and(|high| *high <= self.low)
    }
}

/// A set of values of one column: intervals that are apart, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Intervals {
    list: Vec<Interval>,
    /// The values, where the set is made of single values that are not NULL.
    points: Vec<(Vec<u8>, Value)>,
}

impl Intervals {
    /// The one value, or NULL.
    ///
    /// # Errors
    ///
    /// That of a value that has no ordered bytes.
    pub(crate) fn point(value: &Value) -> Result<Self, Error> {
        let bytes = encoded(value)?;
        let high = order::prefix_end(&bytes);
        let points = if value.is_null() { Vec::new() } else { vec![(bytes.clone(), value.clone())] };
        Ok(Intervals { list: vec![Interval { low: bytes, high }], points })
    }

    /// These values.
    ///
    /// # Errors
    ///
    /// That of a value that has no ordered bytes.
    pub(crate) fn points(values: &[Value]) -> Result<Self, Error> {
        let mut points = Vec::with_capacity(values.len());
        for value in values.iter().filter(|value| !value.is_null()) {
            points.push((encoded(value)?, value.clone()));
        }
        points.sort_by(|one, other| one.0.cmp(&other.0));
        points.dedup_by(|one, other| one.0 == other.0);
        let interval = |(bytes, _): &(Vec<u8>, Value)| Interval { low: bytes.clone(), high: order::prefix_end(bytes) };
        Ok(Intervals { list: points.iter().map(interval).collect(), points })
    }

    /// No value.
    pub(crate) fn none() -> Self {
        Intervals::default()
    }

    /// All values but NULL.
    pub(crate) fn not_null() -> Self {
        Self::between(vec![VALUE], None)
    }

    /// NULL.
    pub(crate) fn null() -> Self {
        Self::between(vec![NULL], Some(vec![VALUE]))
    }

    /// The values that are less than one, or equal if `inclusive`.
    ///
    /// # Errors
    ///
    /// That of a value that has no ordered bytes.
    pub(crate) fn less(value: &Value, inclusive: bool) -> Result<Self, Error> {
        let bytes = encoded(value)?;
        let high = if inclusive { order::prefix_end(&bytes) } else { Some(bytes) };
        Ok(Self::between(vec![VALUE], high))
    }

    /// The values that are greater than one, or equal if `inclusive`.
    ///
    /// # Errors
    ///
    /// That of a value that has no ordered bytes.
    pub(crate) fn greater(value: &Value, inclusive: bool) -> Result<Self, Error> {
        let bytes = encoded(value)?;
        match (inclusive, order::prefix_end(&bytes)) {
            (true, _) => Ok(Self::between(bytes, None)),
            (false, Some(end)) => Ok(Self::between(end, None)),
            (false, None) => Ok(Self::none()),
        }
    }

    /// The texts that begin so.
    pub(crate) fn prefix(text: &str) -> Self {
        let mut bytes = Vec::new();
        order::encode_prefix(text.as_bytes(), &mut bytes);
        let high = order::prefix_end(&bytes);
        Self::between(bytes, high)
    }

    fn between(low: Vec<u8>, high: Option<Vec<u8>>) -> Self {
        let interval = Interval { low, high };
        let list = if interval.is_empty() { Vec::new() } else { vec![interval] };
        Intervals { list, points: Vec::new() }
    }

    /// The intervals, in order.
    pub(crate) fn list(&self) -> &[Interval] {
        &self.list
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The values, if it is made of single values that are not NULL.
    pub(crate) fn values(&self) -> Option<impl ExactSizeIterator<Item = &Value>> {
        (self.points.len() == self.list.len()).then(|| self.points.iter().map(|(_, value)| value))
    }

    /// Whether it is made of single values, NULL among them.
    pub(crate) fn is_discrete(&self) -> bool {
        let null = |interval: &Interval| interval.low == [NULL] && interval.high.as_deref() == Some(&[VALUE]);
        let nulls = self.list.iter().filter(|interval| null(interval)).count();
        self.points.len() + nulls == self.list.len()
    }

    /// Whether NULL is one of the values.
    pub(crate) fn has_null(&self) -> bool {
        self.list.first().is_some_and(|interval| interval.low[..] < [VALUE][..])
    }

    /// The values of both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let (mut one, mut two) = (self.list.iter().peekable(), other.list.iter().peekable());
        let mut list = Vec::new();
        while let (Some(left), Some(right)) = (one.peek(), two.peek()) {
            let order = compare_ends(left.high.as_deref(), right.high.as_deref());
            let high = if order.is_gt() { &right.high } else { &left.high };
            let both = Interval { low: left.low.clone().max(right.low.clone()), high: high.clone() };
            if !both.is_empty() {
                list.push(both);
            }
            if order.is_gt() {
                two.next()
            } else {
                one.next()
            };
        }
        Self::with_points_of(list, self, other)
    }

    /// The values of either.
    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut list: Vec<Interval> = self.list.iter().chain(&other.list).cloned().collect();
        list.sort_by(|one, other| one.low.cmp(&other.low));
        // Single values stay apart, so that they are known as such.
        let discrete = self.is_discrete() && other.is_discrete();
        if discrete {
            list.dedup();
        } else {
            merge(&mut list);
        }
        Self::with_points_of(list, self, other)
    }

    /// One set of many, by [`union`](Self::union) or [`intersection`](Self::intersection) of neighbours, so that a condition of very many
    /// terms is not joined term by term to all before it.
    pub(crate) fn joined(mut sets: Vec<Self>, join: fn(&Self, &Self) -> Self) -> Self {
        while sets.len() > 1 {
            sets = sets
                .chunks(2)
                .map(|pair| pair[1..].iter().fold(pair[0].clone(), |one, other| join(&one, other)))
                .collect();
        }
        sets.pop().unwrap_or_default()
    }

    /// The values, NULL not among them, that it lacks.
    pub(crate) fn complement(&self) -> Self {
        let (mut list, mut low) = (Vec::new(), Some(vec![VALUE]));
        for interval in &self.list {
            let Some(start) = low.take() else { break };
            let gap = Interval { low: start.clone(), high: Some(interval.low.clone()) };
            if !gap.is_empty() {
                list.push(gap);
            }
            low = interval.high.clone().map(|high| high.max(start));
        }
        list.extend(low.map(|low| Interval { low, high: None }));
        Intervals { list, points: Vec::new() }
    }

    fn with_points_of(list: Vec<Interval>, one: &Self, other: &Self) -> Self {
        let mut points: Vec<(Vec<u8>, Value)> = Vec::new();
        for interval in &list {
            let find = |of: &Self| {
                let place = of.points.binary_search_by(|point| point.0.cmp(&interval.low)).ok();
                place.and_then(|place| of.points.get(place).cloned())
            };
            let found = find(one).or_else(|| find(other));
            points.extend(found.filter(|(bytes, _)| interval.high == order::prefix_end(bytes)));
        }
        Intervals { list, points }
    }
}

/// Makes one of intervals, sorted by their beginning, that overlap or touch.
pub(crate) fn merge(list: &mut Vec<Interval>) {
    list.dedup_by(|next, last| {
        let apart = last.high.as_ref().is_some_and(|high| *high < next.low);
        if !apart && compare_ends(next.high.as_deref(), last.high.as_deref()).is_gt() {
            last.high = next.high.take();
        }
        !apart
    });
}

fn encoded(value: &Value) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    order::encode(value, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(number: i64) -> Value {
        Value::I64(number)
    }

    fn shown(intervals: &Intervals) -> String {
        let bound = |bytes: &[u8]| match bytes {
            [] => "-".to_owned(),
            [tag] => format!("{tag:02x}"),
            [_, number @ ..] => number.iter().skip(7).map(|byte| byte.to_string()).collect(),
        };
        let interval = |interval: &Interval| {
            format!("[{} {})", bound(&interval.low), interval.high.as_deref().map_or("..".to_owned(), bound))
        };
        intervals.list().iter().map(interval).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn conditions_on_one_column_become_one_set_of_intervals() {
        let above = Intervals::greater(&value(1), false).unwrap();
        let below = Intervals::less(&value(5), true).unwrap();
        assert_eq!(shown(&above.intersection(&below)), "[2 6)");
        assert_eq!(shown(&above.union(&below)), "[02 ..)");
        assert_eq!(shown(&above.union(&Intervals::null())), "[01 02) [2 ..)");
    }

    #[test]
    fn what_is_not_equal_is_two_intervals_without_null() {
        let point = Intervals::point(&value(3)).unwrap();
        assert_eq!(shown(&point.complement()), "[02 3) [4 ..)");
        assert_eq!(shown(&Intervals::not_null().complement()), "");
        assert_eq!(shown(&Intervals::none().complement()), "[02 ..)");
        assert_eq!(shown(&Intervals::null().complement()), "[02 ..)");
    }

    #[test]
    fn single_values_are_known_after_an_intersection() {
        let list = Intervals::points(&[value(3), value(1), value(2), value(3)]).unwrap();
        let both = list.intersection(&Intervals::greater(&value(1), false).unwrap());
        assert_eq!(both.values().unwrap().cloned().collect::<Vec<_>>(), [value(2), value(3)]);
        assert!(both.union(&Intervals::null()).is_discrete());
        assert!(both.union(&Intervals::null()).values().is_none());
        assert!(!Intervals::not_null().is_discrete());
    }
}

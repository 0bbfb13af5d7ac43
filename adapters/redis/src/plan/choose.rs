//! The choice among the ways to find rows.

use super::access::{Access, Range, member_columns, united};
use super::order::{Given, Wanted, given, nulls_apart, wanted};
use super::predicate::{Predicate, Way, ways};
use super::refusal::{self, Lack};
use super::{Driver, Group, IndexRead, Plan, Set, Source, Stretch};
use crate::layout::{Table, key_text, order};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Expression, OrderTerm, ParentKey, Step};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// What is asked for.
pub(crate) struct Asked<'q> {
    /// The conditions, all of which must hold.
    pub(crate) filter: &'q [Expression],
    pub(crate) order: &'q [OrderTerm],
    /// How many rows the query allows to be read.
    pub(crate) allow_filtering: Option<u64>,
    /// The keys of the parents whose rows are wanted, each with its own limit and offset.
    pub(crate) parents: Option<&'q [ParentKey]>,
}

/// How many keys one read names at most; beyond that they are ranges of an index.
const MOST_KEYS: usize = 1 << 20;

impl Plan {
    /// The plan for what is asked.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] that names what lacks an index, unless an index narrows the rows and so many of them may be read.
    pub(crate) fn new(table: &Arc<Table>, asked: &Asked<'_>) -> Result<Plan, Error> {
        let plan =
            |source| Plan { table: table.clone(), source, filters: false, open: Vec::new(), sorts: false, most: None };
        let parents = asked.parents.unwrap_or_default();
        let among = parents.iter().map(|key| {
            let mut steps = key.expression.clone();
            let (item, values) = (&key.field.data_type, key.values.clone());
            steps.push(Step::In { item, values, negated: false, redact: key.field.redact });
            steps
        });
        let conditions: Vec<Expression> = among.chain(asked.filter.iter().cloned()).collect();
        let ways = ways(&Predicate::of(&conditions)?);
        if ways.is_empty() {
            return Ok(plan(Source::Nothing));
        }
        if let Some((keys, conditions)) = by_key(table, &ways)? {
            let exact = ways
                .iter()
                .all(|way| way.other.is_empty() && way.columns.iter().all(|column| is_key(table, column.field)));
            let sorts = !matches!(wanted(table, asked.order, &ways), Wanted::Any) && keys.len() > 1;
            let open = open(&ways, asked.filter, |_, field| is_key(table, field));
            return Ok(Plan { filters: !exact, open, sorts, ..plan(Source::Keys { keys, conditions }) });
        }
        let choice = Choice { table, ways: &ways, wanted: wanted(table, asked.order, &ways), parents: asked.parents };
        let found = choice.find();
        let lacks = choice.lacks(&found);
        // That a table is small, as in development, is no leave to read all of it.
        let narrowed = found.covered.iter().all(|columns| !columns.is_empty());
        let most = match asked.allow_filtering.or(table.schema.allow_filtering) {
            _ if lacks.is_empty() || found.bounded => None,
            Some(most) if narrowed => Some(most),
            _ => return Err(refusal::not_indexed(table, &lacks, narrowed)),
        };
        let sorts = !found.ordered;
        let covers = |way: usize, field: &FieldMeta| {
            found.covered.get(way).is_some_and(|covered| covered.iter().any(|known| std::ptr::eq(*known, field)))
        };
        let open = open(&ways, asked.filter, covers);
        Ok(Plan { filters: !found.exact, open, sorts, most, ..plan(Source::Index(found.read)) })
    }
}

fn is_key(table: &Table, field: &FieldMeta) -> bool {
    table.schema.key_fields().any(|(_, key)| std::ptr::eq(key, field))
}

/// The conditions that are not covered: of one way its own, of several the whole filter.
fn open(ways: &[Way], filter: &[Expression], covers: impl Fn(usize, &FieldMeta) -> bool) -> Vec<Expression> {
    let [way] = ways else { return filter.to_vec() };
    let columns = way.columns.iter().filter(|column| !covers(0, column.field));
    columns.flat_map(|column| &column.conditions).chain(&way.other).cloned().collect()
}

/// The keys of the rows, in order, if each way gives all columns of the key; and what gives them.
fn by_key(table: &Table, ways: &[Way]) -> Result<Option<(Vec<String>, Vec<Expression>)>, Error> {
    let (mut keys, mut seen, mut conditions) = (Vec::new(), HashSet::new(), Vec::new());
    for way in ways {
        let mut rows: Vec<Vec<&Value>> = vec![Vec::new()];
        for (_, field) in table.schema.key_fields() {
            let Some(column) = way.column(field) else { return Ok(None) };
            let Some(values) = column.intervals.values() else { return Ok(None) };
            if rows.len().saturating_mul(values.len()) > MOST_KEYS {
                return Ok(None);
            }
            conditions.extend(column.conditions.iter().cloned());
            let values: Vec<&Value> = values.collect();
            let mut longer = Vec::with_capacity(rows.len() * values.len());
            for row in &rows {
                longer.extend(values.iter().map(|value| [row.as_slice(), &[*value]].concat()));
            }
            rows = longer;
        }
        for row in rows {
            let key = key_text(row.iter().copied())?;
            if seen.insert(key.clone()) {
                keys.push(key);
            }
        }
    }
    Ok(Some((keys, conditions)))
}

/// What is chosen among.
struct Choice<'c> {
    table: &'c Arc<Table>,
    ways: &'c [Way],
    wanted: Wanted,
    parents: Option<&'c [ParentKey]>,
}

/// A read, and what it leaves to do.
struct Found {
    read: IndexRead,
    /// Whether the rows are exactly those that are wanted.
    exact: bool,
    /// Whether they come in the order that is wanted.
    ordered: bool,
    /// Whether there are as few as the values that the query names.
    bounded: bool,
    /// The columns whose conditions the read fulfils, in each way.
    covered: Vec<Vec<&'static FieldMeta>>,
}

impl Choice<'_> {
    fn find(&self) -> Found {
        let indexes = 0..self.table.indexes.len();
        let best = indexes.clone().filter_map(|index| self.by_one(index)).min_by_key(|(cost, _)| *cost);
        if let Some((_, found)) = best {
            return found;
        }
        if let [way] = self.ways
            && let Some(found) = self.by_unique(way)
        {
            return found;
        }
        if let Some(found) = self.by_several() {
            return found;
        }
        self.unordered()
    }

    /// One index that gives exactly the rows, in their order.
    fn by_one(&self, index: usize) -> Option<((bool, usize, usize), Found)> {
        let accesses: Vec<Access> = self.ways.iter().map(|way| Access::of(self.table, index, way)).collect();
        if !accesses.iter().zip(self.ways).all(|(access, way)| access.is_exact(way)) {
            return None;
        }
        let covered = accesses.iter().map(|access| access.covered.clone()).collect();
        let (groups, reverse) = self.groups(index, &accesses)?;
        let merged = groups.iter().any(|group| group.merged_from.is_some());
        let stretch = self.stretch(index, accesses);
        let cost = (merged, stretch.ranges.len(), member_columns(self.table, index).count());
        let driver = Driver::Ranges { stretch, groups, by_parent: self.parents.is_some() };
        let read = IndexRead { driver, filters: Vec::new(), reverse };
        Some((cost, Found { read, exact: true, ordered: true, bounded: false, covered }))
    }

    fn stretch(&self, index: usize, accesses: Vec<Access>) -> Stretch {
        let conditions = accesses.iter().zip(self.ways).map(|(access, way)| conditions(access, way)).collect();
        let ranges = united(accesses.into_iter().map(|access| access.ranges), 0);
        Stretch { index, ranges, conditions }
    }

    /// The ranges of an index in the order that is wanted, if it gives that; and whether from the end.
    fn groups(&self, index: usize, accesses: &[Access]) -> Option<(Vec<Group>, bool)> {
        let lists = || accesses.iter().map(|access| access.ranges.clone());
        let discrete = lists().flatten().map(|range| range.ends.len()).min().unwrap_or(0);
        let parents = match self.parents {
            None => 0,
            Some(keys) => {
                let leading: Vec<_> = member_columns(self.table, index).take(keys.len()).collect();
                let is_parent = |field: &&FieldMeta| keys.iter().any(|key| std::ptr::eq(key.field, *field));
                if discrete < keys.len() || !leading.iter().all(is_parent) {
                    return None;
                }
                keys.len()
            }
        };
        let order = match &self.wanted {
            Wanted::Any => Given { from: parents, reverse: false, turned: false },
            Wanted::Computed => return None,
            Wanted::Columns(terms) => self.given(index, accesses, parents..=discrete, terms)?,
        };
        let mut ranges = united(lists(), order.from);
        if let Some(keys) = self.parents {
            self.keep_parents(index, keys, &mut ranges);
        }
        let mut groups: Vec<Group> = Vec::new();
        for range in ranges {
            let last =
                groups.last_mut().and_then(|group| group.ranges.first().map(|first| first.leading(parents).to_vec()));
            match (last, groups.last_mut()) {
                (Some(leading), Some(group)) if leading == range.leading(parents) => group.ranges.push(range),
                _ => groups.push(Group { ranges: vec![range], merged_from: None }),
            }
        }
        for group in &mut groups {
            let leading = group.ranges.first().map(|range| range.leading(order.from).to_vec()).unwrap_or_default();
            if group.ranges.iter().any(|range| range.leading(order.from) != leading) {
                group.merged_from = Some(order.from);
                if order.turned {
                    return None;
                }
                continue;
            }
            if order.turned {
                // A walk from the end meets the last range first, so that NULLs stand last either way.
                let (nulls, mut others) = nulls_apart(&group.ranges, &leading);
                others.extend(nulls);
                group.ranges = others;
            }
        }
        Some((groups, order.reverse))
    }

    fn wanted_is_any(&self) -> bool {
        matches!(self.wanted, Wanted::Any)
    }

    /// The order that an index gives: rather one in which ranges follow each other than one for which they are merged.
    fn given(
        &self,
        index: usize,
        accesses: &[Access],
        leading: std::ops::RangeInclusive<usize>,
        terms: &[super::order::ColumnTerm],
    ) -> Option<Given> {
        let alike = |count: usize| {
            let mut ranges = accesses.iter().flat_map(|access| &access.ranges).map(|range| range.leading(count));
            let first = ranges.next();
            first.is_some_and(|first| ranges.all(|range| range == first))
        };
        let orders: Vec<Given> =
            leading.filter_map(|from| given(self.table, index, from..=from, terms, self.ways)).collect();
        orders.iter().find(|order| alike(order.from)).or_else(|| orders.first()).copied()
    }

    /// Drops ranges whose leading columns are not the key of a parent, only made of parts of several keys.
    fn keep_parents(&self, index: usize, keys: &[ParentKey], ranges: &mut Vec<Range>) {
        if keys.len() < 2 {
            return;
        }
        let leading: Vec<_> = member_columns(self.table, index).take(keys.len()).collect();
        let ordered: Vec<&ParentKey> =
            leading.iter().filter_map(|field| keys.iter().find(|key| std::ptr::eq(key.field, *field))).collect();
        let count = keys.first().map_or(0, |key| key.values.len());
        let mut known: HashSet<Vec<u8>> = HashSet::new();
        for row in 0..count {
            let mut bytes = Vec::new();
            let encoded = ordered
                .iter()
                .all(|key| key.values.get(row).is_some_and(|value| order::encode(value, &mut bytes).is_ok()));
            if encoded {
                known.insert(bytes);
            }
        }
        ranges.retain(|range| known.contains(range.leading(keys.len())));
    }

    /// A unique index of which the query names the values.
    fn by_unique(&self, way: &Way) -> Option<Found> {
        let (position, index) = self.table.indexes.iter().enumerate().find(|(_, index)| {
            let named = |field: &&'static FieldMeta| {
                way.column(field).is_some_and(|column| column.intervals.values().is_some())
            };
            index.unique && index.fields.iter().all(named)
        })?;
        let access = Access::of(self.table, position, way);
        if !index.fields.iter().all(|field| access.covers(field)) {
            return None;
        }
        let (exact, covered) = (access.is_exact(way), vec![access.covered.clone()]);
        Some(Found {
            read: self.walk(vec![access], Vec::new()),
            exact,
            ordered: self.wanted_is_any(),
            bounded: true,
            covered,
        })
    }

    /// A walk over ranges of one index, in any order.
    fn walk(&self, accesses: Vec<Access>, filters: Vec<Set>) -> IndexRead {
        let index = accesses.first().map_or(0, |access| access.index);
        let stretch = self.stretch(index, accesses);
        let groups = vec![Group { ranges: stretch.ranges.clone(), merged_from: None }];
        IndexRead { driver: Driver::Ranges { stretch, groups, by_parent: false }, filters, reverse: false }
    }

    /// One index for the order, and others for the conditions that it does not fulfil.
    fn by_several(&self) -> Option<Found> {
        if self.wanted_is_any() && self.parents.is_none() {
            return None;
        }
        let indexes = 0..self.table.indexes.len();
        let candidates = indexes.filter_map(|index| {
            let accesses: Vec<Access> = self.ways.iter().map(|way| Access::of(self.table, index, way)).collect();
            // Of several ways, it may know one and not the other: the sets of all are asked for.
            let alone = self.ways.len() == 1;
            let (groups, reverse) = self.groups(index, &accesses)?;
            let sets = self.sets(if alone { Some(&accesses[..]) } else { None });
            let covered: Vec<Vec<_>> = sets.iter().map(|(_, covered)| covered.clone()).collect();
            let exact = self.is_covered(&covered);
            let missing: usize =
                self.ways.iter().zip(&covered).map(|(way, covered)| way.columns.len() - covered.len()).sum();
            let known: usize = accesses.iter().map(|access| access.covered.len()).sum();
            let columns = member_columns(self.table, index).count();
            Some(((missing, usize::MAX - known, columns), index, accesses, groups, reverse, sets, covered, exact))
        });
        let (_, index, accesses, groups, reverse, sets, covered, exact) =
            candidates.min_by_key(|candidate| candidate.0)?;
        let filters = match self.ways.len() {
            1 => sets.into_iter().next().map(|(sets, _)| sets).unwrap_or_default(),
            _ => self.union(sets).into_iter().collect(),
        };
        let stretch = self.stretch(index, accesses);
        let driver = Driver::Ranges { stretch, groups, by_parent: self.parents.is_some() };
        let read = IndexRead { driver, filters, reverse };
        Some(Found { read, exact, ordered: true, bounded: false, covered })
    }

    /// The rows of indexes in any order.
    fn unordered(&self) -> Found {
        let ordered = self.wanted_is_any() && self.parents.is_none();
        let mut sets = self.sets(None);
        let covered: Vec<Vec<_>> = sets.iter().map(|(_, covered)| covered.clone()).collect();
        let exact = self.is_covered(&covered);
        let read = match sets.as_mut_slice() {
            [(sets, _)] => match sets.is_empty() {
                true => self.walk(vec![Access::whole(0)], Vec::new()),
                false => match sets.remove(0) {
                    Set::Stretch(stretch) => {
                        let filters = std::mem::take(sets);
                        let groups = vec![Group { ranges: stretch.ranges.clone(), merged_from: None }];
                        let driver = Driver::Ranges { stretch, groups, by_parent: false };
                        IndexRead { driver, filters, reverse: false }
                    }
                    set => IndexRead { driver: Driver::Set(set), filters: std::mem::take(sets), reverse: false },
                },
            },
            _ => match self.union(sets) {
                Some(set) => IndexRead { driver: Driver::Set(set), filters: Vec::new(), reverse: false },
                None => self.walk(vec![Access::whole(0)], Vec::new()),
            },
        };
        Found { read, exact, ordered, bounded: false, covered }
    }

    fn is_covered(&self, covered: &[Vec<&'static FieldMeta>]) -> bool {
        self.ways.iter().zip(covered).all(|(way, covered)| way.other.is_empty() && covered.len() == way.columns.len())
    }

    /// For each way, the fewest index ranges that fulfil what indexes can of its conditions, beside what `begun` does; and
    /// which columns these are.
    fn sets(&self, begun: Option<&[Access]>) -> Vec<(Vec<Set>, Vec<&'static FieldMeta>)> {
        let of_way = |(number, way): (usize, &Way)| {
            let mut covered =
                begun.and_then(|begun| begun.get(number)).map(|access| access.covered.clone()).unwrap_or_default();
            let mut sets = Vec::new();
            loop {
                let accesses = (0..self.table.indexes.len()).map(|index| Access::of(self.table, index, way));
                let gain = |access: &Access| {
                    let new = |field: &&&'static FieldMeta| !covered.iter().any(|known| std::ptr::eq(*known, **field));
                    access.covered.iter().filter(new).count()
                };
                let best = accesses.map(|access| (gain(&access), access)).max_by_key(|(gain, access)| {
                    (*gain, usize::MAX - member_columns(self.table, access.index).count())
                });
                let Some((1.., access)) = best else { break };
                for field in &access.covered {
                    if !covered.iter().any(|known| std::ptr::eq(*known, *field)) {
                        covered.push(field);
                    }
                }
                let conditions = vec![conditions(&access, way)];
                sets.push(Set::Stretch(Stretch {
                    index: access.index,
                    ranges: united([access.ranges], 0),
                    conditions,
                }));
            }
            (sets, covered)
        };
        self.ways.iter().enumerate().map(of_way).collect()
    }

    /// The rows of all ways, or `None` for a way of which no index knows anything.
    fn union(&self, sets: impl IntoIterator<Item = (Vec<Set>, Vec<&'static FieldMeta>)>) -> Option<Set> {
        let each = sets.into_iter().map(|(mut sets, _)| match sets.len() {
            0 => None,
            1 => sets.pop(),
            _ => Some(Set::Intersection(sets)),
        });
        each.collect::<Option<Vec<Set>>>().map(Set::Union)
    }

    /// What indexes lack for a query.
    fn lacks(&self, found: &Found) -> Vec<Lack> {
        let mut lacks: Vec<Lack> = Vec::new();
        for (way, covered) in self.ways.iter().zip(&found.covered) {
            let missing =
                way.columns.iter().filter(|column| !covered.iter().any(|known| std::ptr::eq(*known, column.field)));
            lacks.extend(missing.map(|column| Lack::Column(column.field)));
            lacks.extend(way.other.iter().map(|expression| Lack::Condition(expression.clone())));
        }
        if !found.ordered {
            match &self.wanted {
                Wanted::Columns(terms) => lacks.push(Lack::order(terms, self.ways, self.parents)),
                Wanted::Computed => lacks.push(Lack::ComputedOrder),
                Wanted::Any => lacks.extend(self.parents.map(|_| Lack::order(&[], self.ways, self.parents))),
            }
        }
        lacks
    }
}

/// The conditions of a way that an access fulfils.
fn conditions(access: &Access, way: &Way) -> Vec<Expression> {
    let columns = access.covered.iter().filter_map(|field| way.column(field));
    columns.flat_map(|column| column.conditions.iter().cloned()).collect()
}

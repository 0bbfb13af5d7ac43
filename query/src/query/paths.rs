//! From paths along associations to joins.
//!
//! Builders write a column at the end of a path as a binding with that path, and joins that no closure sees apart from the
//! others. Before a statement runs, each path becomes joins, once for all clauses, and all joins stand in one list: a join
//! comes after those whose columns its condition uses, else in the order in which the query names it.

use super::ast::{Binding, Expression, Join, JoinKind, OutputColumn, Path, Select, Source, Step};
use crate::schema::{FieldMeta, Hop, SchemaMeta};

/// Too long a path.
const TOO_LONG: &str = "a path follows at most six associations: join along the first ones with .join(..)";

/// A path along an association whose own filter follows another.
const FILTERED_PATH: &str = "the filter of an association on the path follows an association itself, which the condition of a join cannot: join along it with a subquery, `.exists()` or a preload";

/// A path in the condition of the join that it begins at, or along what does not exist.
const NOT_YET: &str = "the condition of a join cannot follow an association of the table that it joins: put the condition into .filter(..)";

impl Select {
    /// Turns the paths of this query and of those inside of it into joins.
    pub(crate) fn with_joins(mut self) -> Result<Self, &'static str> {
        self.expand(None)?;
        Ok(self)
    }

    /// `around` is the prefix of the query around this one, for tables that have none of their own.
    fn expand(&mut self, around: Option<&str>) -> Result<(), &'static str> {
        if let Some(around) = around {
            for source in self.sources_mut() {
                if let Source::Table { prefix: prefix @ None, .. } = source {
                    *prefix = Some(around.to_owned());
                }
            }
        }
        let mut used = Vec::new();
        self.visit_bindings(0, &mut |binding| {
            let place = (binding.index, binding.path);
            if (!place.1.is_empty() || place.0 >= Binding::IMPLIED) && !used.contains(&place) {
                used.push(place);
            }
        });
        if !used.is_empty() || !self.implied.is_empty() {
            self.expand_own(&used)?;
        }
        let own = self.prefix().or(around).map(str::to_owned);
        let mut result = Ok(());
        self.visit_queries(&mut |select| {
            if result.is_ok() {
                result = select.expand(own.as_deref());
            }
        });
        result
    }

    fn expand_own(&mut self, used: &[(u8, Path)]) -> Result<(), &'static str> {
        let prefix = self.prefix().map(str::to_owned);
        let mut expansion = Expansion {
            root: self.schema(),
            explicit: std::mem::take(&mut self.joins).into_iter().map(Some).collect(),
            implied: std::mem::take(&mut self.implied).into_iter().map(Some).collect(),
            prefix,
            placed: Vec::new(),
            numbers: vec![((0, Path::NONE), 0)],
        };
        for index in 0..expansion.explicit.len() {
            expansion.place(((index + 1) as u8, Path::NONE))?;
        }
        for index in 0..expansion.implied.len() {
            expansion.place((Binding::IMPLIED + index as u8, Path::NONE))?;
        }
        for place in used {
            expansion.place(*place)?;
        }
        let Expansion { placed, numbers, .. } = expansion;
        self.joins = placed.iter().map(|placed| placed.join.clone()).collect();
        // The conditions along paths have their numbers already; setting them aside keeps them as they are.
        let mut finished: Vec<(usize, Expression)> = Vec::new();
        for (position, placed) in placed.iter().enumerate() {
            if placed.finished {
                finished.push((position, std::mem::take(&mut self.joins[position].on)));
            }
        }
        self.visit_bindings(0, &mut |binding| {
            let place = (binding.index, binding.path);
            if let Some((_, number)) = numbers.iter().find(|(known, _)| *known == place) {
                (binding.index, binding.path) = (*number, Path::NONE);
            }
        });
        for (position, on) in finished {
            self.joins[position].on = on;
        }
        Ok(())
    }

    /// Visits the references to the sources of this query, in it and in the queries inside of it, which are `depth` further
    /// in.
    pub(crate) fn visit_bindings(&mut self, depth: u8, visit: &mut dyn FnMut(&mut Binding)) {
        self.sources_mut().for_each(|source| {
            if let Source::Subquery(inner) = source {
                inner.visit_bindings(depth + 1, visit);
            }
        });
        for column in &mut self.columns {
            if let OutputColumn::Row(binding, _) = column
                && binding.depth == depth
            {
                visit(binding);
            }
        }
        self.expressions_mut(&mut |steps| visit_steps(steps, depth, visit));
    }

    /// Visits the queries directly inside of this one.
    fn visit_queries(&mut self, visit: &mut dyn FnMut(&mut Select)) {
        self.sources_mut().for_each(|source| {
            if let Source::Subquery(inner) = source {
                visit(inner);
            }
        });
        self.expressions_mut(&mut |steps| {
            for step in steps {
                if let Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) = step {
                    visit(select);
                }
            }
        });
    }
}

pub(super) fn visit_steps(steps: &mut Expression, depth: u8, visit: &mut dyn FnMut(&mut Binding)) {
    for step in steps {
        match step {
            Step::Column(binding, _) if binding.depth == depth => visit(binding),
            Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) => {
                select.visit_bindings(depth + 1, visit);
            }
            _ => {}
        }
    }
}

/// Where the joins of one query come from, and where they go.
struct Expansion {
    root: Option<&'static SchemaMeta>,
    explicit: Vec<Option<Join>>,
    implied: Vec<Option<Join>>,
    prefix: Option<String>,
    placed: Vec<Placed>,
    /// The final index of each place that has one.
    numbers: Vec<((u8, Path), u8)>,
}

struct Placed {
    join: Join,
    /// Whether its condition has final indexes.
    finished: bool,
}

impl Expansion {
    fn number(&self, place: (u8, Path)) -> Option<u8> {
        self.numbers.iter().find(|(known, _)| *known == place).map(|(_, number)| *number)
    }

    /// Makes sure that a place is joined.
    fn place(&mut self, place: (u8, Path)) -> Result<u8, &'static str> {
        if let Some(number) = self.number(place) {
            return Ok(number);
        }
        let (index, path) = place;
        if path.is_too_long() {
            return Err(TOO_LONG);
        }
        match path.split_last() {
            Some((before, association)) => {
                let from = self.place((index, before))?;
                self.follow(from, association, place)
            }
            None => {
                let slot = match index.checked_sub(Binding::IMPLIED) {
                    Some(implied) => self.implied.get_mut(usize::from(implied)),
                    None => self.explicit.get_mut(usize::from(index).wrapping_sub(1)),
                };
                let mut join = slot.and_then(Option::take).ok_or(NOT_YET)?;
                let mut needed = Vec::new();
                visit_steps(&mut join.on, 0, &mut |binding| needed.push((binding.index, binding.path)));
                for needed in needed {
                    if needed != place {
                        self.place(needed)?;
                    }
                }
                self.push(join, false, Some(place))
            }
        }
    }

    fn push(&mut self, join: Join, finished: bool, place: Option<(u8, Path)>) -> Result<u8, &'static str> {
        self.placed.push(Placed { join, finished });
        let number = u8::try_from(self.placed.len()).ok().filter(|number| *number < Binding::IMPLIED);
        let number = number.ok_or("the query joins more than 127 tables: split it into several")?;
        self.numbers.extend(place.map(|place| (place, number)));
        Ok(number)
    }

    /// Joins along a to-one association of a source.
    fn follow(&mut self, from: u8, association: u8, place: (u8, Path)) -> Result<u8, &'static str> {
        let (schema, outer) = match usize::from(from).checked_sub(1) {
            None => (self.root, false),
            Some(position) => match self.placed.get(position) {
                Some(Placed { join, .. }) => (join.source.schema(), join.kind == JoinKind::Left),
                None => (None, false),
            },
        };
        let schema = schema.ok_or(NOT_YET)?;
        let association = schema.associations.get(usize::from(association)).ok_or(NOT_YET)?;
        let kind = if outer || association.optional { JoinKind::Left } else { JoinKind::Inner };
        let hops = association.hops(schema);
        let (mut number, last) = (from, hops.len());
        for (position, hop) in hops.iter().enumerate() {
            let own = self.placed.len() as u8 + 1;
            let mut on = hop_condition(hop, Binding::of(0, number), Binding::of(0, own));
            let mut follows = false;
            visit_steps(&mut on, 0, &mut |binding| follows |= !binding.path.is_empty());
            if follows {
                return Err(FILTERED_PATH);
            }
            let source = Source::Table { schema: hop.to, prefix: self.prefix.clone() };
            let place = (position + 1 == last).then_some(place);
            number = self.push(Join { kind, source, on }, true, place)?;
        }
        Ok(number)
    }
}

/// Turns the paths of queries inside of an expression into joins, where the expression itself may follow none: an UPDATE
/// joins nothing.
pub(crate) fn close(steps: &mut Expression) -> Result<(), &'static str> {
    close_in(steps, None)
}

/// The same in a statement that has this prefix.
pub(crate) fn close_in(steps: &mut Expression, prefix: Option<&str>) -> Result<(), &'static str> {
    let mut follows = false;
    visit_steps(steps, 0, &mut |binding| follows |= !binding.path.is_empty());
    if follows {
        return Err(
            "a column behind an association cannot be part of an update: read it first, or write a subquery that selects it",
        );
    }
    for step in steps {
        if let Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) = step {
            select.expand(prefix)?;
        }
    }
    Ok(())
}

/// Visits the columns of the query that an expression belongs to.
pub(crate) fn visit_columns(steps: &mut Expression, visit: &mut dyn FnMut(&'static FieldMeta)) {
    visit_fields(steps, 0, visit);
}

fn visit_fields(steps: &mut Expression, depth: u8, visit: &mut dyn FnMut(&'static FieldMeta)) {
    for step in steps {
        match step {
            Step::Column(binding, field) if binding.depth == depth => visit(field),
            Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) => {
                select.expressions_mut(&mut |steps| visit_fields(steps, depth + 1, visit));
            }
            _ => {}
        }
    }
}

/// The condition that a hop's two tables meet, between a row of `from` and one of `to`.
pub(crate) fn hop_condition(hop: &Hop, from: Binding, to: Binding) -> Expression {
    let mut steps = Vec::new();
    let mut count = 0;
    for (own, key) in hop.from.iter().zip(&hop.keys) {
        steps.extend([Step::Column(from, own), Step::Column(to, key), Step::Binary(super::ast::BinaryOperator::Equal)]);
        count += 1;
    }
    for filter in &hop.filters {
        steps.append(&mut moved(filter(), to));
        count += 1;
    }
    if count != 1 {
        steps.push(Step::All(count));
    }
    steps
}

/// An expression over the root of a query, as one over another source.
pub(crate) fn moved(mut steps: Expression, to: Binding) -> Expression {
    visit_steps(&mut steps, 0, &mut |binding| {
        binding.index = to.index;
        binding.path = to.path.join(binding.path);
    });
    steps
}

/// Turns references to the rows between of an association into references to the source that they are in.
pub(crate) fn settle_between(steps: &mut Expression, between: Binding) {
    visit_steps(steps, 0, &mut |binding| {
        if binding.index == Binding::BETWEEN {
            binding.index = between.index;
        }
    });
}

/// An expression of a query inside of another, over the inner root and the outer sources, as one of the outer query where
/// the inner root is the source `to`.
pub(crate) fn lifted(mut steps: Expression, to: Binding) -> Expression {
    lift(&mut steps, to, 0);
    steps
}

fn lift(steps: &mut Expression, to: Binding, depth: u8) {
    // Those of the root first: afterwards the outer ones have the same depth.
    visit_steps(steps, depth, &mut |binding| {
        if binding.index != Binding::BETWEEN {
            binding.path = if binding.index == 0 { binding.path } else { Path::NONE };
            binding.index = to.index;
        }
        binding.depth = u8::MAX;
    });
    for outer in depth + 1..=depth + 8 {
        visit_steps(steps, outer, &mut |binding| binding.depth -= 1);
    }
    restore(steps, depth);
}

/// Puts the bindings that were set aside where they belong.
fn restore(steps: &mut Expression, depth: u8) {
    for step in steps {
        match step {
            Step::Column(binding, _) if binding.depth == u8::MAX => binding.depth = depth,
            Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) => {
                restore_in(select, depth + 1);
            }
            _ => {}
        }
    }
}

/// Does the same in a query.
fn restore_in(select: &mut Select, depth: u8) {
    for source in select.sources_mut() {
        if let Source::Subquery(inner) = source {
            restore_in(inner, depth + 1);
        }
    }
    select.expressions_mut(&mut |steps| restore(steps, depth));
}

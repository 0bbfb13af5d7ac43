//! Queries: values that describe what to read, composed clause by clause.

mod allow_filtering;
pub mod ast;
mod clear;
mod correlated;
mod distinct;
mod filter;
mod group_by;
mod into_query;
mod join;
mod limit;
mod nesting;
mod on_conflict;
mod order_by;
pub(crate) mod paths;
mod redact;
mod scope;
mod select;
pub(crate) mod selected;
pub(crate) mod subquery;
pub mod template;
mod without_nulls;
pub(crate) mod written;

pub use ast::{Lock, RowLock};
pub use correlated::{InScope, Nested, Sub};
pub use into_query::{IntoOperation, IntoQuery, IntoSelect};
pub use on_conflict::OnConflict;
pub(crate) use on_conflict::{excluded_as_values, root_as_values};
#[doc(hidden)]
pub use scope::Sources;
pub use scope::{Joinable, Optional, Predicate, Scope, ScopeElement};
pub use select::{FromRow, Same, Selection, Yields};
pub use selected::{Selected, Slots};

use crate::error::{DecodeError, QueryError};
use crate::expr::{Level, current_level, enter, shift_select};
use crate::preload::{Joined, JoinedRows, Preload};
use crate::row::RowReader;
use crate::schema::{Record, Schema};
use ast::Step;
use ast::{Binding, OutputColumn, Select, Source};
use selected::{FindSlots, Place, Tail};
use std::fmt;
use std::sync::Arc;

/// How the rows of a query become outputs.
pub(crate) struct Reading<Out> {
    pub(crate) decode: Decode<Out>,
    pub(crate) slots: FindSlots<Out>,
    pub(crate) tail: Option<Arc<Tail>>,
    /// What is merged into the rows from joins.
    pub(crate) joined: Option<Arc<JoinedRows>>,
    /// Whether an error must not show what was found.
    pub(crate) redact: bool,
}

impl<Out> Clone for Reading<Out> {
    fn clone(&self) -> Self {
        Reading { tail: self.tail.clone(), joined: self.joined.clone(), ..*self }
    }
}

/// Reads one row of a query's result.
pub(crate) type Decode<Out> = fn(&mut RowReader<'_>) -> Result<Out, DecodeError>;

/// A query: a value that a repo runs, as often as asked.
///
/// `Sc` is its scope (the schema, or a tuple of the schema and what was joined) and `Out` what a row becomes: the whole
/// root, until [`select`](Query::select) changes it. Each method gives a new query; the type stays the same but for joins
/// and selections, so that clauses can be added in an `if`.
#[must_use = "a query does nothing until a repo runs it"]
pub struct Query<Sc: Scope, Out = <Sc as Scope>::Root> {
    select: Box<Select>,
    problem: Option<QueryError>,
    decode: Decode<Out>,
    slots: FindSlots<Out>,
    tail: Option<Box<Tail>>,
    /// What is preloaded from the rows of the same statement.
    joined: Vec<Arc<dyn Joined>>,
    /// The level of builder closures that its references to outer queries are counted from.
    level: Level,
    scope: std::marker::PhantomData<fn() -> Sc>,
}

impl<Sc: Scope, Out> Clone for Query<Sc, Out> {
    fn clone(&self) -> Self {
        Query {
            select: self.select.clone(),
            problem: self.problem.clone(),
            tail: self.tail.clone(),
            joined: self.joined.clone(),
            ..*self
        }
    }
}

/// Shows the plain form, without values of `redact` fields; `to_sql` shows the SQL.
impl<Sc: Scope, Out> fmt::Debug for Query<Sc, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.select.fmt(f)
    }
}

impl<S: Schema> Query<S> {
    /// A query for all rows of `S`; [`Schema::query`] is the shorter way.
    pub fn new() -> Self {
        let mut select = Select::new(Source::Table { schema: S::META, prefix: None });
        select.columns.push(OutputColumn::Row(Binding::of(0, 0), S::META));
        let level = current_level();
        Query {
            select: Box::new(select),
            problem: None,
            decode: S::decode,
            slots: |row, slots| slots.row(row),
            tail: None,
            joined: Vec::new(),
            level,
            scope: std::marker::PhantomData,
        }
    }
}

impl<S: Schema> Default for Query<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Reads the tables of the query from another prefix: a database schema on Postgres, an attached database on SQLite. It
    /// covers what is joined, associations in expressions and preloads, and queries inside of it that have no prefix of
    /// their own.
    ///
    /// It is stronger than the prefix of the repo, and that stronger than those of schemas.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        for source in self.select.sources_mut() {
            if let Source::Table { prefix: own, .. } = source {
                *own = Some(prefix.clone());
            }
        }
        self.select.prefix = Some(prefix);
        self
    }

    pub(crate) fn with_scope<Sc2: Scope>(self) -> Query<Sc2, Out> {
        let Query { select, problem, decode, slots, tail, joined, level, .. } = self;
        Query { select, problem, decode, slots, tail, joined, level, scope: std::marker::PhantomData }
    }

    /// Runs a builder closure of this query, over the columns of scope `In`.
    pub(crate) fn build<In: Scope, R>(&mut self, closure: impl FnOnce(In::Bindings) -> R) -> R {
        self.settle();
        let select = &*self.select;
        enter(|level| closure(In::bindings(Sources::new(select, level))))
    }

    /// Counts its references to outer queries from the closure that is running: a query may be made in one closure, and
    /// used or completed in another inside of it.
    pub(crate) fn settle(&mut self) {
        let level = current_level();
        let deeper = level.saturating_sub(self.level);
        // What was made outside of every closure has no outer query.
        if deeper > 0 && self.level > 0 {
            shift_select(&mut self.select, deeper, 1);
        }
        self.level = level;
    }

    /// Keeps the first mistake; the repo call returns it.
    pub(crate) fn refuse(&mut self, message: &'static str) {
        self.refuse_with(QueryError::new(message));
    }

    pub(crate) fn refuse_with(&mut self, problem: QueryError) {
        self.problem.get_or_insert(problem);
    }

    pub(crate) fn select_mut(&mut self) -> &mut Select {
        &mut self.select
    }

    /// Whether it gives all rows of its root.
    pub(crate) fn is_whole(&self) -> bool {
        let Select { source, joins, filter, group_by, having, limit, offset, distinct, .. } = &*self.select;
        matches!(source, Source::Table { .. })
            && joins.is_empty()
            && filter.is_empty()
            && group_by.is_empty()
            && having.is_empty()
            && limit.is_none()
            && offset.is_none()
            && !distinct
    }

    /// Adds the filters of another query of the same root, and its source, order and limit where this one has none.
    pub(crate) fn also(mut self, mut other: Self) -> Self {
        self.settle();
        other.settle();
        let (own, Select { source, filter, order_by, limit, offset, allow_filtering, .. }) =
            (&mut *self.select, *other.select);
        if let Source::Subquery(_) = source {
            match own.source {
                Source::Table { .. } => own.source = source,
                Source::Subquery(_) => {
                    other.problem.get_or_insert_with(|| {
                        QueryError::new("an association reads from one subquery, but is given two: make one of them")
                    });
                }
            }
        }
        own.filter.splice(0..0, filter);
        own.allow_filtering = own.allow_filtering.or(allow_filtering);
        if own.order_by.is_empty() {
            own.order_by = order_by;
        }
        if own.limit.is_none() && own.offset.is_none() {
            (own.limit, own.offset) = (limit, offset);
        }
        self.problem = other.problem.or(self.problem);
        self
    }

    pub(crate) fn is_ordered(&self) -> bool {
        !self.select.order_by.is_empty()
    }

    pub(crate) fn order_terms(&self) -> Vec<ast::OrderTerm> {
        self.select.order_by.clone()
    }

    /// Whether `.prefix(..)` was called.
    pub(crate) fn has_own_prefix(&self) -> bool {
        self.select.prefix().is_some()
    }

    /// Its filters and perhaps an order, if it has nothing else; `otherwise` says what to do instead.
    pub(crate) fn into_conditions(mut self, otherwise: &'static str) -> Result<Vec<ast::Expression>, QueryError> {
        self.settle();
        let Select { source, joins, implied, filter, group_by, having, limit, offset, distinct, .. } = *self.select;
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let table = matches!(source, Source::Table { .. });
        let plain = table && joins.is_empty() && implied.is_empty() && group_by.is_empty() && having.is_empty();
        if !plain || limit.is_some() || offset.is_some() || distinct {
            return Err(QueryError::new(otherwise));
        }
        Ok(filter)
    }

    pub(crate) fn add_preloads(&mut self, preloads: Vec<Arc<dyn Preload>>) {
        if !preloads.is_empty() {
            self.tail_mut().preloads.extend(preloads);
        }
    }

    pub(crate) fn take_preloads(&mut self) -> Vec<Arc<dyn Preload>> {
        self.tail.as_mut().map(|tail| std::mem::take(&mut tail.preloads)).unwrap_or_default()
    }

    pub(crate) fn add_joined(&mut self, joined: Vec<Arc<dyn Joined>>) {
        self.joined.extend(joined);
    }

    pub(crate) fn root_name() -> &'static str {
        <Sc::Root as Record>::NAME
    }

    /// How its rows become outputs.
    pub(crate) fn reading(&self) -> Reading<Out> {
        Reading {
            decode: self.decode,
            slots: self.slots,
            tail: self.tail.as_ref().map(|tail| Arc::new((**tail).clone())),
            joined: None,
            redact: self.select.computes_redacted(),
        }
    }

    fn tail_mut(&mut self) -> &mut Tail {
        self.tail.get_or_insert_with(|| Box::new(Tail { places: vec![Place::Root], ..Tail::default() }))
    }

    /// The plain form, whose paths are not joins yet, and how its rows are read; or the first mistake.
    pub(crate) fn into_parts(self) -> Result<(Select, Reading<Out>), QueryError> {
        let reading = self.reading();
        if !self.has_joined() {
            return Ok((self.into_open_select()?, reading));
        }
        let (select, joined) = self.into_joined()?;
        Ok((select, Reading { joined: Some(Arc::new(joined)), ..reading }))
    }

    /// The query without what it preloads.
    pub(crate) fn without_preloads(mut self) -> Self {
        self.joined.clear();
        self
    }

    fn into_joined(mut self) -> Result<(Select, JoinedRows), QueryError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let joined = std::mem::take(&mut self.joined);
        let schema = self.select.schema().filter(|schema| !schema.primary_key.is_empty());
        let schema = schema.ok_or_else(|| QueryError::new("join_preload needs a root with a primary key"))?;
        let root = Binding::of(0, 0);
        let key_of = |binding| schema.key_fields().map(move |(_, field)| (vec![Step::Column(binding, field)], field));
        let cut = self.select.limit.is_some() || self.select.offset.is_some();
        if cut && joined.iter().any(|joined| joined.repeats_parents()) {
            // The limit is one of roots, so that it stands in a query for them alone.
            if joined.iter().any(|joined| joined.is_from_binding()) || !self.select.group_by.is_empty() {
                return Err(QueryError::new(
                    "a limit would cut joined rows, and with them the association that preload_from takes from them: use \
                     .join_preload(..) or .preload(..)",
                ));
            }
            let mut roots = (*self.select).clone();
            roots.columns =
                key_of(root).map(|(expression, _)| OutputColumn::Expression { expression, alias: None }).collect();
            (self.select.limit, self.select.offset) = (None, None);
            let own = crate::preload::next_implied(&self.select)?;
            let mut on: ast::Expression = Vec::new();
            for (_, field) in schema.key_fields() {
                on.extend([
                    Step::Column(own, field),
                    Step::Column(root, field),
                    Step::Binary(ast::BinaryOperator::Equal),
                ]);
            }
            if schema.primary_key.len() > 1 {
                on.push(Step::All(schema.primary_key.len()));
            }
            let source = Source::Subquery(Box::new(roots));
            self.select.implied.push(ast::Join { kind: ast::JoinKind::Inner, source, on });
        }
        let key = selected::add_key(&mut self.select.columns, key_of(root).collect());
        let mut mergers = Vec::new();
        for joined in joined {
            mergers.push(joined.attach(&mut self.select, root)?);
        }
        Ok((self.into_open_select()?, JoinedRows { mergers, key }))
    }

    /// The prefix that the query itself gives its root.
    pub(crate) fn own_prefix(&self) -> Option<&str> {
        self.select.prefix()
    }

    pub(crate) fn has_joined(&self) -> bool {
        !self.joined.is_empty()
    }

    /// Whether something is preloaded from a source that the query joins by itself.
    pub(crate) fn is_loaded_from_binding(&self) -> bool {
        self.joined.iter().any(|joined| joined.is_from_binding())
    }

    /// Whether what is preloaded by joins may give several rows for one root.
    pub(crate) fn repeats_roots(&self) -> bool {
        self.joined.iter().any(|joined| joined.repeats_parents())
    }

    /// The same query for its roots alone, of which it gives as many.
    pub(crate) fn roots(mut self) -> Self {
        if self.is_loaded_from_binding() {
            // A limit is refused, as it is where the rows are read.
            if self.select.limit.is_some() || self.select.offset.is_some() {
                return self;
            }
            if let Some(schema) = self.select.schema() {
                let key = schema.key_fields().map(|(_, field)| vec![Step::Column(Binding::of(0, 0), field)]);
                self.select.columns =
                    key.map(|expression| OutputColumn::Expression { expression, alias: None }).collect();
                self.select.distinct = true;
                self.select.order_by.clear();
            }
        }
        self.without_preloads()
    }

    /// The plain form, or the first mistake.
    pub(crate) fn into_select(self) -> Result<Select, QueryError> {
        self.into_open_select()?.with_joins().map_err(QueryError::new)
    }

    /// The plain form, whose paths are not joins yet, or the first mistake.
    pub(crate) fn into_open_select(mut self) -> Result<Select, QueryError> {
        if self.has_joined() {
            return self.into_joined().map(|(select, _)| select);
        }
        if self.problem.is_none() {
            self.problem = first_mistake_of(&self.select).map(QueryError::new);
        }
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(*self.select),
        }
    }

    /// The plain form as part of another query, where a mistake becomes a step that refuses the whole.
    pub(crate) fn into_select_any(mut self) -> Select {
        self.settle();
        if let Some(problem) = self.problem.take() {
            let message = match problem.message {
                std::borrow::Cow::Borrowed(message) => message,
                std::borrow::Cow::Owned(_) => "the query inside has a mistake: run it alone to see which",
            };
            self.select.filter.push(vec![ast::Step::Invalid(message)]);
        }
        self.select.nested()
    }
}

/// The first mistake in an expression and the queries inside of it.
pub(crate) fn first_mistake(steps: &ast::Expression) -> Option<&'static str> {
    steps.iter().find_map(|step| match step {
        Step::Invalid(message) => Some(*message),
        step => step.query().and_then(first_mistake_of),
    })
}

/// The first mistake in a query and those inside of it.
fn first_mistake_of(select: &Select) -> Option<&'static str> {
    let derived = select.sources().find_map(|source| match source {
        Source::Subquery(inner) => first_mistake_of(inner),
        Source::Table { .. } => None,
    });
    derived.or_else(|| select.expressions().find_map(first_mistake))
}

//! SELECT and its parts.

use super::{Binding, Expression, RowLock, Step};
use crate::schema::{FieldMeta, SchemaMeta};
use std::fmt;

/// One term of ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderTerm {
    /// What to sort by.
    pub expression: Expression,
    /// From the greatest to the least.
    pub descending: bool,
    /// Where NULLs go; `None` is the store's own way.
    pub nulls: Option<Nulls>,
}

/// Where NULLs go in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Nulls {
    First,
    Last,
}

/// Where rows come from.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// A schema's table; the prefix is the query's own, stronger than any other.
    Table {
        /// The schema.
        schema: &'static SchemaMeta,
        /// The prefix that the query gives this source.
        prefix: Option<String>,
    },
    /// A query, whose columns are reached by the names of [`Select::columns`].
    Subquery(Box<Select>),
}

impl Source {
    /// The prefix that the query gives it.
    pub fn prefix(&self) -> Option<&str> {
        match self {
            Source::Table { prefix, .. } => prefix.as_deref(),
            Source::Subquery(_) => None,
        }
    }

    /// The schema whose rows it has, or that they are made from: it looks through subqueries.
    pub fn schema(&self) -> Option<&'static SchemaMeta> {
        match self {
            Source::Table { schema, .. } => Some(schema),
            Source::Subquery(inner) => inner.row_schema().or_else(|| inner.schema()),
        }
    }

    /// The schema whose rows it has.
    pub fn row_schema(&self) -> Option<&'static SchemaMeta> {
        match self {
            Source::Table { schema, .. } => Some(schema),
            Source::Subquery(inner) => inner.row_schema(),
        }
    }
}

/// Shows the name of a schema, not all of its metadata.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Table { schema, prefix: None } => f.write_str(schema.name),
            Source::Table { schema, prefix: Some(prefix) } => write!(f, "{prefix}.{}", schema.name),
            Source::Subquery(select) => select.fmt(f),
        }
    }
}

/// Shows the name of a schema, not all of its metadata.
impl fmt::Debug for OutputColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputColumn::Expression { expression, alias: None } => expression.fmt(f),
            OutputColumn::Expression { expression, alias: Some(alias) } => write!(f, "{alias}: {expression:?}"),
            OutputColumn::Row(binding, schema) => {
                write!(f, "Row({}.{}, {})", binding.depth, binding.index, schema.name)
            }
        }
    }
}

/// The kind of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum JoinKind {
    Inner,
    Left,
}

/// A further source.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// How unmatched rows are treated.
    pub kind: JoinKind,
    /// What is joined.
    pub source: Source,
    /// The condition.
    pub on: Expression,
}

/// One column of the result, or all of a source.
#[derive(Clone, PartialEq)]
pub enum OutputColumn {
    /// An expression.
    Expression {
        /// What it is.
        expression: Expression,
        /// Its name, where something refers to it.
        alias: Option<&'static str>,
    },
    /// The [`loaded_fields`](SchemaMeta::loaded_fields) of a source, in order.
    Row(Binding, &'static SchemaMeta),
}

impl OutputColumn {
    /// A column of the root.
    pub fn field(field: &'static FieldMeta) -> Self {
        OutputColumn::Expression { expression: vec![Step::Column(Binding::of(0, 0), field)], alias: None }
    }

    /// Names an expression; a whole row keeps the names of its columns.
    pub fn set_alias(&mut self, name: &'static str) {
        if let OutputColumn::Expression { alias, .. } = self {
            *alias = Some(name);
        }
    }
}

/// A SELECT.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// The root.
    pub source: Source,
    /// The joins, in order.
    pub joins: Vec<Join>,
    /// The joins that others need and no closure sees, such as the join table of a many-to-many association. Empty in a
    /// statement that reaches an adapter: the core puts them among `joins`.
    pub implied: Vec<Join>,
    /// The conditions, all of which must hold.
    pub filter: Vec<Expression>,
    /// GROUP BY.
    pub group_by: Vec<Expression>,
    /// The conditions on groups, all of which must hold.
    pub having: Vec<Expression>,
    /// ORDER BY.
    pub order_by: Vec<OrderTerm>,
    /// LIMIT; a bound value.
    pub limit: Option<u64>,
    /// OFFSET; a bound value.
    pub offset: Option<u64>,
    /// Whether equal rows count once.
    pub distinct: bool,
    /// The lock on the rows of the root.
    pub lock: Option<RowLock>,
    /// The prefix of the query: its sources have it, what its associations lead to, and the queries inside of it.
    pub prefix: Option<String>,
    /// The columns of the result, never empty in a statement that is run.
    pub columns: Vec<OutputColumn>,
    /// How many rows a key-value store may read to find those that a condition without an index leaves. SQL stores need no
    /// such leave.
    pub allow_filtering: Option<u64>,
}

impl Select {
    /// The schema of the root, looking through subqueries.
    pub fn schema(&self) -> Option<&'static SchemaMeta> {
        self.source.schema()
    }

    /// The schema whose whole rows it gives.
    pub fn row_schema(&self) -> Option<&'static SchemaMeta> {
        self.columns.iter().find_map(|column| match column {
            OutputColumn::Row(_, schema) => Some(*schema),
            OutputColumn::Expression { .. } => None,
        })
    }

    /// The prefix of what its associations lead to: its own, or that of a query that is its root.
    pub fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref().or(match &self.source {
            Source::Subquery(inner) => inner.prefix(),
            source => source.prefix(),
        })
    }

    /// The source at an index: 0 is the root, 1 the first join.
    pub fn source_at(&self, index: u8) -> Option<&Source> {
        match usize::from(index).checked_sub(1) {
            None => Some(&self.source),
            Some(join) => self.joins.get(join).map(|join| &join.source),
        }
    }
}

impl Select {
    /// A query for no column yet of a source.
    pub fn new(source: Source) -> Self {
        Select {
            source,
            joins: Vec::new(),
            implied: Vec::new(),
            filter: Vec::new(),
            group_by: Vec::new(),
            having: Vec::new(),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            distinct: false,
            lock: None,
            prefix: None,
            columns: Vec::new(),
            allow_filtering: None,
        }
    }

    /// The root and what is joined.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        std::iter::once(&self.source).chain(self.joins.iter().chain(&self.implied).map(|join| &join.source))
    }

    /// The root and what is joined.
    pub fn sources_mut(&mut self) -> impl Iterator<Item = &mut Source> {
        let joins = self.joins.iter_mut().chain(&mut self.implied);
        std::iter::once(&mut self.source).chain(joins.map(|join| &mut join.source))
    }

    /// Every expression of the query itself; those of its subqueries are inside of them.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let columns = self.columns.iter().filter_map(|column| match column {
            OutputColumn::Expression { expression, .. } => Some(expression),
            OutputColumn::Row(..) => None,
        });
        let joins = self.joins.iter().chain(&self.implied);
        let conditions = joins.map(|join| &join.on).chain(&self.filter).chain(&self.group_by);
        conditions.chain(&self.having).chain(self.order_by.iter().map(|term| &term.expression)).chain(columns)
    }

    /// Visits every expression of the query itself; those of its subqueries are inside of them.
    pub fn expressions_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.joins.iter_mut().chain(&mut self.implied).for_each(|join| visit(&mut join.on));
        self.filter.iter_mut().for_each(&mut *visit);
        self.group_by.iter_mut().for_each(&mut *visit);
        self.having.iter_mut().for_each(&mut *visit);
        self.order_by.iter_mut().for_each(|term| visit(&mut term.expression));
        for column in &mut self.columns {
            if let OutputColumn::Expression { expression, .. } = column {
                visit(expression);
            }
        }
    }
}

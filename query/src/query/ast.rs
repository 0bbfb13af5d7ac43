//! The plain form of statements: what the builders build and the adapters read.
//!
//! An expression is a flat list of steps in postfix order (operands before their operator), so that building one extends
//! a vector instead of boxing every node. This module is public for adapters and outside the promise of stable versions
//! until 1.0.

use crate::schema::{FieldMeta, SchemaMeta};
use crate::value::{DataType, Value};
use std::fmt;

/// A place in an expression: a column, a value, or an operation on what stands before it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// A column.
    Column(Binding, &'static FieldMeta),
    /// A bound value. `redact`: never shown.
    Value {
        /// The value.
        value: Value,
        /// Whether it must never be shown.
        redact: bool,
    },
    /// A literal written into the SQL, quoted.
    Literal(Value),
    /// `*`, as in `COUNT(*)`.
    Star,
    /// Takes one operand.
    Unary(UnaryOperator),
    /// Takes two operands.
    Binary(BinaryOperator),
    /// Takes `n` operands, all of which must hold; TRUE for none.
    All(usize),
    /// Takes `n` operands, one of which must hold; FALSE for none.
    Any(usize),
    /// Takes three operands: is the first between the others? `true`: is it not?
    Between(bool),
    /// Takes one operand: is it among these values (never NULL)? `negated`: is it not?
    In {
        /// The type of the values.
        item: &'static DataType,
        /// The values.
        values: Vec<Value>,
        /// Whether the test is turned round.
        negated: bool,
        /// Whether the values must never be shown.
        redact: bool,
    },
    /// Takes one operand: is it among the rows of a query with one column? `true`: is it not?
    InQuery(Box<Select>, bool),
    /// Whether a query gives a row. `true`: whether it gives none.
    Exists(Box<Select>, bool),
    /// The one value of a query.
    Scalar(Box<Select>),
    /// Takes two operands, a text and a pattern.
    Like {
        /// Whether the test is turned round.
        negated: bool,
        /// Whether case is ignored.
        ignore_case: bool,
    },
    /// Takes one operand unless it is `COUNT(*)`, whose operand is [`Step::Star`].
    Aggregate {
        /// Which.
        function: Aggregate,
        /// Whether equal values count once.
        distinct: bool,
        /// Whether one more operand, a condition, follows (FILTER).
        filter: bool,
        /// The type of the operand.
        operand: DataType,
        /// The type of the result.
        result: DataType,
    },
    /// Takes `n` operands.
    Function(Function, usize),
    /// Takes one operand, as another type.
    Cast(DataType),
    /// A mistake that types could not catch, with what to write instead; a query that has one is refused.
    Invalid(&'static str),
    /// Takes `n` operands: raw SQL, as a [`template`](super::template) with a place for each.
    Fragment(&'static str, usize),
}

/// Shows the step without the values that must never be shown.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Column(binding, field) => {
                write!(f, "Column({}.{}, {:?})", binding.depth, binding.index, field.column)
            }
            Step::Value { redact: true, .. } => f.write_str("Value([redacted])"),
            Step::Value { value, .. } => write!(f, "Value({value})"),
            Step::Literal(value) => write!(f, "Literal({value})"),
            Step::Star => f.write_str("Star"),
            Step::Unary(operator) => operator.fmt(f),
            Step::Binary(operator) => operator.fmt(f),
            Step::All(count) => write!(f, "All({count})"),
            Step::Any(count) => write!(f, "Any({count})"),
            Step::Between(negated) => write!(f, "Between {{ negated: {negated} }}"),
            Step::In { redact: true, negated, .. } => write!(f, "In {{ [redacted], negated: {negated} }}"),
            Step::In { values, negated, .. } => write!(f, "In {{ {values:?}, negated: {negated} }}"),
            Step::InQuery(select, negated) => write!(f, "InQuery {{ {select:?}, negated: {negated} }}"),
            Step::Exists(select, negated) => write!(f, "Exists {{ {select:?}, negated: {negated} }}"),
            Step::Scalar(select) => write!(f, "Scalar({select:?})"),
            Step::Like { negated, ignore_case } => {
                write!(f, "Like {{ negated: {negated}, ignore_case: {ignore_case} }}")
            }
            Step::Aggregate { function, distinct, filter, .. } => {
                write!(f, "{function:?} {{ distinct: {distinct}, filter: {filter} }}")
            }
            Step::Function(function, count) => write!(f, "{function:?}({count})"),
            Step::Cast(data_type) => write!(f, "Cast({data_type})"),
            Step::Invalid(message) => write!(f, "Invalid({message:?})"),
            Step::Fragment(template, count) => write!(f, "Fragment({template:?}, {count})"),
        }
    }
}

/// A reference to a source of the query: how many queries further out (`depth`), and which of its sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    /// 0 for the query itself, 1 for the one around it, …
    pub depth: u8,
    /// 0 for the root, 1 for the first join, …
    pub index: u8,
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum UnaryOperator {
    Not,
    Negate,
    IsNull,
    IsNotNull,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Equal, or both NULL.
    IsNotDistinctFrom,
    IsDistinctFrom,
    And,
    Or,
    /// The type is that of the operands.
    Add(DataType),
    Subtract(DataType),
    Multiply(DataType),
    Divide(DataType),
    Remainder(DataType),
    Concat,
}

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Aggregate {
    Count,
    Sum,
    Average,
    Min,
    Max,
}

/// A scalar function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Function {
    Coalesce,
    Lower,
    Upper,
    Length,
    Abs,
}

/// An expression: steps in postfix order that leave one operand.
pub type Expression = Vec<Step>;

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
    /// The columns of the result, never empty in a statement that is run.
    pub columns: Vec<OutputColumn>,
}

/// An INSERT of one row.
#[derive(Clone, PartialEq)]
pub struct Insert {
    /// The table.
    pub schema: &'static SchemaMeta,
    /// The columns that are given, with their values; none is a row of defaults.
    pub values: Vec<(&'static FieldMeta, Value)>,
    /// The columns that are read back.
    pub returning: Vec<&'static FieldMeta>,
}

/// An UPDATE of the rows that a filter finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The table.
    pub schema: &'static SchemaMeta,
    /// The columns that are set, never empty.
    pub set: Vec<(&'static FieldMeta, Expression)>,
    /// The conditions, all of which must hold.
    pub filter: Vec<Expression>,
    /// The columns that are read back.
    pub returning: Vec<&'static FieldMeta>,
}

/// A DELETE of the rows that a filter finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The table.
    pub schema: &'static SchemaMeta,
    /// The conditions, all of which must hold.
    pub filter: Vec<Expression>,
    /// The columns that are read back.
    pub returning: Vec<&'static FieldMeta>,
}

/// A statement that the program wrote itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RawStatement {
    /// The text: a [`template`](super::template) with a place for each value.
    pub template: &'static str,
    /// The values.
    pub values: Vec<Value>,
}

/// A statement, in its plain form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Operation {
    Select(Select),
    Insert(Insert),
    Update(Update),
    Delete(Delete),
    Raw(RawStatement),
    Explain(Box<Operation>, Explain),
}

/// What a store is to say of its plan for a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Explain {
    /// Whether the statement is run, and measured.
    pub analyze: bool,
    /// Whether more is told of each node.
    pub verbose: bool,
    /// The form of the answer.
    pub format: ExplainFormat,
}

/// The form in which a store describes a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ExplainFormat {
    #[default]
    Text,
    Json,
    Yaml,
}

impl Operation {
    /// Whether the statement is known to read only. A statement of the program's own is not.
    pub fn is_read(&self) -> bool {
        match self {
            Operation::Select(_) => true,
            Operation::Explain(operation, explain) => !explain.analyze || operation.is_read(),
            _ => false,
        }
    }

    /// The schema of the root, if there is one.
    pub fn schema(&self) -> Option<&'static SchemaMeta> {
        match self {
            Operation::Select(select) => select.schema(),
            Operation::Insert(insert) => Some(insert.schema),
            Operation::Update(update) => Some(update.schema),
            Operation::Delete(delete) => Some(delete.schema),
            Operation::Explain(operation, _) => operation.schema(),
            Operation::Raw(_) => None,
        }
    }
}

impl Select {
    /// The schema of the root, looking through subqueries.
    pub fn schema(&self) -> Option<&'static SchemaMeta> {
        match &self.source {
            Source::Table { schema, .. } => Some(schema),
            Source::Subquery(inner) => inner.schema(),
        }
    }
}

impl Select {
    /// A query for no column yet of a source.
    pub fn new(source: Source) -> Self {
        Select {
            source,
            joins: Vec::new(),
            filter: Vec::new(),
            group_by: Vec::new(),
            having: Vec::new(),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            distinct: false,
            columns: Vec::new(),
        }
    }

    /// Every expression of the query itself; those of its subqueries are inside of them.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let columns = self.columns.iter().filter_map(|column| match column {
            OutputColumn::Expression { expression, .. } => Some(expression),
            OutputColumn::Row(..) => None,
        });
        let conditions = self.joins.iter().map(|join| &join.on).chain(&self.filter).chain(&self.group_by);
        conditions.chain(&self.having).chain(self.order_by.iter().map(|term| &term.expression)).chain(columns)
    }

    /// Visits every expression of the query itself; those of its subqueries are inside of them.
    pub fn expressions_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.joins.iter_mut().for_each(|join| visit(&mut join.on));
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

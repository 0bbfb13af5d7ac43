//! Whole statements.

use super::{Expression, Join, OutputColumn, Select, Step};
use crate::schema::{FieldMeta, SchemaMeta};
use crate::value::Value;
use std::borrow::Cow;

/// An INSERT.
#[derive(Clone, PartialEq)]
pub struct Insert {
    /// The table.
    pub schema: &'static SchemaMeta,
    /// The columns that are given; none is a row of defaults.
    pub columns: Vec<&'static FieldMeta>,
    /// Where the rows come from.
    pub source: InsertSource,
    /// What happens to a row that is there already; without it, the statement fails.
    pub on_conflict: Option<Box<OnConflict>>,
    /// What is read back of each row.
    pub returning: Vec<OutputColumn>,
}

/// Where the rows of an INSERT come from.
#[derive(Clone, PartialEq)]
pub enum InsertSource {
    /// So many rows of values, which follow each other in one list.
    Rows {
        /// How many rows there are.
        count: usize,
        /// For each row, a value for each column.
        values: Vec<Value>,
    },
    /// Rows of expressions over no column, one for each column.
    Expressions(Vec<Vec<Expression>>),
    /// The rows of a query, which has as many columns.
    Query(Box<Select>),
}

/// What happens to a row of an INSERT that is there already.
#[derive(Clone, Debug, PartialEq)]
pub struct OnConflict {
    /// What must be unique; none is every unique index and constraint.
    pub target: Option<ConflictTarget>,
    /// What happens.
    pub action: ConflictAction,
}

/// What must be unique.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictTarget {
    /// The columns or expressions of a unique index, over the row, and the condition of a partial one.
    Index {
        /// The columns or expressions.
        columns: Vec<Expression>,
        /// The conditions, all of which must hold.
        filter: Vec<Expression>,
    },
    /// The name of a constraint.
    Constraint(Cow<'static, str>),
}

/// What happens to a row that is there already.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictAction {
    /// It stays as it is.
    Ignore,
    /// It is updated. Expressions see it as their source 0, and the row that was to be inserted as their source 1.
    Update {
        /// The columns that are set, never empty.
        set: Vec<(&'static FieldMeta, Expression)>,
        /// The conditions, all of which must hold, or it stays as it is.
        filter: Vec<Expression>,
    },
}

impl Insert {
    /// An INSERT of one row, of which some columns are read back.
    pub fn row(
        schema: &'static SchemaMeta,
        values: Vec<(&'static FieldMeta, Value)>,
        returning: &[&'static FieldMeta],
    ) -> Self {
        let (columns, values) = values.into_iter().unzip();
        let returning = returning.iter().map(|field| OutputColumn::field(field)).collect();
        let source = InsertSource::Rows { count: 1, values };
        Insert { schema, columns, source, on_conflict: None, returning }
    }

    /// The same row with columns that the store computes.
    pub(crate) fn with_computed(mut self, computed: Vec<(&'static FieldMeta, Expression)>) -> Self {
        if let InsertSource::Rows { values, .. } = &mut self.source
            && !computed.is_empty()
        {
            let given = values.drain(..).zip(&self.columns);
            let given = given.map(|(value, field)| vec![Step::Value { value, redact: field.redact }]);
            let mut row: Vec<Expression> = given.collect();
            for (field, expression) in computed {
                self.columns.push(field);
                row.push(expression);
            }
            self.source = InsertSource::Expressions(vec![row]);
        }
        self
    }

    /// The values of the first row, where they are plain ones.
    pub fn first_row(&self) -> &[Value] {
        match &self.source {
            InsertSource::Rows { values, .. } => values.get(..self.columns.len()).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// An UPDATE of the rows that a filter finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The table: source 0 of the expressions.
    pub schema: &'static SchemaMeta,
    /// The prefix that the statement itself gives the table, stronger than any other.
    pub prefix: Option<String>,
    /// The columns that are set, never empty.
    pub set: Vec<(&'static FieldMeta, Expression)>,
    /// Further tables: sources 1, 2, … The first is an inner join; if one is a left join, no condition but the first one's
    /// is over source 0.
    pub from: Vec<Join>,
    /// The conditions, all of which must hold.
    pub filter: Vec<Expression>,
    /// What is read back of each row.
    pub returning: Vec<OutputColumn>,
    /// As [`Select::allow_filtering`].
    pub allow_filtering: Option<u64>,
}

impl Update {
    /// An UPDATE that sets nothing yet, of all rows of a table.
    pub fn new(schema: &'static SchemaMeta) -> Self {
        let (set, from, filter, returning) = Default::default();
        Update { schema, prefix: None, set, from, filter, returning, allow_filtering: None }
    }
}

/// A DELETE of the rows that a filter finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The table.
    pub schema: &'static SchemaMeta,
    /// The prefix that the statement itself gives the table, stronger than any other.
    pub prefix: Option<String>,
    /// The conditions, all of which must hold.
    pub filter: Vec<Expression>,
    /// What is read back of each row.
    pub returning: Vec<OutputColumn>,
    /// As [`Select::allow_filtering`].
    pub allow_filtering: Option<u64>,
}

impl Delete {
    /// A DELETE of all rows of a table.
    pub fn new(schema: &'static SchemaMeta) -> Self {
        Delete { schema, prefix: None, filter: Vec::new(), returning: Vec::new(), allow_filtering: None }
    }
}

/// A SELECT whose limit, offset and order are those of the rows of each parent.
#[derive(Clone, Debug, PartialEq)]
pub struct PerParent {
    /// The query for the rows of all parents; its columns, alone, are the columns of the result.
    pub select: Select,
    /// The key of a row's parent: one expression over the query's sources for each of the key's columns, and the values
    /// that it has in the parents, as many for each.
    pub keys: Vec<ParentKey>,
    /// Whether the query may give a row of one parent more than once, in which case it counts once. Its order must end
    /// with the primary key of the rows.
    pub repeats: bool,
}

/// One column of the key of a [`PerParent`].
#[derive(Clone, Debug, PartialEq)]
pub struct ParentKey {
    /// The column.
    pub field: &'static FieldMeta,
    /// The column as an expression over the query's sources.
    pub expression: Expression,
    /// Its values in the parents.
    pub values: Vec<Value>,
}

/// A statement that the program wrote itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RawStatement {
    /// The text: a [`template`](crate::query::template) with a place for each value.
    pub template: Cow<'static, str>,
    /// The values.
    pub values: Vec<Value>,
}

/// A statement, in its plain form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Operation {
    Select(Select),
    PerParent(Box<PerParent>),
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
            Operation::Select(_) | Operation::PerParent(_) => true,
            Operation::Explain(operation, explain) => !explain.analyze || operation.is_read(),
            _ => false,
        }
    }

    /// The schema of the root, if there is one.
    pub fn schema(&self) -> Option<&'static SchemaMeta> {
        match self {
            Operation::Select(select) => select.schema(),
            Operation::PerParent(children) => children.select.schema(),
            Operation::Insert(insert) => Some(insert.schema),
            Operation::Update(update) => Some(update.schema),
            Operation::Delete(delete) => Some(delete.schema),
            Operation::Explain(operation, _) => operation.schema(),
            Operation::Raw(_) => None,
        }
    }
}

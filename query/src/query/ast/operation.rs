//! Whole statements.

use super::{Expression, Select};
use crate::schema::{FieldMeta, SchemaMeta};
use crate::value::Value;

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

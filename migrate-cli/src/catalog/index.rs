//! An index.

use super::is_off;
use serde::{Deserialize, Serialize};

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The name.
    pub name: String,
    /// What is indexed, in order.
    pub columns: Vec<IndexColumn>,
    /// Whether no two rows may agree.
    #[serde(default, skip_serializing_if = "is_off")]
    pub unique: bool,
    /// The method, if not the usual one (`btree`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    /// Columns that are kept along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Whether two NULLs count as equal; said aloud either way, or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls_distinct: Option<bool>,
    /// Which rows are indexed, in SQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Storage parameters, in SQL: `fillfactor=50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<String>,
    /// Whether only the partitioned table itself gets it.
    #[serde(default, skip_serializing_if = "is_off")]
    pub only: bool,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Index {
    /// An index on columns.
    pub fn new<C: Into<String>>(name: impl Into<String>, columns: impl IntoIterator<Item = C>) -> Self {
        Index {
            name: name.into(),
            columns: columns.into_iter().map(|column| IndexColumn::column(column)).collect(),
            unique: false,
            using: None,
            include: Vec::new(),
            nulls_distinct: None,
            filter: None,
            options: None,
            only: false,
            comment: None,
        }
    }

    /// The columns that it is on; `None` if there is an expression among them.
    pub fn plain_columns(&self) -> Option<Vec<String>> {
        let names = self.columns.iter().map(|column| match &column.part {
            IndexPart::Column(name) => Some(name.clone()),
            IndexPart::Expression(_) => None,
        });
        names.collect()
    }
}

/// One part of what an index is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexColumn {
    /// A column or an expression.
    #[serde(flatten)]
    pub part: IndexPart,
    /// The order, if not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The collation, if not the column's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The operator class, if not the type's own: `gin_trgm_ops`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<String>,
}

impl IndexColumn {
    /// A column.
    pub fn column(name: impl Into<String>) -> Self {
        IndexColumn::of(IndexPart::Column(name.into()))
    }

    /// An expression of SQL.
    pub fn expression(sql: impl Into<String>) -> Self {
        IndexColumn::of(IndexPart::Expression(sql.into()))
    }

    /// The column, if it is on one.
    pub fn column_name(&self) -> Option<&String> {
        match &self.part {
            IndexPart::Column(name) => Some(name),
            IndexPart::Expression(_) => None,
        }
    }

    fn of(part: IndexPart) -> Self {
        IndexColumn { part, direction: None, collation: None, operator_class: None }
    }
}

/// What a part of an index is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexPart {
    /// A column.
    Column(String),
    /// An expression, in SQL, without parentheses around it.
    Expression(String),
}

/// The order of a part of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Direction {
    Asc,
    AscNullsFirst,
    AscNullsLast,
    Desc,
    DescNullsFirst,
    DescNullsLast,
}

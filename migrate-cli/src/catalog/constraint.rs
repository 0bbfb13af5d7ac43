//! The constraints of a table.

use super::{ObjectName, is_off};
use serde::{Deserialize, Serialize};

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrimaryKey {
    /// The name, if not the store's usual one (`posts_pkey`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The columns, in order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// The name. Introspection gives SQLite's without one the usual name, `posts_author_id_fkey`.
    pub name: String,
    /// The columns of the table itself.
    pub columns: Vec<String>,
    /// The table that they point at.
    pub table: ObjectName,
    /// The columns there.
    pub references: Vec<String>,
    /// What happens to the rows when theirs is deleted.
    #[serde(default, skip_serializing_if = "ReferentialAction::is_nothing")]
    pub on_delete: ReferentialAction,
    /// What happens to the rows when its key changes.
    #[serde(default, skip_serializing_if = "ReferentialAction::is_nothing")]
    pub on_update: ReferentialAction,
    /// How a key that is NULL in part counts.
    #[serde(default, skip_serializing_if = "Match::is_simple")]
    pub matching: Match,
    /// Whether it can wait until COMMIT.
    #[serde(default, skip_serializing_if = "is_off")]
    pub deferrable: bool,
    /// Whether it waits until COMMIT unless told otherwise.
    #[serde(default, skip_serializing_if = "is_off")]
    pub initially_deferred: bool,
    /// Whether rows from before it were not checked.
    #[serde(default, skip_serializing_if = "is_off")]
    pub not_valid: bool,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl ForeignKey {
    /// A key that does nothing else than to refuse.
    pub fn new(name: impl Into<String>, columns: Vec<String>, table: ObjectName, references: Vec<String>) -> Self {
        ForeignKey {
            name: name.into(),
            columns,
            table,
            references,
            on_delete: ReferentialAction::Nothing,
            on_update: ReferentialAction::Nothing,
            matching: Match::Simple,
            deferrable: false,
            initially_deferred: false,
            not_valid: false,
            comment: None,
        }
    }
}

/// What happens to a row when the one that it points at goes or changes its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ReferentialAction {
    /// The change is refused at the end of the statement.
    #[default]
    Nothing,
    /// The change is refused at once.
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
    /// These columns of the key become NULL.
    SetNullColumns(Vec<String>),
    /// These columns of the key become their default.
    SetDefaultColumns(Vec<String>),
}

impl ReferentialAction {
    fn is_nothing(&self) -> bool {
        *self == ReferentialAction::Nothing
    }
}

/// How a foreign key that is NULL in part counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// It points at nothing.
    #[default]
    Simple,
    /// It is refused.
    Full,
}

impl Match {
    fn is_simple(&self) -> bool {
        *self == Match::Simple
    }
}

/// A constraint that values are there only once. A unique index is an [`Index`](super::Index).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unique {
    /// The name; SQLite's may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The columns, in order.
    pub columns: Vec<String>,
    /// Whether two NULLs count as equal.
    #[serde(default, skip_serializing_if = "is_off")]
    pub nulls_not_distinct: bool,
    /// Whether it can wait until COMMIT.
    #[serde(default, skip_serializing_if = "is_off")]
    pub deferrable: bool,
    /// Whether it waits until COMMIT unless told otherwise.
    #[serde(default, skip_serializing_if = "is_off")]
    pub initially_deferred: bool,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A condition that every row holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The name; SQLite's may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The condition, in SQL, without parentheses around it.
    pub condition: String,
    /// Whether rows from before it were not checked.
    #[serde(default, skip_serializing_if = "is_off")]
    pub not_valid: bool,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A constraint that no two rows overlap. Postgres alone has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// The name.
    pub name: String,
    /// What follows `EXCLUDE`, in SQL: `USING gist (during WITH &&)`.
    pub definition: String,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

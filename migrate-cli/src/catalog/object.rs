//! What a database has besides tables.

use super::{Index, ObjectName, is_off};
use serde::{Deserialize, Serialize};

/// An enum type of Postgres.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumType {
    /// The name.
    pub name: ObjectName,
    /// The values, in their order.
    pub values: Vec<String>,
}

/// An extension of Postgres.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The name.
    pub name: String,
    /// The database schema that its objects are in, if it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// A view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The name.
    pub name: ObjectName,
    /// The query, in SQL.
    pub query: String,
    /// Whether its rows are kept.
    #[serde(default, skip_serializing_if = "is_off")]
    pub materialized: bool,
    /// The indexes of a materialized view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
}

/// A function or a procedure of Postgres.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The name.
    pub name: ObjectName,
    /// The types of its arguments, in SQL: `integer, text`.
    pub arguments: String,
    /// The whole statement that makes it.
    pub definition: String,
}

/// A trigger of a table or a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The name.
    pub name: String,
    /// The whole statement that makes it.
    pub definition: String,
}

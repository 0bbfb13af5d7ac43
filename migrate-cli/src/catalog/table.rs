//! A table.

use super::{Check, Column, Exclusion, ForeignKey, Index, ObjectName, PrimaryKey, Trigger, Unique};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A table: its columns, and what hangs on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The name.
    pub name: ObjectName,
    /// The columns, in the order of the table.
    pub columns: Vec<Column>,
    /// The primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<PrimaryKey>,
    /// The foreign keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// The unique constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uniques: Vec<Unique>,
    /// The check constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The exclusion constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<Exclusion>,
    /// The indexes, without those that constraints make.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The triggers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// What stands between CREATE and TABLE, in SQL: `UNLOGGED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modifiers: Option<String>,
    /// What follows the columns, in SQL: `STRICT`, `WITH (fillfactor=70)`, `PARTITION BY RANGE (day)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<String>,
    /// The table that it is a partition of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<PartitionOf>,
    /// The comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Which rows of a partitioned table a table holds. Indexes and constraints that come from there are not its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionOf {
    /// The partitioned table.
    pub table: ObjectName,
    /// Which rows, in SQL: `FOR VALUES FROM (1) TO (10)`, `DEFAULT`.
    pub bound: String,
}

impl Table {
    /// A table without columns.
    pub fn new(name: ObjectName) -> Self {
        Table {
            name,
            columns: Vec::new(),
            primary_key: None,
            foreign_keys: Vec::new(),
            uniques: Vec::new(),
            checks: Vec::new(),
            exclusions: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            modifiers: None,
            options: None,
            partition_of: None,
            comment: None,
        }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether no two rows agree in these columns: they are the key, or all of something unique.
    pub fn is_unique(&self, columns: &[String]) -> bool {
        let columns: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
        let same = |other: &[String]| other.iter().map(String::as_str).collect::<BTreeSet<_>>() == columns;
        self.primary_key.as_ref().is_some_and(|key| same(&key.columns))
            || self.uniques.iter().any(|unique| same(&unique.columns))
            || self.indexes.iter().any(|index| {
                index.unique && index.filter.is_none() && index.plain_columns().is_some_and(|columns| same(&columns))
            })
    }

    /// Puts constraints, indexes and triggers into the order of names.
    pub(super) fn sort(&mut self) {
        self.foreign_keys.sort_by(|a, b| (&a.name, &a.columns).cmp(&(&b.name, &b.columns)));
        self.uniques.sort_by(|a, b| (&a.name, &a.columns).cmp(&(&b.name, &b.columns)));
        self.checks.sort_by(|a, b| (&a.name, &a.condition).cmp(&(&b.name, &b.condition)));
        self.exclusions.sort_by(|a, b| a.name.cmp(&b.name));
        self.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        self.triggers.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

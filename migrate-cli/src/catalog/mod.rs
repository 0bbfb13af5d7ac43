//! What a database holds, as plain data: the one description that introspection, diffs, dumps and operations share.

mod column;
mod compare;
mod constraint;
mod index;
mod lock_file;
mod name;
mod object;
mod table;

pub use column::{Column, ColumnType, Default, Generated, Identity};
pub use compare::{Change, Difference, compare};
pub use constraint::{Check, Exclusion, ForeignKey, Match, PrimaryKey, ReferentialAction, Unique};
pub use index::{Direction, Index, IndexColumn, IndexPart};
pub use lock_file::{LockFile, LockFileError, LockedMigration};
pub use name::ObjectName;
pub(crate) use name::{LONGEST_NAME, cut};
pub use object::{EnumType, Extension, Function, Trigger, View};
pub use table::{PartitionOf, Table};

use serde::{Deserialize, Serialize};

/// The objects of a database, each list in the order of names.
#[derive(Clone, Debug, std::default::Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Catalog {
    /// The database schemas besides the usual one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// The extensions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// The enum types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enums: Vec<EnumType>,
    /// The tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// The views, the materialized ones too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// The functions and procedures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Function>,
    /// What the description has no form for, by kind and name: `domain "price"`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

impl Catalog {
    /// The table of this name.
    pub fn table(&self, name: &ObjectName) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == *name)
    }

    /// The enum type of this name.
    pub fn enum_type(&self, name: &ObjectName) -> Option<&EnumType> {
        self.enums.iter().find(|each| each.name == *name)
    }

    /// Puts every list into the order of names. Columns keep theirs.
    pub fn sort(&mut self) {
        self.schemas.sort();
        self.extensions.sort_by(|a, b| a.name.cmp(&b.name));
        self.enums.sort_by(|a, b| a.name.cmp(&b.name));
        self.views.sort_by(|a, b| a.name.cmp(&b.name));
        self.functions.sort_by(|a, b| (&a.name, &a.arguments).cmp(&(&b.name, &b.arguments)));
        self.others.sort();
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        for table in &mut self.tables {
            table.sort();
        }
    }
}

/// Whether a flag is off, so that it need not be written.
fn is_off(flag: &bool) -> bool {
    !flag
}

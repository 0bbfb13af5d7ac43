//! The changes of one table.

use super::Constraint;
use crate::catalog::{Column, ColumnType, Default, ForeignKey};

/// One change of a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Alteration {
    /// Adds a column.
    AddColumn {
        /// The column.
        column: Box<Column>,
        /// Whether it becomes the primary key.
        primary_key: bool,
        /// The foreign key that it is given along.
        references: Option<Box<ForeignKey>>,
        /// Whether a column of this name is left as it is.
        if_not_exists: bool,
    },
    /// Changes a column.
    ModifyColumn {
        /// Its name.
        name: String,
        /// What it becomes.
        to: Box<ColumnChange>,
        /// What it was: the way back.
        from: Option<Box<ColumnChange>>,
    },
    /// Drops a column.
    DropColumn {
        /// Its name.
        name: String,
        /// Whether it may be missing.
        if_exists: bool,
        /// The foreign key that goes before it.
        references: Option<Box<ForeignKey>>,
        /// Whether it is the primary key, which the way back makes again.
        primary_key: bool,
        /// What makes it again on the way back.
        column: Option<Box<Column>>,
    },
    /// Renames a column.
    RenameColumn {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Adds a constraint.
    AddConstraint(Constraint),
    /// Checks the rows from before a constraint that was added as not valid. The way back is nothing.
    ValidateConstraint {
        /// Its name.
        name: String,
    },
    /// Drops a constraint.
    DropConstraint {
        /// Its name.
        name: String,
        /// Whether it may be missing.
        if_exists: bool,
        /// Whether what depends on it goes along.
        cascade: bool,
        /// What makes it again on the way back.
        constraint: Option<Constraint>,
    },
    /// Renames a constraint.
    RenameConstraint {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
}

/// What of a column changes; `None` stays as it is.
#[derive(Clone, Debug, std::default::Default, PartialEq)]
pub struct ColumnChange {
    /// The type.
    pub column_type: Option<ColumnType>,
    /// How values of the old type become those of the new one, in SQL, if not by a cast.
    pub using: Option<String>,
    /// The collation, together with the type.
    pub collation: Option<String>,
    /// Whether it may be NULL.
    pub nullable: Option<bool>,
    /// The default: `Some(None)` takes it away.
    pub default: Option<Option<Default>>,
    /// The foreign key that it has.
    pub references: Option<Box<ForeignKey>>,
    /// The comment: `Some(None)` takes it away.
    pub comment: Option<Option<String>>,
}

//! What a migration does, as plain data: what the DSL records, diffs find, and both directions are rendered from.

mod alteration;
mod describe;
mod reverse;

pub use alteration::{Alteration, ColumnChange};
pub use reverse::Irreversible;

use crate::catalog::{Check, EnumType, Exclusion, Extension, ForeignKey, Index, ObjectName, Table, Unique, View};

/// One step of a migration.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// Makes a table, with its constraints, indexes and comments.
    CreateTable {
        /// The table.
        table: Box<Table>,
        /// Whether a table of this name is left as it is.
        if_not_exists: bool,
    },
    /// Drops a table.
    DropTable {
        /// Its name.
        name: ObjectName,
        /// Whether it may be missing.
        if_exists: bool,
        /// Whether what depends on it goes along.
        cascade: bool,
        /// What makes it again on the way back.
        table: Option<Box<Table>>,
    },
    /// Renames a table.
    RenameTable {
        /// Its name.
        from: ObjectName,
        /// Its new name, in the same database schema.
        to: String,
    },
    /// Changes the columns and constraints of a table.
    AlterTable {
        /// Its name.
        name: ObjectName,
        /// The changes, in order.
        changes: Vec<Alteration>,
    },
    /// Makes an index.
    CreateIndex {
        /// The table.
        table: ObjectName,
        /// The index.
        index: Box<Index>,
        /// Whether writes go on meanwhile.
        concurrently: bool,
        /// Whether an index of this name is left as it is.
        if_not_exists: bool,
    },
    /// Drops an index.
    DropIndex {
        /// The table.
        table: ObjectName,
        /// The name of the index.
        name: String,
        /// Whether writes go on meanwhile.
        concurrently: bool,
        /// Whether it may be missing.
        if_exists: bool,
        /// Whether what depends on it goes along.
        cascade: bool,
        /// What makes it again on the way back.
        index: Option<Box<Index>>,
    },
    /// Renames an index.
    RenameIndex {
        /// The table.
        table: ObjectName,
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Writes the comment of an object; `None` removes it.
    Comment {
        /// The object.
        on: Commented,
        /// The comment.
        text: Option<String>,
        /// The comment on the way back; the outer `None` is "not known".
        from: Option<Option<String>>,
    },
    /// Makes an enum type.
    CreateEnum(EnumType),
    /// Drops an enum type.
    DropEnum {
        /// Its name.
        name: ObjectName,
        /// Whether it may be missing.
        if_exists: bool,
        /// What makes it again on the way back.
        values: Option<Vec<String>>,
    },
    /// Adds a value to an enum type. There is no way back.
    AddEnumValue {
        /// The type.
        name: ObjectName,
        /// The value.
        value: String,
        /// The value that it comes before; else it is the last.
        before: Option<String>,
        /// Whether it may be there.
        if_not_exists: bool,
    },
    /// Renames a value of an enum type.
    RenameEnumValue {
        /// The type.
        name: ObjectName,
        /// The value.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Renames an enum type.
    RenameEnum {
        /// The type.
        from: ObjectName,
        /// Its new name, in the same database schema.
        to: String,
    },
    /// Makes a view.
    CreateView {
        /// The view.
        view: View,
        /// What it replaces: there is a view of this name, and this query makes it again.
        replaces: Option<String>,
    },
    /// Drops a view.
    DropView {
        /// Its name.
        name: ObjectName,
        /// Whether its rows are kept.
        materialized: bool,
        /// Whether it may be missing.
        if_exists: bool,
        /// Whether what depends on it goes along.
        cascade: bool,
        /// What makes it again on the way back.
        view: Option<View>,
    },
    /// Makes an extension, unless it is there.
    CreateExtension(Extension),
    /// Drops an extension.
    DropExtension(Extension),
    /// Makes a database schema.
    CreateSchema {
        /// Its name.
        name: String,
        /// Whether it may be there.
        if_not_exists: bool,
    },
    /// Drops a database schema.
    DropSchema {
        /// Its name.
        name: String,
        /// Whether it may be missing.
        if_exists: bool,
        /// Whether what is in it goes along.
        cascade: bool,
    },
    /// Statements of the author's own.
    Execute {
        /// What they are about: `the function touch()`; empty for plain statements.
        subject: String,
        /// The statements.
        up: Vec<String>,
        /// The statements of the way back; `None` if there is none.
        down: Option<Vec<String>>,
    },
}

/// A constraint that can be added to a table.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Constraint {
    ForeignKey(ForeignKey),
    Unique(Unique),
    Check(Check),
    Exclusion(Exclusion),
    PrimaryKey(crate::catalog::PrimaryKey),
}

/// An object with a comment.
#[derive(Clone, Debug, PartialEq)]
pub enum Commented {
    /// A table.
    Table(ObjectName),
    /// A column of a table.
    Column(ObjectName, String),
    /// An index, in the database schema of its table.
    Index(ObjectName),
    /// A constraint of a table.
    Constraint(ObjectName, String),
}

//! What a statement does, in the few words that the rules need: read from the parsed statement, or from its tokens.

use crate::catalog::ObjectName;
use std::ops::Range;

/// One thing that a statement does. `ALTER TABLE` with three parts does three.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Action {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it stands in the statement, in bytes.
    pub(crate) span: Range<usize>,
}

/// A name as it stands in the statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    /// The name as the database keeps it: folded, without quotes.
    pub(crate) name: String,
    /// Whether it stands in quotes.
    pub(crate) quoted: bool,
    /// Where it stands in the statement, in bytes.
    pub(crate) span: Range<usize>,
}

/// The kinds of actions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    CreateTable(CreateTable),
    DropTable {
        table: ObjectName,
    },
    RenameTable {
        table: ObjectName,
        to: Word,
    },
    /// Another ALTER TABLE, with the lock it takes.
    AlterTable {
        table: ObjectName,
        what: Alteration,
    },
    AddColumn {
        table: ObjectName,
        column: Column,
    },
    DropColumn {
        table: ObjectName,
        column: Word,
    },
    RenameColumn {
        table: ObjectName,
        column: Word,
        to: Word,
    },
    ColumnType {
        table: ObjectName,
        column: Word,
        to: TypeName,
        using: bool,
    },
    SetNotNull {
        table: ObjectName,
        column: Word,
    },
    AddConstraint {
        table: ObjectName,
        constraint: Constraint,
    },
    ValidateConstraint {
        table: ObjectName,
        name: String,
    },
    DropConstraint {
        table: ObjectName,
        name: Option<String>,
    },
    AttachPartition {
        table: ObjectName,
        partition: ObjectName,
        default: bool,
    },
    DetachPartition {
        table: ObjectName,
        partition: ObjectName,
        concurrently: bool,
    },
    CreateIndex(CreateIndex),
    DropIndex {
        names: Vec<ObjectName>,
        concurrently: bool,
    },
    Reindex {
        target: ReindexTarget,
        concurrently: bool,
    },
    Cluster {
        table: Option<ObjectName>,
    },
    Vacuum {
        table: Option<ObjectName>,
        full: bool,
    },
    Truncate {
        tables: Vec<ObjectName>,
    },
    /// A statement that locks a table in a mode that it names.
    LockTable {
        tables: Vec<ObjectName>,
        level: super::LockLevel,
    },
    CreateView {
        name: ObjectName,
        materialized: bool,
        reads: Vec<ObjectName>,
    },
    DropView {
        names: Vec<ObjectName>,
    },
    Refresh {
        view: ObjectName,
        concurrently: bool,
        /// WITH NO DATA.
        empty: bool,
    },
    CreateTrigger {
        table: ObjectName,
    },
    DropTrigger {
        table: Option<ObjectName>,
    },
    CreateEnum {
        name: ObjectName,
    },
    AddEnumValue {
        name: ObjectName,
        value: String,
        if_not_exists: bool,
    },
    RenameEnumValue {
        name: ObjectName,
    },
    CreateDomain {
        name: ObjectName,
    },
    AlterDomainConstraint {
        name: ObjectName,
        not_valid: bool,
    },
    RenameSchema,
    DropSchema,
    DropDatabase,
    DropType {
        names: Vec<ObjectName>,
    },
    /// What Postgres refuses inside a transaction, besides CONCURRENTLY: its first words.
    OutsideTransaction(&'static str),
    Insert {
        table: ObjectName,
        reads: Vec<ObjectName>,
    },
    Update {
        table: ObjectName,
        filtered: bool,
        reads: Vec<ObjectName>,
    },
    Delete {
        table: ObjectName,
        filtered: bool,
        reads: Vec<ObjectName>,
    },
    /// A query, with the tables it reads.
    Query {
        reads: Vec<ObjectName>,
        for_update: bool,
    },
    /// `SET lock_timeout = ..`
    SetLockTimeout,
    /// `PRAGMA foreign_keys = ..`, with what it is set to.
    PragmaForeignKeys(bool),
    /// DROP .. CASCADE, or a part of ALTER TABLE that ends in it.
    Cascade,
}

/// What else ALTER TABLE does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Alteration {
    SetLogged(bool),
    SetTablespace,
    SetAccessMethod,
    Trigger {
        enable: bool,
    },
    DropNotNull(Word),
    /// SET and DROP DEFAULT.
    Default,
    /// SET STATISTICS, storage parameters, CLUSTER ON: what does not stop reads and writes.
    Light,
    Other,
}

/// A CREATE TABLE.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CreateTable {
    pub(crate) table: ObjectName,
    pub(crate) name: Word,
    pub(crate) columns: Vec<Column>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) partition_of: Option<ObjectName>,
    /// Whether it takes its columns from elsewhere: a query, LIKE, INHERITS.
    pub(crate) derived: bool,
    pub(crate) temporary: bool,
    /// The tables that a query of it reads.
    pub(crate) reads: Vec<ObjectName>,
}

/// A column of CREATE TABLE or ADD COLUMN.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: Word,
    pub(crate) data_type: TypeName,
    pub(crate) not_null: bool,
    pub(crate) default: Option<Expression>,
    pub(crate) primary_key: bool,
    pub(crate) unique: bool,
    pub(crate) references: Option<ObjectName>,
    pub(crate) check: bool,
    pub(crate) generated: Option<Stored>,
    pub(crate) identity: bool,
}

/// How a generated column is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Stored,
    Virtual,
}

/// An expression, as text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) text: String,
    /// The functions that it calls, in lower case.
    pub(crate) functions: Vec<String>,
    /// Whether it is a literal or NULL.
    pub(crate) literal: bool,
    /// Whether it is NULL.
    pub(crate) null: bool,
}

/// A type, in the store's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    /// One spelling per type, in lower case: `integer`, `timestamptz`, `varchar`.
    pub(crate) base: String,
    /// The numbers in parentheses.
    pub(crate) numbers: Vec<u32>,
    /// Whether it is an array.
    pub(crate) array: bool,
    /// Where it stands in the statement, in bytes.
    pub(crate) span: Range<usize>,
}

/// A constraint of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constraint {
    pub(crate) name: Option<Word>,
    pub(crate) rule: ConstraintRule,
    pub(crate) not_valid: bool,
}

/// What a constraint asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ConstraintRule {
    PrimaryKey { columns: Vec<String>, using_index: bool },
    Unique { columns: Vec<String>, using_index: bool },
    ForeignKey { columns: Vec<String>, table: ObjectName },
    Check { condition: String },
    Exclusion,
    NotNull { column: String },
}

/// A CREATE INDEX.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CreateIndex {
    pub(crate) name: Option<ObjectName>,
    pub(crate) word: Option<Word>,
    pub(crate) table: ObjectName,
    /// The columns in order, as far as they are columns.
    pub(crate) columns: Vec<Option<String>>,
    pub(crate) unique: bool,
    pub(crate) concurrently: bool,
    pub(crate) if_not_exists: bool,
    pub(crate) partial: bool,
    /// ON ONLY: the partitioned table gets it, and its partitions do not.
    pub(crate) only: bool,
}

/// What REINDEX works on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ReindexTarget {
    Index,
    Table(ObjectName),
    Schema,
    Database,
}

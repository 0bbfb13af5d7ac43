//! What a database, or the way to it, refuses with.

use crate::changeset::Action;
use std::fmt;
use std::time::Duration;

/// The kind of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// A unique index or a primary key.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A check.
    Check,
    /// NOT NULL.
    NotNull,
    /// A Postgres exclusion constraint.
    Exclusion,
}

/// A constraint that refused a write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConstraintError {
    /// What kind of constraint.
    pub kind: ConstraintKind,
    /// Its name, as the database or the schema's metadata gives it; empty if neither does.
    pub name: String,
    /// The table, where it is known: the one that has the constraint, for a foreign key the referencing one.
    pub table: Option<String>,
    /// The columns, where they are known: those of `table`, and expressions of an index as the database shows them.
    pub columns: Vec<String>,
    /// Whether it is a foreign key that refused since rows of `table` still point at the row that was written.
    pub still_referenced: bool,
    /// What the database said.
    pub message: String,
    /// The write of a row or of a changeset that was refused.
    pub action: Option<Action>,
    /// The constraints that the changeset declares, none of which is this one.
    pub declared: Vec<String>,
    /// What makes it an error of a field.
    pub hint: Option<String>,
}

impl ConstraintError {
    /// A constraint of which nothing is known but its kind and what the database said.
    pub fn new(kind: ConstraintKind, message: impl Into<String>) -> Self {
        ConstraintError {
            kind,
            name: String::new(),
            table: None,
            columns: Vec::new(),
            still_referenced: false,
            message: message.into(),
            action: None,
            declared: Vec::new(),
            hint: None,
        }
    }
}

impl fmt::Display for ConstraintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ConstraintKind::Unique => "unique constraint",
            ConstraintKind::ForeignKey => "foreign key",
            ConstraintKind::Check => "check constraint",
            ConstraintKind::NotNull => "NOT NULL",
            ConstraintKind::Exclusion => "exclusion constraint",
        };
        write!(f, "refused by {kind}")?;
        if !self.name.is_empty() {
            write!(f, " {:?}", self.name)?;
        }
        if let Some(table) = &self.table {
            write!(f, " of table {table:?}")?;
        }
        if !self.columns.is_empty() {
            write!(f, " ({})", self.columns.join(", "))?;
        }
        if let Some(action) = self.action {
            write!(f, " when attempting to {action}")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.declared.is_empty() {
            write!(f, "\n  declared: {}", self.declared.join(", "))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// Any other refusal by the database.
#[derive(Clone, Debug, Default)]
pub struct DatabaseError {
    /// The store, such as `postgres`.
    pub store: &'static str,
    /// What the database said.
    pub message: String,
    /// Its code: SQLSTATE on Postgres, the extended result code on SQLite.
    pub code: Option<String>,
    /// More detail from the database.
    pub detail: Option<String>,
    /// A hint, the database's or ours.
    pub hint: Option<String>,
    /// Whether running the transaction again may succeed.
    pub retryable: bool,
    /// The character of the statement or the script, from 1, that the database points at.
    pub position: Option<usize>,
    /// The place in a script of several statements, in words.
    pub place: Option<String>,
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.store, self.message)?;
        if let Some(place) = &self.place {
            write!(f, " (in {place})")?;
        }
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, "\n  detail: {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// A connection that could not be made, or was lost.
#[derive(Clone, Debug)]
pub struct ConnectError {
    /// The store, such as `postgres`.
    pub store: &'static str,
    /// What happened, without the URL's password.
    pub message: String,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} connection: {}", self.store, self.message)
    }
}

/// No connection of the pool became free in time.
#[derive(Clone, Debug)]
pub struct PoolError {
    /// The store, such as `postgres`.
    pub store: &'static str,
    /// How long the call waited.
    pub waited: Duration,
    /// The greatest number of connections.
    pub max_size: usize,
    /// How many connections are open.
    pub size: usize,
    /// How many of them are idle.
    pub idle: usize,
    /// How many calls are waiting for one.
    pub waiting: usize,
    /// The last error of opening a connection.
    pub last_connect_error: Option<String>,
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no {} connection became free in {} ms (at most {}, open {}, idle {}, waiting {})",
            self.store,
            self.waited.as_millis(),
            self.max_size,
            self.size,
            self.idle,
            self.waiting
        )?;
        match &self.last_connect_error {
            Some(error) => write!(f, "; the last attempt to connect failed: {error}"),
            None => {
                f.write_str("; open more connections, wait longer (acquire_timeout), or look for a transaction or a stream that is held too long")
            }
        }
    }
}

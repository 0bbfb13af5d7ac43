//! Errors of asking for one row.

use std::fmt;

/// No row where one was asked for.
#[derive(Clone, Debug)]
pub struct NotFound {
    /// The schema or the source that was asked.
    pub schema: &'static str,
    /// What was asked for: `id = 7`, or a description of the query.
    pub sought: String,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} found ({})", self.schema, self.sought)
    }
}

/// More than one row where at most one was asked for.
#[derive(Clone, Debug)]
pub struct MultipleRows {
    /// The schema or the source that was asked.
    pub schema: &'static str,
}

impl fmt::Display for MultipleRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected at most one {}, the query gives more; narrow it with .filter(..), take one with .first(), or use repo.all",
            self.schema
        )
    }
}

/// A row that changed or went since it was read.
#[derive(Clone, Debug)]
pub struct Stale {
    /// The schema of the row.
    pub schema: &'static str,
    /// Its key, `id = 7`, and its version where the schema has one.
    pub sought: String,
    /// What was tried: `update` or `delete`.
    pub operation: &'static str,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot {} {} ({}): the row was changed or deleted since it was read; read it again with repo.reload(..)",
            self.operation, self.schema, self.sought
        )
    }
}

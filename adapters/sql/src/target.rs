//! The stores that SQL is rendered for.

use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::statement::Dialect;

/// A [`Dialect`] that this crate renders; matches over it are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Sqlite,
    Postgres,
}

impl Target {
    /// The target of a dialect.
    pub fn of(dialect: Dialect) -> Result<Self, Error> {
        match dialect {
            Dialect::Sqlite => Ok(Target::Sqlite),
            Dialect::Postgres => Ok(Target::Postgres),
            other => Err(unsupported(other.name(), "SQL renderer", "use the dialect of SQLite or of Postgres")),
        }
    }

    /// The name that errors use.
    pub fn name(self) -> &'static str {
        match self {
            Target::Sqlite => "sqlite",
            Target::Postgres => "postgres",
        }
    }

    /// What stands before the number of a placeholder.
    pub fn placeholder(self) -> &'static str {
        match self {
            Target::Sqlite => "?",
            Target::Postgres => "$",
        }
    }

    /// How many parameters a statement may have.
    pub fn parameter_limit(self) -> usize {
        match self {
            Target::Sqlite => 32_766,
            Target::Postgres => 65_535,
        }
    }
}

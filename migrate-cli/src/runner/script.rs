//! What a migration runs in one direction.

use super::failure::FailedStatement;
use crate::dsl::DataStep;
use crate::operation::Operation;
use peristyle_migration_files::Flavor;
use peristyle_query::error::Error;
use peristyle_query::statement::Dialect;
use std::time::Duration;

/// What a migration runs in one direction.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
    /// Whether all of it runs in one transaction.
    pub(crate) transaction: bool,
    /// How long a statement waits for a lock, if the migration says so.
    pub(crate) lock_timeout: Option<Duration>,
    /// Whether SQLite must not look at foreign keys meanwhile.
    pub(crate) foreign_keys_off: bool,
}

/// A part of a migration.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A statement.
    Sql(Sql),
    /// An operation of SQLite, whose statements depend on the tables.
    Operation(Box<Operation>),
    /// Code of the program's own.
    Data(DataStep),
}

/// A statement, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    pub(crate) text: String,
    /// The file, the line and the column at which it begins.
    pub(crate) start: Option<(String, usize, usize)>,
}

impl Sql {
    /// The statement as one that failed.
    pub(crate) fn failed(&self, number: usize, error: &Error) -> FailedStatement {
        let position = match error {
            Error::Database(error) => error.position,
            _ => None,
        };
        let start = self.start.as_ref().map(|(path, line, column)| (path.as_str(), *line, *column));
        FailedStatement::new(number, &self.text, start, position)
    }
}

/// Whose SQL a dialect is.
pub(crate) fn flavor(dialect: Dialect) -> Flavor {
    match dialect {
        Dialect::Postgres => Flavor::Postgres,
        _ => Flavor::Sqlite,
    }
}

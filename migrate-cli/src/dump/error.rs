//! What a dump or a load fails with.

use peristyle_query::error::Error;
use std::fmt;

/// What a dump or a load fails with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DumpError {
    /// The database holds what the script can't say.
    Unwritable(Vec<String>),
    /// The database that a dump should be loaded into is not empty: what it holds.
    NotEmpty(Vec<String>),
    /// The store refused.
    Database(Box<Error>),
}

/// How many objects a message names.
const NAMED: usize = 10;

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DumpError::Unwritable(objects) => write!(
                f,
                "the dump can't write {}: leave that out with --partial, or dump with the database's own tool",
                list(objects)
            ),
            DumpError::NotEmpty(objects) => write!(
                f,
                "the database is not empty, it holds {}: load into a new one (`peristyle db create`)",
                list(objects)
            ),
            DumpError::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DumpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            DumpError::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for DumpError {
    fn from(error: Error) -> Self {
        DumpError::Database(Box::new(error))
    }
}

fn list(objects: &[String]) -> String {
    let named = objects.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match objects.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!("{named} and {more} more"),
        _ => named,
    }
}

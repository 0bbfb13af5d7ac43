//! A request, rendered and ready to run on any connection.

use crate::error;
use crate::rows::Rows;
use peristyle_query::adapter::Request;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Insert, InsertSource, Operation};
use peristyle_query::schema::SchemaMeta;
use peristyle_query::statement::Statement;
use peristyle_sql::{PlanCache, without_ttl};
use std::panic::Location;
use std::sync::Arc;

/// Which connection a statement needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A reader, which hands it on if SQLite says that it is not one for readers.
    Reader,
    /// The writer.
    Writer,
}

/// A rendered statement, and what its errors need to be understood.
pub(crate) struct Call {
    /// Without the values of the rows, if there are such.
    pub(crate) statement: Statement,
    /// The rows of which each runs the statement.
    pub(crate) rows: Option<Rows>,
    pub(crate) route: Route,
    /// What it writes; none for a read.
    pub(crate) written: Option<Box<Operation>>,
    /// The prefix of the repo.
    pub(crate) prefix: Option<Arc<str>>,
    location: &'static Location<'static>,
}

impl Call {
    /// Renders a request and shows it to its observers.
    pub(crate) fn new(plans: &PlanCache, mut request: Request) -> Result<Self, Error> {
        let located = |error: Error| error.at(request.location);
        without_ttl("sqlite", request.ttl).map_err(located)?;
        let mut rows = None;
        let mut repeated = None;
        if let Operation::Insert(Insert { source: InsertSource::Rows { count: 2.., .. }, .. }) = &request.operation {
            repeated = plans.repeated(&request.operation, request.prefix.as_deref()).map_err(located)?;
        }
        let statement = match repeated {
            Some(repeated) => {
                if let (Operation::Insert(insert), false) = (&request.operation, request.observers.is_empty()) {
                    request.observe(&repeated.statement(insert))?;
                }
                rows = take_rows(&mut request.operation);
                Statement::new(repeated.sql, repeated.rest)
            }
            None => {
                let rendered = plans.statement(&request.operation, request.prefix.as_deref());
                let statement = rendered.map_err(|error| error.at(request.location))?;
                request.observe(&statement)?;
                statement
            }
        };
        let route = match &request.operation {
            operation if operation.is_read() => Route::Reader,
            Operation::Raw(_) if begins_like_a_read(statement.sql()) => Route::Reader,
            _ => Route::Writer,
        };
        let Request { operation, prefix, location, .. } = request;
        let written = if operation.is_read() { None } else { Some(Box::new(operation)) };
        Ok(Call { statement, rows, route, written, prefix, location })
    }

    /// How many placeholders a row of the call fills.
    pub(crate) fn width(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.values.len().checked_div(rows.count).unwrap_or(0))
    }

    /// The same call, for the writer.
    pub(crate) fn for_writer(self) -> Self {
        Call { route: Route::Writer, ..self }
    }

    /// The schema of the table that it writes.
    pub(crate) fn schema(&self) -> Option<&'static SchemaMeta> {
        self.written.as_ref().and_then(|operation| operation.schema())
    }

    /// What SQLite said, with the statement and the line of the call.
    pub(crate) fn error(&self, error: rusqlite::Error) -> Error {
        self.in_context(error::from_sqlite(error, self.schema()))
    }

    /// An error, with the statement and the line of the call.
    pub(crate) fn in_context(&self, error: impl Into<Error>) -> Error {
        error.into().in_statement(self.statement.sql()).at(self.location)
    }
}

/// Takes the rows out of an INSERT, which keeps its columns.
fn take_rows(operation: &mut Operation) -> Option<Rows> {
    match operation {
        Operation::Insert(Insert { source: InsertSource::Rows { count, values }, .. }) => {
            Some(Rows { count: *count, values: std::mem::take(values) })
        }
        _ => None,
    }
}

/// Whether a statement may only read, by its first word. SQLite itself decides on the connection; this spares most writes
/// the way over a reader.
fn begins_like_a_read(sql: &str) -> bool {
    const READS: [&str; 5] = ["SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"];
    let sql = sql.trim_start();
    let word = sql.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    READS.iter().any(|read| word.eq_ignore_ascii_case(read))
}

#[cfg(test)]
mod tests {
    use super::begins_like_a_read;

    #[test]
    fn the_first_word_tells_reads_from_writes() {
        assert!(begins_like_a_read("  select 1"));
        assert!(begins_like_a_read("WITH x AS (SELECT 1) SELECT * FROM x"));
        assert!(begins_like_a_read("VALUES(1)"));
        assert!(!begins_like_a_read("INSERT INTO t DEFAULT VALUES"));
        assert!(!begins_like_a_read("selection"));
        assert!(!begins_like_a_read(""));
    }
}

//! An INSERT of many rows: one statement, prepared once, that runs for each of them.

use crate::bind::bind_value;
use crate::call::Call;
use crate::connection::Connection;
use crate::row::SqliteRow;
use crate::task;
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::value::Value;
use rusqlite::CachedStatement;

/// The rows of a call.
pub(crate) struct Rows {
    pub(crate) count: usize,
    /// The values of one row after the other.
    pub(crate) values: Vec<Value>,
}

/// The savepoint around the rows inside of a transaction.
const SAVEPOINT: &str = "peristyle_rows";

impl Connection {
    /// Runs a statement for each of the rows of a call: for all of them, or for none.
    pub(crate) fn run_rows(
        &self,
        mut statement: CachedStatement<'_>,
        call: &Call,
        rows: &Rows,
        sink: Box<dyn Sink>,
    ) -> Result<Outcome, Error> {
        let located = |error: Error| call.in_context(error);
        if self.sqlite.is_autocommit() {
            self.begin(false).map_err(located)?;
            let outcome = self.each_row(&mut statement, call, rows, sink);
            drop(statement);
            match outcome {
                Ok(outcome) => task::shielded(|| self.command("COMMIT"))
                    .map_err(|error| located(self.explain_commit(error)))
                    .map(|()| outcome),
                Err(error) => Err(error),
            }
            .inspect_err(|_| self.settle())
        } else {
            self.command(&format!("SAVEPOINT {SAVEPOINT}")).map_err(located)?;
            let outcome = self.each_row(&mut statement, call, rows, sink);
            drop(statement);
            task::shielded(|| {
                // A write that was stopped has ended the transaction, and the savepoint with it.
                if outcome.is_err() && !self.sqlite.is_autocommit() {
                    self.command(&format!("ROLLBACK TO {SAVEPOINT}")).map_err(located)?;
                }
                if !self.sqlite.is_autocommit() {
                    self.command(&format!("RELEASE {SAVEPOINT}")).map_err(located)?;
                }
                outcome
            })
        }
    }

    fn each_row(
        &self,
        statement: &mut CachedStatement<'_>,
        call: &Call,
        Rows { count, values }: &Rows,
        mut sink: Box<dyn Sink>,
    ) -> Result<Outcome, Error> {
        let gives_rows = statement.column_count() > 0;
        let width = values.len().checked_div(*count).unwrap_or(0);
        let (mut written, mut changes) = (0, self.sqlite.total_changes());
        for row in 0..*count {
            for (index, value) in values[row * width..(row + 1) * width].iter().enumerate() {
                bind_value(statement, index + 1, value, call)?;
            }
            let mut answer = statement.raw_query();
            let failed = |error| self.explain(call, &values[row * width..(row + 1) * width], error);
            while let Some(row) = answer.next().map_err(failed)? {
                sink.row(&SqliteRow::new(row)).map_err(|error| call.in_context(error))?;
                written += 1;
            }
            if !gives_rows {
                let before = std::mem::replace(&mut changes, self.sqlite.total_changes());
                written += if changes == before { 0 } else { self.sqlite.changes() };
            }
        }
        Ok(Outcome { sink, rows: written })
    }
}

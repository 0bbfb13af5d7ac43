//! Queries whose rows are fetched in parts: their keys come first, in order, the rows a part at a time.

use crate::evaluate::{self, Done};
use crate::pending::{Pending, View};
use crate::read::{Reader, Stream};
use crate::row::{Cell, Cells};
use crate::store::Store;
use peristyle_query::adapter::{BoxFuture, Cursor, Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::statement::Statement;
use std::panic::Location;
use std::sync::Arc;

/// A query in the middle of its rows.
pub(crate) struct RedisCursor {
    store: Arc<Store>,
    pending: Option<Arc<Pending>>,
    stream: Stream,
    /// How many of the keys, or of the rows in hand, have been passed.
    passed: usize,
    statement: Statement,
    location: &'static Location<'static>,
}

impl RedisCursor {
    pub(crate) fn new(
        store: Arc<Store>,
        pending: Option<Arc<Pending>>,
        stream: Stream,
        statement: Statement,
        location: &'static Location<'static>,
    ) -> Self {
        RedisCursor { store, pending, stream, passed: 0, statement, location }
    }

    /// Pushes at most `count` rows into `sink`. A row that is gone by now, or does not fulfil the filter any more, is left out.
    async fn next(&mut self, count: u32, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        let mut given = 0;
        match &self.stream {
            Stream::Rows(rows) => {
                for row in rows.iter().skip(self.passed).take(wanted) {
                    sink.row(&Cells::new(row.values.iter().cloned().map(Cell::Value).collect()))?;
                    given += 1;
                }
                self.passed += given;
            }
            Stream::Keys { table, keys, select } => {
                let view = self.pending.as_deref().map_or(View::Store, View::Transaction);
                let reader = Reader { store: &self.store, prefix: None, view };
                while given < wanted {
                    let end = self.passed.saturating_add(wanted - given).min(keys.len());
                    let Some(part) = keys.get(self.passed..end).filter(|part| !part.is_empty()) else { break };
                    let rows = reader.by_keys(table, part).await?;
                    let rows: Vec<_> = rows.into_iter().flatten().collect();
                    let done = Done { filtered: false, ordered: true, limited: true };
                    let outcome = evaluate::run(select, &rows, done, sink)?;
                    sink = outcome.sink;
                    given += usize::try_from(outcome.rows).unwrap_or(usize::MAX);
                    self.passed = end;
                }
            }
        }
        Ok(Outcome { sink, rows: given as u64 })
    }
}

impl Cursor for RedisCursor {
    fn fetch(&mut self, count: u32, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            let (location, statement) = (self.location, self.statement.clone());
            self.next(count, sink).await.map_err(|error| error.in_statement(statement.sql()).at(location))
        })
    }
}

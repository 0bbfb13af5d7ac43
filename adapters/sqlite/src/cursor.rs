//! Queries whose rows are fetched in parts: the statement stays open on its worker between two fetches.

use crate::call::Call;
use crate::error;
use crate::hold::{self, Held, Hold, Message};
use crate::pool::Pool;
use crate::row::SqliteRow;
use crate::task::{Pending, task};
use peristyle_query::adapter::{BoxFuture, Cursor, Outcome, Sink};
use peristyle_query::error::{Error, QueryError};
use rusqlite::CachedStatement;
use std::sync::mpsc::Sender;
use std::sync::{Arc, mpsc};

/// The worker's side of a cursor: a statement in the middle of its rows.
pub(crate) struct OpenCursor<'c> {
    statement: CachedStatement<'c>,
    call: Call,
}

impl<'c> OpenCursor<'c> {
    /// A cursor before its first row.
    pub(crate) fn new(statement: CachedStatement<'c>, call: Call) -> Self {
        OpenCursor { statement, call }
    }

    /// Pushes at most `count` rows into `sink`. The flag says whether the query is at its end; after that, or after an
    /// error or a panic, the statement is reset and must not be fetched from.
    pub(crate) fn fetch(&mut self, count: u32, mut sink: Box<dyn Sink>) -> Result<(Outcome, bool), Error> {
        let mut fetched = 0;
        let mut rows = self.statement.raw_query();
        while fetched < u64::from(count) {
            match rows.next().map_err(|error| self.call.error(error))? {
                Some(row) => sink.row(&SqliteRow::new(row)).map_err(|error| self.call.in_context(error))?,
                None => return Ok((Outcome { sink, rows: fetched }, true)),
            }
            fetched += 1;
        }
        // Dropping it would reset the statement; it holds nothing else.
        std::mem::forget(rows);
        Ok((Outcome { sink, rows: fetched }, false))
    }
}

impl Drop for OpenCursor<'_> {
    fn drop(&mut self) {
        // A statement in the middle of its rows would keep its snapshot of the database in the cache.
        drop(self.statement.raw_query());
    }
}

/// What became of a cursor that was to be opened on a reader.
pub(crate) enum Opened {
    Cursor(SqliteCursor),
    /// The statement writes: here it is again, for the writer.
    NeedsWriter(Call),
}

/// The caller's side of a cursor. Dropping it closes the statement.
pub(crate) struct SqliteCursor {
    worker: Sender<Message>,
    number: u64,
    /// The worker, if the cursor holds it for itself.
    hold: Option<Hold>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    AtEnd,
    Broken,
}

impl SqliteCursor {
    /// A cursor on a worker that a transaction holds.
    pub(crate) fn shared(worker: Sender<Message>, number: u64) -> Self {
        SqliteCursor { worker, number, hold: None, state: State::Open }
    }

    /// Opens a cursor that holds the next free worker of `pool` for itself.
    pub(crate) fn open(pool: &Arc<Pool>, call: Call) -> Pending<Opened> {
        let (reply, pending) = task(error::closed);
        let ticket = reply.ticket();
        pool.submit(
            ticket,
            Box::new(move |turn| {
                let connection = match turn {
                    Ok(connection) => connection,
                    Err(error) => return reply.refuse(error),
                };
                let (worker, messages) = mpsc::channel();
                let mut held = Held::new(connection);
                let opened = reply.answer(|| {
                    let statement = connection.prepare(&call)?;
                    if connection.is_for_writer(&statement) {
                        drop(statement);
                        return Ok(Opened::NeedsWriter(call.for_writer()));
                    }
                    let number = held.add(OpenCursor::new(statement, call));
                    let hold = Some(Hold { worker: worker.clone() });
                    Ok(Opened::Cursor(SqliteCursor { worker, number, hold, state: State::Open }))
                });
                if opened {
                    held.serve(messages);
                }
            }),
        );
        pending
    }
}

impl Cursor for SqliteCursor {
    fn fetch(&mut self, count: u32, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            match self.state {
                State::Open => {}
                State::AtEnd => return Ok(Outcome { sink, rows: 0 }),
                State::Broken => {
                    let message = "this query was stopped: an earlier part of it failed or was cancelled; run it again";
                    return Err(QueryError::new(message).into());
                }
            }
            // If this future is dropped, rows are lost.
            self.state = State::Broken;
            let number = self.number;
            let fetch = hold::call(&self.worker, move |held| held.fetch(number, count, sink));
            let (outcome, at_end) = fetch.await?;
            self.state = if at_end { State::AtEnd } else { State::Open };
            if at_end {
                self.hold = None;
            }
            Ok(outcome)
        })
    }
}

impl Drop for SqliteCursor {
    fn drop(&mut self) {
        if self.state != State::AtEnd {
            let number = self.number;
            // Nobody waits for it, but it must be done: it has no ticket.
            let _ = self.worker.send(Message::Work(Box::new(move |held| held.close(number))));
        }
    }
}

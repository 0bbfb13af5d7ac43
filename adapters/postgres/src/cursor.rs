//! Server-side cursors: the server keeps the query open and gives rows as they are fetched.

use crate::adapter::outcome;
use crate::call::Call;
use crate::connection::{Caching, Connection, Progress};
use crate::error::connect_error;
use crate::failure::Failure;
use crate::pool::Lease;
use crate::session::Shared;
use peristyle_query::adapter::{BoxFuture, Control, Cursor, Outcome, Sink};
use peristyle_query::error::{Error, QueryError, TransactionMisuse};
use std::sync::{Arc, PoisonError, Weak};

/// A query whose rows are fetched in parts.
pub(crate) struct PostgresCursor {
    place: Place,
    call: Call,
}

enum Place {
    /// A connection and a transaction of its own.
    Own(Lease),
    /// The transaction of a session, and the number of the cursor in it.
    Session(Weak<Shared>, u64),
    /// All rows were fetched.
    Done,
    /// A fetch failed or was cut off: its rows would be missing.
    Broken,
}

fn name(number: u64) -> String {
    format!("peristyle_cursor_{number}")
}

impl PostgresCursor {
    /// Declares a cursor on a connection with an open transaction. `hold`: it outlives that.
    pub(crate) async fn declare(
        lease: &mut Lease,
        call: &mut Call,
        number: u64,
        hold: bool,
    ) -> Result<Result<(), Failure>, Error> {
        let encoded = call.encoded()?;
        let hold = if hold { " WITH HOLD" } else { "" };
        let sql = format!("DECLARE {} NO SCROLL CURSOR{hold} FOR {}", name(number), call.sql).into();
        let mut progress = Progress::default();
        let mut none = peristyle_query::adapter::NoRows;
        Ok(match lease.connection() {
            Ok(connection) => connection.query(&sql, encoded, Caching::Once, &mut none, &mut progress).await,
            Err(failure) => Err(failure),
        })
    }

    /// A declared cursor that keeps its connection, and its transaction, to itself.
    pub(crate) fn on_its_own(lease: Lease, call: Call) -> Self {
        PostgresCursor { place: Place::Own(lease), call }
    }

    /// A declared cursor in the transaction of a session.
    pub(crate) fn in_session(shared: &Arc<Shared>, number: u64, call: Call) -> Self {
        PostgresCursor { place: Place::Session(Arc::downgrade(shared), number), call }
    }

    async fn fetch_rows(&mut self, count: u32, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let place = std::mem::replace(&mut self.place, Place::Broken);
        let mut progress = Progress::default();
        self.place = match place {
            Place::Own(mut lease) => {
                let result = match lease.connection() {
                    Ok(connection) => fetch(connection, 0, count, &mut *sink, &mut progress).await,
                    Err(failure) => Err(failure),
                };
                result.map_err(|failure| self.call.error(failure))?;
                if progress.rows >= count.into() {
                    Place::Own(lease)
                } else {
                    self.end(lease).await?;
                    Place::Done
                }
            }
            Place::Session(shared, number) => {
                let Some(session) = shared.upgrade() else {
                    return Err(self.call.locate(TransactionMisuse::Ended.into()));
                };
                let mut state = session.enter().await.map_err(|error| self.call.locate(error))?;
                if !state.cursors.is_open(number) {
                    let message = "the stream ended with the transaction that it began in";
                    return Err(self.call.locate(QueryError::new(message).into()));
                }
                let lease = state.lease()?;
                let result = match lease.connection() {
                    Ok(connection) => {
                        let result = fetch(connection, number, count, &mut *sink, &mut progress).await;
                        match &result {
                            Err(Failure::Decode(_)) => connection.finish().await.and(result),
                            _ => result,
                        }
                    }
                    Err(failure) => Err(failure),
                };
                if result.is_err() || progress.rows < count.into() {
                    session.abandon(number);
                }
                result.map_err(|failure| state.error(&self.call, failure))?;
                if progress.rows < count.into() { Place::Done } else { Place::Session(shared, number) }
            }
            Place::Done => Place::Done,
            Place::Broken => {
                let message = "this query was stopped: an earlier part of it failed or was cancelled; run it again";
                return Err(self.call.locate(QueryError::new(message).into()));
            }
        };
        // A FETCH counts the rows it gave, whatever the query does.
        Ok(Outcome { rows: progress.rows, ..outcome(&self.call, sink, progress) })
    }

    /// Ends the cursor's own transaction. What a function in the query wrote is kept.
    async fn end(&self, mut lease: Lease) -> Result<(), Error> {
        let result = match lease.connection() {
            Ok(connection) => connection.commit(&mut Progress::default()).await,
            Err(failure) => Err(failure),
        };
        match result {
            Err(Failure::Lost { .. }) if self.call.reads => Ok(()),
            Err(Failure::Lost { message, .. }) => {
                Err(self.call.locate(connect_error(format!("lost at the end of the query: {message}"))))
            }
            Err(failure) => Err(self.call.error(failure)),
            Ok(()) => Ok(()),
        }
    }
}

async fn fetch(
    connection: &mut Connection,
    number: u64,
    count: u32,
    sink: &mut dyn Sink,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let sql = format!("FETCH FORWARD {count} FROM {}", name(number)).into();
    // Never kept: the columns of a cursor of this name are others next time.
    connection.query(&sql, crate::connection::Encoded::none(), Caching::Once, sink, progress).await
}

impl Cursor for PostgresCursor {
    fn fetch(&mut self, count: u32, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            match count {
                0 => Ok(Outcome { sink, rows: 0 }),
                count => self.fetch_rows(count, sink).await,
            }
        })
    }
}

impl Drop for PostgresCursor {
    fn drop(&mut self) {
        // A connection of its own ends its transaction when it is given back.
        if let Place::Session(shared, number) = &self.place
            && let Some(shared) = shared.upgrade()
        {
            shared.abandon(*number);
        }
    }
}

impl Shared {
    /// Leaves a cursor to be closed before the session's next statement.
    fn abandon(&self, number: u64) {
        self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).push(number);
    }
}

/// The cursors of a session, and which of them a savepoint will take with it.
#[derive(Default)]
pub(crate) struct OpenCursors {
    last: u64,
    open: Vec<u64>,
    /// The savepoints that are set, each with the last cursor before it; 0 is a transaction on a connection that was
    /// checked out.
    savepoints: Vec<(u32, u64)>,
}

impl OpenCursors {
    /// The number of a new cursor.
    pub(crate) fn open(&mut self) -> u64 {
        self.last += 1;
        self.open.push(self.last);
        self.last
    }

    pub(crate) fn is_open(&self, number: u64) -> bool {
        self.open.contains(&number)
    }

    /// Takes off a cursor that is not there.
    pub(crate) fn forget(&mut self, number: u64) {
        self.open.retain(|open| *open != number);
    }

    /// Keeps count of a savepoint that was set, released or gone back to.
    pub(crate) fn note(&mut self, control: Control) {
        let place = |savepoints: &[(u32, u64)], number: u32| savepoints.iter().rposition(|(set, _)| *set == number);
        match control {
            Control::Begin(_) => self.savepoints.push((0, self.last)),
            Control::Savepoint(number) => self.savepoints.push((number, self.last)),
            Control::Release(number) => {
                if let Some(place) = place(&self.savepoints, number) {
                    self.savepoints.truncate(place);
                }
            }
            Control::RollbackTo(_) | Control::Commit | Control::Rollback => {
                let number = if let Control::RollbackTo(number) = control { number } else { 0 };
                if let Some(place) = place(&self.savepoints, number) {
                    let last = self.savepoints[place].1;
                    self.open.retain(|open| *open <= last);
                    self.savepoints.truncate(place);
                }
            }
        }
    }

    /// The statement that closes those of `abandoned` that are open, and takes them off.
    pub(crate) fn close_statement(&mut self, abandoned: &[u64]) -> Option<String> {
        let close: Vec<String> = abandoned
            .iter()
            .filter(|number| self.open.contains(number))
            .map(|number| format!("CLOSE {}", name(*number)))
            .collect();
        self.open.retain(|open| !abandoned.contains(open));
        (!close.is_empty()).then(|| close.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cursors_that_the_server_still_has_are_closed() {
        let mut cursors = OpenCursors::default();
        let outer = cursors.open();
        cursors.note(Control::Savepoint(1));
        let inner = cursors.open();
        cursors.note(Control::RollbackTo(1));
        assert!(cursors.is_open(outer) && !cursors.is_open(inner));
        assert_eq!(cursors.close_statement(&[outer, inner]).as_deref(), Some("CLOSE peristyle_cursor_1"));
        assert_eq!(cursors.close_statement(&[outer]), None);
    }

    #[test]
    fn a_transaction_of_a_checkout_takes_its_cursors_with_it() {
        for end in [Control::Commit, Control::Rollback] {
            let mut cursors = OpenCursors::default();
            let outer = cursors.open();
            cursors.note(Control::Begin(Default::default()));
            let inner = cursors.open();
            cursors.note(Control::Savepoint(1));
            let further = cursors.open();
            cursors.note(end);
            assert_eq!([outer, inner, further].map(|cursor| cursors.is_open(cursor)), [true, false, false]);
        }
    }
}

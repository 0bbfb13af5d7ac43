//! A worker that serves one transaction or one cursor alone, until it is let go.

use crate::call::Call;
use crate::connection::Connection;
use crate::cursor::OpenCursor;
use crate::error::ended;
use crate::task::{Pending, shielded, task};
use peristyle_query::adapter::{Control, Ending, Outcome, Sink};
use peristyle_query::error::{Error, QueryError, TransactionAborted};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvError, Sender, TryRecvError};
use std::time::{Duration, Instant};

/// How long a held worker looks for its next message before it sleeps.
const PATIENCE: Duration = Duration::from_micros(20);

/// Work on a held connection.
type Work = Box<dyn FnOnce(&mut Held<'_>) + Send>;

/// What is sent to a held worker.
pub(crate) enum Message {
    Work(Work),
    /// Serve others again.
    LetGo,
}

/// Sends work to a held worker. Work is done in order.
pub(crate) fn call<T: Send + 'static>(
    worker: &Sender<Message>,
    work: impl FnOnce(&mut Held<'_>) -> Result<T, Error> + Send + 'static,
) -> Pending<T> {
    let (reply, pending) = task(ended);
    let work: Work = Box::new(move |held| {
        reply.answer(|| work(held));
    });
    // A worker that serves others by now drops the work, and `pending` gives the error.
    let _ = worker.send(Message::Work(work));
    pending
}

/// The next message. A transaction's next statement mostly comes as soon as its task has seen the last one's result:
/// looking for it a moment longer is cheaper than sleeping and being woken.
fn next(messages: &Receiver<Message>) -> Result<Message, RecvError> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        match messages.try_recv() {
            Ok(message) => return Ok(message),
            Err(TryRecvError::Disconnected) => return Err(RecvError),
            Err(TryRecvError::Empty) => std::hint::spin_loop(),
        }
    }
    messages.recv()
}

/// Holds a worker until it is dropped: an open transaction is rolled back then, before the worker serves anyone else.
pub(crate) struct Hold {
    pub(crate) worker: Sender<Message>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _ = self.worker.send(Message::LetGo);
    }
}

/// The worker's side: the connection, and the cursors that are open on it.
pub(crate) struct Held<'c> {
    connection: &'c Connection,
    cursors: HashMap<u64, OpenCursor<'c>>,
    opened: u64,
    /// Whether transactions come and go, one after the other.
    checked_out: bool,
    transaction: Option<Open>,
    /// Whether the transaction has ended that the worker was held for.
    ended: bool,
}

/// An open transaction.
struct Open {
    read_only: bool,
    /// The last cursor before it.
    cursor: u64,
}

impl<'c> Held<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Held { connection, cursors: HashMap::new(), opened: 0, checked_out: false, transaction: None, ended: false }
    }

    /// Serves one caller without a transaction, or with several.
    pub(crate) fn check_out(&mut self) {
        self.checked_out = true;
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self, read_only: bool) -> Result<(), Error> {
        self.connection.begin(read_only)?;
        self.transaction = Some(Open { read_only, cursor: self.opened });
        Ok(())
    }

    /// Does what is sent until the worker is let go or the transaction has ended, and cleans up.
    pub(crate) fn serve(mut self, messages: Receiver<Message>) {
        while !self.ended {
            match next(&messages) {
                Ok(Message::Work(work)) => work(&mut self),
                Ok(Message::LetGo) | Err(_) => break,
            }
        }
        self.cursors.clear();
        self.end();
        if self.checked_out {
            // The rebuild of a table switches the one off and the other on, and may have been cut off.
            for pragma in ["PRAGMA foreign_keys = 1", "PRAGMA legacy_alter_table = 0"] {
                let _ = shielded(|| self.connection.command(pragma));
            }
        }
    }

    /// Ends what is left of a transaction.
    fn end(&mut self) {
        self.close_inner();
        self.ended |= !self.checked_out;
        let transaction = self.transaction.take();
        self.connection.end(transaction.is_some_and(|transaction| transaction.read_only));
    }

    /// Closes the cursors that were opened in the transaction.
    fn close_inner(&mut self) {
        if let Some(Open { cursor: last, .. }) = &self.transaction {
            self.cursors.retain(|number, _| number <= last);
        }
    }

    /// SQLite ends a transaction by itself when the disk is full or a write in it was stopped. Statements would then
    /// run outside of any.
    fn check(&self) -> Result<(), Error> {
        if self.transaction.is_some() && self.connection.sqlite.is_autocommit() {
            return Err(TransactionAborted { cause: None }.into());
        }
        Ok(())
    }

    /// Refuses a statement of the program that ended or opened a transaction behind our back.
    fn check_after(&self) -> Result<(), Error> {
        if self.transaction.is_none() {
            return self.connection.refuse_open_transaction();
        }
        if self.connection.sqlite.is_autocommit() {
            return Err(QueryError::new(
                "the statement ended the transaction that it ran in: return Ok or Err from its function instead",
            )
            .into());
        }
        Ok(())
    }

    /// Runs a statement. One that fails is undone alone: the transaction goes on.
    pub(crate) fn run(&mut self, call: Call, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        self.check().map_err(|error| call.in_context(error))?;
        let outcome = self.connection.run_inside(&call, sink)?;
        self.check_after().map_err(|error| call.in_context(error))?;
        Ok(outcome)
    }

    /// Runs a script.
    pub(crate) fn script(&mut self, text: &str) -> Result<(), Error> {
        if self.transaction.is_none() {
            return self.connection.script(text);
        }
        self.check()?;
        self.connection.batch(text)?;
        self.check_after()
    }

    /// Opens a cursor on this connection, and gives its number.
    pub(crate) fn open(&mut self, call: Call) -> Result<u64, Error> {
        self.check().map_err(|error| call.in_context(error))?;
        let statement = self.connection.prepare(&call)?;
        Ok(self.add(OpenCursor::new(statement, call)))
    }

    /// Keeps a cursor, and gives its number.
    pub(crate) fn add(&mut self, cursor: OpenCursor<'c>) -> u64 {
        self.opened += 1;
        self.cursors.insert(self.opened, cursor);
        self.opened
    }

    /// Fetches from a cursor, and closes it at its end. The flag says whether that was so.
    pub(crate) fn fetch(&mut self, cursor: u64, count: u32, sink: Box<dyn Sink>) -> Result<(Outcome, bool), Error> {
        let Some(open) = self.cursors.get_mut(&cursor) else {
            return Err(QueryError::new("this query is closed: run it again").into());
        };
        let fetched = open.fetch(count, sink);
        let at_end = !matches!(&fetched, Ok((_, false)));
        if at_end {
            self.cursors.remove(&cursor);
        }
        fetched
    }

    /// Closes a cursor.
    pub(crate) fn close(&mut self, cursor: u64) {
        self.cursors.remove(&cursor);
    }

    /// Begins or ends a transaction, or sets, releases or goes back to a savepoint. Nothing stops it half-way, but the wait
    /// of BEGIN for another process.
    pub(crate) fn control(&mut self, control: Control) -> Result<Ending, Error> {
        if let Control::Begin(options) = control {
            return self.begin(options.read_only).map(|()| Ending::Done);
        }
        shielded(|| match control {
            Control::Begin(_) => Ok(Ending::Done),
            Control::Commit => self.commit(),
            Control::Rollback => {
                self.end();
                Ok(Ending::Done)
            }
            Control::Savepoint(number) => self.command(&format!("SAVEPOINT s{number}")),
            Control::RollbackTo(number) => {
                self.command(&format!("ROLLBACK TO s{number}"))?;
                self.command(&format!("RELEASE s{number}"))
            }
            Control::Release(number) => self.command(&format!("RELEASE s{number}")),
        })
    }

    /// A COMMIT that fails, such as for a foreign key that is checked at the end, leaves nothing behind.
    fn commit(&mut self) -> Result<Ending, Error> {
        let committed = match self.connection.sqlite.is_autocommit() {
            true => Ok(Ending::RolledBack),
            false => {
                self.close_inner();
                let committed = self.connection.command("COMMIT");
                committed.map_err(|error| self.connection.explain_commit(error)).map(|()| Ending::Done)
            }
        };
        self.end();
        committed
    }

    fn command(&self, sql: &str) -> Result<Ending, Error> {
        self.check()?;
        self.connection.command(sql).map(|()| Ending::Done)
    }
}

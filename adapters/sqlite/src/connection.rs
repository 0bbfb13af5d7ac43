//! One connection: how it is set up, and how a statement runs on it. A connection stays on one worker thread.

use crate::bind::bind;
use crate::call::Call;
use crate::error::{self, STORE};
use crate::options::Mode;
use crate::row::SqliteRow;
use crate::{functions, task};
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::{ConnectError, Error, QueryError};
use peristyle_sql::constraint::Touched;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, OpenFlags};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many of SQLite's instructions run between two looks at whether the statement was cancelled.
const INSTRUCTIONS: i32 = 1000;

thread_local! {
    /// How long a statement of this thread waits for a lock of another process.
    static BUSY_TIMEOUT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// When the wait for a lock began.
    static BUSY_SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Writes, beside readers.
    Writer,
    /// Reads only.
    Reader,
    /// Everything: the one connection of a database in memory.
    Only,
}

/// What connections have in common.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The file; `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) mode: Mode,
    pub(crate) busy_timeout: Duration,
    pub(crate) statement_cache: usize,
    /// The names and files of the databases that are attached.
    pub(crate) attached: Vec<(String, PathBuf)>,
}

/// A connection.
pub(crate) struct Connection {
    pub(crate) sqlite: rusqlite::Connection,
    role: Role,
    busy_timeout: Duration,
    /// Whether SQLite plans statements by the values that are bound to them.
    plans_by_values: Cell<bool>,
}

/// What came of a statement that was given to a connection.
pub(crate) enum Ran {
    /// It ran.
    Done(Outcome),
    /// It was given to a reader and writes: it did not run, here it is again.
    NeedsWriter(Call, Box<dyn Sink>),
}

impl Connection {
    /// Opens the database and sets the connection up.
    pub(crate) fn open(setup: &Setup, role: Role) -> Result<Self, Error> {
        let sqlite = match &setup.path {
            None => rusqlite::Connection::open_in_memory(),
            Some(path) => rusqlite::Connection::open_with_flags(path, flags(setup.mode, role)),
        };
        let at = setup.path.as_deref();
        let sqlite = sqlite.map_err(|error| cannot_open(at, &error))?;
        let plans_by_values = Cell::new(true);
        let connection = Connection { sqlite, role, busy_timeout: setup.busy_timeout, plans_by_values };
        connection.set_up(setup).map_err(|error| cannot_open(at, &error))?;
        for (name, path) in &setup.attached {
            connection.attach(name, path, setup.mode).map_err(|error| cannot_open(Some(path), &error))?;
        }
        Ok(connection)
    }

    fn attach(&self, name: &str, path: &Path, mode: Mode) -> rusqlite::Result<()> {
        let sqlite = &self.sqlite;
        sqlite.execute("ATTACH DATABASE ?1 AS ?2", [path.to_string_lossy().as_ref(), name])?;
        if self.role == Role::Writer && mode != Mode::ReadOnly {
            sqlite.pragma_update_and_check(Some(name), "journal_mode", "wal", |_| Ok(()))?;
        }
        sqlite.pragma_update(Some(name), "synchronous", "normal")
    }

    fn set_up(&self, setup: &Setup) -> rusqlite::Result<()> {
        let sqlite = &self.sqlite;
        // SQLite counts milliseconds in 31 bits.
        sqlite.busy_timeout(setup.busy_timeout.min(Duration::from_millis(i32::MAX as u64)))?;
        if self.role == Role::Writer && setup.mode != Mode::ReadOnly {
            // A file system without shared memory keeps the journal mode that it has: slower, but right.
            sqlite.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        }
        sqlite.pragma_update(None, "synchronous", "normal")?;
        sqlite.pragma_update(None, "foreign_keys", true)?;
        sqlite.pragma_update(None, "case_sensitive_like", true)?;
        sqlite.pragma_update(None, "query_only", self.role == Role::Reader)?;
        // Without this a quoted name that no table has is taken for a text.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        sqlite.set_prepared_statement_cache_capacity(setup.statement_cache);
        functions::register(sqlite)?;
        // The first read of the file: it may not be a database.
        sqlite.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    }

    /// Prepares the thread that the connection will stay on.
    pub(crate) fn enter_thread(&self) {
        BUSY_TIMEOUT.set(self.busy_timeout);
        // Only a connection that is not ours to configure could refuse.
        let _ = self.sqlite.busy_handler(Some(wait_for_lock));
        let _ = self.sqlite.progress_handler(INSTRUCTIONS, Some(task::is_cancelled));
    }

    /// Makes the connection usable for the next job, whatever the last one did.
    pub(crate) fn settle(&self) {
        if !self.sqlite.is_autocommit() {
            let _ = task::shielded(|| self.command("ROLLBACK"));
        }
    }

    /// Runs a statement outside of a transaction.
    pub(crate) fn run(&self, call: Call, sink: Box<dyn Sink>) -> Result<Ran, Error> {
        let statement = self.prepare(&call)?;
        if self.is_for_writer(&statement) {
            return Ok(Ran::NeedsWriter(call.for_writer(), sink));
        }
        let outcome = match &call.rows {
            None => self.finish(statement, &call, sink),
            Some(rows) => self.run_rows(statement, &call, rows, sink),
        };
        self.refuse_open_transaction().map_err(|error| call.in_context(error))?;
        outcome.map(Ran::Done)
    }

    /// Runs a statement inside of a transaction.
    pub(crate) fn run_inside(&self, call: &Call, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let statement = self.prepare(call)?;
        match &call.rows {
            None => self.finish(statement, call, sink),
            Some(rows) => self.run_rows(statement, call, rows, sink),
        }
    }

    /// Whether a statement that was prepared here must move to the writer.
    pub(crate) fn is_for_writer(&self, statement: &CachedStatement<'_>) -> bool {
        self.role == Role::Reader && !statement.readonly()
    }

    /// Prepares a statement, or takes it from the cache, and binds its values.
    pub(crate) fn prepare(&self, call: &Call) -> Result<CachedStatement<'_>, Error> {
        let sql = call.statement.sql();
        self.plan_by_values(has_pattern(sql)).map_err(|error| call.error(error))?;
        let mut statement = self.sqlite.prepare_cached(sql).map_err(|error| call.error(error))?;
        let (expected, given) = (statement.parameter_count(), call.width() + call.statement.parameters().len());
        if expected != given {
            return Err(call.in_context(QueryError::new(format!(
                "the statement has {expected} placeholders and {given} values: write {{}} for each value and bind it"
            ))));
        }
        bind(&mut statement, call)?;
        Ok(statement)
    }

    /// SQLite looks at the value of a LIMIT when it plans, and at more once the database is analyzed; a statement that was
    /// planned so is prepared again each time it runs, which takes far longer than a look-up. So values are looked at
    /// only where it pays: the start of a LIKE pattern may become a range of an index.
    fn plan_by_values(&self, on: bool) -> rusqlite::Result<()> {
        if self.plans_by_values.replace(on) != on {
            self.sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, !on)?;
        }
        Ok(())
    }

    fn finish(
        &self,
        mut statement: CachedStatement<'_>,
        call: &Call,
        mut sink: Box<dyn Sink>,
    ) -> Result<Outcome, Error> {
        let changes = self.sqlite.total_changes();
        let gives_rows = statement.column_count() > 0;
        let mut rows = 0;
        let mut cursor = statement.raw_query();
        while let Some(row) = cursor.next().map_err(|error| call.error(error))? {
            sink.row(&SqliteRow::new(row)).map_err(|error| call.in_context(error))?;
            rows += 1;
        }
        if !gives_rows && self.sqlite.total_changes() != changes {
            rows = self.sqlite.changes();
        }
        Ok(Outcome { sink, rows })
    }

    /// Runs a script outside of a transaction of ours. It may have transactions of its own.
    pub(crate) fn script(&self, text: &str) -> Result<(), Error> {
        let ran = self.batch(text);
        let left_open = self.refuse_open_transaction();
        ran.and(left_open)
    }

    /// Runs a script inside of a transaction.
    pub(crate) fn batch(&self, text: &str) -> Result<(), Error> {
        let sql = |error: Error| error.in_statement(text);
        self.sqlite.execute_batch(text).map_err(|error| sql(error::from_sqlite(error, Touched::default())))
    }

    /// Rolls back a transaction that a statement of the program opened behind our back.
    pub(crate) fn refuse_open_transaction(&self) -> Result<(), Error> {
        if self.sqlite.is_autocommit() {
            return Ok(());
        }
        self.settle();
        Err(QueryError::new(
            "a transaction was opened with BEGIN and left open, and so rolled back: use repo.transaction(..)",
        )
        .into())
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self, read_only: bool) -> Result<(), Error> {
        match (read_only, self.role) {
            (false, _) => self.command("BEGIN IMMEDIATE"),
            (true, Role::Reader) => self.command("BEGIN DEFERRED"),
            (true, Role::Writer | Role::Only) => {
                self.set_query_only(true)?;
                self.command("BEGIN DEFERRED").inspect_err(|_| {
                    let _ = self.set_query_only(false);
                })
            }
        }
    }

    /// Ends what is left of a transaction, so that the next one can begin. `read_only`: it only read.
    pub(crate) fn end(&self, read_only: bool) {
        self.settle();
        if read_only && self.role != Role::Reader {
            let _ = self.set_query_only(false);
        }
    }

    fn set_query_only(&self, on: bool) -> Result<(), Error> {
        self.command(if on { "PRAGMA query_only = 1" } else { "PRAGMA query_only = 0" })
    }

    /// Runs one of our own commands.
    pub(crate) fn command(&self, sql: &str) -> Result<(), Error> {
        let ran = self.sqlite.prepare_cached(sql).and_then(|mut statement| statement.raw_execute());
        ran.map(drop).map_err(|error| error::from_sqlite(error, Touched::default()).in_statement(sql))
    }
}

/// Whether a statement compares with a pattern. If a column of such a name is taken for it, nothing but time is lost.
fn has_pattern(sql: &str) -> bool {
    [" LIKE ", " like ", " GLOB ", " glob "].iter().any(|word| sql.contains(word))
}

/// The flags of a connection. URIs are not among them: a path is a path.
fn flags(mode: Mode, role: Role) -> OpenFlags {
    let access = match (mode, role) {
        (Mode::ReadOnly, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
        (Mode::Create, Role::Writer | Role::Only) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        _ => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn cannot_open(path: Option<&Path>, error: &rusqlite::Error) -> Error {
    let message = match path {
        Some(path) => format!("cannot open {}: {error}", path.display()),
        None => format!("cannot open a database in memory: {error}"),
    };
    ConnectError { store: STORE, message }.into()
}

/// SQLite's busy handler: sleeps and tries again until the busy timeout is over or the statement is cancelled.
fn wait_for_lock(tries: i32) -> bool {
    let now = Instant::now();
    if tries == 0 {
        BUSY_SINCE.set(Some(now));
    }
    let since = BUSY_SINCE.get().unwrap_or(now);
    let left = BUSY_TIMEOUT.get().saturating_sub(now - since);
    if left.is_zero() || task::is_cancelled() {
        return false;
    }
    let pause = Duration::from_millis(1 << tries.clamp(0, 5));
    std::thread::sleep(pause.min(left));
    true
}

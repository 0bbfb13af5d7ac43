//! One connection: the seam to the driver. Nothing outside of this file and `row.rs` runs the driver's statements.

use crate::bind;
use crate::failure::{Cause, Failure};
use crate::options::Settings;
use crate::row::{PostgresRow, column_types};
use futures_util::TryStreamExt;
use peristyle_query::adapter::Sink;
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments, AssertSqlSafe, Connection as _, Either, Encode, Executor, PgConnection, Row, Type};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// A connection, and what is known of its state.
pub(crate) struct Connection {
    driver: PgConnection,
    /// The number of the server's process, to cancel what it runs; unknown behind a pooler.
    process: Option<i32>,
    /// A call was sent and its answer has not been read to the end.
    busy: bool,
    in_transaction: bool,
    lost: bool,
    /// It goes through a Unix socket.
    is_local: bool,
    /// The types that each cached statement's parameters were declared with.
    declared: HashMap<Arc<str>, Box<[u32]>>,
    /// How many statements the driver keeps.
    cache_size: usize,
    /// Cached statements that do not fit the tables any more.
    stale: bool,
    /// A call that was cut off may have left a statement on the server that nobody knows.
    orphans: bool,
    /// A script or a SET ran, and the session was not reset since.
    after_script: bool,
    /// When it was last given back.
    pub(crate) idle_since: Instant,
}

/// How far a statement came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// Rows that were handed on.
    pub(crate) rows: u64,
    /// Rows that the server says the statement touched.
    pub(crate) affected: u64,
    /// Statements that the server says it completed.
    pub(crate) completed: u64,
}

/// Whether a statement is kept prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caching {
    /// It is, under its text.
    Keep,
    /// It is prepared for this once, without a name.
    Once,
}

/// How many bytes of a COPY are sent at a time.
const COPY_PART: usize = 128 << 10;

impl Connection {
    /// Opens a connection.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let driver = PgConnection::connect_with(&settings.connect).await.map_err(Failure::of)?;
        let mut connection = Connection {
            driver,
            process: None,
            busy: false,
            in_transaction: false,
            lost: false,
            is_local: settings.is_local(),
            declared: HashMap::new(),
            cache_size: settings.statement_cache,
            stale: false,
            orphans: false,
            after_script: false,
            idle_since: Instant::now(),
        };
        if !settings.pooler {
            connection.process = Some(connection.process_number().await?);
        }
        Ok(connection)
    }

    async fn process_number(&mut self) -> Result<i32, Failure> {
        let row = self.driver.fetch_one("SELECT pg_backend_pid()::int4").await.map_err(Failure::of)?;
        let number = row.try_get_raw(0).map_err(Failure::of)?.as_str().ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| Failure::lost("the server gave no process number"))
    }

    /// The number of the server's process.
    pub(crate) fn process(&self) -> Option<i32> {
        self.process
    }

    /// Whether a call on it was cut off.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether it can never be used again.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Whether a transaction is, or may be, open.
    pub(crate) fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// Whether the next user can have it as it is.
    pub(crate) fn is_clean(&self) -> bool {
        !self.busy && !self.in_transaction && !self.lost && !self.orphans && !self.after_script
    }

    /// Runs a prepared statement and pushes its rows into `sink`.
    ///
    /// After [`Failure::Decode`] the rest of the answer is still to come: [`finish`](Self::finish) passes over it.
    pub(crate) async fn query(
        &mut self,
        sql: &Arc<str>,
        arguments: Encoded,
        caching: Caching,
        sink: &mut dyn Sink,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        if self.stale {
            self.forget_statements().await?;
        }
        let (text, known) = match caching {
            Caching::Keep => self.text_for(sql, &arguments.types).await?,
            Caching::Once => (Arc::clone(sql), false),
        };
        self.busy = true;
        let orphans_before = self.orphans;
        self.orphans |= caching == Caching::Keep && !known;
        let result = self.push_rows(text, arguments.arguments, caching, sink, progress).await;
        if !matches!(result, Err(Failure::Decode(_))) {
            self.busy = false;
        }
        self.orphans = orphans_before;
        self.note(result)
    }

    async fn push_rows(
        &mut self,
        text: Arc<str>,
        arguments: PgArguments,
        caching: Caching,
        sink: &mut dyn Sink,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let query = sqlx::query_with(AssertSqlSafe(text), arguments).persistent(caching == Caching::Keep);
        let mut answers = self.driver.fetch_many(query);
        let mut types = None;
        while let Some(answer) = answers.try_next().await.map_err(Failure::of)? {
            match answer {
                Either::Right(row) => {
                    let types = types.get_or_insert_with(|| column_types(&row));
                    progress.rows += 1;
                    sink.row(&PostgresRow { row: &row, types }).map_err(Failure::Decode)?;
                }
                Either::Left(done) => {
                    progress.affected += done.rows_affected();
                    progress.completed += 1;
                }
            }
        }
        Ok(())
    }

    /// Runs statements without parameters in one round trip, as they are; their rows are passed over.
    pub(crate) async fn simple(&mut self, text: &str, progress: &mut Progress) -> Result<(), Failure> {
        self.busy = true;
        let result = async {
            let mut answers = self.driver.fetch_many(sqlx::raw_sql(AssertSqlSafe(text)));
            while let Some(answer) = answers.try_next().await.map_err(Failure::of)? {
                if let Either::Left(done) = answer {
                    progress.affected += done.rows_affected();
                    progress.completed += 1;
                }
            }
            Ok(())
        }
        .await;
        self.busy = false;
        self.note(result)
    }

    /// Sends the data of a COPY, and gives the number of its rows.
    ///
    /// The driver does not keep in step with a COPY that was cut off: the connection is lost then.
    pub(crate) async fn copy_in(&mut self, copy: &str, data: &[u8]) -> Result<u64, Failure> {
        self.lost = true;
        let result = async {
            let mut answer = self.driver.copy_in_raw(copy).await?;
            for part in data.chunks(COPY_PART) {
                answer.send(part).await?;
            }
            answer.finish().await
        };
        let result = result.await.map_err(Failure::of);
        self.lost = false;
        self.note(result)
    }

    /// Opens a transaction with a BEGIN of its own.
    pub(crate) async fn begin(&mut self, begin: &str) -> Result<(), Failure> {
        self.in_transaction = true;
        self.simple(begin, &mut Progress::default()).await.inspect_err(|_| self.in_transaction = false)
    }

    /// Ends the transaction by rolling it back.
    pub(crate) async fn roll_back(&mut self) -> Result<(), Failure> {
        self.simple("ROLLBACK", &mut Progress::default()).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Rolls back a transaction that a script may have left open, and says whether there was one.
    pub(crate) async fn leave_transaction(&mut self) -> Result<bool, Failure> {
        match self.simple("SAVEPOINT peristyle_probe", &mut Progress::default()).await {
            // It "can only be used in transaction blocks".
            Err(Failure::Refused(error)) if error.code == "25P01" => Ok(false),
            Ok(()) | Err(Failure::Refused(_)) => self.roll_back().await.map(|()| true),
            Err(failure) => Err(failure),
        }
    }

    /// Runs a script: statements that may do anything to the session, a transaction among it. [`reset`](Self::reset) must
    /// follow before anyone else gets the connection.
    pub(crate) async fn script(&mut self, text: &str, progress: &mut Progress) -> Result<(), Failure> {
        self.after_script = true;
        self.simple(text, progress).await
    }

    /// Says that what runs next changes the session, as a script may.
    pub(crate) fn expect_traces(&mut self) {
        self.after_script = true;
    }

    /// Undoes everything that a script did to the session. `false`: it had left a transaction open, which is rolled back.
    pub(crate) async fn reset(&mut self) -> Result<bool, Failure> {
        self.forget_statements().await?;
        let mut closed = true;
        loop {
            match self.simple("DISCARD ALL", &mut Progress::default()).await {
                Ok(()) => break,
                // It "cannot run inside a transaction block", or that block has failed.
                Err(Failure::Refused(error)) if closed && matches!(error.code.as_str(), "25001" | "25P02") => {
                    closed = false;
                    self.roll_back().await?;
                }
                Err(failure) => return Err(failure),
            }
        }
        (self.after_script, self.orphans) = (false, false);
        Ok(closed)
    }

    /// Whether a script's traces are still in the session.
    pub(crate) fn is_after_script(&self) -> bool {
        self.after_script
    }

    /// Ends the transaction by keeping it. COMMIT of a transaction that failed rolls back without an error, and the
    /// driver does not show that answer: a savepoint before it, in the same round trip, is refused in that state
    /// (25P02), and also where no transaction is open any more (25P01).
    pub(crate) async fn commit(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        let result = self.simple("SAVEPOINT peristyle_commit; COMMIT", progress).await;
        let gone = matches!(&result, Err(Failure::Refused(error)) if error.code == "25P01");
        // A COMMIT that is refused, by a deferred constraint for one, has rolled back.
        if result.is_ok() || gone || progress.completed > 0 {
            self.in_transaction = false;
        }
        result
    }

    /// Reads what the server still sends, until it is ready for the next call.
    pub(crate) async fn finish(&mut self) -> Result<(), Failure> {
        loop {
            // Every error is that of the call that was cut off, or of its cancellation.
            match self.driver.ping().await.map_err(Failure::of) {
                Ok(()) => break,
                Err(Failure::Refused(_) | Failure::Decode(_)) => {}
                Err(lost) => return self.note(Err(lost)),
            }
        }
        self.busy = false;
        Ok(())
    }

    /// Asks whether the connection is alive.
    pub(crate) async fn ping(&mut self) -> Result<(), Failure> {
        self.busy = true;
        let result = self.driver.ping().await.map_err(Failure::of);
        self.busy = false;
        self.note(result)
    }

    /// Drops the cached statements, and those that a call which was cut off left behind.
    pub(crate) async fn forget_statements(&mut self) -> Result<(), Failure> {
        self.declared.clear();
        self.busy = true;
        let result = self.driver.clear_cached_statements().await.map_err(Failure::of);
        self.busy = false;
        self.note(result)?;
        self.stale = false;
        if self.orphans && !self.in_transaction {
            self.simple("DEALLOCATE ALL", &mut Progress::default()).await?;
            self.orphans = false;
        }
        Ok(())
    }

    /// Whether statements have to be dropped before the next user may have the connection.
    pub(crate) fn has_orphans(&self) -> bool {
        self.orphans
    }

    /// Says goodbye and closes.
    pub(crate) async fn close(self) {
        // A goodbye that is not heard changes nothing: the socket closes either way.
        let _ = self.driver.close().await;
    }

    /// The text under which the driver keeps a statement, and whether it already does. The driver tells statements apart
    /// by their text alone; one whose parameters have other types than before gets a text of its own.
    async fn text_for(&mut self, sql: &Arc<str>, types: &[u32]) -> Result<(Arc<str>, bool), Failure> {
        match self.declared.get(sql) {
            Some(declared) if **declared == *types => return Ok((Arc::clone(sql), true)),
            Some(_) => {
                let types: Vec<String> = types.iter().map(u32::to_string).collect();
                return Ok((format!("{sql} /* types {} */", types.join(",")).into(), false));
            }
            None => {}
        }
        // What is kept here must never be less than what the driver keeps.
        if self.declared.len() >= self.cache_size.saturating_mul(8).max(64) {
            self.forget_statements().await?;
        }
        self.declared.insert(Arc::clone(sql), types.into());
        Ok((Arc::clone(sql), false))
    }

    /// Remembers what a failure means for the next call.
    fn note<T>(&mut self, mut result: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &mut result {
            // Under TLS, reading may write too.
            if let (Failure::Lost { cause, .. }, false) = (&mut *failure, self.is_local) {
                *cause = Cause::Other;
            }
            self.lost |= failure.is_lost();
            self.stale |= failure.is_stale_plan();
        }
        result
    }
}

/// The values of a statement in the form that is sent, with their types.
pub(crate) struct Encoded {
    arguments: PgArguments,
    types: Vec<u32>,
}

impl Encoded {
    /// No values.
    pub(crate) fn none() -> Self {
        Encoded { arguments: PgArguments::default(), types: Vec::new() }
    }

    /// Encodes values, or names the position of the one that the server cannot hold, and why.
    pub(crate) fn of(parameters: &[Parameter]) -> Result<Self, (usize, String)> {
        let mut arguments = PgArguments::default();
        let mut types = Vec::with_capacity(parameters.len());
        for (index, parameter) in parameters.iter().enumerate() {
            arguments.add(Bound(&parameter.value)).map_err(|reason| (index, reason.to_string()))?;
            types.push(bind::type_oid(parameter.value.data_type()));
        }
        Ok(Encoded { arguments, types })
    }
}

/// A parameter as the driver takes it.
struct Bound<'v>(&'v Value);

impl Encode<'_, sqlx::Postgres> for Bound<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        if self.0.is_null() {
            return Ok(IsNull::Yes);
        }
        bind::encode(self.0, buffer)?;
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(bind::type_oid(self.0.data_type()))))
    }
}

impl Type<sqlx::Postgres> for Bound<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(bind::type_oid(DataType::Text)))
    }
}

//! Futures that are dropped.

use super::*;
use peristyle_query::adapter::{Control, Ending, TransactionOptions};
use std::sync::mpsc;

/// Says that the statement is running.
struct Signal(mpsc::Sender<()>);

impl Sink for Signal {
    fn row(&mut self, _: &dyn Row) -> Result<(), DecodeError> {
        let _ = self.0.send(());
        Ok(())
    }
}

/// Runs an endless statement, and drops its future once it is in the middle of it.
fn begin_and_drop(on: &dyn Executor, sql: &'static str) {
    let (sender, running) = mpsc::channel();
    let mut future = on.run(request(sql, vec![]), Box::new(Signal(sender)));
    start(&mut future);
    running.recv().unwrap();
}

#[tokio::test]
async fn a_dropped_future_stops_its_statement_and_never_the_next_one() {
    let database = Database::open(|options| options.readers(1));
    for round in 0..200 {
        begin_and_drop(&*database.adapter, ENDLESS);
        let next =
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 5000) SELECT max(x) + {} FROM n";
        let sum = database.one(next, vec![Value::I64(round)], DataType::I64).await.unwrap();
        assert_eq!(sum, Value::I64(5000 + round));
    }
}

#[tokio::test]
async fn a_statement_that_gives_no_rows_is_stopped_too() {
    let database = Database::open(|options| options.readers(1));
    for _ in 0..20 {
        let mut future = database.adapter.run(request(ENDLESS_COUNT, vec![]), Box::new(NoRows));
        start(&mut future);
        drop(future);
        assert_eq!(database.one("SELECT 7", vec![], DataType::I32).await.unwrap(), Value::I32(7));
    }
}

#[tokio::test]
async fn a_call_that_was_dropped_before_it_began_is_skipped() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    let mut waiting = database.adapter.run(request("INSERT INTO t VALUES (1, 'dropped')", vec![]), Box::new(NoRows));
    start(&mut waiting);
    drop(waiting);
    assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);
    database.execute("INSERT INTO t VALUES (2, 'kept')", vec![]).await.unwrap();
    assert_eq!(database.rows("SELECT id FROM t", vec![], &[DataType::I64]).await.unwrap(), [[Value::I64(2)]]);
}

#[tokio::test]
async fn a_read_that_is_stopped_in_a_transaction_leaves_it_usable_beside_an_open_cursor() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    let mut cursor = session.open(request(ENDLESS, vec![])).await.unwrap();
    cursor.fetch(1, Box::new(NoRows)).await.unwrap();
    for id in 0..50 {
        begin_and_drop(&*session, ENDLESS);
        execute(&*session, "INSERT INTO t VALUES ({}, 1)", vec![Value::I64(id)]).await.unwrap();
    }
    let outcome = cursor.fetch(1, Table::sink(&[DataType::I64])).await.unwrap();
    assert_eq!(Table::rows(outcome.sink), [[Value::I64(2)]]);
    assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);
    assert_eq!(database.count().await, 50);
}

#[tokio::test]
async fn a_write_that_is_stopped_in_a_transaction_ends_it_and_commit_says_so() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    execute(&*session, "INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap();
    let endless = "INSERT INTO t (v) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    let mut future = session.run(request(endless, vec![]), Box::new(NoRows));
    start(&mut future);
    // The worker is in the middle of it when it has written more pages than its cache holds.
    let log = database.folder.path().join("test.db-wal");
    while std::fs::metadata(&log).map_or(0, |log| log.len()) < 1_000_000 {
        std::thread::yield_now();
    }
    drop(future);
    let error = execute(&*session, "INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap_err();
    assert!(matches!(error, Error::TransactionAborted(_)), "{error}");
    let error = session.control(Control::Savepoint(1)).await.unwrap_err();
    assert!(matches!(error, Error::TransactionAborted(_)), "{error}");
    assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::RolledBack);
    assert_eq!(database.count().await, 0);
}

#[tokio::test]
async fn a_fetch_that_is_dropped_breaks_its_cursor_alone() {
    let database = Database::open(|options| options.readers(1));
    let mut cursor = database.adapter.open(request(ENDLESS_COUNT, vec![])).await.unwrap();
    let mut fetch = cursor.fetch(1, Box::new(NoRows));
    start(&mut fetch);
    drop(fetch);
    let error = cursor.fetch(1, Box::new(NoRows)).await.err().unwrap();
    assert!(error.to_string().contains("run it again"), "{error}");
    drop(cursor);
    assert_eq!(database.one("SELECT 1", vec![], DataType::I64).await.unwrap(), Value::I64(1));
}

#[tokio::test]
async fn a_dropped_future_stops_the_wait_for_another_process() {
    let forever = std::time::Duration::from_secs(3600);
    let database = Database::with_table(|options| options.busy_timeout(forever)).await;
    let stranger = database.stranger();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut write = database.adapter.run(request("INSERT INTO t VALUES (1, 1)", vec![]), Box::new(NoRows));
    start(&mut write);
    drop(write);
    // The writer is free again although the other process still holds the lock.
    database.script("SELECT 1").await.unwrap();
    stranger.execute_batch("COMMIT").unwrap();
    assert_eq!(database.execute("INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap(), 1);
    assert_eq!(database.count().await, 1);
}

#[tokio::test]
async fn a_panic_while_rows_are_decoded_reaches_the_caller_and_the_worker_goes_on() {
    struct Panics;
    impl Sink for Panics {
        fn row(&mut self, _: &dyn Row) -> Result<(), DecodeError> {
            panic!("decoding went wrong")
        }
    }
    let database = Database::open(|options| options.readers(1));
    let adapter = database.adapter.clone();
    let run = tokio::spawn(async move { adapter.run(request("SELECT 1", vec![]), Box::new(Panics)).await.map(drop) });
    assert!(run.await.unwrap_err().is_panic());
    assert_eq!(database.one("SELECT 1", vec![], DataType::I64).await.unwrap(), Value::I64(1));
}

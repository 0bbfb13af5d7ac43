//! Transactions and savepoints.

use super::*;
use peristyle_query::adapter::{Control, Ending, TransactionOptions};
use peristyle_query::error::TransactionMisuse;

fn insert(id: i64) -> (&'static str, Vec<Value>) {
    ("INSERT INTO t VALUES ({}, 1)", vec![Value::I64(id)])
}

async fn put(on: &dyn Executor, id: i64) -> Result<u64, Error> {
    let (sql, values) = insert(id);
    execute(on, sql, values).await
}

async fn ids(on: &dyn Executor) -> Vec<Vec<Value>> {
    rows(on, "SELECT id FROM t ORDER BY id", vec![], &[DataType::I64]).await.unwrap()
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_before_the_next_one_begins() {
    let database = Database::with_table(|options| options).await;
    for round in 0..50 {
        let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
        put(&*session, round).await.unwrap();
        drop(session);
        let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
        assert_eq!(count(&*session).await, 0);
        drop(session);
    }
}

#[tokio::test]
async fn a_transaction_whose_opening_is_dropped_frees_the_writer() {
    let database = Database::with_table(|options| options).await;
    for _ in 0..50 {
        let mut begin = database.adapter.begin(TransactionOptions::default());
        let _ = std::pin::Pin::new(&mut begin).poll(&mut Context::from_waker(Waker::noop()));
        drop(begin);
    }
    assert_eq!(put(&*database.adapter, 1).await.unwrap(), 1);
}

#[tokio::test]
async fn savepoints_are_undone_and_released_by_their_number() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    put(&*session, 1).await.unwrap();
    session.control(Control::Savepoint(1)).await.unwrap();
    put(&*session, 2).await.unwrap();
    session.control(Control::Savepoint(2)).await.unwrap();
    put(&*session, 3).await.unwrap();
    session.control(Control::Release(2)).await.unwrap();
    session.control(Control::RollbackTo(1)).await.unwrap();
    session.control(Control::Savepoint(1)).await.unwrap();
    put(&*session, 4).await.unwrap();
    session.control(Control::Release(1)).await.unwrap();
    assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);
    assert_eq!(ids(&*database.adapter).await, [[Value::I64(1)], [Value::I64(4)]]);
}

#[tokio::test]
async fn a_statement_that_fails_is_undone_alone() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    put(&*session, 1).await.unwrap();
    let both = "INSERT INTO t VALUES (2, 2), (1, 1)";
    execute(&*session, both, vec![]).await.unwrap_err();
    put(&*session, 3).await.unwrap();
    session.control(Control::Commit).await.unwrap();
    assert_eq!(ids(&*database.adapter).await, [[Value::I64(1)], [Value::I64(3)]]);
}

#[tokio::test]
async fn a_session_that_has_ended_says_so() {
    let database = Database::with_table(|options| options).await;
    for control in [Control::Commit, Control::Rollback] {
        let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
        assert_eq!(session.control(control).await.unwrap(), Ending::Done);
        let error = put(&*session, 1).await.unwrap_err();
        assert!(matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::Ended), "{error}");
        assert!(session.control(Control::Commit).await.is_err());
        assert!(session.open(request("SELECT 1", vec![])).await.is_err());
    }
}

#[tokio::test]
async fn a_commit_that_is_refused_leaves_nothing_behind() {
    let database = Database::with_table(|options| options).await;
    let child = "CREATE TABLE child (t INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)";
    database.script(child).await.unwrap();
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    put(&*session, 1).await.unwrap();
    execute(&*session, "INSERT INTO child VALUES (99)", vec![]).await.unwrap();
    let error = session.control(Control::Commit).await.unwrap_err();
    assert!(error.is_foreign_key_violation(), "{error}");
    assert_eq!(database.count().await, 0);
    assert_eq!(put(&*database.adapter, 1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_read_only_transaction_sees_one_state_and_refuses_writes() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::read_only()).await.unwrap();
    assert_eq!(count(&*session).await, 0);
    put(&*database.adapter, 1).await.unwrap();
    assert_eq!(count(&*session).await, 0);
    let error = put(&*session, 2).await.unwrap_err();
    assert!(error.to_string().contains("read-only transaction"), "{error}");
    assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);
    assert_eq!(database.count().await, 1);
}

#[tokio::test]
async fn transaction_commands_of_the_program_are_refused() {
    let database = Database::with_table(|options| options).await;
    for begin in ["BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT mine"] {
        let error = database.execute(begin, vec![]).await.unwrap_err();
        assert!(error.to_string().contains("repo.transaction"), "{error}");
    }
    assert!(database.script("BEGIN; INSERT INTO t VALUES (1, 1)").await.is_err());
    assert_eq!(database.count().await, 0);
    database.script("BEGIN; INSERT INTO t VALUES (1, 1); COMMIT").await.unwrap();
    assert_eq!(database.count().await, 1);

    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    let error = execute(&*session, "COMMIT", vec![]).await.unwrap_err();
    assert!(error.to_string().contains("ended the transaction"), "{error}");
    let error = put(&*session, 2).await.unwrap_err();
    assert!(matches!(error, Error::TransactionAborted(_)), "{error}");
    drop(session);
    assert_eq!(put(&*database.adapter, 3).await.unwrap(), 1);
}

#[tokio::test]
async fn a_script_in_a_transaction_is_part_of_it() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    session.script("CREATE TABLE u (a); INSERT INTO u VALUES (1); INSERT INTO t VALUES (1, 1)".into()).await.unwrap();
    assert_eq!(one(&*session, "SELECT a FROM u", vec![], DataType::I64).await.unwrap(), Value::I64(1));
    session.control(Control::Rollback).await.unwrap();
    assert_eq!(database.count().await, 0);
    assert!(database.rows("SELECT a FROM u", vec![], &[]).await.is_err());
}

#[tokio::test]
async fn a_checkout_has_transactions_one_after_the_other() {
    let database = Database::with_table(|options| options.readers(1)).await;
    let session = database.adapter.checkout().await.unwrap();
    // A rollback where nothing is open changes nothing.
    assert_eq!(session.control(Control::Rollback).await.unwrap(), Ending::Done);
    for (number, (end, expected)) in
        [(Control::Commit, 1), (Control::Rollback, 1), (Control::Commit, 2)].into_iter().enumerate()
    {
        session.control(Control::Begin(TransactionOptions::default())).await.unwrap();
        put(&*session, number as i64).await.unwrap();
        assert_eq!(session.control(end).await.unwrap(), Ending::Done);
        assert_eq!(database.count().await, expected);
    }
    session.control(Control::Begin(TransactionOptions::read_only())).await.unwrap();
    put(&*session, 7).await.unwrap_err();
    drop(session);
    // Others write again.
    put(&*database.adapter, 8).await.unwrap();
    assert_eq!(database.count().await, 3);
}

//! Rows in parts.

use super::*;
use peristyle_query::adapter::{Control, Cursor, Ending, TransactionOptions};

async fn next(cursor: &mut dyn Cursor, count: u32) -> Vec<i64> {
    let outcome = cursor.fetch(count, Table::sink(&[DataType::I64])).await.unwrap();
    let fetched = outcome.rows;
    let rows: Vec<i64> = Table::rows(outcome.sink)
        .into_iter()
        .map(|row| match row[0] {
            Value::I64(number) => number,
            ref other => panic!("{other}"),
        })
        .collect();
    assert_eq!(fetched, rows.len() as u64);
    rows
}

#[tokio::test]
async fn a_cursor_runs_only_as_far_as_it_is_fetched() {
    let database = Database::open(|options| options.readers(1));
    // The query has no end, so that one that ran ahead would never answer.
    let mut cursor = database.adapter.open(request(ENDLESS, vec![])).await.unwrap();
    assert_eq!(next(&mut *cursor, 3).await, [1, 2, 3]);
    assert_eq!(next(&mut *cursor, 0).await, [0; 0]);
    assert_eq!(next(&mut *cursor, 2).await, [4, 5]);
}

#[tokio::test]
async fn the_last_part_is_the_one_with_fewer_rows_and_frees_the_reader() {
    let database = Database::open(|options| options.readers(1));
    let query = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT {}) SELECT x FROM n";
    let mut cursor = database.adapter.open(request(query, vec![Value::I64(5)])).await.unwrap();
    assert_eq!(next(&mut *cursor, 3).await, [1, 2, 3]);
    assert_eq!(next(&mut *cursor, 3).await, [4, 5]);
    assert_eq!(database.one("SELECT 1", vec![], DataType::I64).await.unwrap(), Value::I64(1));
    assert_eq!(next(&mut *cursor, 3).await, [0; 0], "it does not start again");
}

#[tokio::test]
async fn a_cursor_that_is_dropped_midway_gives_up_its_snapshot_and_its_place() {
    let database = Database::with_table(|options| options.readers(1)).await;
    database.script("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)").await.unwrap();
    let query = "SELECT id FROM t ORDER BY id";
    let mut cursor = database.adapter.open(request(query, vec![])).await.unwrap();
    assert_eq!(next(&mut *cursor, 1).await, [1]);
    database.script("INSERT INTO t VALUES (0, 0)").await.unwrap();
    assert_eq!(next(&mut *cursor, 1).await, [2], "a query sees the database as it was when it began");
    drop(cursor);
    let mut cursor = database.adapter.open(request(query, vec![])).await.unwrap();
    assert_eq!(next(&mut *cursor, 9).await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn cursors_of_a_transaction_share_its_connection_and_close_in_any_order() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    for id in 1..=4 {
        execute(&*session, "INSERT INTO t VALUES ({}, 1)", vec![Value::I64(id)]).await.unwrap();
    }
    let query = "SELECT id FROM t ORDER BY id";
    let mut first = session.open(request(query, vec![])).await.unwrap();
    let mut second = session.open(request(query, vec![])).await.unwrap();
    assert_eq!(next(&mut *first, 1).await, [1]);
    assert_eq!(next(&mut *second, 2).await, [1, 2]);
    execute(&*session, "UPDATE t SET v = 2 WHERE id = 4", vec![]).await.unwrap();
    assert_eq!(next(&mut *first, 1).await, [2]);
    drop(first);
    assert_eq!(next(&mut *second, 1).await, [3]);
    assert_eq!(count(&*session).await, 4);
    assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);
    let error = second.fetch(1, Box::new(NoRows)).await.err().unwrap();
    assert!(error.to_string().contains("has ended"), "{error}");
    assert_eq!(database.count().await, 4);
}

#[tokio::test]
async fn a_decode_error_ends_the_cursor() {
    let database = Database::open(|options| options.readers(1));
    let mut cursor = database.adapter.open(request("SELECT 'x' UNION ALL SELECT 1", vec![])).await.unwrap();
    let error = cursor.fetch(5, Table::sink(&[DataType::I64])).await.err().unwrap();
    assert!(matches!(error, Error::Decode(_)), "{error}");
    assert!(cursor.fetch(5, Table::sink(&[DataType::I64])).await.is_err());
}

#[tokio::test]
async fn a_write_that_gives_rows_runs_on_the_writer() {
    let database = Database::with_table(|options| options).await;
    let insert = "WITH n(x) AS (VALUES (1), (2), (3)) INSERT INTO t SELECT x, x FROM n RETURNING id";
    let mut cursor = database.adapter.open(request(insert, vec![])).await.unwrap();
    assert_eq!(next(&mut *cursor, 1).await, [1]);
    drop(cursor);
    assert_eq!(database.execute("UPDATE t SET v = 0", vec![]).await.unwrap(), 3);
}

use crate::support::in_database;
use peristyle_query::adapter::{Control, Cursor, NoRows, Request, Sink, TransactionOptions};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::{Operation, RawStatement};
use peristyle_query::row::Row;
use std::any::Any;
use std::panic::Location;
use std::time::Duration;

/// Collects the first column.
#[derive(Default)]
struct Numbers(Vec<i64>);

impl Sink for Numbers {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        self.0.extend(row.i64(0)?);
        Ok(())
    }
}

fn request(template: &'static str) -> Request {
    let operation = Operation::Raw(RawStatement { template: template.into(), values: Vec::new() });
    Request { operation, prefix: None, ttl: None, observers: Vec::new(), location: Location::caller() }
}

async fn fetch(cursor: &mut Box<dyn Cursor>, count: u32) -> Result<Vec<i64>, Error> {
    let outcome = cursor.fetch(count, Box::<Numbers>::default()).await?;
    let sink: Box<dyn Any> = outcome.sink;
    let numbers = sink.downcast::<Numbers>().unwrap().0;
    assert_eq!(outcome.rows, numbers.len() as u64);
    Ok(numbers)
}

#[test]
fn a_cursor_gives_rows_in_parts_and_then_frees_its_connection() {
    in_database(async |database| {
        let adapter =
            database.options().pool_size(1).acquire_timeout(Duration::from_secs(20)).connect_adapter().await.unwrap();
        let mut cursor = adapter.open(request("select n::bigint from generate_series(1, 7) n")).await.unwrap();
        assert_eq!(fetch(&mut cursor, 3).await.unwrap(), [1, 2, 3]);
        assert_eq!(fetch(&mut cursor, 3).await.unwrap(), [4, 5, 6]);
        assert_eq!(fetch(&mut cursor, 3).await.unwrap(), [7]);
        assert!(fetch(&mut cursor, 3).await.unwrap().is_empty());
        // The cursor is still alive, and the only connection is free.
        adapter.run(request("select 1"), Box::new(NoRows)).await.unwrap();

        let mut cursor = adapter.open(request("select n::bigint from generate_series(1, 7) n")).await.unwrap();
        fetch(&mut cursor, 3).await.unwrap();
        drop(cursor);
        adapter.run(request("select 1"), Box::new(NoRows)).await.unwrap();
        adapter.close().await;
    });
}

#[test]
fn a_cursor_makes_the_server_work_only_for_what_is_fetched() {
    in_database(async |database| {
        let adapter = database.options().connect_adapter().await.unwrap();
        adapter
            .script(
                "CREATE SEQUENCE worked;
                 CREATE FUNCTION work(n int) RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT nextval('worked') + 0 * n $$;
                 CREATE TABLE numbers AS SELECT n FROM generate_series(1, 100000) n"
                    .into(),
            )
            .await
            .unwrap();
        let mut cursor = adapter.open(request("select work(n) from numbers")).await.unwrap();
        assert_eq!(fetch(&mut cursor, 10).await.unwrap().len(), 10);
        let worked: Option<i64> = database.repo.sql("select last_value from worked").one().await.unwrap();
        assert_eq!(worked, Some(10));
        assert_eq!(fetch(&mut cursor, 5).await.unwrap().len(), 5);
        let worked: Option<i64> = database.repo.sql("select last_value from worked").one().await.unwrap();
        assert_eq!(worked, Some(15));
        drop(cursor);
        adapter.close().await;
    });
}

#[test]
fn a_cursor_in_a_transaction_leaves_the_connection_free_between_fetches() {
    in_database(async |database| {
        let adapter = database.options().pool_size(1).connect_adapter().await.unwrap();
        let session = adapter.begin(TransactionOptions::default()).await.unwrap();
        let mut one = session.open(request("select n::bigint from generate_series(1, 4) n")).await.unwrap();
        let mut two = session.open(request("select -n::bigint from generate_series(1, 4) n")).await.unwrap();
        assert_eq!(fetch(&mut one, 2).await.unwrap(), [1, 2]);
        assert_eq!(fetch(&mut two, 2).await.unwrap(), [-1, -2]);
        session.run(request("create table made (n int)"), Box::new(NoRows)).await.unwrap();
        assert_eq!(fetch(&mut one, 9).await.unwrap(), [3, 4]);
        drop(two);
        let mut open =
            session.open(request("select count(*) from pg_cursors where name like 'peristyle%'")).await.unwrap();
        // Only the cursor that asks is open.
        assert_eq!(fetch(&mut open, 1).await.unwrap(), [1]);
        session.control(Control::Commit).await.unwrap();
        let ended = fetch(&mut open, 1).await.unwrap_err();
        assert!(matches!(ended, Error::Transaction(_)), "{ended}");
        drop(session);
        adapter.close().await;
    });
}

#[test]
fn a_cursor_of_a_nested_transaction_that_is_rolled_back_ends_with_it_and_harms_nothing() {
    in_database(async |database| {
        let adapter = database.options().pool_size(1).connect_adapter().await.unwrap();
        let session = adapter.begin(TransactionOptions::default()).await.unwrap();
        session.control(Control::Savepoint(1)).await.unwrap();
        let mut inner = session.open(request("select 1::bigint")).await.unwrap();
        session.control(Control::RollbackTo(1)).await.unwrap();
        let error = fetch(&mut inner, 1).await.unwrap_err();
        assert!(error.to_string().contains("nested transaction"), "{error}");
        drop(inner);
        session.run(request("select 1"), Box::new(NoRows)).await.unwrap();
        session.control(Control::Commit).await.unwrap();
        adapter.close().await;
    });
}

#[test]
fn an_error_in_the_middle_of_a_cursor_ends_it_and_frees_the_connection() {
    in_database(async |database| {
        let adapter =
            database.options().pool_size(1).acquire_timeout(Duration::from_secs(20)).connect_adapter().await.unwrap();
        let mut cursor =
            adapter.open(request("select 10 / (3 - n::bigint) from generate_series(1, 9) n")).await.unwrap();
        assert_eq!(fetch(&mut cursor, 2).await.unwrap(), [5, 10]);
        let error = fetch(&mut cursor, 2).await.unwrap_err();
        assert!(error.to_string().contains("division by zero"), "{error}");
        adapter.run(request("select 1"), Box::new(NoRows)).await.unwrap();
        assert!(adapter.open(request("select * from missing")).await.is_err());
        adapter.run(request("select 1"), Box::new(NoRows)).await.unwrap();
        adapter.close().await;
    });
}

#[test]
fn what_a_function_in_a_streamed_statement_writes_is_kept_when_the_stream_ends() {
    in_database(async |database| {
        let adapter = database.options().connect_adapter().await.unwrap();
        let script = "CREATE TABLE notes (n int);
            CREATE FUNCTION note(n int) RETURNS bigint LANGUAGE sql AS $$ INSERT INTO notes VALUES (n) RETURNING n::bigint $$";
        adapter.script(script.into()).await.unwrap();
        let mut cursor = adapter.open(request("select note(n) from generate_series(1, 3) n")).await.unwrap();
        assert_eq!(fetch(&mut cursor, 9).await.unwrap(), [1, 2, 3]);
        assert_eq!(database.repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(3));
        adapter.close().await;
    });
}

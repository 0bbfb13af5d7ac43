//! The adapter on real files, through the port alone.

mod cancelling;
mod concurrency;
mod cursors;
mod decimals;
mod errors;
mod opening;
mod plans;
mod reading;
mod transactions;
mod values;

use crate::{Sqlite, SqliteOptions};
use peristyle_query::adapter::{Adapter, Executor, NoRows, Request, Sink};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::{Operation, RawStatement};
use peristyle_query::row::Row;
use peristyle_query::value::{DataType, Value};
use std::any::Any;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tempfile::TempDir;

/// A database file of its own.
struct Database {
    folder: TempDir,
    adapter: Arc<dyn Adapter>,
}

impl Database {
    fn open(options: impl FnOnce(SqliteOptions) -> SqliteOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let adapter = options(Sqlite::options(url)).connect_adapter().unwrap();
        Database { folder, adapter }
    }

    /// A file with a table `t (id, v)`.
    async fn with_table(options: impl FnOnce(SqliteOptions) -> SqliteOptions) -> Self {
        let database = Self::open(options);
        database.script("CREATE TABLE t (id INTEGER PRIMARY KEY, v)").await.unwrap();
        database
    }

    /// A connection of another program.
    fn stranger(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("test.db")).unwrap()
    }

    async fn script(&self, text: &str) -> Result<(), Error> {
        self.adapter.script(text.to_owned()).await
    }

    async fn execute(&self, sql: &'static str, values: Vec<Value>) -> Result<u64, Error> {
        execute(&*self.adapter, sql, values).await
    }

    async fn rows(&self, sql: &'static str, values: Vec<Value>, types: &[DataType]) -> Result<Vec<Vec<Value>>, Error> {
        rows(&*self.adapter, sql, values, types).await
    }

    async fn one(&self, sql: &'static str, values: Vec<Value>, data_type: DataType) -> Result<Value, Error> {
        one(&*self.adapter, sql, values, data_type).await
    }

    /// How many rows `t` has for a reader.
    async fn count(&self) -> i64 {
        count(&*self.adapter).await
    }
}

#[track_caller]
fn request(sql: &'static str, values: Vec<Value>) -> Request {
    let operation = Operation::Raw(RawStatement { template: sql.into(), values });
    Request { operation, prefix: None, ttl: None, observers: Vec::new(), location: Location::caller() }
}

/// Keeps all rows.
struct Table {
    types: Vec<DataType>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    fn sink(types: &[DataType]) -> Box<dyn Sink> {
        Box::new(Table { types: types.to_vec(), rows: Vec::new() })
    }

    fn rows(sink: Box<dyn Sink>) -> Vec<Vec<Value>> {
        let sink: Box<dyn Any> = sink;
        sink.downcast::<Table>().unwrap().rows
    }
}

impl Sink for Table {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let values = self.types.iter().enumerate().map(|(index, data_type)| row.value(index, *data_type));
        self.rows.push(values.collect::<Result<_, _>>()?);
        Ok(())
    }
}

async fn execute(on: &dyn Executor, sql: &'static str, values: Vec<Value>) -> Result<u64, Error> {
    Ok(on.run(request(sql, values), Box::new(NoRows)).await?.rows)
}

async fn rows(
    on: &dyn Executor,
    sql: &'static str,
    values: Vec<Value>,
    types: &[DataType],
) -> Result<Vec<Vec<Value>>, Error> {
    Ok(Table::rows(on.run(request(sql, values), Table::sink(types)).await?.sink))
}

async fn one(on: &dyn Executor, sql: &'static str, values: Vec<Value>, data_type: DataType) -> Result<Value, Error> {
    let mut rows = rows(on, sql, values, &[data_type]).await?;
    assert_eq!(rows.len(), 1, "{sql}");
    Ok(rows.remove(0).remove(0))
}

async fn count(on: &dyn Executor) -> i64 {
    match one(on, "SELECT count(*) FROM t", vec![], DataType::I64).await.unwrap() {
        Value::I64(count) => count,
        other => panic!("{other}"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Polls a future once, so that its work is given to a worker.
fn start<F: Future + Unpin>(future: &mut F) {
    let polled = std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending), "it should have had to wait");
}

/// Gives rows for ever.
const ENDLESS: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
/// Never gives a row and never ends.
const ENDLESS_COUNT: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

//! The same rows and the same queries here and on a real SQLite.
//!
//! `PROPTEST_CASES=20000 cargo test -p peristyle-redis evaluate::tests` tries more of them.

mod choices;
mod generator;
mod meaning;
mod select;
mod single;

use crate::layout::{StoredRow, write_row};
use choices::Choices;
use peristyle_query::adapter::{Adapter, NoRows, Outcome, Request, Sink};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::{Delete, Insert, InsertSource, Operation, Select};
use peristyle_query::row::Row;
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};
use peristyle_sqlite::Sqlite;
use std::any::Any;
use std::panic::Location;
use std::sync::Arc;
use tokio::runtime::Runtime;

const fn nullable(name: &'static str, data_type: DataType) -> FieldMeta {
    let mut field = FieldMeta::new(name, name, data_type);
    field.nullable = true;
    field
}

static FIELDS: [FieldMeta; 12] = [
    FieldMeta::new("id", "id", DataType::I64),
    nullable("small", DataType::I16),
    nullable("number", DataType::I32),
    nullable("big", DataType::I64),
    nullable("ratio", DataType::F64),
    nullable("price", DataType::Decimal),
    nullable("name", DataType::Text),
    nullable("nick", DataType::Text),
    nullable("active", DataType::Bool),
    nullable("seen_at", DataType::Timestamp),
    nullable("day", DataType::Date),
    nullable("token", DataType::Bytes),
];

static SCHEMA: SchemaMeta = {
    let mut schema = SchemaMeta::new("Thing", "things");
    schema.fields = &FIELDS;
    schema.primary_key = &[0];
    schema
};

const TABLE: &str = "CREATE TABLE things (id INTEGER PRIMARY KEY, small INTEGER, number INTEGER, big INTEGER, ratio REAL, \
    price TEXT, name TEXT, nick TEXT, active INTEGER, seen_at TEXT, day TEXT, token BLOB)";

/// A SQLite with the table.
struct Database {
    adapter: Arc<dyn Adapter>,
    runtime: Runtime,
}

impl Database {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let adapter = Sqlite::options("sqlite::memory:").connect_adapter().unwrap();
        runtime.block_on(adapter.script(TABLE.into())).unwrap();
        Database { adapter, runtime }
    }

    fn run(&self, operation: Operation, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let (prefix, ttl, observers) = Default::default();
        let request = Request { operation, prefix, ttl, observers, location: Location::caller() };
        self.runtime.block_on(self.adapter.run(request, sink))
    }

    /// Puts rows in the place of those that are there.
    fn fill(&self, rows: &[Vec<Value>]) {
        self.run(Operation::Delete(Delete::new(&SCHEMA)), Box::new(NoRows)).unwrap();
        let source = InsertSource::Rows { count: rows.len(), values: rows.concat() };
        let columns = FIELDS.iter().collect();
        let insert = Insert { schema: &SCHEMA, columns, source, on_conflict: None, returning: Vec::new() };
        self.run(Operation::Insert(insert), Box::new(NoRows)).unwrap();
    }

    /// The rows of a query, whose columns have these types.
    fn select(&self, select: &Select, types: &[DataType]) -> Result<Vec<Vec<Value>>, Error> {
        let outcome = self.run(Operation::Select(select.clone()), Collected::sink(types))?;
        Ok(Collected::rows(outcome))
    }
}

/// A sink that keeps values.
struct Collected {
    types: Vec<DataType>,
    rows: Vec<Vec<Value>>,
}

impl Collected {
    fn sink(types: &[DataType]) -> Box<dyn Sink> {
        Box::new(Collected { types: types.to_vec(), rows: Vec::new() })
    }

    fn len(outcome: &Outcome) -> u64 {
        let sink: &dyn Any = &*outcome.sink;
        sink.downcast_ref::<Collected>().unwrap().rows.len() as u64
    }

    fn rows(outcome: Outcome) -> Vec<Vec<Value>> {
        let sink: Box<dyn Any> = outcome.sink;
        sink.downcast::<Collected>().unwrap().rows
    }
}

impl Sink for Collected {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let values = self.types.iter().enumerate().map(|(index, data_type)| row.value(index, *data_type));
        self.rows.push(values.collect::<Result<_, _>>()?);
        Ok(())
    }
}

/// Rows of values, with ascending keys.
fn rows(choices: &mut Choices, count: usize) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for id in 0..count {
        let mut row = vec![Value::I64(id as i64 + 1)];
        for field in &FIELDS[1..] {
            row.push(if choices.of(4) == 3 { Value::Null(field.data_type) } else { choices.value(field.data_type) });
        }
        rows.push(row);
    }
    rows
}

/// The rows as Redis has them.
fn stored(rows: &[Vec<Value>]) -> Vec<StoredRow> {
    let stored = rows.iter().map(|row| {
        let values: Vec<_> = FIELDS.iter().zip(row.iter().cloned()).collect();
        StoredRow::parse(&SCHEMA, write_row(&SCHEMA, &values, None).unwrap()).unwrap()
    });
    stored.collect()
}

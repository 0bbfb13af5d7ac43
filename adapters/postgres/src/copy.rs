//! Loading many rows with COPY in its binary form, which is faster than any INSERT.
//!
//! The binary form must be that of the columns' own types, where an INSERT converts. So the server is asked for them first;
//! a table that COPY would treat in another way than INSERT is left to that.

use crate::adapter::Core;
use crate::bind::{self, type_oid};
use crate::connection::{Connection, Encoded, Progress};
use crate::error::{Secrets, encode_error, statement_error};
use crate::failure::Failure;
use peristyle_query::adapter::{Outcome, Request, Sink};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::{Insert, InsertSource, Operation};
use peristyle_query::row::Row;
use peristyle_query::schema::FieldMeta;
use peristyle_query::statement::{Parameter, Statement};
use peristyle_query::value::{DataType, Value};
use peristyle_sql::{copy_in, without_ttl};
use std::sync::Arc;

/// From how many rows on COPY is faster than arrays. A short one may wait for 40 ms, as the driver leaves Nagle's algorithm on.
const ROWS: usize = 10_000;

/// What a load came to.
pub(crate) enum Loaded {
    Done(Outcome),
    /// The rows are to be inserted: here they are again.
    Insert(Box<Request>, Box<dyn Sink>),
}

/// Whether an operation is a load: many rows of values of which nothing is read back and no conflict is expected.
pub(crate) fn is_load(operation: &Operation) -> bool {
    match operation {
        Operation::Insert(Insert {
            columns,
            source: InsertSource::Rows { count, .. },
            on_conflict: None,
            returning,
            ..
        }) => *count >= ROWS && returning.is_empty() && !columns.is_empty(),
        _ => false,
    }
}

/// Loads the rows of a request, if COPY can; see [`is_load`].
pub(crate) async fn load(
    core: &Core,
    connection: &mut Connection,
    request: Request,
    sink: Box<dyn Sink>,
) -> Result<Loaded, Error> {
    let Operation::Insert(insert) = &request.operation else { return Ok(Loaded::Insert(Box::new(request), sink)) };
    let InsertSource::Rows { count, values } = &insert.source else {
        return Ok(Loaded::Insert(Box::new(request), sink));
    };
    without_ttl("postgres", request.ttl)?;
    let (sql, table) = copy_in(insert, request.prefix.as_deref())?;
    let asked = ask(core, connection, table).await;
    let columns = asked.map_err(|failure| statement_error(failure, Secrets::default()).in_statement(COLUMNS))?;
    if !insert.columns.iter().all(|field| columns.iter().any(|column| column.takes(field))) {
        return Ok(Loaded::Insert(Box::new(request), sink));
    }
    if !request.observers.is_empty() {
        request.observe(&shown(&sql, insert, values, *count))?;
    }
    let data = encode(insert, values).map_err(|error| error.in_statement(&sql))?;
    let secrets = Secrets { parameters: &[], stored: request.operation.has_redacted() };
    match connection.copy_in(&sql, &data).await {
        Ok(rows) => Ok(Loaded::Done(Outcome { sink, rows })),
        Err(mut failure) => {
            let own = if connection.in_transaction() { None } else { Some(connection) };
            core.complete(&mut failure, Some(insert.schema.table), own).await;
            Err(statement_error(failure, secrets).in_statement(&sql))
        }
    }
}

/// The statement and its values, to be shown.
fn shown(sql: &str, insert: &Insert, values: &[Value], count: usize) -> Statement {
    let redact = insert.columns.iter().map(|field| field.redact).cycle();
    let parameters = values.iter().zip(redact).map(|(value, redact)| Parameter { value: value.clone(), redact });
    Statement::repeated(sql.into(), parameters.collect(), count)
}

/// Columns of a table of which COPY does what INSERT does: not those of a view, nor of one with rules or row security, and
/// no identity that refuses values.
const COLUMNS: &str = "SELECT a.attname::text, (CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END)::int8, \
     t.typtype = 'e' FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid \
     JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 \
     AND NOT a.attisdropped AND a.attidentity <> 'a' AND c.relkind IN ('r', 'p') AND NOT c.relhasrules \
     AND NOT pg_catalog.row_security_active(c.oid)";

/// A column as the server knows it.
struct Column {
    name: String,
    /// The type, or that which a domain is over.
    oid: u32,
    is_enum: bool,
}

impl Column {
    /// Whether it is the column of a field, and takes the binary form of its values.
    fn takes(&self, field: &FieldMeta) -> bool {
        const TEXTS: [u32; 3] = [25, 1043, 1042];
        let fits = match field.data_type {
            DataType::Text | DataType::Enum(_) => self.is_enum || TEXTS.contains(&self.oid),
            data_type => self.oid == type_oid(data_type),
        };
        fits && self.name == field.column
    }
}

#[derive(Default)]
struct Columns(Vec<Column>);

impl Sink for Columns {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let (name, oid) = (row.text(0)?.unwrap_or_default().to_owned(), row.i64(1)?.unwrap_or_default());
        let is_enum = row.bool(2)?.unwrap_or_default();
        self.0.push(Column { name, oid: u32::try_from(oid).unwrap_or_default(), is_enum });
        Ok(())
    }
}

async fn ask(core: &Core, connection: &mut Connection, table: String) -> Result<Vec<Column>, Failure> {
    let table = [Parameter { value: Value::Text(table), redact: false }];
    let Ok(encoded) = Encoded::of(&table) else { return Ok(Vec::new()) };
    let mut columns = Columns::default();
    let sql: Arc<str> = COLUMNS.into();
    connection.query(&sql, encoded, core.caching(), &mut columns, &mut Progress::default()).await?;
    Ok(columns.0)
}

/// The rows in the binary form of COPY.
fn encode(insert: &Insert, values: &[Value]) -> Result<Vec<u8>, Error> {
    let width = insert.columns.len();
    let count = i16::try_from(width).unwrap_or(i16::MAX).to_be_bytes();
    let mut out = Vec::with_capacity(HEADER.len() + values.len() * 16);
    out.extend_from_slice(&HEADER);
    for row in values.chunks_exact(width) {
        out.extend_from_slice(&count);
        for (value, field) in row.iter().zip(&insert.columns) {
            let length_at = out.len();
            out.extend_from_slice(&(-1i32).to_be_bytes());
            if value.is_null() {
                continue;
            }
            bind::encode(value, &mut out).map_err(|reason| {
                encode_error(value.data_type(), format!("{}.{}: {reason}", insert.schema.name, field.name))
            })?;
            // A value has at most a gigabyte.
            let length = i32::try_from(out.len() - length_at - 4).unwrap_or(i32::MAX);
            out[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    out.extend_from_slice(&(-1i16).to_be_bytes());
    Ok(out)
}

/// The signature, no flags, and no further header.
const HEADER: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

//! Reading columns back from a write.

use crate::adapter::Sink;
use crate::error::{DecodeError, Error};
use crate::query::ast::Operation;
use crate::repo::Repo;
use crate::row::Row;
use crate::schema::FieldMeta;
use crate::value::Value;
use std::any::Any;
use std::panic::Location;

/// Keeps the values of the last row, and counts the rows.
struct ReadBack {
    schema: &'static str,
    fields: Vec<&'static FieldMeta>,
    rows: u64,
    last: Vec<Value>,
}

impl Sink for ReadBack {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        self.rows += 1;
        let value = |(index, field): (usize, &&'static FieldMeta)| {
            row.value(index, field.data_type).map_err(|error| error.in_field(self.schema, field))
        };
        self.last = self.fields.iter().enumerate().map(value).collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl Repo {
    /// Runs a write that gives `read` back. What it gives is how many rows it wrote, and these fields' values.
    pub(super) async fn read_back(
        &self,
        operation: Operation,
        schema: &'static str,
        read: &[(usize, &'static FieldMeta)],
        location: &'static Location<'static>,
    ) -> Result<(u64, Vec<(usize, Value)>), Error> {
        if read.is_empty() {
            return Ok((self.execute(operation, location).await?, Vec::new()));
        }
        let fields = read.iter().map(|(_, field)| *field).collect();
        let sink = Box::new(ReadBack { schema, fields, rows: 0, last: Vec::new() });
        let sink: Box<dyn Any> = self.run(operation, sink, location).await?.sink;
        // An adapter gives back the sink that it was given.
        let Ok(back) = sink.downcast::<ReadBack>() else { return Ok((0, Vec::new())) };
        Ok((back.rows, read.iter().map(|(index, _)| *index).zip(back.last).collect()))
    }
}

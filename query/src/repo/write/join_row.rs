//! Rows of a join table, which need no schema of their own.

use super::time_for;
use crate::error::Error;
use crate::query::ast::{BinaryOperator, Delete, Insert, Operation, compared};
use crate::repo::Repo;
use crate::schema::{FieldMeta, Generation, SchemaMeta};
use crate::value::{DataType, Value, micros};
use std::panic::Location;

impl Repo {
    /// Inserts a row of a join table. A key and times that its schema has are filled.
    pub(crate) async fn link_rows(
        &self,
        join: &'static SchemaMeta,
        mut values: Vec<(&'static FieldMeta, Value)>,
        location: &'static Location<'static>,
    ) -> Result<(), Error> {
        let now = Value::Timestamp(micros(self.handle.clock.now()));
        for (_, field) in join.stored_fields() {
            if values.iter().any(|(known, _)| known.name == field.name) {
                continue;
            }
            let filled = match field.generation {
                Generation::Key if field.data_type == DataType::Uuid => Some(Value::Uuid(self.handle.clock.uuid())),
                Generation::InsertedAt | Generation::UpdatedAt => time_for(field, &now),
                _ => None,
            };
            values.extend(filled.map(|value| (field, value)));
        }
        self.execute(Operation::Insert(Insert::row(join, values, &[])), location).await?;
        Ok(())
    }

    /// Deletes the rows of a join table with these values.
    pub(crate) async fn unlink_rows(
        &self,
        join: &'static SchemaMeta,
        values: Vec<(&'static FieldMeta, Value)>,
        location: &'static Location<'static>,
    ) -> Result<(), Error> {
        let filter = values.into_iter().map(|(field, value)| compared(field, BinaryOperator::Equal, value)).collect();
        self.execute(Operation::Delete(Delete { filter, ..Delete::new(join) }), location).await?;
        Ok(())
    }
}

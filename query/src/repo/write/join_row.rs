//! Rows of a join table, which need no schema of their own.

use crate::error::Error;
use crate::query::ast::{BinaryOperator, Delete, Insert, Operation, compared};
use crate::repo::Repo;
use crate::repo::fill::Filler;
use crate::schema::{FieldMeta, SchemaMeta};
use crate::value::Value;
use std::panic::Location;

impl Repo {
    /// Inserts a row of a join table. A key and times that its schema has are filled.
    pub(crate) async fn link_rows(
        &self,
        join: &'static SchemaMeta,
        mut values: Vec<(&'static FieldMeta, Value)>,
        location: &'static Location<'static>,
    ) -> Result<(), Error> {
        let filler = Filler::new(join, &self.handle.clock, false);
        for filling in &filler.fields {
            if values.iter().all(|(known, _)| known.name != filling.field.name) {
                values.extend(filler.of_unassigned(filling).map(|value| (filling.field, value)));
            }
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

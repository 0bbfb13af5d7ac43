//! What an insert writes of a row: keys and times are filled in, and what is left out is the database's to fill.

use super::Clock;
use super::write::time_for;
use crate::error::QueryError;
use crate::query::ast::{Expression, Step};
use crate::query::{first_mistake, paths};
use crate::schema::{FieldMeta, Generation, SchemaMeta, Writable};
use crate::value::{DataType, Value, micros};
use std::sync::Arc;

/// A stored field, and where its value comes from if it has none.
pub(super) struct Filling {
    /// The position among the schema's fields.
    pub(super) index: usize,
    pub(super) field: &'static FieldMeta,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Never,
    Uuid,
    IntegerKey,
    Time,
    Database,
    Plain,
}

/// How the rows of one call are filled.
pub(super) struct Filler {
    pub(super) fields: Vec<Filling>,
    now: Value,
    clock: Arc<dyn Clock>,
    raw: bool,
}

impl Filler {
    pub(super) fn new(schema: &SchemaMeta, clock: &Arc<dyn Clock>, raw: bool) -> Self {
        let kind = |field: &FieldMeta| match field.generation {
            _ if field.writable == Writable::Never => Kind::Never,
            Generation::Key if field.data_type == DataType::Uuid => Kind::Uuid,
            Generation::Key => Kind::IntegerKey,
            Generation::InsertedAt | Generation::UpdatedAt => Kind::Time,
            Generation::Database => Kind::Database,
            Generation::None => Kind::Plain,
        };
        let fields = schema.stored_fields().map(|(index, field)| Filling { index, field, kind: kind(field) }).collect();
        Filler { fields, now: Value::Timestamp(micros(clock.now())), clock: clock.clone(), raw }
    }

    /// What is written of a field of a struct; `None` leaves the column out.
    pub(super) fn of_struct(&self, Filling { field, kind, .. }: &Filling, given: Value) -> Option<Value> {
        match kind {
            Kind::Never => None,
            Kind::Database | Kind::IntegerKey if given.is_default() => None,
            _ if self.raw => Some(given),
            Kind::Uuid if given.is_default() => Some(Value::Uuid(self.clock.uuid())),
            Kind::Time if given.is_default() => time_for(field, &self.now),
            _ if given.is_null() => None,
            _ => Some(given),
        }
    }

    /// What is written of a field that nothing was assigned to; `None` leaves the column out.
    pub(super) fn of_unassigned(&self, Filling { field, kind, .. }: &Filling) -> Option<Value> {
        match kind {
            _ if self.raw => None,
            Kind::Uuid => Some(Value::Uuid(self.clock.uuid())),
            Kind::Time => time_for(field, &self.now),
            _ => None,
        }
    }

    /// The fields that the rows of a query have beside those that it gives.
    pub(super) fn of_query(
        &self,
        schema: &str,
        given: &[&'static FieldMeta],
    ) -> Result<Vec<(&'static FieldMeta, Value)>, QueryError> {
        let mut filled = Vec::new();
        for filling in
            self.fields.iter().filter(|filling| !given.iter().any(|field| std::ptr::eq(*field, filling.field)))
        {
            match filling.kind {
                _ if self.raw => {}
                Kind::Uuid => {
                    return Err(QueryError::new(format!(
                        "the query gives {schema}.{0} no value, and one UUID cannot be the key of several rows: select one, as \
                         in sql::<Uuid>(\"gen_random_uuid()\"), or leave it to the database with .raw()",
                        filling.field.name
                    )));
                }
                Kind::Time => filled.extend(time_for(filling.field, &self.now).map(|time| (filling.field, time))),
                _ => {}
            }
        }
        Ok(filled)
    }
}

/// Checks what is assigned to a new row, which has no columns yet.
pub(super) fn check_new_row(schema: &str, set: &mut [(&'static FieldMeta, Expression)]) -> Result<(), QueryError> {
    for index in 0..set.len() {
        let (before, rest) = set.split_at_mut(index);
        let Some((field, expression)) = rest.first_mut() else { break };
        check_insertable(schema, field)?;
        if before.iter().any(|(other, _)| std::ptr::eq(*other, *field)) {
            let message = format!("a row of {schema} sets {} twice: keep one of the assignments", field.name);
            return Err(QueryError::new(message));
        }
        if matches!(expression.as_slice(), [Step::Value { .. }]) {
            continue;
        }
        if let Some(message) = first_mistake(expression) {
            return Err(QueryError::new(message));
        }
        paths::close(expression).map_err(QueryError::new)?;
        let mut own = None;
        paths::visit_columns(expression, &mut |column| own = own.or(Some(column)));
        if let Some(column) = own {
            return Err(QueryError::new(format!(
                "{schema}.{} of a new row cannot be computed from {}, which is a column of the row itself: give it a value",
                field.name, column.name
            )));
        }
    }
    Ok(())
}

/// Refuses a column that an insert may not write.
pub(super) fn check_insertable(schema: &str, field: &FieldMeta) -> Result<(), QueryError> {
    match field.writable {
        Writable::Never => Err(QueryError::new(format!(
            "{schema}.{} cannot be inserted: it is #[schema(writable = never)]; leave it out",
            field.name
        ))),
        _ => Ok(()),
    }
}

//! Writing one row.

use super::lookup::{describe_key, key_conditions, key_values};
use super::{Repo, RepoFuture};
use crate::adapter::Sink;
use crate::changeset::{Changeset, plain};
use crate::error::{DatabaseError, DecodeError, Error, MultipleRows, QueryError, Stale};
use crate::query::ast::{BinaryOperator, Binding, Delete, Expression, Insert, Operation, OutputColumn, Step, Update};
use crate::row::Row;
use crate::schema::{FieldMeta, Generation, Keyed, Schema, Writable};
use crate::value::{DataType, Value, micros};
use std::any::Any;
use std::panic::Location;

impl Repo {
    /// Inserts a row and gives it back as the store holds it.
    ///
    /// A key that the schema generates and a timestamp are filled if they are left at their default, a `None` is left out
    /// so that the database's default applies, and every column that was left out is read back.
    ///
    /// # Errors
    ///
    /// [`Error::Constraint`] if the database refuses the row, [`Error::Encode`] for a value that the store cannot hold, and
    /// what the store refuses with.
    #[track_caller]
    pub fn insert<S: Schema>(&self, row: S) -> RepoFuture<S> {
        let (repo, location) = (self.clone(), Location::caller());
        RepoFuture::new(location, async move { repo.insert_row(row, location).await })
    }

    /// Writes the changes of a row and gives it back as the store holds it.
    ///
    /// Only what differs is written; if nothing does, no statement runs. `updated_at` and a `version` are moved on.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`] if the row is gone or its version is another; else as [`insert`](Repo::insert).
    #[track_caller]
    pub fn update<S: Keyed>(&self, changeset: Changeset<S>) -> RepoFuture<S> {
        let (repo, location) = (self.clone(), Location::caller());
        RepoFuture::new(location, async move { repo.update_row(changeset, location).await })
    }

    /// Deletes a row and gives it back.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`] if the row is gone or its version is another; else as [`insert`](Repo::insert).
    #[track_caller]
    pub fn delete<S: Keyed>(&self, row: S) -> RepoFuture<S> {
        let (repo, location) = (self.clone(), Location::caller());
        RepoFuture::new(location, async move {
            let mut filter = key_conditions::<S>(key_values(&row));
            let mut sought = describe_key::<S>(&key_values(&row));
            if let Some((index, field)) = version_field::<S>() {
                filter.push(version_condition(field, row.value(index), &mut sought));
            }
            let delete = Operation::Delete(Delete { filter, ..Delete::new(S::META) });
            let rows = repo.execute(delete, location).await?;
            one_row::<S>(rows, sought, "delete")?;
            Ok(row)
        })
    }

    async fn insert_row<S: Schema>(&self, mut row: S, location: &'static Location<'static>) -> Result<S, Error> {
        let now = Value::Timestamp(micros(self.handle.clock.now()));
        let (mut values, mut read) = (Vec::new(), Vec::new());
        for (index, field) in S::META.stored_fields() {
            let given = row.value(index);
            let value = match field.generation {
                _ if field.writable == Writable::Never => None,
                Generation::Key if !given.is_default() => Some(given),
                Generation::Key if field.data_type == DataType::Uuid => Some(Value::Uuid(self.handle.clock.uuid())),
                Generation::Key => None,
                Generation::InsertedAt | Generation::UpdatedAt if given.is_default() => time_for(field, &now),
                Generation::Database if given.is_default() => None,
                _ if given.is_null() => None,
                _ => Some(given),
            };
            match value {
                Some(value) => {
                    if field.generation == Generation::Database {
                        read.push((index, field));
                    } else {
                        row.set_value(index, value.clone())?;
                    }
                    values.push((field, value));
                }
                None if field.load => read.push((index, field)),
                None => {}
            }
        }
        let returning: Vec<_> = read.iter().map(|(_, field)| *field).collect();
        let insert = Operation::Insert(Insert::row(S::META, values, &returning));
        match self.write_back(insert, row, &read, location).await? {
            (_, 0) if !read.is_empty() => Err(DatabaseError {
                store: self.store(),
                message: format!("the insert of a {} gave no row back", S::NAME),
                hint: Some("A trigger or a rule of the table left the row out.".to_owned()),
                ..DatabaseError::default()
            }
            .into()),
            (row, _) => Ok(row),
        }
    }

    async fn update_row<S: Keyed>(
        &self,
        changeset: Changeset<S>,
        location: &'static Location<'static>,
    ) -> Result<S, Error> {
        let (mut row, mut plan) = changeset.into_plan()?;
        if plan.set.is_empty() {
            return Ok(row);
        }
        let mut filter = key_conditions::<S>(key_values(&row));
        let mut sought = describe_key::<S>(&key_values(&row));
        if let Some((index, field)) = version_field::<S>() {
            let version = row.value(index);
            let next = next_version(&version).ok_or_else(|| {
                QueryError::new(format!(
                    "{}.{} has no next version: its type is at its greatest number",
                    S::NAME,
                    field.name
                ))
            })?;
            filter.push(version_condition(field, version, &mut sought));
            plan.set.retain(|(set, ..)| *set != index);
            plan.set.push((index, field, vec![Step::Value { value: next, redact: field.redact }]));
        }
        let now = Value::Timestamp(micros(self.handle.clock.now()));
        for (index, field) in S::META.stored_fields() {
            match field.generation {
                Generation::UpdatedAt if plan.set.iter().all(|(set, ..)| *set != index) => {
                    if let Some(value) = time_for(field, &now) {
                        plan.set.push((index, field, vec![Step::Value { value, redact: field.redact }]));
                    }
                }
                Generation::Database if field.load && plan.computed.iter().all(|(read, _)| *read != index) => {
                    plan.computed.push((index, field));
                }
                _ => {}
            }
        }
        for (index, _, expression) in &plan.set {
            if let Some(value) = plain(expression) {
                row.set_value(*index, value.clone())?;
            }
        }
        let returning = plan.computed.iter().map(|(_, field)| OutputColumn::field(field)).collect();
        let set = plan.set.into_iter().map(|(_, field, expression)| (field, expression)).collect();
        let update = Operation::Update(Update { set, filter, returning, ..Update::new(S::META) });
        let (row, rows) = self.write_back(update, row, &plan.computed, location).await?;
        one_row::<S>(rows, sought, "update")?;
        Ok(row)
    }

    /// Runs a write and puts the columns that it reads back into `row`.
    async fn write_back<S: Schema>(
        &self,
        operation: Operation,
        mut row: S,
        read: &[(usize, &'static FieldMeta)],
        location: &'static Location<'static>,
    ) -> Result<(S, u64), Error> {
        if read.is_empty() {
            let rows = self.execute(operation, location).await?;
            return Ok((row, rows));
        }
        let fields = read.iter().map(|(_, field)| *field).collect();
        let sink = Box::new(ReadBack { schema: S::NAME, fields, rows: 0, last: Vec::new() });
        let sink: Box<dyn Any> = self.run(operation, sink, location).await?.sink;
        // An adapter gives back the sink that it was given.
        let Ok(read_back) = sink.downcast::<ReadBack>() else { return Ok((row, 0)) };
        for ((index, field), value) in read.iter().zip(read_back.last) {
            row.set_value(*index, value).map_err(|error| error.in_field(S::NAME, field))?;
        }
        Ok((row, read_back.rows))
    }
}

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

/// The time in the type of a timestamp's column, or `None` if the column holds no time.
pub(super) fn time_for(field: &FieldMeta, now: &Value) -> Option<Value> {
    match (field.data_type, now) {
        (DataType::Timestamp, now) => Some(now.clone()),
        (DataType::DateTime, Value::Timestamp(now)) => Some(Value::DateTime(now.naive_utc())),
        _ => None,
    }
}

fn version_field<S: Schema>() -> Option<(usize, &'static FieldMeta)> {
    S::META.stored_fields().find(|(_, field)| field.version)
}

/// The condition that the version is still this one; NULL counts as a version.
fn version_condition(field: &'static FieldMeta, version: Value, sought: &mut String) -> Expression {
    *sought += &match field.redact {
        true => format!(", {} = [redacted]", field.name),
        false => format!(", {} = {version}", field.name),
    };
    let equal = if version.is_null() { BinaryOperator::IsNotDistinctFrom } else { BinaryOperator::Equal };
    vec![
        Step::Column(Binding::of(0, 0), field),
        Step::Value { value: version, redact: field.redact },
        Step::Binary(equal),
    ]
}

fn next_version(version: &Value) -> Option<Value> {
    match version {
        Value::I16(number) => number.checked_add(1).map(Value::I16),
        Value::I32(number) => number.checked_add(1).map(Value::I32),
        Value::I64(number) => number.checked_add(1).map(Value::I64),
        Value::Null(DataType::I16) => Some(Value::I16(1)),
        Value::Null(DataType::I32) => Some(Value::I32(1)),
        Value::Null(DataType::I64) => Some(Value::I64(1)),
        _ => None,
    }
}

fn one_row<S: Schema>(rows: u64, sought: String, operation: &'static str) -> Result<(), Error> {
    match rows {
        1 => Ok(()),
        0 => Err(Stale { schema: S::NAME, sought, operation }.into()),
        _ => Err(MultipleRows { schema: S::NAME }.into()),
    }
}

//! The rows of an insert, before they are written.

use super::{Writer, default, sequence};
use crate::change::{Change, Reason};
use crate::evaluate::{Scope, evaluate};
use crate::layout::{StoredRow, write_row};
use crate::pending::refused;
use peristyle_query::error::{ConstraintError, ConstraintKind, Error};
use peristyle_query::query::ast::{Expression, Insert, InsertSource};
use peristyle_query::schema::{FieldMeta, Generation, SchemaMeta};
use peristyle_query::value::Value;

type Values = Vec<(&'static FieldMeta, Value)>;

/// A row that is to be inserted.
pub(super) struct NewRow {
    pub(super) row: StoredRow,
    pub(super) change: Change,
    /// Its values, if its key was generated and another may be tried.
    values: Option<Values>,
}

impl NewRow {
    fn new(writer: &Writer<'_>, values: Values, generated: bool) -> Result<Self, Error> {
        let schema = writer.table.schema;
        let row = StoredRow::parse(schema, write_row(schema, &values, None)?)?;
        let change = Change::insert(&writer.table, row.clone(), writer.expiry(&row)?)?;
        Ok(NewRow { row, change, values: generated.then_some(values) })
    }

    /// The same row with another key, if it was a generated one that is there already: another program wrote it.
    pub(super) async fn with_next_key(&self, writer: &Writer<'_>, reasons: &[Reason]) -> Result<Option<Self>, Error> {
        let (Some(values), Some(field)) = (&self.values, writer.table.generated_key()) else { return Ok(None) };
        if !reasons.contains(&Reason::Exists) {
            return Ok(None);
        }
        sequence::catch_up(writer.reader.store, &writer.table).await?;
        let mut values = values.clone();
        values.retain(|(known, _)| !std::ptr::eq(*known, field));
        values.extend(
            sequence::next(writer.reader.store, &writer.table, field, 1).await?.into_iter().map(|key| (field, key)),
        );
        Self::new(writer, values, true).map(Some)
    }
}

/// The rows of an insert, complete: with keys, defaults, and no NULL where none may be.
pub(super) async fn new_rows(writer: &Writer<'_>, insert: &Insert) -> Result<Vec<NewRow>, Error> {
    let schema = insert.schema;
    let mut rows: Vec<Values> = match &insert.source {
        InsertSource::Rows { count, values } if insert.columns.is_empty() => {
            debug_assert!(values.is_empty());
            vec![Values::new(); *count]
        }
        InsertSource::Rows { values, .. } => values
            .chunks(insert.columns.len())
            .map(|row| insert.columns.iter().copied().zip(row.iter().cloned()).collect())
            .collect(),
        InsertSource::Expressions(rows) => {
            let row = |row: &Vec<Expression>| {
                let values = insert.columns.iter().zip(row);
                values.map(|(field, steps)| Ok((*field, evaluate(steps, &Scope::new(&[]))?))).collect()
            };
            rows.iter().map(row).collect::<Result<_, Error>>()?
        }
        InsertSource::Query(_) => {
            let feature = format!("inserts of the rows of a query into {}", schema.name);
            return Err(refused(feature, "read them with repo.all(..) and give them to repo.insert_all(..)"));
        }
    };
    let missing = |field: &'static FieldMeta| insert.columns.iter().all(|column| !std::ptr::eq(*column, field));
    let generated = writer.table.generated_key().filter(|field| missing(field));
    for (_, field) in schema.stored_fields().filter(|(_, field)| missing(field)) {
        if generated.is_some_and(|generated| std::ptr::eq(generated, field)) {
            continue;
        }
        if let Some(value) = default::default(schema, field)? {
            rows.iter_mut().for_each(|row| row.push((field, value.clone())));
        } else if field.generation == Generation::Database && !field.nullable {
            let feature = format!("the generated column {}.{}", schema.name, field.name);
            return Err(refused(feature, "give it a value: Redis computes none"));
        } else if !field.nullable {
            return Err(null(schema, field));
        }
    }
    for row in &rows {
        check_nulls(schema, row)?;
    }
    if let Some(field) = generated {
        let keys = sequence::next(writer.reader.store, &writer.table, field, rows.len()).await?;
        rows.iter_mut().zip(keys).for_each(|(row, key)| row.push((field, key)));
    }
    let rows: Vec<NewRow> =
        rows.into_iter().map(|row| NewRow::new(writer, row, generated.is_some())).collect::<Result<_, _>>()?;
    if writer.table.buckets > 1 && generated.is_none() && writer.table.generated_key().is_some() {
        // The script of a row reaches no sequence in another bucket.
        let greatest = rows.iter().filter_map(|row| row.change.key.parse().ok()).max();
        sequence::at_least(writer.reader.store, &writer.table, greatest.unwrap_or(0)).await?;
    }
    Ok(rows)
}

/// Refuses NULLs where none may be.
pub(super) fn check_nulls(schema: &SchemaMeta, values: &[(&'static FieldMeta, Value)]) -> Result<(), Error> {
    match values.iter().find(|(field, value)| value.is_null() && !field.nullable) {
        Some((field, _)) => Err(null(schema, field)),
        None => Ok(()),
    }
}

fn null(schema: &SchemaMeta, field: &FieldMeta) -> Error {
    let message = format!("{}.{} may not be NULL", schema.table, field.column);
    let mut error = ConstraintError::new(ConstraintKind::NotNull, message);
    error.table = Some(schema.table.to_owned());
    error.columns = vec![field.column.to_owned()];
    error.into()
}

//! UPDATE.

use super::Writer;
use super::new_row::check_nulls;
use crate::change::{Change, merged};
use crate::evaluate::{Scope, Source, check_returning, evaluate, holds, returning};
use crate::layout::{StoredRow, write_row};
use crate::pending::refused;
use crate::read;
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Expression, Update};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::Value;

pub(super) async fn run(writer: &Writer<'_>, update: &Update, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
    if !update.from.is_empty() {
        let feature = format!("updates of {} over joined tables", update.schema.name);
        return Err(refused(feature, "read the other rows first, and give their values"));
    }
    for tries in 0.. {
        let found = read::candidates(writer.reader, &writer.table, &update.filter, update.allow_filtering).await?;
        let (mut changes, mut rows) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
        for row in found {
            let Some(values) = assigned(&update.set, &[], &row, None)? else { continue };
            let (one, updated) = self::changes(writer, row, &values)?;
            changes.extend(one);
            rows.push(updated);
        }
        check_returning(&update.returning, rows.iter().map(|row| (row, None)))?;
        let changes = merged(changes)?;
        let refusal = if changes.is_empty() { None } else { writer.apply(&changes).await? };
        match refusal {
            None => {
                let count = rows.len() as u64;
                let sink = returning(&update.returning, rows.iter().map(|row| (row, None)), sink)?;
                return Ok(Outcome { sink, rows: count });
            }
            Some(refusal) if refusal.is_lost_race() => writer.pause(tries).await?,
            Some(refusal) => return Err(refusal.error(&changes)),
        }
    }
    Err(writer.contended())
}

/// The values that are assigned to a row, beside which an upsert has the one that was to be inserted; `None` if a condition
/// does not hold.
pub(super) fn assigned(
    set: &[(&'static FieldMeta, Expression)],
    filter: &[Expression],
    row: &StoredRow,
    excluded: Option<&StoredRow>,
) -> Result<Option<Vec<(&'static FieldMeta, Value)>>, Error> {
    let sources: Vec<&dyn Source> = std::iter::once(row).chain(excluded).map(|row| row as &dyn Source).collect();
    let scope = Scope::new(&sources);
    if !holds(filter, &scope)? {
        return Ok(None);
    }
    let mut values = Vec::with_capacity(set.len());
    for (field, expression) in set {
        values.push((*field, evaluate(expression, &scope)?));
    }
    check_nulls(row.schema(), &values)?;
    Ok(Some(values))
}

/// What makes a row have these values, and the row that it becomes.
pub(super) fn changes(
    writer: &Writer<'_>,
    row: StoredRow,
    values: &[(&'static FieldMeta, Value)],
) -> Result<(Vec<Change>, StoredRow), Error> {
    let schema = row.schema();
    let updated = StoredRow::parse(schema, write_row(schema, values, Some(&row))?)?;
    let (change, moved) = Change::update(&writer.table, row, updated.clone(), writer.expiry(&updated)?)?;
    Ok((std::iter::once(change).chain(moved).collect(), updated))
}

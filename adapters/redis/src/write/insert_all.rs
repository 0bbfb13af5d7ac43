//! INSERT of many rows: a script each, in one pipeline.

use super::insert::{Written, insert_one};
use super::new_row::NewRow;
use super::on_conflict::Conflict;
use super::{APPLY, Writer};
use crate::change::Attempt;
use crate::connection::Send;
use peristyle_query::error::{Error, Partial};
use std::collections::HashSet;

/// How many rows are sent at a time.
const ROWS: usize = 1_000;

/// Inserts rows, each by itself.
///
/// # Errors
///
/// [`Error::Partial`] if a row could not be inserted; all others are.
pub(super) async fn insert_all(
    writer: &Writer<'_>,
    rows: Vec<NewRow>,
    conflict: Option<&Conflict<'_>>,
) -> Result<Vec<Written>, Error> {
    // Rows that meet each other are written one after the other.
    let in_order = conflict.is_some() && meet(&rows)?;
    // What cannot be sent is known before anything is.
    let mut attempts = Vec::with_capacity(rows.len());
    for row in &rows {
        attempts.push(Attempt::new(std::slice::from_ref(&row.change), false)?);
    }
    let (mut written, mut failed): (Vec<Written>, Vec<(usize, Error)>) = Default::default();
    let (mut rows, mut landed) = (rows.into_iter().zip(attempts).enumerate(), Vec::new());
    loop {
        let chunk: Vec<_> = rows.by_ref().take(ROWS).collect();
        if chunk.is_empty() {
            break;
        }
        let calls = chunk.iter().map(|(_, (_, attempt))| attempt.call.clone()).collect();
        if in_order {
            for (place, (row, _)) in chunk {
                match insert_one(writer, row, conflict).await {
                    Ok(row) => {
                        landed.push(place);
                        written.push(row);
                    }
                    Err(error) => failed.push((place, error)),
                }
            }
            continue;
        }
        let answers = writer.reader.store.link.scripts(&APPLY, calls, Send::Write).await;
        for ((place, (row, attempt)), answer) in chunk.into_iter().zip(answers) {
            let result = match answer.and_then(|answer| attempt.answer(&answer)) {
                Ok(None) => Ok(Some((row.row, true))),
                // It is there already: a conflict, or a generated key that another program took.
                Ok(Some(_)) => insert_one(writer, row, conflict).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(row) => {
                    landed.push(place);
                    written.push(row);
                }
                Err(error) => failed.push((place, error)),
            }
        }
    }
    if failed.is_empty() {
        return Ok(written);
    }
    Err(Partial { schema: writer.table.schema.name, landed, failed }.into())
}

/// Whether two of the rows have the same key, or the same values of a unique index.
fn meet(rows: &[NewRow]) -> Result<bool, Error> {
    let mut known = HashSet::new();
    for row in rows {
        let claims = row.change.claims()?.into_iter().map(|(_, claim)| claim);
        if !std::iter::once(row.change.place()).chain(claims).all(|key| known.insert(key)) {
            return Ok(true);
        }
    }
    Ok(false)
}

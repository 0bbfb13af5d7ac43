//! INSERT.

use super::Writer;
use super::insert_all::insert_all;
use super::new_row::{NewRow, new_rows};
use super::on_conflict::{Conflict, upsert};
use crate::evaluate::{check_returning, returning};
use crate::layout::StoredRow;
use crate::pending::View;
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::Insert;

/// A row as it is now, and whether it was inserted; `None` for one that a conflict clause left as it was.
pub(super) type Written = Option<(StoredRow, bool)>;

pub(super) async fn run(writer: &Writer<'_>, insert: &Insert, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
    let conflict = insert.on_conflict.as_deref().map(|conflict| Conflict::new(&writer.table, conflict)).transpose()?;
    let rows = new_rows(writer, insert).await?;
    check_returning(&insert.returning, rows.iter().map(|new| (&new.row, Some(true))))?;
    let mut written: Vec<Written> = Vec::with_capacity(rows.len());
    match (writer.reader.view, rows.len()) {
        (View::Store, 2..) => written = insert_all(writer, rows, conflict.as_ref()).await?,
        _ => {
            for row in rows {
                written.push(insert_one(writer, row, conflict.as_ref()).await?);
            }
        }
    }
    let count = written.iter().flatten().count() as u64;
    let rows = written.iter().flatten().map(|(row, inserted)| (row, Some(*inserted)));
    Ok(Outcome { sink: returning(&insert.returning, rows, sink)?, rows: count })
}

/// Inserts a row, or does what the conflict clause says.
pub(super) async fn insert_one(
    writer: &Writer<'_>,
    mut new: NewRow,
    conflict: Option<&Conflict<'_>>,
) -> Result<Written, Error> {
    if let Some(conflict) = conflict {
        return upsert(writer, new, conflict).await;
    }
    for _ in 0..super::TRIES {
        let Some(refusal) = writer.apply(std::slice::from_ref(&new.change)).await? else {
            return Ok(Some((new.row, true)));
        };
        match new.with_next_key(writer, &refusal.reasons).await? {
            Some(next) => new = next,
            None => return Err(refusal.error(std::slice::from_ref(&new.change))),
        }
    }
    Err(writer.contended())
}

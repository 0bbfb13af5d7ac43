//! DELETE.

use super::Writer;
use crate::change::Change;
use crate::evaluate::{check_returning, returning};
use crate::read;
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::Delete;

pub(super) async fn run(writer: &Writer<'_>, delete: &Delete, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
    for tries in 0.. {
        let found = read::candidates(writer.reader, &writer.table, &delete.filter, delete.allow_filtering).await?;
        check_returning(&delete.returning, found.iter().map(|row| (row, None)))?;
        let remove = found.iter().map(|row| Change::remove(&writer.table, row.clone()));
        let changes = remove.collect::<Result<Vec<Change>, Error>>()?;
        let refusal = if changes.is_empty() { None } else { writer.apply(&changes).await? };
        match refusal {
            None => {
                let rows = found.iter().map(|row| (row, None));
                return Ok(Outcome { sink: returning(&delete.returning, rows, sink)?, rows: found.len() as u64 });
            }
            Some(refusal) if refusal.is_lost_race() => writer.pause(tries).await?,
            Some(refusal) => return Err(refusal.error(&changes)),
        }
    }
    Err(writer.contended())
}

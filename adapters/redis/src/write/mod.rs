//! Writes: the client computes what rows become, and one script checks and makes it.

mod default;
mod delete;
mod expiry;
mod insert;
mod insert_all;
mod new_row;
mod on_conflict;
mod sequence;
mod text;
mod update;

use crate::change::{Attempt, Change, Reason, Refusal};
use crate::connection::Send;
use crate::layout::{STORE, StoredRow, Table};
use crate::pending::{View, check_all_together};
use crate::read::Reader;
use crate::script::Script;
use crate::store::Store;
use peristyle_query::adapter::{Outcome, Request, Sink};
use peristyle_query::error::{DatabaseError, Error};
use peristyle_query::query::ast::Operation;
use peristyle_query::statement::Statement;
use std::sync::Arc;
use std::time::Duration;

static APPLY: Script = Script::new(&[
    include_str!("../scripts/purge.lua"),
    include_str!("../scripts/registry.lua"),
    include_str!("../scripts/apply.lua"),
]);

/// How often a write is begun anew, since others changed its rows after they were read.
const TRIES: u32 = 200;

/// Runs a write.
///
/// # Errors
///
/// [`Error::Constraint`] for a row that is refused, [`Error::Unsupported`] for what the store cannot write at once, and what
/// the store refuses with.
pub(crate) async fn run(
    store: &Store,
    view: View<'_>,
    request: Request,
    sink: Box<dyn Sink>,
) -> Result<Outcome, Error> {
    let reader = Reader { store, prefix: request.prefix.as_deref(), view };
    let writer = |schema, own: Option<&str>| -> Result<Writer<'_>, Error> {
        let table = reader.table(schema, own)?;
        if let View::Transaction(pending) = view
            && pending.is_read_only()
        {
            let message = "a transaction that only reads cannot write".to_owned();
            return Err(DatabaseError { store: STORE, message, ..DatabaseError::default() }.into());
        }
        Ok(Writer { reader, table, ttl: request.ttl })
    };
    let observed = |statement: Statement| -> Result<Statement, Error> {
        request.observe(&statement)?;
        Ok(statement)
    };
    match &request.operation {
        Operation::Insert(insert) => {
            let writer = writer(insert.schema, None)?;
            let statement = observed(text::insert(&writer.table, insert))?;
            insert::run(&writer, insert, sink).await.map_err(|error| error.in_statement(statement.sql()))
        }
        Operation::Update(update) => {
            let writer = writer(update.schema, update.prefix.as_deref())?;
            let statement = observed(text::update(&writer, update)?)?;
            update::run(&writer, update, sink).await.map_err(|error| error.in_statement(statement.sql()))
        }
        Operation::Delete(delete) => {
            let writer = writer(delete.schema, delete.prefix.as_deref())?;
            let statement = observed(text::delete(&writer, delete)?)?;
            delete::run(&writer, delete, sink).await.map_err(|error| error.in_statement(statement.sql()))
        }
        _ => {
            let message = "this statement is no write".to_owned();
            Err(DatabaseError { store: STORE, message, ..DatabaseError::default() }.into())
        }
    }
}

/// Makes changes with one script, or says which is refused.
pub(crate) async fn attempt(store: &Store, changes: &[Change]) -> Result<Option<Refusal>, Error> {
    let attempt = Attempt::new(changes, false)?;
    let answer = store.link.script(&APPLY, attempt.call.clone(), Send::Write).await?;
    attempt.answer(&answer)
}

/// A write to a table.
struct Writer<'w> {
    reader: Reader<'w>,
    table: Arc<Table>,
    /// The time to live that the call gives.
    ttl: Option<Duration>,
}

impl Writer<'_> {
    /// Makes changes of the table's rows at once, or queues them in the transaction; says which is refused.
    async fn apply(&self, changes: &[Change]) -> Result<Option<Refusal>, Error> {
        match self.reader.view {
            View::Store => {
                check_all_together(self.reader.store.link.is_cluster(), changes)?;
                attempt(self.reader.store, changes).await
            }
            View::Transaction(pending) => {
                let merged = match pending.merge(changes)? {
                    Ok(merged) => merged,
                    Err(mut refusal) => {
                        // A new row may be in conflict with rows of the store, too, and an upsert be about those.
                        let new = changes.get(refusal.change).filter(|change| change.expected.is_none());
                        if let Some(in_store) = self.foresee(new.map(std::slice::from_ref).unwrap_or_default()).await? {
                            let claimed = |reason: &Reason| matches!(reason, Reason::Claimed { .. });
                            refusal.reasons.extend(in_store.reasons.into_iter().filter(claimed));
                        }
                        return Ok(Some(refusal));
                    }
                };
                if let Some(refusal) = self.foresee(&merged).await? {
                    return Ok(Some(refusal));
                }
                pending.queue(changes)?;
                Ok(None)
            }
        }
    }

    /// What the commit would refuse as of now: so that a constraint's error comes with the write that it is about.
    async fn foresee(&self, merged: &[Change]) -> Result<Option<Refusal>, Error> {
        let View::Transaction(pending) = self.reader.view else { return Ok(None) };
        let (mut places, mut asked) = (Vec::new(), Vec::new());
        for (place, change) in merged.iter().enumerate() {
            if change.may_conflict()? {
                places.push(place);
                asked.push(change.clone());
            }
        }
        if asked.is_empty() {
            return Ok(None);
        }
        let attempt = Attempt::new(&asked, true)?;
        let answer = self.reader.store.link.script(&APPLY, attempt.call.clone(), Send::Read).await?;
        let Some(Refusal { change, mut reasons }) = attempt.answer(&answer)? else { return Ok(None) };
        let Some(refused) = asked.get(change) else { return Ok(None) };
        let claims = refused.claims()?;
        reasons.retain(|reason| match reason {
            Reason::Claimed { index, holder } => {
                let claim = claims.iter().find(|(known, _)| known == index);
                claim.is_none_or(|(_, claim)| {
                    !pending.frees(&self.table, claim, holder)
                        && !merged.iter().any(|change| change.gives_up(&self.table, claim, holder))
                })
            }
            _ => true,
        });
        // If nothing is left, those behind it are looked at by the commit.
        Ok((!reasons.is_empty()).then(|| Refusal { change: places.get(change).copied().unwrap_or(change), reasons }))
    }

    /// When a row expires.
    fn expiry(&self, row: &StoredRow) -> Result<crate::change::Expiry, Error> {
        expiry::expiry(self.table.schema, self.ttl, row)
    }

    /// Waits before a write is begun anew, the longer the more often it was; an error if it was too often.
    async fn pause(&self, tries: u32) -> Result<(), Error> {
        if let View::Transaction(_) = self.reader.view {
            return Err(self.contended());
        }
        match tries {
            0..3 => Ok(()),
            3..TRIES => {
                // The nanoseconds of the clock differ enough that those who met do not meet again.
                let chance = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let most = u64::from(tries.min(20)) * 500;
                tokio::time::sleep(Duration::from_micros(u64::from(chance.subsec_nanos()) % most)).await;
                Ok(())
            }
            _ => Err(self.contended()),
        }
    }

    fn contended(&self) -> Error {
        DatabaseError {
            store: STORE,
            message: format!("rows of {} were changed by others all the while", self.table.schema.name),
            hint: Some("Run it again.".to_owned()),
            retryable: true,
            ..DatabaseError::default()
        }
        .into()
    }
}

//! The one way from a repo to its store.

use super::Repo;
use super::transaction::outer_repo_inside;
use crate::adapter::{BoxFuture, Cursor, Executor, NoRows, Notices, Observer, Outcome, Request, Sink};
use crate::error::{DecodeError, Error};
use crate::query::{Decode, ast::Operation};
use crate::row::{Row, RowReader};
use crate::schema::SchemaMeta;
use std::any::Any;
use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// Decodes rows into a `Vec`, on the thread where they are.
pub(super) struct Collect<Out> {
    decode: Decode<Out>,
    /// Whether an error must not show what was found.
    redact: bool,
    rows: Vec<Out>,
}

impl<Out: Send + 'static> Sink for Collect<Out> {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let decoded = (self.decode)(&mut RowReader::new(row));
        self.rows.push(if self.redact { decoded.map_err(DecodeError::redacted)? } else { decoded? });
        Ok(())
    }
}

impl<Out: Send + 'static> Collect<Out> {
    pub(super) fn sink(decode: Decode<Out>, redact: bool) -> Box<dyn Sink> {
        Box::new(Collect { decode, redact, rows: Vec::new() })
    }

    /// The rows that a sink made by [`Collect::sink`] collected.
    pub(super) fn rows(sink: Box<dyn Sink>) -> Vec<Out> {
        let sink: Box<dyn Any> = sink;
        // An adapter gives back the sink that it was given.
        sink.downcast::<Self>().map(|collect| collect.rows).unwrap_or_default()
    }
}

impl Repo {
    pub(super) fn request(&self, operation: Operation, location: &'static Location<'static>) -> Request {
        let Self { handle } = self;
        // The guard comes first: what it refuses is not sent, and so not captured.
        let counts = handle.counts.iter().map(|counts| counts.clone() as Arc<dyn Observer>);
        let observers = counts.chain(handle.observers.iter().cloned()).collect();
        Request { operation, prefix: handle.effective_prefix().cloned(), ttl: handle.ttl, observers, location }
    }

    /// The same repo, for a write whose rows live so long.
    pub(super) fn living(&self, ttl: Option<Duration>) -> Cow<'_, Repo> {
        if ttl == self.handle.ttl { Cow::Borrowed(self) } else { Cow::Owned(self.with(|handle| handle.ttl = ttl)) }
    }

    /// Runs a statement and collects its rows.
    pub(super) async fn collect<Out: Send + 'static>(
        &self,
        operation: Operation,
        decode: Decode<Out>,
        location: &'static Location<'static>,
    ) -> Result<Vec<Out>, Error> {
        let redact = matches!(&operation, Operation::Select(select) if select.computes_redacted());
        let outcome = self.run(operation, Collect::sink(decode, redact), location).await?;
        Ok(Collect::rows(outcome.sink))
    }

    /// Runs a statement and says how many rows it touched.
    pub(super) async fn execute(
        &self,
        operation: Operation,
        location: &'static Location<'static>,
    ) -> Result<u64, Error> {
        Ok(self.run(operation, Box::new(NoRows), location).await?.rows)
    }

    pub(super) async fn run(
        &self,
        operation: Operation,
        sink: Box<dyn Sink>,
        location: &'static Location<'static>,
    ) -> Result<Outcome, Error> {
        let repo = self.placed(&operation)?;
        let request = repo.request(operation, location);
        let result = match &repo.handle.place.scope {
            None => repo.base()?.run(request, sink).await,
            Some(scope) => {
                let session = scope.enter().await?;
                let result = session.run(request, sink).await;
                scope.note(result)
            }
        };
        repo.told(result)
    }

    pub(super) async fn open(
        &self,
        operation: Operation,
        location: &'static Location<'static>,
    ) -> Result<Box<dyn Cursor>, Error> {
        let repo = self.placed(&operation)?;
        let request = repo.request(operation, location);
        let result = match &repo.handle.place.scope {
            None => repo.base()?.open(request).await,
            Some(scope) => {
                let session = scope.enter().await?;
                let result = session.open(request).await;
                scope.note(result)
            }
        };
        repo.told(result)
    }

    /// Whether an INSERT into a table can tell what it inserted from what it updated.
    pub(super) async fn tells_inserted(&self, schema: &'static SchemaMeta) -> Result<bool, Error> {
        let repo = self.at(schema);
        let prefix = repo.handle.effective_prefix().cloned();
        let result = match &repo.handle.place.scope {
            None => repo.base()?.tells_inserted(schema, prefix).await,
            Some(scope) => {
                let session = scope.enter().await?;
                let result = session.tells_inserted(schema, prefix).await;
                scope.note(result)
            }
        };
        repo.told(result)
    }

    pub(super) async fn run_script(&self, text: String, notices: Option<Arc<dyn Notices>>) -> Result<(), Error> {
        let result = match &self.handle.place.scope {
            None => script(self.base()?, text, notices).await,
            Some(scope) => {
                let session = scope.enter().await?;
                let result = script(&*session, text, notices).await;
                scope.note(result)
            }
        };
        self.told(result)
    }

    /// The adapter outside of transactions.
    pub(super) fn base(&self) -> Result<&dyn Executor, Error> {
        let adapter = &self.handle.place.adapter;
        outer_repo_inside(adapter)?;
        Ok(&**adapter)
    }
}

fn script(
    executor: &dyn Executor,
    text: String,
    notices: Option<Arc<dyn Notices>>,
) -> BoxFuture<'_, Result<(), Error>> {
    match notices {
        None => executor.script(text),
        Some(notices) => executor.script_with_notices(text, notices),
    }
}

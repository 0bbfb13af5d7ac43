//! The adapter: which statement goes where.

use crate::layout::STORE;
use crate::pending::{Pending, View};
use crate::read;
use crate::reindex::reindex;
use crate::session::RedisSession;
use crate::store::Store;
use crate::sweep::sweep;
use crate::write;
use peristyle_query::adapter::{
    Adapter, BoxFuture, Cursor, Executor, Maintenance, Outcome, Progress, Request, Session, Sink, TransactionOptions,
};
use peristyle_query::error::{Error, Unsupported};
use peristyle_query::query::ast::Operation;
use peristyle_query::schema::SchemaMeta;
use peristyle_query::statement::Dialect;
use std::sync::Arc;
use std::time::Duration;

/// A Redis server, or a Redis Cluster.
pub(crate) struct RedisAdapter {
    store: Arc<Store>,
}

impl RedisAdapter {
    pub(crate) fn new(store: Store) -> Self {
        RedisAdapter { store: Arc::new(store) }
    }
}

/// The refusal of something that Redis does not have.
pub(crate) fn unsupported(feature: &'static str, instead: &'static str) -> Error {
    Unsupported { store: STORE, feature: feature.into(), instead: instead.into() }.into()
}

/// The refusal of what is written in SQL.
pub(crate) fn no_sql() -> Error {
    unsupported("SQL", "use the queries of schemas, or a client of Redis for commands of its own")
}

/// Runs a statement: on the store, or in a transaction's view of it.
pub(crate) async fn run(
    store: &Store,
    view: View<'_>,
    request: Request,
    sink: Box<dyn Sink>,
) -> Result<Outcome, Error> {
    let location = request.location;
    let result = match &request.operation {
        Operation::Raw(_) => Err(no_sql()),
        Operation::Insert(_) | Operation::Update(_) | Operation::Delete(_) => {
            write::run(store, view, request, sink).await
        }
        _ => read::run(store, view, request, sink).await,
    };
    result.map_err(|error| error.at(location))
}

/// Opens a query whose rows are fetched in parts.
pub(crate) async fn open(
    store: Arc<Store>,
    pending: Option<Arc<Pending>>,
    request: Request,
) -> Result<Box<dyn Cursor>, Error> {
    match &request.operation {
        Operation::Raw(_) => Err(no_sql().at(request.location)),
        _ => read::open(store, pending, request).await,
    }
}

impl Executor for RedisAdapter {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(run(&self.store, View::Store, request, sink))
    }

    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>> {
        Box::pin(open(self.store.clone(), None, request))
    }

    fn script(&self, _: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Err(no_sql()) })
    }

    /// A write is one script, which tells what it did.
    fn tells_inserted(&self, _: &'static SchemaMeta, _: Option<Arc<str>>) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(async { Ok(true) })
    }
}

impl Adapter for RedisAdapter {
    fn name(&self) -> &'static str {
        STORE
    }

    fn dialect(&self) -> Option<Dialect> {
        None
    }

    fn single_writer(&self) -> bool {
        false
    }

    /// Each row is a script of its own.
    fn inserts_together(&self) -> bool {
        false
    }

    fn savepoints(&self) -> bool {
        false
    }

    fn joins(&self) -> bool {
        false
    }

    fn begin(&self, options: TransactionOptions) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        Box::pin(async move { Ok(Box::new(RedisSession::begin(self.store.clone(), options)?) as Box<dyn Session>) })
    }

    /// All calls share the connection: what a checkout has of its own are its transactions.
    fn checkout(&self) -> BoxFuture<'_, Result<Box<dyn Session>, Error>> {
        Box::pin(async { Ok(Box::new(RedisSession::new(self.store.clone())) as Box<dyn Session>) })
    }

    fn pause(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn maintain(
        &self,
        task: Maintenance,
        schema: &'static SchemaMeta,
        prefix: Option<Arc<str>>,
        progress: Arc<dyn Progress>,
    ) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(async move {
            let reader = read::Reader { store: &self.store, prefix: prefix.as_deref(), view: View::Store };
            let table = reader.table(schema, None)?;
            let link = &self.store.link;
            match task {
                Maintenance::Reindex => reindex(link, &table, false, &*progress).await,
                Maintenance::Rebuild => reindex(link, &table, true, &*progress).await,
                Maintenance::Sweep => sweep(link, &table).await,
                _ => Err(unsupported("such maintenance", "call repo.reindex or repo.sweep")),
            }
        })
    }

    /// What was sent is still answered.
    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.link.close();
        Box::pin(async {})
    }
}

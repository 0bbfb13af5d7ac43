//! The repo: the handle through which queries and writes reach a store.

mod aggregate;
mod apart;
mod batch;
mod capture;
mod clock;
mod delete_all;
mod explain;
mod fill;
mod future;
mod guard;
mod insert_all;
mod insert_rows;
mod insert_stream;
mod loading;
mod lookup;
mod maintain;
mod multi;
mod preload;
mod raw;
mod read;
mod returning;
mod route;
mod run;
mod stream;
mod transaction;
mod update_all;
mod write;

pub use capture::Capture;
pub use clock::{Clock, FixedClock, SystemClock};
pub use delete_all::DeleteAll;
pub use explain::{Explain, Explanation};
pub use future::RepoFuture;
pub use guard::Guard;
pub use insert_all::InsertAll;
pub use insert_rows::{InsertRow, InsertRows, IntoRows, NewRow, RowOf, StoredIn};
pub use insert_stream::{InsertStream, StreamedRow};
pub(crate) use loading::Loading;
pub use lookup::Reload;
pub use maintain::{Reindex, Sweep};
pub use multi::{Done, Multi, Step, StepInfo, StepKind};
pub use preload::Preloading;
pub use raw::{RawSql, RawValues, SqlTemplate, TrustedSql};
pub use returning::{Counted, Returned};
pub use stream::Rows;
pub use transaction::Transaction;
pub use update_all::UpdateAll;
pub(crate) use update_all::next_version;
pub(crate) use write::WriteOptions;
pub use write::{Delete, Insert, InsertOrUpdate, Update, Upsert, Upserted};

use crate::adapter::{Adapter, Observer};
use crate::schema::SchemaMeta;
use crate::statement::Dialect;
use guard::Counts;
use route::{Place, Routes};
use std::fmt;
use std::sync::Arc;
use transaction::Scope;

/// A handle to a store: cheap to clone, the same type for every store, for a transaction, and in tests.
///
/// Every method is a plain function that returns a future or a builder to await, and names the line of its call in errors.
#[derive(Clone)]
pub struct Repo {
    handle: Arc<Handle>,
}

#[derive(Clone)]
struct Handle {
    /// The store that it stands at.
    place: Place,
    /// The store of the schemas that have no route, if it stands at another.
    home: Option<Place>,
    routes: Routes,
    /// The schema whose write opened the transaction by itself, if the program did not.
    along: Option<&'static SchemaMeta>,
    prefix: Option<Arc<str>>,
    /// How long the rows of the statement live that it is for.
    ttl: Option<std::time::Duration>,
    clock: Arc<dyn Clock>,
    observers: Vec<Arc<dyn Observer>>,
    /// What counts the reads, on a guarded repo.
    counts: Option<Arc<Counts>>,
}

impl Repo {
    /// A repo over an adapter.
    pub fn new(adapter: Arc<dyn Adapter>) -> Self {
        Repo {
            handle: Arc::new(Handle {
                place: Place::new(adapter),
                home: None,
                routes: Routes::default(),
                along: None,
                prefix: None,
                ttl: None,
                clock: Arc::new(SystemClock),
                observers: Vec::new(),
                counts: None,
            }),
        }
    }

    /// The same repo, whose tables are those of a prefix: a database schema on Postgres, an attached database on SQLite.
    ///
    /// Reads and writes go to a query's own prefix, else to that of the repo that the schema is [routed](Repo::route) to,
    /// else to this one, else to the schema's.
    pub fn with_prefix(&self, prefix: impl AsRef<str>) -> Self {
        self.with(|handle| handle.prefix = Some(prefix.as_ref().into()))
    }

    /// The same repo, with another source of the time and of generated keys.
    pub fn with_clock(&self, clock: impl Clock + 'static) -> Self {
        self.with(|handle| handle.clock = Arc::new(clock))
    }

    /// The kind of the store: `sqlite`, `postgres`, `redis`. Of several, that of the schemas without a route.
    pub fn store(&self) -> &'static str {
        self.handle.place.adapter.name()
    }

    /// The dialect of the store's statements, if it speaks SQL.
    pub fn dialect(&self) -> Option<Dialect> {
        self.handle.place.adapter.dialect()
    }

    /// Whether the handle belongs to a transaction.
    pub fn in_transaction(&self) -> bool {
        self.handle.place.scope.as_ref().is_some_and(Scope::in_transaction)
    }

    /// The greatest number of connections that may be in use at a time, where the store has such a limit.
    pub fn pool_size(&self) -> Option<usize> {
        self.handle.place.adapter.pool_size()
    }

    /// The prefix of its tables; see [`with_prefix`](Repo::with_prefix).
    pub fn prefix(&self) -> Option<&str> {
        self.handle.effective_prefix().map(|prefix| &**prefix)
    }

    /// Waits, whatever runtime the program has.
    pub async fn pause(&self, duration: std::time::Duration) {
        self.handle.place.adapter.pause(duration).await;
    }

    /// Closes the connections, those to the stores that schemas are routed to as well. Calls that come later fail, on every
    /// clone of the handle.
    pub async fn close(&self) {
        for adapter in self.handle.adapters() {
            adapter.close().await;
        }
    }

    /// Whether it is the same handle, or a clone of it.
    pub(crate) fn is(&self, other: &Repo) -> bool {
        Arc::ptr_eq(&self.handle, &other.handle)
    }

    fn with(&self, change: impl FnOnce(&mut Handle)) -> Self {
        let mut handle = (*self.handle).clone();
        change(&mut handle);
        Repo { handle: Arc::new(handle) }
    }
}

impl fmt::Debug for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repo")
            .field("store", &self.name())
            .field("prefix", &self.prefix())
            .field("in_transaction", &self.in_transaction())
            .field("routes", &self.handle.routes)
            .finish()
    }
}

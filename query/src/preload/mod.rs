//! Preloads: loading associations with one statement each, whatever the number of rows.
//!
//! A preload works in two steps, so that siblings can run side by side: a job that owns what it needs reads the rows, and
//! then they are put into their parents. Nested collections of a selection are the same mechanism over other outputs.

mod children;
mod collection;
mod embed;
mod joined;
mod key;
mod node;
mod parents;
mod rows;

pub(crate) use children::ChildPlan;
pub(crate) use collection::{CollectPlan, Collection};
pub(crate) use embed::EmbedNode;
pub(crate) use joined::{Joined, JoinedFrom, JoinedNode, JoinedRows, Merged, next_implied};
pub(crate) use key::Key;
pub use node::Slot;
pub(crate) use node::{Fetched, Node, Source, values_of};
pub use parents::Parents;
pub(crate) use rows::{RowSink, check_tail, read_rows};

use crate::adapter::BoxFuture;
use crate::error::{Error, QueryError};
use crate::repo::Loading;
use std::any::Any;
use std::sync::Arc;

/// What a job found.
pub(crate) type Found = Box<dyn Any + Send>;

/// Reads what a preload needs, owning everything it uses.
pub(crate) type Job = BoxFuture<'static, Result<Found, Error>>;

/// A row or another place that is filled.
pub(crate) type Place<'p> = &'p mut (dyn Any + Send);

/// One association to be loaded into rows of one schema, or the embedded structs of such rows with what is loaded into them.
pub(crate) trait Preload: Any + Send + Sync {
    /// The first mistake in it or further in, which is one whether there are rows or not.
    fn check(&self) -> Result<(), QueryError>;

    /// The job that reads the rows that these parents lack.
    fn prepare(&self, loading: &Loading, parents: &mut [Place<'_>]) -> Job;

    /// Whether another one loads the same in the same way.
    fn same(&self, other: &dyn Preload) -> bool;

    /// Puts what the job found into the parents, and goes on with those that had their rows already.
    fn assign<'a>(
        &'a self,
        loading: &'a Loading,
        parents: &'a mut [Place<'_>],
        found: Found,
    ) -> BoxFuture<'a, Result<(), Error>>;
}

/// Whether two lists of preloads load the same.
fn same_preloads(one: &[Arc<dyn Preload>], other: &[Arc<dyn Preload>]) -> bool {
    let same = |(one, other): (&Arc<dyn Preload>, &Arc<dyn Preload>)| Arc::ptr_eq(one, other) || one.same(&**other);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// Runs preloads over rows of one schema.
pub(crate) async fn preload_all(
    loading: &Loading,
    preloads: &[Arc<dyn Preload>],
    parents: &mut [Place<'_>],
) -> Result<(), Error> {
    if parents.is_empty() || preloads.is_empty() {
        return Ok(());
    }
    let mut branches = loading.branches();
    let jobs = preloads.iter().map(|preload| preload.prepare(&branches.next(), parents)).collect();
    let found = branches.run(jobs).await?;
    for (preload, found) in preloads.iter().zip(found) {
        preload.assign(loading, parents, found).await?;
    }
    Ok(())
}

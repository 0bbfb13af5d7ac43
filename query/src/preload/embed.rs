//! What is preloaded into the embedded structs of rows.

use super::{Found, Job, Parents, Place, Preload, same_preloads};
use crate::adapter::BoxFuture;
use crate::error::{Error, QueryError};
use crate::repo::Loading;
use std::any::Any;
use std::sync::Arc;

/// The embedded structs in a field of `P`, into which associations of theirs are loaded: one statement for those of all
/// parents.
pub(crate) struct EmbedNode<P, F> {
    pub(crate) field: fn(&mut P) -> &mut F,
    pub(crate) nested: Vec<Arc<dyn Preload>>,
    pub(crate) problem: Option<QueryError>,
}

impl<P: Any, F: Parents + 'static> EmbedNode<P, F> {
    /// The embedded structs of the parents, in order.
    fn embeds<'p>(&self, parents: &'p mut [Place<'_>]) -> Vec<Place<'p>> {
        let mut found = Vec::new();
        for parent in parents.iter_mut().filter_map(|parent| parent.downcast_mut::<P>()) {
            (self.field)(parent).gather(&mut found);
        }
        found.into_iter().map(|embed| embed as Place<'p>).collect()
    }
}

impl<P: Any, F: Parents + 'static> Preload for EmbedNode<P, F> {
    fn check(&self) -> Result<(), QueryError> {
        match &self.problem {
            Some(problem) => Err(problem.clone()),
            None => self.nested.iter().try_for_each(|nested| nested.check()),
        }
    }

    fn prepare(&self, loading: &Loading, parents: &mut [Place<'_>]) -> Job {
        let mut embeds = self.embeds(parents);
        let mut branches = loading.branches();
        let jobs = self.nested.iter().map(|nested| nested.prepare(&branches.next(), &mut embeds)).collect();
        Box::pin(async move { Ok(Box::new(branches.run(jobs).await?) as Found) })
    }

    fn same(&self, other: &dyn Preload) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<Self>().is_some_and(|other| {
            std::ptr::fn_addr_eq(self.field, other.field) && same_preloads(&self.nested, &other.nested)
        })
    }

    fn assign<'a>(
        &'a self,
        loading: &'a Loading,
        parents: &'a mut [Place<'_>],
        found: Found,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let Ok(found) = found.downcast::<Vec<Found>>() else { return Ok(()) };
            let mut embeds = self.embeds(parents);
            for (nested, found) in self.nested.iter().zip(*found) {
                nested.assign(loading, &mut embeds, found).await?;
            }
            Ok(())
        })
    }
}

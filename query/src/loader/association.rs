//! The associations that a loader loads.

use super::Gather;
use super::key::Wanted;
use crate::association::{JoinTarget, Many, One};
use crate::expr::Nullability;
use crate::preload::ChildPlan;
use crate::repo::{Loading, Repo};
use crate::schema::Schema;
use std::sync::Arc;

/// An association of `S` that [`Loader::load`](super::Loader::load) takes: `|u| u.posts()` gives a `Vec`, `|p| p.author()` an
/// `Option`. Where filters, preloads and the like are added to one, it is a query, and gives a `Vec`.
///
/// ```
/// use peristyle_query::expr::NotNull;
/// use peristyle_query::loader::LoaderTarget;
/// use peristyle_query::schema::Schema;
///
/// /// An association of `S`, chosen elsewhere.
/// struct Field<S: Schema, A: LoaderTarget<S>> {
///     association: fn(S::Columns<S, NotNull>) -> A,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{S}` that a loader can load",
    label = "expected an association of `{S}`, such as `u.posts()`"
)]
pub trait LoaderTarget<S: Schema>: JoinTarget<S, Owner = S> {
    /// What is loaded for one row: a `Vec` or an `Option` of the target.
    type Out: Send + 'static;

    #[doc(hidden)]
    fn output(rows: Vec<Self::Target>) -> Self::Out;
}

impl<T: Schema, S: Schema> LoaderTarget<S> for Many<S, T, S> {
    type Out = Vec<T>;

    fn output(rows: Vec<T>) -> Vec<T> {
        rows
    }
}

impl<T: Schema, N: Nullability, S: Schema> LoaderTarget<S> for One<S, T, N, S> {
    type Out = Option<T>;

    fn output(rows: Vec<T>) -> Option<T> {
        rows.into_iter().next()
    }
}

/// The rows of one association in one shape: with the same filters, order, limit and preloads.
pub(super) struct Association<T> {
    plan: Arc<ChildPlan<T>>,
    pub(super) rows: Gather<Wanted, Vec<T>>,
}

impl<T: Schema> Association<T> {
    pub(super) fn new(repo: &Repo, plan: &Arc<ChildPlan<T>>) -> Self {
        let (read, repo) = (plan.clone(), repo.clone());
        let rows = Gather::new(move |keys: Vec<Wanted>, location| {
            let (plan, loading) = (read.clone(), Loading::new(&repo, location).within_call());
            Box::pin(async move {
                let values = keys.iter().map(|key| key.values.clone()).collect();
                let (rows, of_rows) = plan.load(&loading, values).await?;
                let mut lists: Vec<Vec<T>> = keys.iter().map(|_| Vec::new()).collect();
                for (row, position) in rows.into_iter().zip(of_rows) {
                    if let Some(list) = lists.get_mut(position) {
                        list.push(row);
                    }
                }
                Ok(keys.into_iter().zip(lists).collect())
            })
        });
        Association { plan: plan.clone(), rows }
    }

    /// Whether it gives what this plan gives.
    pub(super) fn is(&self, plan: &ChildPlan<T>) -> bool {
        self.plan.same(plan)
    }
}

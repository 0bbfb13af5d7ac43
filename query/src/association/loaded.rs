//! Associations that a loader loads.

use super::plan::{self, Planned};
use super::{JoinTarget, Many};
use crate::error::QueryError;
use crate::expr::{Anchor, NotNull, enter};
use crate::preload::ChildPlan;
use crate::schema::{Record, Schema};

/// The plan for the rows of an association of `S`.
pub(crate) fn association_plan<S, A>(
    association: impl FnOnce(<S as Record>::Columns<S, NotNull>) -> A,
) -> Result<ChildPlan<A::Target>, QueryError>
where
    S: Schema,
    A: JoinTarget<S, Owner = S>,
{
    enter(|level| plan_of(association(<S as Record>::columns(Anchor::new(0, level))).into_many()))
}

fn plan_of<S: Schema, T: Schema>(many: Many<S, T, S>) -> Result<ChildPlan<T>, QueryError> {
    let Many { owner, link, mut query, nested, joined, function, repo, .. } = many;
    let name = format!("{}.{}", S::NAME, link.meta.name);
    if !owner.is_root() {
        return Err(QueryError::new(format!(
            "{name} belongs to another row than the one whose key is given: load the row between first, or preload inside \
             of the association that leads there, as in `|p| p.author().preload(|a| a.posts())`"
        )));
    }
    if function.is_some() {
        return Err(QueryError::new(format!(
            "a loader reads {name} with a statement, and not with the function of .with(..): give the function to \
             `loader.batch(..)`"
        )));
    }
    if !joined.is_empty() || query.has_joined() {
        return Err(QueryError::new(format!("a loader cannot join what {name} preloads: use .preload(..)")));
    }
    query.add_preloads(nested);
    let Planned { plan, .. } = plan::plan(query, link, owner, repo);
    plan
}

//! Joins along associations.

use super::{Many, One};
use crate::error::QueryError;
use crate::expr::Nullability;
use crate::preload::next_implied;
use crate::query::ast::{Binding, Expression, Join, JoinKind, Select, Source, Step};
use crate::query::paths::{hop_condition, lifted};
use crate::query::{Joinable, Optional, Query, Scope};
use crate::schema::{Hop, Schema};

/// An association of a query's scope, to one row or to many: what `.join(..)` and its like take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association that can be joined here",
    label = "expected an association of this query, such as `u.posts()`",
    note = "join on a condition of your own with `.join_on::<Post>(|(u, p)| p.author_id.eq(u.id))`"
)]
pub trait JoinTarget<Sc: 'static> {
    /// The schema that has the association.
    type Owner: Schema;
    /// The schema that it leads to.
    type Target: Schema;

    /// The association as a query for its rows.
    #[doc(hidden)]
    fn into_many(self) -> Many<Sc, Self::Target, Self::Owner>;
}

impl<Sc: 'static, T: Schema, O: Schema> JoinTarget<Sc> for Many<Sc, T, O> {
    type Owner = O;
    type Target = T;

    fn into_many(self) -> Many<Sc, T, O> {
        self
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema> JoinTarget<Sc> for One<Sc, T, N, O> {
    type Owner = O;
    type Target = T;

    fn into_many(self) -> Many<Sc, T, O> {
        self.many()
    }
}

const FILTERS_ONLY: &str = "an association that is joined takes filters only: an order belongs to the query, and a limit, an \
                            offset, a prefix, a subquery, further joins, preloads and rows from elsewhere need .preload(..)";

/// A join along an association, apart from types.
struct Steps {
    owner: Binding,
    hops: Vec<Hop>,
    conditions: Result<Vec<Expression>, QueryError>,
}

fn steps<Sc: 'static, T: Schema, O: Schema>(many: Many<Sc, T, O>) -> Steps {
    Steps { owner: many.owner.binding(), hops: many.link.hops(), conditions: many.into_filters(FILTERS_ONLY) }
}

impl Steps {
    /// Adds the joins; the last one is that of the target.
    fn join(self, select: &mut Select, kind: JoinKind) -> Result<(), QueryError> {
        let conditions = self.conditions?;
        let prefix = select.prefix().map(str::to_owned);
        let mut from = self.owner;
        let count = self.hops.len();
        for (position, hop) in self.hops.iter().enumerate() {
            let last = position + 1 == count;
            let own = if last { target(select)? } else { next_implied(select)? };
            let mut on = hop_condition(hop, from, own);
            if last && !conditions.is_empty() {
                conditions.iter().for_each(|condition| on.append(&mut lifted(condition.clone(), own)));
                on.push(Step::All(conditions.len() + 1));
            }
            let join = Join { kind, source: Source::Table { schema: hop.to, prefix: prefix.clone() }, on };
            if last { &mut select.joins } else { &mut select.implied }.push(join);
            from = own;
        }
        Ok(())
    }
}

/// The source that the next join of the query gives.
fn target(select: &Select) -> Result<Binding, QueryError> {
    match u8::try_from(select.joins.len() + 1) {
        Ok(index) if index < Binding::IMPLIED => Ok(Binding::of(0, index)),
        _ => Err(QueryError::new("the query joins too many tables: split it into several")),
    }
}

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Joins the rows of an association; a row without one is left out, and one with several stands for each of them.
    ///
    /// The closures of later clauses receive a tuple: `Post::query().join(|p| p.author()).filter(|(p, a)| ..)`. A filter of
    /// the association is part of the join: `.join(|u| u.posts().filter(|p| p.published))`.
    pub fn join<J: JoinTarget<Sc>>(
        mut self,
        association: impl FnOnce(Sc::Bindings) -> J,
    ) -> Query<<Sc as Joinable<J::Target>>::Joined, Out>
    where
        Sc: Joinable<J::Target>,
    {
        let steps = self.build::<Sc, _>(|bindings| steps(association(bindings).into_many()));
        self.join_along(steps, JoinKind::Inner);
        self.with_scope()
    }

    /// Joins the rows of an association; a row without one stays, with NULLs for the association's columns.
    pub fn left_join<J: JoinTarget<Sc>>(
        mut self,
        association: impl FnOnce(Sc::Bindings) -> J,
    ) -> Query<<Sc as Joinable<Optional<J::Target>>>::Joined, Out>
    where
        Sc: Joinable<Optional<J::Target>>,
    {
        let steps = self.build::<Sc, _>(|bindings| steps(association(bindings).into_many()));
        self.join_along(steps, JoinKind::Left);
        self.with_scope()
    }

    fn join_along(&mut self, steps: Steps, kind: JoinKind) {
        if let Err(problem) = steps.join(self.select_mut(), kind) {
            self.refuse_with(problem);
            // The scope has the source all the same.
            let source = self.select_mut().source.clone();
            self.select_mut().joins.push(Join { kind, source, on: vec![Step::All(0)] });
        }
    }
}

//! GROUP BY and HAVING.

use super::filter::{condition_of, or};
use super::{Query, Scope};
use crate::expr::{Expressions, IntoCondition, enter};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Makes one row of all rows that are equal in these columns or expressions; a later call adds more of them.
    ///
    /// The selection may then use them, and aggregates.
    pub fn group_by<E: Expressions<Sc>>(mut self, expressions: impl FnOnce(Sc::Bindings) -> E) -> Self {
        enter(|level| expressions(Sc::bindings(level)).append(&mut self.select.group_by));
        self
    }

    /// Keeps the groups for which the condition holds. Several must all hold.
    pub fn having<C: IntoCondition<Sc>>(mut self, condition: impl FnOnce(Sc::Bindings) -> C) -> Self {
        self.select.having.push(condition_of(condition));
        self
    }

    /// Keeps also the groups for which the condition holds: it is ORed with what `having` said so far.
    pub fn or_having<C: IntoCondition<Sc>>(mut self, condition: impl FnOnce(Sc::Bindings) -> C) -> Self {
        or(&mut self.select.having, condition_of(condition));
        self
    }
}

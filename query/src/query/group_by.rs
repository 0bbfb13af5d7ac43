//! GROUP BY and HAVING.

use super::filter::or;
use super::{Query, Scope};
use crate::expr::{Expressions, IntoCondition};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Makes one row of all rows that are equal in these columns or expressions; a later call adds more of them.
    ///
    /// The selection may then use them, and aggregates.
    pub fn group_by<E: Expressions<Sc>>(mut self, expressions: impl FnOnce(Sc::Bindings) -> E) -> Self {
        let mut terms = Vec::new();
        self.build::<Sc, _>(|bindings| expressions(bindings).append(&mut terms));
        self.select.group_by.append(&mut terms);
        self
    }

    /// Keeps the groups for which the condition holds. Several must all hold.
    pub fn having<C: IntoCondition<Sc>>(mut self, condition: impl FnOnce(Sc::Bindings) -> C) -> Self {
        let condition = self.condition(condition);
        self.select.having.push(condition);
        self
    }

    /// Keeps also the groups for which the condition holds: it is ORed with what `having` said so far.
    pub fn or_having<C: IntoCondition<Sc>>(mut self, condition: impl FnOnce(Sc::Bindings) -> C) -> Self {
        let condition = self.condition(condition);
        or(&mut self.select.having, condition);
        self
    }
}

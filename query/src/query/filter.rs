//! WHERE.

use super::{Query, Scope};
use crate::expr::IntoCondition;
use crate::query::ast::{BinaryOperator, Expression, Step};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Keeps the rows for which the condition holds. Several filters must all hold.
    ///
    /// # Parameters
    ///
    /// `condition` receives the columns in scope and gives a boolean expression.
    pub fn filter<C: IntoCondition<Sc>>(mut self, condition: impl FnOnce(Sc::Bindings) -> C) -> Self {
        let condition = self.condition(condition);
        self.select.filter.push(condition);
        self
    }

    /// Keeps also the rows for which the condition holds: it is ORed with all filters so far.
    pub fn or_filter<C: IntoCondition<Sc>>(mut self, condition: impl FnOnce(Sc::Bindings) -> C) -> Self {
        let condition = self.condition(condition);
        or(&mut self.select.filter, condition);
        self
    }

    /// Adds conditions in their plain form.
    pub(crate) fn filter_steps(mut self, conditions: Vec<Expression>) -> Self {
        self.select.filter.extend(conditions);
        self
    }

    /// Filters by a value that may be missing: `None` leaves the query as it is.
    pub fn filter_opt<V, C: IntoCondition<Sc>>(
        self,
        value: Option<V>,
        condition: impl FnOnce(Sc::Bindings, V) -> C,
    ) -> Self {
        match value {
            Some(value) => self.filter(|bindings| condition(bindings, value)),
            None => self,
        }
    }

    /// The condition that a closure over the columns of scope `In` gives.
    pub(super) fn condition<In: Scope, C: IntoCondition<In>>(
        &mut self,
        condition: impl FnOnce(In::Bindings) -> C,
    ) -> Expression {
        self.build::<In, _>(|bindings| condition(bindings).into_condition().into_steps())
    }
}

/// ORs a condition with all that must hold so far; the first condition of all stands alone.
pub(super) fn or(conditions: &mut Vec<Expression>, mut condition: Expression) {
    if conditions.is_empty() {
        conditions.push(condition);
        return;
    }
    let count = conditions.len();
    let mut steps: Expression = conditions.drain(..).flatten().collect();
    if count > 1 {
        steps.push(Step::All(count));
    }
    steps.append(&mut condition);
    steps.push(Step::Binary(BinaryOperator::Or));
    conditions.push(steps);
}

//! Conditions: booleans whose nullability does not matter.

use super::column::Term;
use super::level;
use super::{Anchor, NotNull};
use super::{Column, Expr, Fragment, IntoExpr, Null, Nullability};
use crate::query::ast::{Expression, Function, Step};
use crate::schema::Record;
use crate::value::Value;

/// A boolean expression, NULL or not: what reusable predicates return.
///
/// ```
/// # use peristyle_query::expr::{Condition, IntoCondition};
/// fn both<Sc>(a: impl IntoCondition<Sc>, b: impl IntoCondition<Sc>) -> Condition<Sc> {
///     Condition::all([a.into_condition(), b.into_condition()])
/// }
/// ```
#[must_use = "a condition does nothing until a query uses it"]
pub struct Condition<Sc>(Expr<Sc, bool, Null>);

impl<Sc> Clone for Condition<Sc> {
    fn clone(&self) -> Self {
        Condition(self.0.clone())
    }
}

impl<Sc> Condition<Sc> {
    pub(super) fn from_steps(steps: Expression) -> Self {
        Condition(Expr::new(steps))
    }

    pub(crate) fn into_steps(self) -> Expression {
        self.0.into_steps()
    }

    /// The condition with FALSE for NULL.
    pub(crate) fn or_false(self) -> Self {
        let mut steps = self.into_steps();
        steps.extend([Step::Literal(Value::Bool(false)), Step::Function(Function::Coalesce, 2)]);
        Self::from_steps(steps)
    }

    /// All of them hold; TRUE for none.
    pub fn all(conditions: impl IntoIterator<Item = Condition<Sc>>) -> Self {
        Self::gather(conditions, Step::All)
    }

    /// At least one of them holds; FALSE for none.
    pub fn any(conditions: impl IntoIterator<Item = Condition<Sc>>) -> Self {
        Self::gather(conditions, Step::Any)
    }

    fn gather(conditions: impl IntoIterator<Item = Condition<Sc>>, operator: fn(usize) -> Step) -> Self {
        let mut steps = Vec::new();
        let mut count = 0;
        for condition in conditions {
            steps.append(&mut condition.into_steps());
            count += 1;
        }
        if count != 1 {
            steps.push(operator(count));
        }
        Self::from_steps(steps)
    }
}

impl<S: Record> Condition<S> {
    /// A condition on `S` outside of a query, for lists of conditions that a query takes later.
    ///
    /// Inside of a query's closure the closure's own columns serve; there, this is an
    /// [`Error::Query`](crate::error::Error::Query) when the query runs. Beside the columns of a projection no value is shown
    /// in logs: what they are computed from is not known here.
    pub fn on<C: IntoCondition<S>>(condition: impl FnOnce(S::Columns<S, NotNull>) -> C) -> Self {
        if level::current() > 0 {
            return Self::from_steps(vec![Step::Invalid(
                "Condition::on(..) is for conditions made outside of a query's closures: inside, use the columns that the closure receives",
            )]);
        }
        let anchor = |level| Anchor::new(0, level).hiding(0..64);
        let steps = level::enter(|level| condition(S::columns(anchor(level))).into_condition().into_steps());
        Self::from_steps(steps)
    }
}

/// What `.filter(..)` takes: a boolean expression or column, or a [`Condition`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on this query",
    label = "expected a boolean expression or column of this query",
    note = "write a comparison such as `u.age.gte(18)`; combine conditions with `&`, `|` and `!`"
)]
pub trait IntoCondition<Sc> {
    /// The condition.
    fn into_condition(self) -> Condition<Sc>;
}

impl<Sc> IntoCondition<Sc> for Condition<Sc> {
    fn into_condition(self) -> Condition<Sc> {
        self
    }
}

impl<Sc, N: Nullability> IntoCondition<Sc> for Expr<Sc, bool, N> {
    fn into_condition(self) -> Condition<Sc> {
        Condition(self.retype())
    }
}

impl<Sc, N: Nullability> IntoCondition<Sc> for Column<Sc, bool, N> {
    fn into_condition(self) -> Condition<Sc> {
        Condition::from_steps(self.steps())
    }
}

impl<Sc> IntoCondition<Sc> for bool {
    fn into_condition(self) -> Condition<Sc> {
        Condition::from_steps(vec![if self { Step::All(0) } else { Step::Any(0) }])
    }
}

impl<Sc> IntoCondition<Sc> for Fragment<bool> {
    fn into_condition(self) -> Condition<Sc> {
        Condition::from_steps(IntoExpr::<bool, Sc>::into_steps(self))
    }
}

impl<Sc, N: Nullability> From<Expr<Sc, bool, N>> for Condition<Sc> {
    fn from(expression: Expr<Sc, bool, N>) -> Self {
        expression.into_condition()
    }
}

impl<Sc, N: Nullability> From<Column<Sc, bool, N>> for Condition<Sc> {
    fn from(column: Column<Sc, bool, N>) -> Self {
        column.into_condition()
    }
}

impl<Sc> IntoExpr<bool, Sc> for Condition<Sc> {
    type N = Null;

    fn into_steps(self) -> Expression {
        Condition::into_steps(self)
    }
}

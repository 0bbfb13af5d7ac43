//! Expressions as trees.

use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::Step;

/// How deep expressions nest at most: what walks them calls itself, on a stack that has an end.
const DEEPEST: usize = 250;

/// A step of an expression, with its operands.
pub(crate) struct Node<'e> {
    /// The steps of all of it, of which the last one is its own.
    steps: &'e [Step],
    pub(crate) operands: Vec<Node<'e>>,
}

impl<'e> Node<'e> {
    /// The tree of an expression.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for steps that are no expression, or nest too deep.
    pub(crate) fn new(expression: &'e [Step]) -> Result<Self, Error> {
        let mut stack: Vec<(usize, usize, Node<'e>)> = Vec::new();
        for (index, step) in expression.iter().enumerate() {
            let from = stack.len().checked_sub(arity(step)).ok_or_else(broken)?;
            let operands: Vec<(usize, usize, Node<'e>)> = stack.drain(from..).collect();
            let start = operands.first().map_or(index, |(start, ..)| *start);
            let depth = 1 + operands.iter().map(|(_, depth, _)| *depth).max().unwrap_or(0);
            if depth > DEEPEST {
                return Err(too_deep());
            }
            let operands = operands.into_iter().map(|(.., node)| node).collect();
            let steps = expression.get(start..=index).ok_or_else(broken)?;
            stack.push((start, depth, Node { steps, operands }));
        }
        match (stack.pop(), stack.is_empty()) {
            (Some((.., node)), true) => Ok(node),
            _ => Err(broken()),
        }
    }

    /// What it does with its operands.
    pub(crate) fn step(&self) -> Option<&'e Step> {
        self.steps.last()
    }

    /// The expression.
    pub(crate) fn steps(&self) -> &'e [Step] {
        self.steps
    }
}

fn too_deep() -> Error {
    let message =
        format!("an expression nests more than {DEEPEST} levels deep: write several filters, or lists of values");
    QueryError::new(message).into()
}

fn broken() -> Error {
    QueryError::new("the steps of this expression do not fit together").into()
}

fn arity(step: &Step) -> usize {
    match step {
        Step::Unary(_) | Step::In { .. } | Step::InQuery(..) | Step::Cast(_) => 1,
        Step::Binary(_) | Step::Like { .. } => 2,
        Step::Between(_) => 3,
        Step::Aggregate { filter, .. } => 1 + usize::from(*filter),
        Step::All(count) | Step::Any(count) | Step::Function(_, count) | Step::Fragment(_, count) => *count,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peristyle_query::query::ast::UnaryOperator;
    use peristyle_query::value::Value;

    fn negated(times: usize) -> Vec<Step> {
        let mut steps = vec![Step::Literal(Value::Bool(true))];
        steps.extend((0..times).map(|_| Step::Unary(UnaryOperator::Not)));
        steps
    }

    #[test]
    fn what_nests_too_deep_is_refused_and_no_stack_overflows() {
        assert!(Node::new(&negated(DEEPEST - 1)).is_ok());
        for times in [DEEPEST, 1_000_000] {
            let error = Node::new(&negated(times)).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("more than 250 levels deep"), "{error}");
        }
    }
}

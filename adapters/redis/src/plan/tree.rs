//! Expressions as trees.

use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::Step;

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
    /// [`Error::Query`] for steps that are no expression.
    pub(crate) fn new(expression: &'e [Step]) -> Result<Self, Error> {
        let mut stack: Vec<(usize, Node<'e>)> = Vec::new();
        for (index, step) in expression.iter().enumerate() {
            let from = stack.len().checked_sub(arity(step)).ok_or_else(broken)?;
            let operands: Vec<(usize, Node<'e>)> = stack.drain(from..).collect();
            let start = operands.first().map_or(index, |(start, _)| *start);
            let operands = operands.into_iter().map(|(_, node)| node).collect();
            let steps = expression.get(start..=index).ok_or_else(broken)?;
            stack.push((start, Node { steps, operands }));
        }
        match (stack.pop(), stack.is_empty()) {
            (Some((_, node)), true) => Ok(node),
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

//! From steps in postfix order to a tree whose nodes know their operands, types and parameters.

use crate::list::ListForm;
use crate::renderer::Renderer;
use crate::types::{arity, result_type};
use crate::unsupported;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::Step;
use peristyle_query::value::DataType;
use sea_query::SelectStatement;

/// A step with what belongs to it.
pub(crate) struct Node<'a> {
    pub step: &'a Step,
    operands: std::ops::Range<usize>,
    pub data_type: Option<DataType>,
    /// The number of its first parameter, if it has one.
    pub parameter: usize,
    /// Its query, if it has one, until it is written.
    pub subquery: Option<SelectStatement>,
}

/// An expression as a tree. Nodes are numbered in postfix order.
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    operands: Vec<usize>,
}

impl<'a> Tree<'a> {
    /// Reads steps that leave one operand. Subqueries are rendered on the way, so that parameters are counted in the
    /// order of the steps.
    pub fn parse(renderer: &mut Renderer<'_>, steps: impl Iterator<Item = &'a Step>) -> Result<Self, Error> {
        let mut tree = Tree { nodes: Vec::new(), operands: Vec::new() };
        let (mut stack, mut types) = (Vec::new(), Vec::new());
        for step in steps {
            let count = arity(step).ok_or_else(|| refused(renderer, step))?;
            let first = stack.len().checked_sub(count).ok_or_else(malformed)?;
            let start = tree.operands.len();
            tree.operands.extend(stack.drain(first..));
            types.clear();
            types.extend(tree.operands[start..].iter().map(|&operand: &usize| tree.nodes[operand].data_type));
            let data_type = result_type(step, &types);
            let parameter = renderer.next_parameter;
            let subquery = parameters(renderer, step)?;
            stack.push(tree.nodes.len());
            tree.nodes.push(Node { step, operands: start..tree.operands.len(), data_type, parameter, subquery });
        }
        if stack.len() == 1 { Ok(tree) } else { Err(malformed()) }
    }

    /// The number of the node that is the whole expression.
    pub fn root(&self) -> usize {
        self.nodes.len().saturating_sub(1)
    }

    /// A node.
    pub fn node(&self, number: usize) -> &Node<'a> {
        &self.nodes[number]
    }

    /// The numbers of a node's operands.
    pub fn operands(&self, number: usize) -> &[usize] {
        &self.operands[self.nodes[number].operands.clone()]
    }

    /// Operand `index` of a node.
    pub fn operand(&self, number: usize, index: usize) -> Result<usize, Error> {
        self.operands(number).get(index).copied().ok_or_else(malformed)
    }

    /// Takes the rendered query of a node.
    pub fn take_subquery(&mut self, number: usize) -> Result<SelectStatement, Error> {
        self.nodes[number].subquery.take().ok_or_else(malformed)
    }
}

/// Counts the parameters of a step, and renders its query.
fn parameters(renderer: &mut Renderer<'_>, step: &Step) -> Result<Option<SelectStatement>, Error> {
    match step {
        Step::Value { .. } => renderer.next_parameter += 1,
        Step::In { item, values, .. } => {
            renderer.next_parameter += ListForm::of(renderer.target, item, values).parameters();
        }
        Step::InQuery(select, _) | Step::Scalar(select) => return renderer.select(select).map(Some),
        Step::Exists(select, _) => return renderer.existence(select).map(Some),
        _ => {}
    }
    Ok(None)
}

/// The error of a step that has no SQL.
fn refused(renderer: &Renderer<'_>, step: &Step) -> Error {
    match step {
        Step::Invalid(message) => QueryError::new(*message).into(),
        other => {
            let feature = format!("rendering of {other:?}");
            unsupported(renderer.target.name(), feature, "use crates of Peristyle of one version")
        }
    }
}

/// The error of steps that do not fit together; builders never make such.
pub(crate) fn malformed() -> Error {
    QueryError::new("an expression's operators and operands do not match: build expressions with the typed methods")
        .into()
}

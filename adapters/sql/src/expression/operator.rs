//! Operators with two operands.

use super::{Layout, Writer};
use peristyle_query::error::Error;
use peristyle_query::query::ast::BinaryOperator::{self, *};
use peristyle_query::value::DataType;

/// What tells an operator apart in the shape of a statement.
pub(crate) fn shape(operator: BinaryOperator) -> (u8, Option<DataType>) {
    match operator {
        Equal => (0, None),
        NotEqual => (1, None),
        Less => (2, None),
        LessOrEqual => (3, None),
        Greater => (4, None),
        GreaterOrEqual => (5, None),
        IsNotDistinctFrom => (6, None),
        IsDistinctFrom => (7, None),
        And => (8, None),
        Or => (9, None),
        Add(data_type) => (10, Some(data_type)),
        Subtract(data_type) => (11, Some(data_type)),
        Multiply(data_type) => (12, Some(data_type)),
        Divide(data_type) => (13, Some(data_type)),
        Remainder(data_type) => (14, Some(data_type)),
        Concat => (15, None),
    }
}

impl Writer<'_, '_, '_> {
    pub(super) fn binary(&mut self, node: usize, operator: BinaryOperator) -> Result<Layout, Error> {
        match operator {
            And | Or => self.chain(node),
            Concat => self.concat(node),
            Add(data_type) | Subtract(data_type) | Multiply(data_type) | Divide(data_type) | Remainder(data_type) => {
                self.arithmetic(node, operator, data_type)
            }
            _ => self.comparison(node, operator),
        }
    }
}

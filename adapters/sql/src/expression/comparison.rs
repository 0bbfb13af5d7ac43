//! Comparisons and BETWEEN.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::target::Target;
use crate::tree::malformed;
use peristyle_query::error::Error;
use peristyle_query::query::ast::BinaryOperator;

impl Writer<'_, '_, '_> {
    pub(super) fn comparison(&mut self, node: usize, operator: BinaryOperator) -> Result<Layout, Error> {
        let (left, right) = (self.tree.operand(node, 0)?, self.tree.operand(node, 1)?);
        let sqlite = self.target == Target::Sqlite;
        let word = match operator {
            BinaryOperator::Equal => " = ",
            BinaryOperator::NotEqual => " <> ",
            BinaryOperator::Less => " < ",
            BinaryOperator::LessOrEqual => " <= ",
            BinaryOperator::Greater => " > ",
            BinaryOperator::GreaterOrEqual => " >= ",
            BinaryOperator::IsNotDistinctFrom if sqlite => " IS ",
            BinaryOperator::IsNotDistinctFrom => " IS NOT DISTINCT FROM ",
            BinaryOperator::IsDistinctFrom if sqlite => " IS NOT ",
            BinaryOperator::IsDistinctFrom => " IS DISTINCT FROM ",
            _ => return Err(malformed()),
        };
        if matches!(word, " < " | " <= " | " > " | " >= ") {
            self.require_order(left)?;
            self.require_order(right)?;
        }
        let mut items = self.left_side(left, &[right]);
        items.push(Item::text(word));
        items.push(self.beside(right, Slot::Predicate, &[left]));
        Ok((Level::Predicate, items))
    }

    pub(super) fn between(&mut self, node: usize, negated: bool) -> Result<Layout, Error> {
        let (value, low, high) =
            (self.tree.operand(node, 0)?, self.tree.operand(node, 1)?, self.tree.operand(node, 2)?);
        self.require_order(value)?;
        let mut items = self.left_side(value, &[low, high]);
        items.push(Item::text(if negated { " NOT BETWEEN " } else { " BETWEEN " }));
        items.push(self.beside(low, Slot::Predicate, &[value, high]));
        items.push(Item::text(" AND "));
        items.push(self.beside(high, Slot::Predicate, &[value, low]));
        Ok((Level::Predicate, items))
    }

    /// The first side of a comparison, which on SQLite tells how all of it compares.
    pub(super) fn left_side(&self, left: usize, others: &[usize]) -> Vec<Item> {
        let decimal = self.is_text_decimal(left) || others.iter().any(|&other| self.is_text_decimal(other));
        if decimal {
            vec![self.operand(left, Slot::Atom), Item::text(super::DECIMAL_COLLATION)]
        } else {
            vec![self.beside(left, Slot::Predicate, others)]
        }
    }
}

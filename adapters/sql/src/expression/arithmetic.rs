//! Arithmetic, and joining texts.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::target::Target;
use crate::tree::malformed;
use crate::types::{is_float, is_number};
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::BinaryOperator::{self, Add, Divide, Multiply, Remainder, Subtract};
use peristyle_query::value::DataType;

impl Writer<'_, '_, '_> {
    pub(super) fn arithmetic(
        &mut self,
        node: usize,
        operator: BinaryOperator,
        data_type: DataType,
    ) -> Result<Layout, Error> {
        let store = self.target.name();
        if matches!(operator, Remainder(_)) && is_float(data_type) {
            let instead = "cast both sides to a decimal or an integer, or write it with sql::<f64>(\"..\")";
            return Err(unsupported(store, "remainder of floats", instead));
        }
        let has_arithmetic =
            is_number(data_type) || (self.target == Target::Postgres && data_type == DataType::Interval);
        if !has_arithmetic {
            let feature = format!("arithmetic of the type {data_type}");
            return Err(unsupported(
                store,
                feature,
                "read the values and compute in Rust, or write it with sql::<T>(\"..\")",
            ));
        }
        if self.target == Target::Sqlite && data_type == DataType::Decimal {
            return self.decimal_function(node, operator);
        }
        let (left, right) = (self.tree.operand(node, 0)?, self.tree.operand(node, 1)?);
        let (level, left_slot, right_slot) = match operator {
            Add(_) | Subtract(_) => (Level::Sum, Slot::SumLeft, Slot::SumRight),
            _ => (Level::Product, Slot::ProductLeft, Slot::ProductRight),
        };
        let word = match operator {
            Add(_) => " + ",
            Subtract(_) => " - ",
            Multiply(_) => " * ",
            Divide(_) => " / ",
            Remainder(_) => " % ",
            _ => return Err(malformed()),
        };
        let items =
            vec![self.beside(left, left_slot, &[right]), Item::text(word), self.beside(right, right_slot, &[left])];
        Ok((level, items))
    }

    /// The SQLite adapter's functions for decimals, which are exact.
    fn decimal_function(&mut self, node: usize, operator: BinaryOperator) -> Result<Layout, Error> {
        let name = match operator {
            Add(_) => "decimal_add(",
            Subtract(_) => "decimal_sub(",
            Multiply(_) => "decimal_mul(",
            Divide(_) => "decimal_div(",
            Remainder(_) => "decimal_rem(",
            _ => return Err(malformed()),
        };
        let (left, right) = (self.tree.operand(node, 0)?, self.tree.operand(node, 1)?);
        let items = vec![
            Item::text(name),
            self.operand(left, Slot::Free),
            Item::text(", "),
            self.operand(right, Slot::Free),
            Item::text(")"),
        ];
        Ok((Level::Atom, items))
    }

    pub(super) fn negate(&mut self, operand: usize) -> Result<Layout, Error> {
        if self.is_text_decimal(operand) {
            let items = vec![Item::text("decimal_sub('0', "), self.operand(operand, Slot::Free), Item::text(")")];
            return Ok((Level::Atom, items));
        }
        Ok((Level::Sign, vec![Item::text("-"), self.typed(operand, Slot::Atom)]))
    }

    pub(super) fn concat(&mut self, node: usize) -> Result<Layout, Error> {
        let (left, right) = (self.tree.operand(node, 0)?, self.tree.operand(node, 1)?);
        let items = vec![
            self.beside(left, Slot::Concat, &[right]),
            Item::text(" || "),
            self.beside(right, Slot::Concat, &[left]),
        ];
        Ok((Level::Concat, items))
    }
}

//! Scalar functions.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Function;

impl Writer<'_, '_, '_> {
    pub(super) fn function(&mut self, node: usize, function: Function) -> Result<Layout, Error> {
        let first = self.tree.operand(node, 0)?;
        let name = match function {
            // SQLite's takes two or more.
            Function::Coalesce if self.tree.operands(node).len() == 1 => return self.layout(first, true),
            Function::Coalesce => return self.coalesce(node),
            Function::Lower => "LOWER(",
            Function::Upper => "UPPER(",
            Function::Length => "LENGTH(",
            Function::Abs if self.is_text_decimal(first) => {
                // A decimal without its sign; arithmetic would need the operand twice.
                let items = vec![Item::text("LTRIM("), self.operand(first, Slot::Free), Item::text(", '-')")];
                return Ok((Level::Atom, items));
            }
            Function::Abs => "ABS(",
            other => {
                let instead = "write it with sql::<T>(\"..\")";
                return Err(unsupported(self.target.name(), format!("rendering of the function {other:?}"), instead));
            }
        };
        Ok((Level::Atom, vec![Item::text(name), self.typed(first, Slot::Free), Item::text(")")]))
    }

    fn coalesce(&mut self, node: usize) -> Result<Layout, Error> {
        let operands = self.tree.operands(node);
        let mut items = vec![Item::text("COALESCE(")];
        for (index, &operand) in operands.iter().enumerate() {
            if index > 0 {
                items.push(Item::text(", "));
            }
            items.push(self.beside(operand, Slot::Free, operands));
        }
        items.push(Item::text(")"));
        Ok((Level::Atom, items))
    }
}

//! IN: a list of values, or the rows of a query.

use super::precedence::Level;
use super::{Item, Layout, Writer, parameter, subquery};
use crate::builder::slot;
use crate::list::ListForm;
use peristyle_query::error::Error;
use peristyle_query::value::{DataType, Value};

impl Writer<'_, '_, '_> {
    pub(super) fn in_list(
        &mut self,
        node: usize,
        item: &'static DataType,
        values: &[Value],
        negated: bool,
    ) -> Result<Layout, Error> {
        let operand = self.tree.operand(node, 0)?;
        let first = self.tree.node(node).parameter;
        let is_in = if negated { " NOT IN (" } else { " IN (" };
        let typed = !self.has_own_type(operand);
        let mut items = self.left_side(operand, &[]);
        match ListForm::of(self.target, item, values) {
            ListForm::Array => {
                items.push(Item::text(if negated { " <> ALL(" } else { " = ANY(" }));
                items.push(Item::Part(parameter(self.target, slot(first), DataType::Array(item), typed)));
                items.push(Item::text(")"));
            }
            ListForm::Json => {
                items.push(Item::text(format!("{is_in}SELECT \"value\" FROM json_each(")));
                items.push(Item::Part(slot(first)));
                items.push(Item::text("))"));
            }
            ListForm::HexJson => {
                items.push(Item::text(format!("{is_in}SELECT UNHEX(\"value\") FROM json_each(")));
                items.push(Item::Part(slot(first)));
                items.push(Item::text("))"));
            }
            ListForm::Padded(0) => {
                return Ok((Level::Atom, vec![Item::text(if negated { "TRUE" } else { "FALSE" })]));
            }
            ListForm::Padded(length) => {
                items.push(Item::text(is_in));
                for offset in 0..length {
                    if offset > 0 {
                        items.push(Item::text(", "));
                    }
                    items.push(Item::Part(parameter(self.target, slot(first + offset), *item, typed)));
                }
                items.push(Item::text(")"));
            }
        }
        Ok((Level::Predicate, items))
    }

    pub(super) fn in_query(&mut self, node: usize, negated: bool) -> Result<Layout, Error> {
        let operand = self.tree.operand(node, 0)?;
        let query = subquery(self.tree.take_subquery(node)?);
        let mut items = self.left_side(operand, &[]);
        items.push(Item::text(if negated { " NOT IN " } else { " IN " }));
        items.push(query);
        Ok((Level::Predicate, items))
    }
}

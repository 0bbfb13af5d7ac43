//! AND and OR, as chains however they are nested.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::target::Target;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{BinaryOperator, Step};

/// How many terms a chain may have on SQLite, whose parser nests each one and ends at a depth of 1,000; longer ones are
/// grouped.
const GROUP: usize = 200;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Connective {
    And,
    Or,
}

fn connective(step: &Step) -> Option<Connective> {
    match step {
        Step::Binary(BinaryOperator::And) | Step::All(_) => Some(Connective::And),
        Step::Binary(BinaryOperator::Or) | Step::Any(_) => Some(Connective::Or),
        _ => None,
    }
}

impl Writer<'_, '_, '_> {
    /// AND or OR, with the operands of the same connective inside it in one chain.
    pub(super) fn chain(&mut self, node: usize) -> Result<Layout, Error> {
        let outer = connective(self.tree.node(node).step);
        let (mut terms, mut pending) = (Vec::new(), vec![node]);
        while let Some(node) = pending.pop() {
            let operands = self.tree.operands(node);
            let inner = connective(self.tree.node(node).step);
            let is_part = inner == outer && !operands.is_empty();
            if is_part || (inner.is_some() && operands.len() == 1) {
                pending.extend(operands.iter().rev());
            } else {
                terms.push(node);
            }
        }
        let (level, slot, word) = match outer {
            Some(Connective::Or) => (Level::Or, Slot::Or, " OR "),
            _ => (Level::And, Slot::And, " AND "),
        };
        match terms.as_slice() {
            // Of no operand: all of none hold, any of none does not.
            [only] if *only == node => {
                let text = if outer == Some(Connective::Or) { "FALSE" } else { "TRUE" };
                Ok((Level::Atom, vec![Item::text(text)]))
            }
            // A chain of one is its term, which is no chain of the same kind.
            [only] => self.layout(*only, false),
            terms => Ok((level, self.terms(terms, slot, word))),
        }
    }

    fn terms(&self, terms: &[usize], slot: Slot, word: &'static str) -> Vec<Item> {
        let groups = self.target == Target::Sqlite && terms.len() > GROUP;
        let mut items = Vec::with_capacity(2 * terms.len());
        for (index, &term) in terms.iter().enumerate() {
            let starts_group = groups && index % GROUP == 0;
            if starts_group && index > 0 {
                items.push(Item::text(")"));
            }
            if index > 0 {
                items.push(Item::text(word));
            }
            if starts_group {
                items.push(Item::text("("));
            }
            items.push(self.operand(term, slot));
        }
        if groups {
            items.push(Item::text(")"));
        }
        items
    }
}

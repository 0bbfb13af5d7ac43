//! Raw SQL around its operands.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::tree::malformed;
use peristyle_query::error::Error;
use peristyle_query::query::template::{Piece, pieces};

impl Writer<'_, '_, '_> {
    pub(super) fn fragment(&mut self, node: usize, template: &'static str) -> Result<Layout, Error> {
        let pieces = pieces(template).ok_or_else(malformed)?;
        let operands = self.tree.operands(node);
        let mut items = Vec::with_capacity(pieces.len());
        let mut next = operands.iter();
        for (index, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => items.push(Item::text(*text)),
                Piece::Argument => {
                    let before = index.checked_sub(1).and_then(|index| text_of(&pieces, index)).unwrap_or("");
                    let after = text_of(&pieces, index + 1).unwrap_or("");
                    let slot = if is_argument(before, after) { Slot::Free } else { Slot::Atom };
                    items.push(self.typed(*next.next().ok_or_else(malformed)?, slot));
                }
            }
        }
        if next.next().is_some() {
            return Err(malformed());
        }
        Ok((if is_call(template) { Level::Atom } else { Level::Raw }, items))
    }
}

fn text_of<'t>(pieces: &[Piece<'t>], index: usize) -> Option<&'t str> {
    match pieces.get(index)? {
        Piece::Text(text) => Some(text),
        Piece::Argument => None,
    }
}

/// Whether an operand between these texts stands between parentheses or commas.
fn is_argument(before: &str, after: &str) -> bool {
    before.trim_end().ends_with(['(', ',']) && after.trim_start().starts_with([')', ','])
}

/// Whether raw SQL is one call of a function, `lower({})`, or one name, and so needs no parentheses anywhere.
fn is_call(template: &str) -> bool {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    };
    let Some((name, rest)) = template.split_once('(') else {
        return is_name(template);
    };
    let Some(arguments) = rest.strip_suffix(')') else {
        return false;
    };
    // A quote or a comment might hide a parenthesis.
    is_name(name) && !arguments.contains(['(', ')', '\'', '"', '$', '-', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_or_a_name_binds_as_tightly_as_a_column() {
        let calls = ["lower({})", "pg_catalog.abs({})", "random()", "coalesce({}, {}, 1)", "current_date", "now"];
        assert!(calls.into_iter().all(is_call));
        let others = ["{}", "{} + 1", "a(1) + b(2)", "f({}) or g({})", "('a')", "f(')')", "f({}) --", "1", ""];
        assert!(!others.into_iter().any(is_call));
    }
}

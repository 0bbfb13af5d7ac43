//! LIKE. The escape character is `\` on every store.
//!
//! SQLite's own LIKE ignores the case of ASCII letters. The SQLite adapter turns that off
//! (`PRAGMA case_sensitive_like = ON`), so that LIKE means the same on both stores; a test that ignores case lowers both
//! sides there, which covers ASCII letters.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::target::Target;
use peristyle_query::error::Error;

const ESCAPE: &str = " ESCAPE '\\'";

impl Writer<'_, '_, '_> {
    pub(super) fn like(&mut self, node: usize, negated: bool, ignore_case: bool) -> Result<Layout, Error> {
        let (text, pattern) = (self.tree.operand(node, 0)?, self.tree.operand(node, 1)?);
        let word = match (ignore_case && self.target == Target::Postgres, negated) {
            (false, false) => " LIKE ",
            (false, true) => " NOT LIKE ",
            (true, false) => " ILIKE ",
            (true, true) => " NOT ILIKE ",
        };
        let items = if ignore_case && self.target == Target::Sqlite {
            vec![
                Item::text("LOWER("),
                self.operand(text, Slot::Free),
                Item::text(")"),
                Item::text(word),
                Item::text("LOWER("),
                self.operand(pattern, Slot::Free),
                Item::text(")"),
                Item::text(ESCAPE),
            ]
        } else {
            vec![
                self.beside(text, Slot::Predicate, &[pattern]),
                Item::text(word),
                self.beside(pattern, Slot::Predicate, &[text]),
                Item::text(ESCAPE),
            ]
        };
        Ok((Level::Predicate, items))
    }
}

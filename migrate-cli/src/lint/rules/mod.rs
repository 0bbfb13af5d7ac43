//! All rules.

mod column;
mod constraint;
mod data_type;
mod down;
mod drop;
mod identifier;
mod index;
pub(super) mod meta;
mod partition;
mod rename;
mod rewrite;
mod sqlite;
mod table;
mod transaction;
mod validate;

use super::rule::Rule;
use peristyle_query::statement::Dialect;

pub(super) use identifier::is_reserved_anywhere as is_reserved;

const POSTGRES: &[Dialect] = &[Dialect::Postgres];
const SQLITE: &[Dialect] = &[Dialect::Sqlite];
const EVERY: &[Dialect] = &[Dialect::Postgres, Dialect::Sqlite];

/// All rules, by subject.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let groups: [&'static [Rule]; 15] = [
        index::RULES,
        column::RULES,
        constraint::RULES,
        validate::RULES,
        rewrite::RULES,
        drop::RULES,
        rename::RULES,
        transaction::RULES,
        table::RULES,
        partition::RULES,
        data_type::RULES,
        identifier::RULES,
        down::RULES,
        sqlite::RULES,
        meta::RULES,
    ];
    groups.into_iter().flatten()
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

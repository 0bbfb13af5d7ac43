//! How Postgres writes what structs say.

use super::expression::equivalent;
use crate::catalog::{Catalog, ColumnType, Default, ObjectName};
use crate::diff::same::same_sql;
use peristyle_query::statement::Dialect;
use std::collections::BTreeMap;

/// How Postgres writes conditions, defaults and types of structs, as far as it was [asked](super::ask). What it was not
/// asked for is compared by its text.
#[derive(Clone, Debug, std::default::Default)]
pub struct Spellings(BTreeMap<ObjectName, OfTable>);

/// What of a table is known.
#[derive(Clone, Debug, std::default::Default)]
pub(super) struct OfTable {
    /// A condition, and how Postgres writes it: first as it is written here, then what comes of that.
    pub conditions: BTreeMap<String, Vec<String>>,
    /// The defaults of columns.
    pub defaults: BTreeMap<String, Default>,
    /// The types of columns.
    pub types: BTreeMap<String, ColumnType>,
}

impl Spellings {
    pub(super) fn table(&self, table: &ObjectName) -> Option<&OfTable> {
        self.0.get(table)
    }

    pub(super) fn table_mut(&mut self, table: &ObjectName) -> &mut OfTable {
        self.0.entry(table.clone()).or_default()
    }

    /// Whether a condition of a struct is the one that the database has.
    pub(super) fn same_condition(&self, table: &ObjectName, wanted: &str, own: &str, dialect: Dialect) -> bool {
        if same_sql(wanted, own) {
            return true;
        }
        let Some(known) = self.table(table) else { return equivalent(wanted, own, dialect) };
        let Some(forms) = known.conditions.get(wanted) else { return equivalent(wanted, own, dialect) };
        let no_others = Vec::new();
        let others = known.conditions.get(own).unwrap_or(&no_others);
        let others = || others.iter().map(String::as_str).chain([own]);
        forms.iter().any(|form| others().any(|other| same_sql(&plain(form), &plain(other))))
    }
}

/// A database of Postgres whose conditions have no casts between types of text, for comparing it with one that went there
/// and back: they change when Postgres reads what it wrote.
pub(crate) fn without_text_casts(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    for table in &mut catalog.tables {
        let checks = table.checks.iter_mut().map(|check| &mut check.condition);
        let filters = table.indexes.iter_mut().filter_map(|index| index.filter.as_mut());
        checks.chain(filters).for_each(|condition| *condition = plain(condition));
    }
    catalog
}

/// A condition as Postgres writes it, without casts between its types of text: it adds other ones to `state in ('a', 'b')`
/// when the type of the column changed since.
fn plain(sql: &str) -> String {
    let is_literal = |index: usize| index % 2 == 1;
    let parts = sql.split('\'').enumerate().map(|(index, part)| match is_literal(index) {
        true => part.to_owned(),
        false => without_casts(part),
    });
    parts.collect::<Vec<_>>().join("'")
}

fn without_casts(sql: &str) -> String {
    let mut parts = sql.split("::");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.strip_prefix("text").or_else(|| part.strip_prefix("character varying"));
        // A length cuts, and a longer name is another one.
        let rest =
            rest.filter(|rest| !rest.starts_with(|next: char| next == '(' || next == '_' || next.is_alphanumeric()));
        match rest {
            Some(rest) => plain += rest.strip_prefix("[]").unwrap_or(rest),
            None => {
                plain += "::";
                plain += part;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn casts_between_types_of_text_make_no_difference() {
        for (sql, expected) in [
            (
                "state::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[])",
                "state = ANY (ARRAY['a', 'b'])",
            ),
            (
                "state::text = ANY (ARRAY['a'::character varying::text, 'it''s'::text])",
                "state = ANY (ARRAY['a', 'it''s'])",
            ),
            (
                "note <> 'a::text' AND state::textual = b::character varying(3)",
                "note <> 'a::text' AND state::textual = b::character varying(3)",
            ),
            ("(price::integer)::text = '1'::text", "(price::integer) = '1'"),
        ] {
            assert_eq!(plain(sql), expected);
        }
    }
}

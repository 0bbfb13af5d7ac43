//! What rewrites a table or holds its strongest lock for long.

use super::super::action::{Alteration, Kind, TypeName};
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::read::type_of;
use super::super::rule::{Check, Hits, Rule, View};
use super::POSTGRES;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "type-change-rewrites",
        title: "A column changes to a type that needs no rewrite",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "Most changes of a type write the whole table and its indexes anew while all reads and writes wait. Only a wider varchar, varchar to text, a numeric with more digits and the same scale, and more digits of a time are free.",
        recipe: "Add a column of the new type, keep it equal with a trigger, fill it in batches, let the program read it, and drop the old one later.",
        failing: "-- migrate:up
ALTER TABLE posts ALTER COLUMN views TYPE bigint;
-- migrate:down
ALTER TABLE posts ALTER COLUMN views TYPE integer;",
        passing: "-- migrate:up
ALTER TABLE posts ALTER COLUMN title TYPE varchar(200);
-- migrate:down
ALTER TABLE posts ALTER COLUMN title TYPE varchar(100);",
        check: Check::Up(type_change),
    },
    Rule {
        id: "set-tablespace",
        title: "A table is not moved to another tablespace",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "The whole table is copied while all reads and writes wait.",
        recipe: "Move it in a planned pause, or with pg_repack, which copies beside the running application.",
        failing: "-- migrate:up
ALTER TABLE posts SET TABLESPACE pg_default;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up
CREATE TABLE archived_posts (id bigint PRIMARY KEY) TABLESPACE pg_default;
-- migrate:down
DROP TABLE archived_posts;",
        check: Check::Up(tablespace),
    },
    Rule {
        id: "set-logged",
        title: "A table does not change between LOGGED and UNLOGGED, or its access method",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "The whole table is written anew while all reads and writes wait, and an UNLOGGED table is empty after a crash.",
        recipe: "Decide it when the table is made; or copy the rows into a new table in batches and swap the names.",
        failing: "-- migrate:up
ALTER TABLE posts SET UNLOGGED;
-- migrate:down
ALTER TABLE posts SET LOGGED;",
        passing: "-- migrate:up
CREATE UNLOGGED TABLE page_views (id bigint PRIMARY KEY);
-- migrate:down
DROP TABLE page_views;",
        check: Check::Up(logged),
    },
    Rule {
        id: "cluster",
        title: "A migration does not CLUSTER",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "CLUSTER writes the table anew in the order of an index while all reads and writes wait.",
        recipe: "Use pg_repack, which reorders beside the running application, or do it in a planned pause.",
        failing: "-- migrate:up
CLUSTER posts USING posts_title;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up
ALTER TABLE posts CLUSTER ON posts_title;
-- migrate:down
ALTER TABLE posts SET WITHOUT CLUSTER;",
        check: Check::Up(cluster),
    },
    Rule {
        id: "vacuum-full",
        title: "A migration does not VACUUM FULL",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "VACUUM FULL writes the table anew while all reads and writes wait.",
        recipe: "A plain VACUUM makes the room usable again; pg_repack gives it back to the system beside the running application.",
        failing: "-- migrate:up no-transaction
VACUUM FULL posts;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up no-transaction
VACUUM posts;
-- migrate:down
SELECT 1;",
        check: Check::Up(vacuum_full),
    },
    Rule {
        id: "refresh-without-concurrently",
        title: "A materialized view is refreshed CONCURRENTLY",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "REFRESH MATERIALIZED VIEW locks the view against reads until its query is done.",
        recipe: "Give the view a unique index without a condition and REFRESH MATERIALIZED VIEW CONCURRENTLY.",
        failing: "-- migrate:up
REFRESH MATERIALIZED VIEW post_totals;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up
REFRESH MATERIALIZED VIEW CONCURRENTLY post_totals;
-- migrate:down
SELECT 1;",
        check: Check::Up(refresh),
    },
];

fn type_change(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::ColumnType { column, to, using, .. } = &at.action.kind else { continue };
        let name = &column.name;
        if view.made.column(table, name, at.statement).is_some() {
            continue;
        }
        match view.known_column(table, name).map(|column| type_of(&column.column_type)) {
            Some(from) if !using && is_free(&from, to) => {}
            Some(from) => {
                let (from, to) = (spelled(&from), spelled(to));
                hits.at(view, at, format!("`{table}` is rewritten to turn `{name}` from {from} into {to}"));
            }
            None => {
                let to_text = spelled(to);
                let message =
                    format!("`{table}` may be rewritten to turn `{name}` into {to_text}: its type before is not known");
                let hit = hits.at(view, at, message);
                // From varchar it would be free, and from there it mostly comes.
                if !using && matches!(to.base.as_str(), "text" | "varchar" | "numeric") {
                    hit.level = Some(Level::Warn);
                }
            }
        }
    }
}

fn spelled(name: &TypeName) -> String {
    let mut text = name.base.clone();
    if !name.numbers.is_empty() {
        let numbers: Vec<String> = name.numbers.iter().map(u32::to_string).collect();
        text.push_str(&format!("({})", numbers.join(", ")));
    }
    if name.array {
        text.push_str("[]");
    }
    text
}

/// Whether Postgres changes the type without a rewrite.
fn is_free(from: &TypeName, to: &TypeName) -> bool {
    if from.array != to.array {
        return false;
    }
    let number = |name: &TypeName, at: usize| name.numbers.get(at).copied();
    let wider = |at: usize| match (number(from, at), number(to, at)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(from), Some(to)) => to >= from,
    };
    match (from.base.as_str(), to.base.as_str()) {
        ("varchar", "varchar") | ("varbit", "varbit") => wider(0),
        ("varchar" | "citext", "text") | ("cidr", "inet") => true,
        ("text" | "citext", "varchar") => to.numbers.is_empty(),
        ("numeric", "numeric") => {
            let scale = |name| number(name, 1).unwrap_or(0);
            to.numbers.is_empty() || (wider(0) && !from.numbers.is_empty() && scale(from) == scale(to))
        }
        ("timestamp", "timestamp")
        | ("timestamptz", "timestamptz")
        | ("time", "time")
        | ("timetz", "timetz")
        | ("interval", "interval") => number(to, 0).is_none_or(|to| to >= number(from, 0).unwrap_or(6)),
        (before, after) => before == after && from.numbers == to.numbers,
    }
}

fn tablespace(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        if matches!(at.action.kind, Kind::AlterTable { what: Alteration::SetTablespace, .. }) {
            hits.at(view, at, format!("`{table}` is copied while its reads and writes wait"));
        }
    }
}

fn logged(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::AlterTable { what: Alteration::SetLogged(_) | Alteration::SetAccessMethod, .. } = &at.action.kind
        else {
            continue;
        };
        hits.at(view, at, format!("`{table}` is rewritten while its reads and writes wait"));
    }
}

fn cluster(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::Cluster { table } = &at.action.kind else { continue };
        let what = table.as_ref().map_or_else(|| "every clustered table".to_owned(), |table| format!("`{table}`"));
        hits.at(view, at, format!("{what} is rewritten while its reads and writes wait"));
    }
}

fn vacuum_full(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::Vacuum { table, full: true } = &at.action.kind else { continue };
        let what = table.as_ref().map_or_else(|| "every table".to_owned(), |table| format!("`{table}`"));
        hits.at(view, at, format!("{what} is rewritten while its reads and writes wait"));
    }
}

fn refresh(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::Refresh { view: name, concurrently: false, empty: false } = &at.action.kind else { continue };
        if !view.made.view(name, at.statement) {
            hits.at(view, at, format!("reads of `{name}` wait until its query is done"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read::parse_type;
    use super::is_free;

    #[test]
    fn a_type_change_is_free_if_every_old_value_stays_as_it_is() {
        for (from, to, free) in [
            ("varchar(20)", "character varying(40)", true),
            ("varchar(40)", "varchar(20)", false),
            ("character varying(20)", "text", true),
            ("text", "varchar", true),
            ("text", "varchar(10)", false),
            ("char(3)", "text", false),
            ("numeric(8,2)", "decimal(10, 2)", true),
            ("numeric(8,2)", "numeric(10,3)", false),
            ("numeric(8,2)", "numeric", true),
            ("numeric", "numeric(8,2)", false),
            ("int4", "integer", true),
            ("integer", "bigint", false),
            ("timestamp(3) without time zone", "timestamp(6)", true),
            ("timestamp", "timestamp(3)", false),
            ("timestamp", "timestamptz", false),
            ("cidr", "inet", true),
            ("text[]", "text", false),
            ("varchar(5)[]", "varchar(9)[]", true),
        ] {
            assert_eq!(is_free(&parse_type(from), &parse_type(to)), free, "{from} to {to}");
        }
    }
}

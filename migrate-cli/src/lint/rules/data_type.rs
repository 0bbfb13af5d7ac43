//! Types that are regretted later.

use super::super::action::{Column, ConstraintRule, Kind, TypeName};
use super::super::finding::Level;
use super::super::fix::Fix;
use super::super::rule::{Check, Hits, Rule, View};
use super::POSTGRES;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "serial",
        title: "A numbered column is an identity",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "serial makes a sequence with an owner and grants of its own, which goes astray when the table is copied, renamed or dumped, and lets an INSERT give any number.",
        recipe: "Write bigint GENERATED ALWAYS AS IDENTITY.",
        failing: "-- migrate:up
CREATE TABLE tags (id bigserial PRIMARY KEY, name text);
-- migrate:down
DROP TABLE tags;",
        passing: "-- migrate:up
CREATE TABLE tags (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
-- migrate:down
DROP TABLE tags;",
        check: Check::Up(serial),
    },
    Rule {
        id: "int-key",
        title: "A numbered key is a bigint",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "An integer ends at 2147483647. A table that gets there refuses every INSERT, and the change to bigint rewrites it and all that refer to it.",
        recipe: "Make keys bigint from the start.",
        failing: "-- migrate:up
CREATE TABLE tags (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
-- migrate:down
DROP TABLE tags;",
        passing: "-- migrate:up
CREATE TABLE tags (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
-- migrate:down
DROP TABLE tags;",
        check: Check::Up(int_key),
    },
    Rule {
        id: "timestamp-without-zone",
        title: "A point in time is a timestamptz",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "A timestamp without a zone names no point in time: what it means depends on who wrote it, and sessions in other zones read it as another moment.",
        recipe: "Write timestamptz. Keep timestamp for local times that are meant so, with `lint:allow`.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN seen_at timestamp;
-- migrate:down
ALTER TABLE users DROP COLUMN seen_at;",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN seen_at timestamptz;
-- migrate:down
ALTER TABLE users DROP COLUMN seen_at;",
        check: Check::Up(timestamp),
    },
    Rule {
        id: "time-with-zone",
        title: "A time of day has no zone",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "The offset of a zone depends on the date, which a timetz does not have.",
        recipe: "Write time, and keep the zone's name in a column of its own; or timestamptz.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN wakes_at timetz;
-- migrate:down
ALTER TABLE users DROP COLUMN wakes_at;",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN wakes_at time;
-- migrate:down
ALTER TABLE users DROP COLUMN wakes_at;",
        check: Check::Up(timetz),
    },
    Rule {
        id: "json",
        title: "JSON is a jsonb",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "json has no equality, so SELECT DISTINCT, GROUP BY and UNION over it fail, and has no index; it is parsed anew by every function.",
        recipe: "Write jsonb. Keep json where the exact text matters, with `lint:allow`.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN settings json;
-- migrate:down
ALTER TABLE users DROP COLUMN settings;",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN settings jsonb;
-- migrate:down
ALTER TABLE users DROP COLUMN settings;",
        check: Check::Up(json),
    },
    Rule {
        id: "char-type",
        title: "A text is not a char(n)",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "char(n) pads values with blanks, which then count in some comparisons and not in others, and saves no room.",
        recipe: "Write text, with a CHECK if the length matters.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN country char(2);
-- migrate:down
ALTER TABLE users DROP COLUMN country;",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN country text;
-- migrate:down
ALTER TABLE users DROP COLUMN country;",
        check: Check::Up(char_type),
    },
    Rule {
        id: "varchar-length",
        title: "A text has no length in its type",
        level: Level::Note,
        lock: None,
        dialects: POSTGRES,
        reason: "varchar(n) is no faster than text. To make n smaller, all rows are read while reads and writes of the table wait; a CHECK can be validated without that.",
        recipe: "Write text with CHECK (char_length(column) <= n).",
        failing: "-- migrate:up
CREATE TABLE tags (id bigint PRIMARY KEY, name varchar(40));
-- migrate:down
DROP TABLE tags;",
        passing: "-- migrate:up
CREATE TABLE tags (id bigint PRIMARY KEY, name text CHECK (char_length(name) <= 40));
-- migrate:down
DROP TABLE tags;",
        check: Check::Up(varchar),
    },
    Rule {
        id: "money",
        title: "An amount is a numeric",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "money knows no currency and reads its digits by the session's lc_monetary: the same value means something else under another setting.",
        recipe: "Write numeric(12, 2), or a bigint of cents, with the currency in a column of its own.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN fee money;
-- migrate:down
ALTER TABLE posts DROP COLUMN fee;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN fee numeric(12, 2);
-- migrate:down
ALTER TABLE posts DROP COLUMN fee;",
        check: Check::Up(money),
    },
];

/// The types that columns get: in new tables, as new columns, and by change.
fn types<'v>(view: &'v View<'_>) -> impl Iterator<Item = (usize, &'v str, &'v TypeName)> {
    view.actions().flat_map(|at| {
        let of_column = |column: &'v Column| (at.statement, column.name.name.as_str(), &column.data_type);
        match &at.action.kind {
            Kind::CreateTable(create) => create.columns.iter().map(of_column).collect::<Vec<_>>(),
            Kind::AddColumn { column, .. } => vec![of_column(column)],
            Kind::ColumnType { column, to, .. } => vec![(at.statement, column.name.as_str(), to)],
            _ => Vec::new(),
        }
    })
}

fn serial(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        // In an existing table it is another rule's.
        let Kind::CreateTable(create) = &at.action.kind else { continue };
        for column in &create.columns {
            let plain = match column.data_type.base.as_str() {
                "serial" => "integer",
                "bigserial" => "bigint",
                "smallserial" => "smallint",
                _ => continue,
            };
            let span = column.data_type.span.clone();
            let hit = hits.span(view, at.statement, span.clone(), format!("`{}` is a serial", column.name.name));
            let identity = format!("{plain} GENERATED BY DEFAULT AS IDENTITY");
            hit.fix = Fix::replace(view, at.statement, "write an identity column", span, identity);
        }
    }
}

fn int_key(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::CreateTable(create) = &at.action.kind else { continue };
        let keys: Vec<&str> = create
            .constraints
            .iter()
            .filter_map(|constraint| match &constraint.rule {
                ConstraintRule::PrimaryKey { columns, .. } if columns.len() == 1 => columns.first().map(String::as_str),
                _ => None,
            })
            .collect();
        for column in &create.columns {
            let key = column.primary_key || keys.contains(&column.name.name.as_str());
            let small = matches!(column.data_type.base.as_str(), "integer" | "smallint" | "serial" | "smallserial");
            if key && small && !column.data_type.array {
                let message = format!("`{}.{}` runs out of numbers", create.table, column.name.name);
                let span = column.data_type.span.clone();
                let hit = hits.span(view, at.statement, span.clone(), message);
                let serial = column.data_type.base.contains("serial");
                if !serial {
                    hit.fix = Fix::replace(view, at.statement, "make the key a bigint", span, "bigint".to_owned());
                }
            }
        }
    }
}

/// Reports columns of a type, with the type that it is replaced by.
fn replaced(view: &View<'_>, hits: &mut Hits, base: &str, by: Option<&str>, message: impl Fn(&str) -> String) {
    for (statement, column, found) in types(view).filter(|(_, _, found)| found.base == base) {
        let hit = hits.span(view, statement, found.span.clone(), message(column));
        if let Some(by) = by {
            let numbers: Vec<String> = found.numbers.iter().map(u32::to_string).collect();
            let numbers = if numbers.is_empty() { String::new() } else { format!("({})", numbers.join(", ")) };
            let array = if found.array { "[]" } else { "" };
            let text = format!("{by}{numbers}{array}");
            hit.fix = Fix::replace(view, statement, &format!("write {by}"), found.span.clone(), text);
        }
    }
}

fn timestamp(view: &View<'_>, hits: &mut Hits) {
    let message = |column: &str| format!("`{column}` names no point in time");
    replaced(view, hits, "timestamp", Some("timestamptz"), message);
}

fn timetz(view: &View<'_>, hits: &mut Hits) {
    replaced(view, hits, "timetz", None, |column| format!("`{column}` is a time of day with a zone"));
}

fn json(view: &View<'_>, hits: &mut Hits) {
    replaced(view, hits, "json", Some("jsonb"), |column| format!("`{column}` can't be compared or indexed"));
}

fn char_type(view: &View<'_>, hits: &mut Hits) {
    replaced(view, hits, "char", None, |column| format!("values of `{column}` are padded with blanks"));
}

fn varchar(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let columns: Vec<&Column> = match &at.action.kind {
            Kind::CreateTable(create) => create.columns.iter().collect(),
            Kind::AddColumn { column, .. } => vec![column],
            _ => continue,
        };
        for column in columns {
            if column.data_type.base == "varchar" && !column.data_type.numbers.is_empty() {
                let message = format!("the length of `{}` is part of its type", column.name.name);
                hits.span(view, at.statement, column.data_type.span.clone(), message);
            }
        }
    }
}

fn money(view: &View<'_>, hits: &mut Hits) {
    replaced(view, hits, "money", None, |column| format!("`{column}` means another amount under another setting"));
}

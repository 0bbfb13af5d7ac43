//! What is taken away.

use super::super::action::{Alteration, Kind};
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::rule::{Check, Hits, Rule, View};
use super::{EVERY, POSTGRES};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "drop-table",
        title: "A table is dropped when nothing reads it any more",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: EVERY,
        reason: "Its rows are gone, and the release that still runs while the migration is applied fails at its next query.",
        recipe: "First deploy a program that does not use the table; drop it in a later migration.",
        failing: "-- migrate:up
DROP TABLE comments;
-- migrate:irreversible the rows are gone",
        passing: "-- migrate:up
CREATE TABLE drafts (id bigint PRIMARY KEY);
DROP TABLE drafts;
-- migrate:down
SELECT 1;",
        check: Check::Up(drop_table),
    },
    Rule {
        id: "drop-column",
        title: "A column is dropped when nothing reads it any more",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: EVERY,
        reason: "Its values are gone, and the release that still runs while the migration is applied fails at its next query that names the column.",
        recipe: "First deploy a program whose structs have no such field; drop the column in a later migration.",
        failing: "-- migrate:up
ALTER TABLE posts DROP COLUMN body;
-- migrate:down
ALTER TABLE posts ADD COLUMN body text;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN note text;
ALTER TABLE posts DROP COLUMN note;
-- migrate:down
SELECT 1;",
        check: Check::Up(drop_column),
    },
    Rule {
        id: "drop-not-null",
        title: "A column that a struct reads stays NOT NULL",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "A program that expects a value fails at the first NULL it reads.",
        recipe: "First deploy a program whose field is an Option; then drop NOT NULL.",
        failing: "-- migrate:up
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up
ALTER TABLE users ALTER COLUMN name DROP DEFAULT;
-- migrate:down
SELECT 1;",
        check: Check::Up(drop_not_null),
    },
    Rule {
        id: "drop-cascade",
        title: "DROP names what it drops",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "CASCADE takes along whatever depends on the object: views, foreign keys, columns, in production perhaps more than where it was tried; with TRUNCATE, the rows of other tables.",
        recipe: "Drop the dependent objects by their names first, and leave CASCADE out.",
        failing: "-- migrate:up
DROP MATERIALIZED VIEW post_totals CASCADE;
-- migrate:irreversible",
        passing: "-- migrate:up
DROP MATERIALIZED VIEW post_totals;
-- migrate:irreversible",
        check: Check::Up(cascade),
    },
    Rule {
        id: "drop-schema",
        title: "A migration drops no schema and no database",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "Everything in it is gone at once.",
        recipe: "Drop its tables one by one in migrations that say so; use `peristyle db drop` for a whole database.",
        failing: "-- migrate:up
DROP SCHEMA archive;
-- migrate:down
CREATE SCHEMA archive;",
        passing: "-- migrate:up
CREATE SCHEMA reports;
-- migrate:irreversible kept for its grants",
        check: Check::Up(drop_schema),
    },
    Rule {
        id: "truncate",
        title: "A migration does not TRUNCATE",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "All rows are gone, and while the transaction runs all reads and writes of the table wait.",
        recipe: "Delete the rows that have to go with a condition, in batches; for a table that goes, DROP TABLE.",
        failing: "-- migrate:up
TRUNCATE comments;
-- migrate:irreversible",
        passing: "-- migrate:up no-transaction
DELETE FROM comments WHERE body IS NULL;
-- migrate:irreversible",
        check: Check::Up(truncate),
    },
];

fn drop_table(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        if !matches!(at.action.kind, Kind::DropTable { .. }) || view.is_rebuilt(table) {
            continue;
        }
        match view.context.models.map(|models| models.of_table(table)) {
            Some(Some(field)) => {
                let place = format!("`{}` ({}:{})", field.field, field.path, field.line);
                let hit = hits.at(view, at, format!("`{table}` is dropped, but {place} still reads it"));
                hit.level = Some(Level::Error);
            }
            Some(None) => {
                hits.at(
                    view,
                    at,
                    format!("`{table}` is dropped; no struct reads it, but a release that still runs may"),
                );
            }
            None => {
                hits.at(view, at, format!("`{table}` is dropped; a program that still reads it fails"));
            }
        }
    }
}

fn drop_column(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::DropColumn { column, .. } = &at.action.kind else { continue };
        let name = &column.name;
        if view.made.column(table, name, at.statement).is_some() {
            continue;
        }
        match view.context.models.map(|models| models.of_column(table, name)) {
            Some(Some(field)) => {
                let place = format!("`{}` ({}:{})", field.field, field.path, field.line);
                let hit = hits.at(view, at, format!("`{table}.{name}` is dropped, but {place} still reads it"));
                hit.level = Some(Level::Error);
            }
            Some(None) => {
                let message =
                    format!("`{table}.{name}` is dropped; no struct reads it, but a release that still runs may");
                hits.at(view, at, message);
            }
            None => {
                hits.at(view, at, format!("`{table}.{name}` is dropped; a program that still reads it fails"));
            }
        }
    }
}

fn drop_not_null(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::AlterTable { what: Alteration::DropNotNull(column), .. } = &at.action.kind else { continue };
        let name = &column.name;
        match view.context.models.map(|models| models.of_column(table, name)) {
            Some(Some(field)) => {
                let place = format!("`{}` ({}:{})", field.field, field.path, field.line);
                hits.at(view, at, format!("`{table}.{name}` may be NULL from now on; is {place} an Option?"));
            }
            Some(None) => {}
            None => {
                hits.at(view, at, format!("`{table}.{name}` may be NULL from now on; does the program expect that?"));
            }
        }
    }
}

fn cascade(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions().filter(|at| at.action.kind == Kind::Cascade) {
        hits.at(view, at, "CASCADE takes along what the statement does not name");
    }
}

fn drop_schema(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        match at.action.kind {
            Kind::DropSchema => hits.at(view, at, "everything in the schema is gone"),
            Kind::DropDatabase => hits.at(view, at, "everything in the database is gone"),
            _ => continue,
        };
    }
}

fn truncate(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::Truncate { tables } = &at.action.kind else { continue };
        if let Some(table) = tables.iter().find(|table| !view.made.table(table, at.statement)) {
            hits.at(view, at, format!("all rows of `{table}` are gone, and its reads and writes wait"));
        }
    }
}

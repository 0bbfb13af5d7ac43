//! The way back.

use super::super::action::Kind;
use super::super::finding::Level;
use super::super::input::Down;
use super::super::rule::{Check, Hits, Migration, Rule, View};
use super::EVERY;
use crate::catalog::ObjectName;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "no-down",
        title: "A migration has a way back, or says that it has none",
        level: Level::Warn,
        lock: None,
        dialects: EVERY,
        reason: "A deploy that goes wrong is rolled back in a hurry; whether and how the database follows should be known by then.",
        recipe: "Write `-- migrate:down` with the statements that undo it, or `-- migrate:irreversible` with the reason.",
        failing: "-- migrate:up
CREATE TABLE tags (name text PRIMARY KEY);",
        passing: "-- migrate:up
CREATE TABLE tags (name text PRIMARY KEY);
-- migrate:down
DROP TABLE tags;",
        check: Check::Migration(no_down),
    },
    Rule {
        id: "down-loses-data",
        title: "The way back takes away only what the migration made",
        level: Level::Error,
        lock: None,
        dialects: EVERY,
        reason: "The way back drops or empties what was there before the migration: after it, the database is not what it was.",
        recipe: "Undo exactly what the way up does; write `-- migrate:irreversible` if that can't be.",
        failing: "-- migrate:up
CREATE TABLE tags (name text PRIMARY KEY);
-- migrate:down
DROP TABLE tags;
DROP TABLE comments;",
        passing: "-- migrate:up
CREATE TABLE tags (name text PRIMARY KEY);
-- migrate:down
DROP TABLE tags;",
        check: Check::Migration(down_loses),
    },
];

fn no_down(migration: &Migration<'_>, hits: &mut Hits) {
    if migration.input.down == Down::Missing && !migration.up.script.statements.is_empty() {
        hits.file(false, None, "the migration has no way back, and does not say so");
    }
}

fn down_loses(migration: &Migration<'_>, hits: &mut Hits) {
    let Some(down) = &migration.down else { return };
    for at in down.actions() {
        let what = match &at.action.kind {
            Kind::DropTable { table }
                if !is_new(migration, down, table, at.statement)
                    && !down.is_rebuilt(table)
                    && migration.up.readings.iter().all(|reading| reading.understood) =>
            {
                format!("`{table}` is dropped, which the way up did not make")
            }
            Kind::Truncate { tables } => {
                match tables.iter().find(|table| !is_new(migration, down, table, at.statement)) {
                    Some(table) => format!("all rows of `{table}` are gone, also those from before the way up"),
                    None => continue,
                }
            }
            Kind::Delete { table, filtered: false, .. } if !is_new(migration, down, table, at.statement) => {
                format!("all rows of `{table}` are gone, also those from before the way up")
            }
            Kind::DropColumn { table, column } => {
                let name = &column.name;
                let own = down.made.column(table, name, at.statement).is_some();
                if is_new(migration, down, table, at.statement) || makes_column(migration, table, name) || own {
                    continue;
                }
                format!("`{table}.{name}` is dropped, which the way up did not make")
            }
            _ => continue,
        };
        hits.at(down, at, what);
    }
}

/// Whether a table is one that the way up makes, or the way down itself.
fn is_new(migration: &Migration<'_>, down: &View<'_>, table: &ObjectName, statement: usize) -> bool {
    let up = &migration.up;
    // A table that was made and then got another name has both.
    up.made.table(table, up.readings.len()) && !up.is_rebuilt(table) || down.made.table(table, statement)
}

/// Whether the way up adds the column, or renames one to it. What it does unseen counts for it.
fn makes_column(migration: &Migration<'_>, table: &ObjectName, column: &str) -> bool {
    let up = &migration.up;
    up.made.column(table, column, up.readings.len()).is_some()
        || up.readings.iter().any(|reading| !reading.understood)
        || up.is_rebuilt(table)
        || up.actions().any(|at| matches!(&at.action.kind, Kind::RenameTable { to, .. } if to.name == table.name))
}

//! What gets another name.

use super::super::action::Kind;
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::rule::{Check, Hits, Rule, View};
use super::{EVERY, POSTGRES};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "rename-table",
        title: "A table in use keeps its name",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: EVERY,
        reason: "Old and new program run side by side during a deploy: one of them does not find the table.",
        recipe: "Rename it and make a view of the old name in the same transaction; drop the view when no program uses it. Or make a new table and move over.",
        failing: "-- migrate:up
ALTER TABLE comments RENAME TO replies;
-- migrate:down
ALTER TABLE replies RENAME TO comments;",
        passing: "-- migrate:up
ALTER TABLE comments RENAME TO replies;
CREATE VIEW comments AS SELECT * FROM replies;
-- migrate:down
DROP VIEW comments;
ALTER TABLE replies RENAME TO comments;",
        check: Check::Up(rename_table),
    },
    Rule {
        id: "rename-column",
        title: "A column in use keeps its name",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: EVERY,
        reason: "Old and new program run side by side during a deploy: one of them does not find the column.",
        recipe: "Give the struct's field another name and keep the column: `#[schema(column = \"..\")]`. Or add a column, keep both equal with a trigger, fill it in batches, and drop the old one later.",
        failing: "-- migrate:up
ALTER TABLE users RENAME COLUMN name TO full_name;
-- migrate:down
ALTER TABLE users RENAME COLUMN full_name TO name;",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN full_name text;
-- migrate:down
ALTER TABLE users DROP COLUMN full_name;",
        check: Check::Up(rename_column),
    },
    Rule {
        id: "rename-schema",
        title: "A schema in use keeps its name",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "Every program that names the old schema, in a query or in its search_path, fails at once.",
        recipe: "Make a schema of the new name, move over table by table with views under the old name, and drop the old one later.",
        failing: "-- migrate:up
ALTER SCHEMA archive RENAME TO attic;
-- migrate:down
ALTER SCHEMA attic RENAME TO archive;",
        passing: "-- migrate:up
CREATE SCHEMA attic;
-- migrate:irreversible kept for its grants",
        check: Check::Up(rename_schema),
    },
    Rule {
        id: "rename-enum-value",
        title: "A value of an enum keeps its name",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "A program that runs meanwhile sends the old name and is refused, and does not know the new one when it reads it.",
        recipe: "Add the new value, let the program know both, change the rows in batches, and leave the old value unused.",
        failing: "-- migrate:up
ALTER TYPE post_status RENAME VALUE 'draft' TO 'hidden';
-- migrate:down
ALTER TYPE post_status RENAME VALUE 'hidden' TO 'draft';",
        passing: "-- migrate:up
ALTER TYPE post_status ADD VALUE 'hidden';
-- migrate:irreversible a value can't be taken from an enum",
        check: Check::Up(rename_enum_value),
    },
];

fn rename_table(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::RenameTable { to, .. } = &at.action.kind else { continue };
        let bridged = view.actions().any(|other| {
            other.statement > at.statement
                && matches!(&other.action.kind, Kind::CreateView { name, .. } if name == table)
        });
        // The old table of a rebuild that keeps it under another name.
        let replaced = view.made.table(table, view.readings.len());
        if bridged || replaced {
            continue;
        }
        let to = &to.name;
        match view.context.models.and_then(|models| models.of_table(table)) {
            Some(field) => {
                let place = format!("`{}` ({}:{})", field.field, field.path, field.line);
                let hit = hits.at(view, at, format!("`{table}` becomes `{to}`, but {place} still reads `{table}`"));
                hit.level = Some(Level::Error);
            }
            None => {
                hits.at(view, at, format!("a program that still reads `{table}` fails once it is `{to}`"));
            }
        }
    }
}

fn rename_column(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::RenameColumn { column, to, .. } = &at.action.kind else { continue };
        let (name, to) = (&column.name, &to.name);
        if view.made.column(table, name, at.statement).is_some() {
            continue;
        }
        match view.context.models.and_then(|models| models.of_column(table, name)) {
            Some(field) => {
                let place = format!("`{}` ({}:{})", field.field, field.path, field.line);
                let message = format!("`{table}.{name}` becomes `{to}`, but {place} still reads `{name}`");
                hits.at(view, at, message).level = Some(Level::Error);
            }
            None => {
                hits.at(view, at, format!("a program that still reads `{table}.{name}` fails once it is `{to}`"));
            }
        }
    }
}

fn rename_schema(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions().filter(|at| at.action.kind == Kind::RenameSchema) {
        hits.at(view, at, "a program that names the schema fails at once");
    }
}

fn rename_enum_value(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::RenameEnumValue { name } = &at.action.kind else { continue };
        if !view.made.data_type(name, at.statement) {
            hits.at(view, at, format!("a program that knows the old value of `{name}` fails"));
        }
    }
}

//! What SQLite refuses, ignores or takes too far.

use super::super::action::{Kind, Stored};
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::rule::{Check, Hits, Rule, View};
use super::SQLITE;
use crate::catalog::{ObjectName, Table};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "sqlite-drop-cascades",
        title: "A table with children is rebuilt with foreign keys off",
        level: Level::Error,
        lock: Some(LockLevel::Database),
        dialects: SQLITE,
        reason: "With foreign keys on, DROP TABLE first deletes every row, and ON DELETE CASCADE takes along the rows of the tables that refer to it, although the table comes back under its name a statement later.",
        recipe: "Write `-- migrate:foreign-keys off` above `-- migrate:up`: the runner turns them off before the transaction, and checks them before COMMIT.",
        failing: "-- migrate:up
CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT);
INSERT INTO users_new SELECT id, email, name FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
-- migrate:irreversible",
        passing: "-- migrate:foreign-keys off
-- migrate:up
CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT);
INSERT INTO users_new SELECT id, email, name FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
-- migrate:irreversible",
        check: Check::Both(drop_cascades),
    },
    Rule {
        id: "sqlite-rebuild-with-views",
        title: "Views are dropped before the table they read is rebuilt",
        level: Level::Error,
        lock: Some(LockLevel::Database),
        dialects: SQLITE,
        reason: "RENAME checks every view and trigger of the database. One that reads the dropped table does not find it, and the statement fails.",
        recipe: "Drop the view first and make it again at the end; or write a Rust migration with `alter`, which does that.",
        failing: "-- migrate:up
CREATE TABLE posts_new (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT NOT NULL, body TEXT);
INSERT INTO posts_new SELECT id, author_id, title, body FROM posts;
DROP TABLE posts;
ALTER TABLE posts_new RENAME TO posts;
-- migrate:irreversible",
        passing: "-- migrate:up
DROP VIEW recent_posts;
CREATE TABLE posts_new (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT NOT NULL, body TEXT);
INSERT INTO posts_new SELECT id, author_id, title, body FROM posts;
DROP TABLE posts;
ALTER TABLE posts_new RENAME TO posts;
CREATE VIEW recent_posts AS SELECT id, title FROM posts;
-- migrate:irreversible",
        check: Check::Both(rebuild_with_views),
    },
    Rule {
        id: "sqlite-rename-before-copy",
        title: "A rebuild makes the new table beside the old one",
        level: Level::Error,
        lock: Some(LockLevel::Database),
        dialects: SQLITE,
        reason: "Renaming the old table first makes the foreign keys, triggers and views of other tables follow it to its new name: they end up on the table that is dropped.",
        recipe: "Create the table under a new name, copy, drop the old one, and rename last.",
        failing: "-- migrate:up
ALTER TABLE posts RENAME TO posts_old;
CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT NOT NULL, body TEXT);
INSERT INTO posts SELECT id, author_id, title, body FROM posts_old;
-- migrate:irreversible",
        passing: "-- migrate:up
DROP VIEW recent_posts;
CREATE TABLE posts_new (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT NOT NULL, body TEXT);
INSERT INTO posts_new SELECT id, author_id, title, body FROM posts;
DROP TABLE posts;
ALTER TABLE posts_new RENAME TO posts;
CREATE VIEW recent_posts AS SELECT id, title FROM posts;
-- migrate:irreversible",
        check: Check::Both(rename_first),
    },
    Rule {
        id: "sqlite-pragma-in-transaction",
        title: "PRAGMA foreign_keys stands outside of a transaction",
        level: Level::Error,
        lock: None,
        dialects: SQLITE,
        reason: "SQLite ignores PRAGMA foreign_keys inside a transaction, without an error, and a migration runs in one.",
        recipe: "Write `-- migrate:foreign-keys off` above `-- migrate:up` in its place.",
        failing: "-- migrate:up
PRAGMA foreign_keys = OFF;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:foreign-keys off
-- migrate:up
SELECT 1;
-- migrate:down
SELECT 1;",
        check: Check::Both(pragma),
    },
    Rule {
        id: "sqlite-add-column-default",
        title: "A new column has a constant default",
        level: Level::Error,
        lock: None,
        dialects: SQLITE,
        reason: "SQLite adds no column with CURRENT_TIMESTAMP or an expression as its default to a table that has rows: the statement fails.",
        recipe: "Add the column with a constant default, or none, and fill it; or rebuild the table.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN created_at TEXT DEFAULT CURRENT_TIMESTAMP;
-- migrate:down
ALTER TABLE posts DROP COLUMN created_at;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN created_at TEXT DEFAULT '1970-01-01';
-- migrate:down
ALTER TABLE posts DROP COLUMN created_at;",
        check: Check::Both(column_default),
    },
    Rule {
        id: "sqlite-add-column-key",
        title: "A new column is neither UNIQUE nor PRIMARY KEY nor STORED",
        level: Level::Error,
        lock: None,
        dialects: SQLITE,
        reason: "SQLite can't add such a column to an existing table: the statement fails.",
        recipe: "For UNIQUE, add the column and then CREATE UNIQUE INDEX; a generated column can be VIRTUAL; else rebuild the table.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN slug TEXT UNIQUE;
-- migrate:down
ALTER TABLE posts DROP COLUMN slug;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN slug TEXT;
CREATE UNIQUE INDEX posts_slug ON posts (slug);
-- migrate:down
DROP INDEX posts_slug;
ALTER TABLE posts DROP COLUMN slug;",
        check: Check::Both(column_key),
    },
    Rule {
        id: "sqlite-add-column-references",
        title: "A new foreign key column starts as NULL",
        level: Level::Error,
        lock: None,
        dialects: SQLITE,
        reason: "With foreign keys on, SQLite adds a REFERENCES column only if its default is NULL: else the statement fails on a table that has rows.",
        recipe: "Add the column without a default and fill it; or rebuild the table.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN editor_id INTEGER DEFAULT 1 REFERENCES users (id);
-- migrate:down
ALTER TABLE posts DROP COLUMN editor_id;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN editor_id INTEGER REFERENCES users (id);
-- migrate:irreversible",
        check: Check::Both(column_references),
    },
    Rule {
        id: "double-quoted-string",
        title: "A text stands in single quotes",
        level: Level::Error,
        lock: None,
        dialects: SQLITE,
        reason: "Double quotes are for names. The SQLite of this tool fails; one that was built otherwise takes an unknown name for a text, and a misspelt column for a constant.",
        recipe: "Write 'text'.",
        failing: "-- migrate:up
INSERT INTO users (email, name) VALUES ('a@b.c', \"Ada\");
-- migrate:down
DELETE FROM users WHERE email = 'a@b.c';",
        passing: "-- migrate:up
INSERT INTO users (email, name) VALUES ('a@b.c', 'Ada');
-- migrate:down
DELETE FROM users WHERE email = 'a@b.c';",
        check: Check::Both(double_quoted),
    },
];

/// The tables that refer to a table, by the catalog; `None` if that is not known.
fn children<'v>(view: &View<'v>, table: &ObjectName) -> Option<Vec<&'v Table>> {
    let catalog = view.context.catalog?;
    let refers = |other: &&Table| {
        let points = |name: &ObjectName| name.name.eq_ignore_ascii_case(&table.name);
        !points(&other.name) && other.foreign_keys.iter().any(|key| points(&key.table))
    };
    Some(catalog.tables.iter().filter(refers).collect())
}

fn drop_cascades(view: &View<'_>, hits: &mut Hits) {
    if !view.script.foreign_keys {
        return;
    }
    for (at, table) in view.on_old_tables() {
        if !matches!(at.action.kind, Kind::DropTable { .. }) {
            continue;
        }
        match children(view, table).as_deref() {
            Some([]) => {}
            Some([child, ..]) => {
                hits.at(
                    view,
                    at,
                    format!("DROP TABLE deletes the rows of `{table}`, and with them those of `{}`", child.name),
                );
            }
            None if view.is_rebuilt(table) => {
                hits.at(
                    view,
                    at,
                    format!("DROP TABLE deletes the rows of `{table}`, and those of tables that refer to it"),
                );
            }
            None => {}
        }
    }
}

fn rebuild_with_views(view: &View<'_>, hits: &mut Hits) {
    let Some(catalog) = view.context.catalog else { return };
    for at in view.actions() {
        let Kind::RenameTable { table, to } = &at.action.kind else { continue };
        let Some(old) = view.replaces(table) else { continue };
        let reads = |query: &str| {
            query
                .split(|each: char| !each.is_alphanumeric() && each != '_')
                .any(|word| word.eq_ignore_ascii_case(&old.name))
        };
        let dropped = |name: &ObjectName| {
            view.actions().any(|other| {
                other.statement < at.statement
                    && matches!(&other.action.kind, Kind::DropView { names } if names.iter().any(|each| each.name.eq_ignore_ascii_case(&name.name)))
            })
        };
        if let Some(found) = catalog.views.iter().find(|found| reads(&found.query) && !dropped(&found.name)) {
            hits.at(
                view,
                at,
                format!("the view `{}` reads `{}`, which is gone while `{table}` becomes it", found.name, to.name),
            );
        }
    }
}

fn rename_first(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::RenameTable { to, .. } = &at.action.kind else { continue };
        let made_again = view.actions().any(|other| {
            other.statement > at.statement
                && matches!(&other.action.kind, Kind::CreateTable(create) if create.table == *table)
        });
        if made_again {
            let message =
                format!("what refers to `{table}` follows it to `{}`, and does not find the new `{table}`", to.name);
            hits.at(view, at, message);
        }
    }
}

fn pragma(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    for at in view.actions().filter(|at| matches!(at.action.kind, Kind::PragmaForeignKeys(_))) {
        hits.at(view, at, "PRAGMA foreign_keys does nothing inside the migration's transaction");
    }
}

fn column_default(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::AddColumn { column, .. } = &at.action.kind else { continue };
        if let Some(default) = column.default.as_ref().filter(|default| !default.literal) {
            let name = &column.name.name;
            // A name in double quotes is another rule's.
            if !default.text.starts_with('"') {
                hits.at(
                    view,
                    at,
                    format!("the default of `{name}` is not constant, so SQLite does not add it to `{table}`"),
                );
            }
        }
    }
}

fn column_key(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::AddColumn { column, .. } = &at.action.kind else { continue };
        let what = match () {
            () if column.unique => "UNIQUE",
            () if column.primary_key => "PRIMARY KEY",
            () if column.generated == Some(Stored::Stored) => "STORED",
            () => continue,
        };
        hits.at(view, at, format!("SQLite adds no {what} column to `{table}`"));
    }
}

fn column_references(view: &View<'_>, hits: &mut Hits) {
    if !view.script.foreign_keys {
        return;
    }
    for (at, table) in view.on_old_tables() {
        let Kind::AddColumn { column, .. } = &at.action.kind else { continue };
        if column.references.is_some() && column.default.as_ref().is_some_and(|default| !default.null) {
            let name = &column.name.name;
            hits.at(
                view,
                at,
                format!("`{name}` refers to other rows and has a default, so SQLite does not add it to `{table}`"),
            );
        }
    }
}

fn double_quoted(view: &View<'_>, hits: &mut Hits) {
    for (statement, reading) in view.readings.iter().enumerate() {
        for word in &reading.quoted_values {
            hits.span(view, statement, word.span.clone(), "a name in double quotes stands where a text is meant");
        }
    }
}

//! What a transaction does together, and how long it waits.

use super::super::action::Kind;
use super::super::finding::Level;
use super::super::fix::Fix;
use super::super::lock::{self, LockLevel};
use super::super::rule::{At, Check, Hits, Rule, View};
use super::POSTGRES;
use crate::catalog::ObjectName;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "missing-lock-timeout",
        title: "A strong lock is waited for a limited time",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "A statement that waits for its lock lets every later query of the table queue up behind it: one long SELECT and the migration stop the application together.",
        recipe: "Set `lock_timeout` in peristyle.toml, or write `-- migrate:lock-timeout 5s` in the file; the runner tries again.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN age integer;
-- migrate:down
ALTER TABLE users DROP COLUMN age;",
        passing: "-- migrate:lock-timeout 5s
-- migrate:up
ALTER TABLE users ADD COLUMN age integer;
-- migrate:down
ALTER TABLE users DROP COLUMN age;",
        check: Check::Up(lock_timeout),
    },
    Rule {
        id: "outside-transaction-only",
        title: "What can't run in a transaction stands in a `no-transaction` migration",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "Postgres refuses VACUUM, CREATE DATABASE, ALTER SYSTEM and their like inside a transaction block, and a migration runs in one.",
        recipe: "Put the statement into a migration of its own and write `-- migrate:up no-transaction`.",
        failing: "-- migrate:up
VACUUM posts;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up no-transaction
VACUUM posts;
-- migrate:down
SELECT 1;",
        check: Check::Both(outside),
    },
    Rule {
        id: "mixed-ddl-and-data",
        title: "Changes of tables and of rows are separate migrations",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "The lock that ALTER TABLE takes is kept until COMMIT, so all reads and writes of the table wait while the rows are changed.",
        recipe: "Change the table in one migration, and the rows, in batches, in the next one with `no-transaction`.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN active boolean;
UPDATE users SET active = true WHERE email <> '';
-- migrate:down
ALTER TABLE users DROP COLUMN active;",
        passing: "-- migrate:up
CREATE TABLE plans (id bigint PRIMARY KEY, name text);
INSERT INTO plans (id, name) VALUES (1, 'free');
-- migrate:down
DROP TABLE plans;",
        check: Check::Up(mixed),
    },
    Rule {
        id: "data-without-where",
        title: "Many rows are changed in batches",
        level: Level::Warn,
        lock: Some(LockLevel::RowExclusive),
        dialects: POSTGRES,
        reason: "One UPDATE or DELETE of all rows locks each of them until COMMIT, doubles the table's size, and lets replicas fall behind.",
        recipe: "Change the rows in batches of some thousands by primary key, each with its own COMMIT, in a `no-transaction` migration or in the program.",
        failing: "-- migrate:up
UPDATE posts SET views = 0;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up no-transaction
UPDATE posts SET views = 0 WHERE id BETWEEN 1 AND 5000;
-- migrate:down
SELECT 1;",
        check: Check::Up(all_rows),
    },
    Rule {
        id: "locks-on-several-tables",
        title: "A transaction locks one table in use",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "Each lock is kept until COMMIT. While the second one is waited for, the first table stands still, and a program that takes them the other way round deadlocks.",
        recipe: "Write a migration per table.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN age integer;
ALTER TABLE posts ADD COLUMN rating integer;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN age integer, ADD COLUMN city text;
-- migrate:down
ALTER TABLE users DROP COLUMN age, DROP COLUMN city;",
        check: Check::Up(several_tables),
    },
    Rule {
        id: "enum-value-in-same-transaction",
        title: "A new value of an enum is used in a later migration",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "Postgres refuses to use a value in the transaction that adds it, unless the type is new as well.",
        recipe: "Use the value in the next migration.",
        failing: "-- migrate:up
ALTER TYPE post_status ADD VALUE 'archived';
ALTER TABLE posts ALTER COLUMN status SET DEFAULT 'archived';
-- migrate:irreversible a value can't be taken from an enum",
        passing: "-- migrate:up
ALTER TYPE post_status ADD VALUE 'archived';
-- migrate:irreversible a value can't be taken from an enum",
        check: Check::Up(enum_value),
    },
    Rule {
        id: "enum-value-not-repeatable",
        title: "ADD VALUE outside of a transaction has IF NOT EXISTS",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "A `no-transaction` migration that fails half-way is run again from its start, and then the value is there already.",
        recipe: "Write ALTER TYPE .. ADD VALUE IF NOT EXISTS; or leave `no-transaction` out, which Postgres 12 and later allow.",
        failing: "-- migrate:up no-transaction
ALTER TYPE post_status ADD VALUE 'archived';
-- migrate:irreversible a value can't be taken from an enum",
        passing: "-- migrate:up no-transaction
ALTER TYPE post_status ADD VALUE IF NOT EXISTS 'archived';
-- migrate:irreversible a value can't be taken from an enum",
        check: Check::Up(repeatable_enum_value),
    },
    Rule {
        id: "disable-trigger",
        title: "Triggers stay on",
        level: Level::Error,
        lock: Some(LockLevel::ShareRowExclusive),
        dialects: POSTGRES,
        reason: "The trigger is off for every session, not for the migration only; DISABLE TRIGGER ALL also turns foreign keys off, and rows written meanwhile are never checked.",
        recipe: "Let the trigger's function return early on a setting, and `SET LOCAL` that in the migration.",
        failing: "-- migrate:up
ALTER TABLE posts DISABLE TRIGGER USER;
-- migrate:down
ALTER TABLE posts ENABLE TRIGGER USER;",
        passing: "-- migrate:up
SET LOCAL app.importing = 'on';
-- migrate:down
SELECT 1;",
        check: Check::Up(disable_trigger),
    },
];

/// The locks on tables that were there before and that stop writes, by action.
fn strong_locks<'v>(view: &'v View<'_>) -> impl Iterator<Item = (At<'v>, ObjectName)> {
    view.actions().flat_map(move |at| {
        let locks = lock::of_actions(std::slice::from_ref(at.action), view.context.dialect);
        let old = locks.into_iter().filter(move |lock| {
            lock.level.stops_writes()
                && !view.made.table(&lock.table, at.statement)
                && !view.made.view(&lock.table, at.statement)
                && !view.made.index(&lock.table, at.statement)
        });
        old.map(move |lock| (at, lock.table)).collect::<Vec<_>>()
    })
}

fn lock_timeout(view: &View<'_>, hits: &mut Hits) {
    if view.script.lock_timeout || view.context.config.lock_timeout {
        return;
    }
    let Some((at, table)) = strong_locks(view).next() else { return };
    let set = view.actions().any(|other| other.statement < at.statement && other.action.kind == Kind::SetLockTimeout);
    if !set {
        let hit = hits.at(view, at, format!("nothing limits how long the lock on `{table}` is waited for"));
        hit.fix = Fix::lock_timeout(view);
    }
}

fn outside(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    for at in view.actions() {
        let what = match &at.action.kind {
            Kind::OutsideTransaction(words) => words,
            Kind::Vacuum { .. } => "VACUUM",
            Kind::Cluster { table: None } => "CLUSTER without a table",
            Kind::DropDatabase => "DROP DATABASE",
            _ => continue,
        };
        let hit = hits.at(view, at, format!("{what} can't run in the migration's transaction"));
        hit.fix = Fix::no_transaction(view);
    }
}

/// The actions that change rows of tables that were there before.
fn data<'v>(view: &'v View<'_>) -> impl Iterator<Item = (At<'v>, &'v ObjectName, bool)> {
    view.actions().filter_map(|at| {
        let (table, filtered) = match &at.action.kind {
            Kind::Update { table, filtered, .. } | Kind::Delete { table, filtered, .. } => (table, *filtered),
            Kind::Insert { table, reads } if !reads.is_empty() => (table, true),
            _ => return None,
        };
        (!view.made.table(table, at.statement)).then_some((at, table, filtered))
    })
}

fn mixed(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    let Some((first, locked)) = strong_locks(view).find(|(at, _)| !matches!(at.action.kind, Kind::Truncate { .. }))
    else {
        return;
    };
    if let Some((at, table, _)) = data(view).find(|(at, _, _)| at.statement > first.statement) {
        hits.at(view, at, format!("`{locked}` stays locked while rows of `{table}` are changed"));
    }
}

fn all_rows(view: &View<'_>, hits: &mut Hits) {
    for (at, table, filtered) in data(view) {
        if !filtered {
            hits.at(view, at, format!("all rows of `{table}` are changed in one go"));
        }
    }
}

fn several_tables(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    // The tables that are held, each with the statement that locked it.
    let mut held: Vec<(usize, ObjectName)> = Vec::new();
    for (at, table) in strong_locks(view) {
        if held.iter().any(|(_, name)| *name == table) {
            continue;
        }
        // A foreign key locks both of its tables by itself.
        if let Some((_, first)) = held.iter().find(|(statement, _)| *statement != at.statement) {
            hits.at(view, at, format!("`{first}` is still locked while the lock on `{table}` is waited for"));
            return;
        }
        held.push((at.statement, table));
    }
}

fn enum_value(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    for at in view.actions() {
        let Kind::AddEnumValue { name, value, .. } = &at.action.kind else { continue };
        if view.made.data_type(name, at.statement) {
            continue;
        }
        let literal = peristyle_sql::text_literal(value);
        let later = view.script.statements.iter().enumerate().skip(at.statement + 1);
        for (statement, script) in later {
            if view.readings[statement].actions.iter().any(|action| matches!(action.kind, Kind::AddEnumValue { .. })) {
                continue;
            }
            if let Some(start) = script.text.find(&literal) {
                let message = format!("{literal} was added to `{name}` in this transaction and can't be used in it");
                hits.span(view, statement, start..start + literal.len(), message);
                return;
            }
        }
    }
}

fn repeatable_enum_value(view: &View<'_>, hits: &mut Hits) {
    if view.script.transaction {
        return;
    }
    for at in view.actions() {
        let Kind::AddEnumValue { value, if_not_exists: false, .. } = &at.action.kind else { continue };
        let hit = hits.at(view, at, format!("the migration can't be run again once '{value}' is there"));
        hit.fix = Fix::behind_words(view, at.statement, "ADD VALUE", "IF NOT EXISTS");
    }
}

fn disable_trigger(view: &View<'_>, hits: &mut Hits) {
    use super::super::action::Alteration;
    for (at, table) in view.on_old_tables() {
        if matches!(at.action.kind, Kind::AlterTable { what: Alteration::Trigger { enable: false }, .. }) {
            hits.at(view, at, format!("the triggers of `{table}` are off for all sessions"));
        }
    }
}

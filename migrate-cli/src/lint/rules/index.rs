//! Indexes.

use super::super::action::{Kind, ReindexTarget};
use super::super::finding::Level;
use super::super::fix::Fix;
use super::super::lock::LockLevel;
use super::super::rule::{Check, Hits, Rule, View};
use super::POSTGRES;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "index-without-concurrently",
        title: "An index of an existing table is built CONCURRENTLY",
        level: Level::Error,
        lock: Some(LockLevel::Share),
        dialects: POSTGRES,
        reason: "CREATE INDEX holds off every write to the table until the index is built, which takes minutes on a large one.",
        recipe: "Write CREATE INDEX CONCURRENTLY in a migration of its own with `no-transaction`. On a partitioned table, create it ON ONLY that, CONCURRENTLY on each partition, and ATTACH those.",
        failing: "-- migrate:up
CREATE INDEX posts_views ON posts (views);
-- migrate:down
DROP INDEX posts_views;",
        passing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY posts_views ON posts (views);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_views;",
        check: Check::Up(create),
    },
    Rule {
        id: "drop-index-without-concurrently",
        title: "An index is dropped CONCURRENTLY",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "DROP INDEX locks the index's table against reads and writes, and first waits for every query that uses it; all later queries queue behind it.",
        recipe: "Write DROP INDEX CONCURRENTLY in a migration of its own with `no-transaction`.",
        failing: "-- migrate:up
DROP INDEX posts_title;
-- migrate:down
CREATE INDEX posts_title ON posts (title);",
        passing: "-- migrate:up no-transaction
DROP INDEX CONCURRENTLY posts_title;
-- migrate:down no-transaction
CREATE INDEX CONCURRENTLY posts_title ON posts (title);",
        check: Check::Up(drop),
    },
    Rule {
        id: "reindex-without-concurrently",
        title: "An index is rebuilt CONCURRENTLY",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "REINDEX holds off writes to the table, and reads that would use the index, until it is done.",
        recipe: "Write REINDEX .. CONCURRENTLY in a migration with `no-transaction`.",
        failing: "-- migrate:up
REINDEX TABLE posts;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up no-transaction
REINDEX TABLE CONCURRENTLY posts;
-- migrate:down
SELECT 1;",
        check: Check::Up(reindex),
    },
    Rule {
        id: "concurrently-in-transaction",
        title: "CONCURRENTLY stands outside of a transaction",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "Postgres refuses CONCURRENTLY inside a transaction block, and a migration runs in one.",
        recipe: "Put the statement into a migration of its own and write `-- migrate:up no-transaction`.",
        failing: "-- migrate:up
CREATE INDEX CONCURRENTLY posts_views ON posts (views);
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY posts_views ON posts (views);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_views;",
        check: Check::Both(in_transaction),
    },
    Rule {
        id: "index-if-not-exists",
        title: "CREATE INDEX CONCURRENTLY has no IF NOT EXISTS",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "A CREATE INDEX CONCURRENTLY that fails leaves an invalid index behind. IF NOT EXISTS finds it, does nothing, and the migration counts as applied with an index that no query uses and, if it is unique, that checks nothing of the old rows.",
        recipe: "Leave IF NOT EXISTS out: a retried migration drops the invalid index itself.",
        failing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_views ON posts (views);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_views;",
        passing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY posts_views ON posts (views);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_views;",
        check: Check::Both(if_not_exists),
    },
    Rule {
        id: "wide-index",
        title: "An index has few columns",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "Each column of an index is written with every row, and those after the third rarely narrow a search further.",
        recipe: "Index the columns that queries compare first, or use INCLUDE for columns that are only read.",
        failing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY posts_all ON posts (author_id, status, views, created_at);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_all;",
        passing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY posts_all ON posts (author_id, created_at);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_all;",
        check: Check::Up(wide),
    },
];

fn create(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::CreateIndex(index) = &at.action.kind else { continue };
        // An index ON ONLY a partitioned table holds no rows.
        if !index.concurrently && !index.only {
            let name = index.name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
            let hit = hits.at(view, at, format!("the index{name} is built while writes to `{table}` wait"));
            // Postgres builds no index of a partitioned table CONCURRENTLY.
            let partitioned = view.known_table(table).and_then(|known| known.options.as_deref());
            if !partitioned.is_some_and(|options| options.to_uppercase().contains("PARTITION BY")) {
                hit.fix = Fix::concurrently(view, at.statement);
            }
        }
    }
}

fn drop(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::DropIndex { names, concurrently: false } = &at.action.kind else { continue };
        if names.iter().all(|name| view.made.index(name, at.statement)) {
            continue;
        }
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("reads and writes of the table wait while {} is dropped", names.join(", "));
        let one = names.len() == 1;
        let hit = hits.at(view, at, message);
        hit.fix = if one { Fix::concurrently(view, at.statement) } else { None };
    }
}

fn reindex(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::Reindex { target, concurrently: false } = &at.action.kind else { continue };
        let what = match target {
            ReindexTarget::Index => "the index's table".to_owned(),
            ReindexTarget::Table(table) if view.made.table(table, at.statement) => continue,
            ReindexTarget::Table(table) => format!("`{table}`"),
            ReindexTarget::Schema | ReindexTarget::Database => "each of its tables".to_owned(),
        };
        hits.at(view, at, format!("writes to {what} wait until the rebuild is done"));
    }
}

fn in_transaction(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    for at in view.actions() {
        let what = match &at.action.kind {
            Kind::CreateIndex(index) if index.concurrently => "CREATE INDEX CONCURRENTLY",
            Kind::DropIndex { concurrently: true, .. } => "DROP INDEX CONCURRENTLY",
            Kind::Reindex { concurrently: true, .. } => "REINDEX CONCURRENTLY",
            Kind::DetachPartition { concurrently: true, .. } => "DETACH PARTITION CONCURRENTLY",
            _ => continue,
        };
        let hit = hits.at(view, at, format!("{what} can't run in the migration's transaction"));
        hit.fix = Fix::no_transaction(view);
    }
}

fn if_not_exists(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::CreateIndex(index) = &at.action.kind else { continue };
        if index.concurrently && index.if_not_exists {
            let hit = hits.at(view, at, "IF NOT EXISTS takes an invalid index for a finished one");
            hit.fix = Fix::without_words(view, at.statement, "IF NOT EXISTS");
        }
    }
}

fn wide(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::CreateIndex(index) = &at.action.kind else { continue };
        if !index.unique && index.columns.len() > 3 {
            hits.at(view, at, format!("the index on `{}` has {} columns", index.table, index.columns.len()));
        }
    }
}

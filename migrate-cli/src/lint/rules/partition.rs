//! Partitions.

use super::super::action::Kind;
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::rule::{Check, Hits, Rule, View};
use super::POSTGRES;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "attach-partition-without-check",
        title: "A table is attached as a partition behind a validated CHECK",
        level: Level::Warn,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "ATTACH PARTITION reads the whole table to see whether its rows fit the bounds, with the table locked, and the default partition as well.",
        recipe: "Add a CHECK of the bounds NOT VALID, VALIDATE CONSTRAINT in the next migration, ATTACH PARTITION after it, and drop the check.",
        failing: "-- migrate:up
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- migrate:down
ALTER TABLE events DETACH PARTITION events_2026;",
        passing: "-- migrate:up
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
-- migrate:down
DROP TABLE events_2027;",
        check: Check::Up(attach),
    },
    Rule {
        id: "detach-without-concurrently",
        title: "A partition is detached CONCURRENTLY",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "DETACH PARTITION locks the whole partitioned table against reads and writes, and queues behind its running queries.",
        recipe: "Write DETACH PARTITION .. CONCURRENTLY in a migration of its own with `no-transaction`.",
        failing: "-- migrate:up
ALTER TABLE events DETACH PARTITION events_2025;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up no-transaction
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
-- migrate:down
SELECT 1;",
        check: Check::Up(detach),
    },
];

fn attach(view: &View<'_>, hits: &mut Hits) {
    for (at, _) in view.on_old_tables() {
        let Kind::AttachPartition { partition, default: false, .. } = &at.action.kind else { continue };
        let new = view.made.table(partition, at.statement);
        let validated = view.actions().any(|other| {
            other.statement < at.statement
                && matches!(&other.action.kind, Kind::ValidateConstraint { table, .. } if table == partition)
        });
        let checked =
            view.known_table(partition).is_some_and(|table| table.checks.iter().any(|check| !check.not_valid));
        if !new && !validated && !checked {
            hits.at(view, at, format!("`{partition}` is read to the end with its reads and writes waiting"));
        }
    }
}

fn detach(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::DetachPartition { partition, concurrently: false, .. } = &at.action.kind else { continue };
        if !view.made.table(partition, at.statement) {
            hits.at(view, at, format!("reads and writes of `{table}` wait while `{partition}` is detached"));
        }
    }
}

//! The second step of what was added NOT VALID, and NOT NULL.

use super::super::action::{ConstraintRule, Kind};
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::rule::{Check, Hits, Rule, View};
use super::POSTGRES;
use crate::catalog::ObjectName;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "not-null-without-check",
        title: "NOT NULL is set behind a validated CHECK",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "SET NOT NULL reads the whole table while all other reads and writes wait. If a valid CHECK (column IS NOT NULL) is there, Postgres trusts it and reads nothing.",
        recipe: "Add CHECK (column IS NOT NULL) NOT VALID in one migration; in the next VALIDATE CONSTRAINT, SET NOT NULL and drop the check.",
        failing: "-- migrate:up
ALTER TABLE posts ALTER COLUMN title SET NOT NULL;
-- migrate:down
ALTER TABLE posts ALTER COLUMN title DROP NOT NULL;",
        passing: "-- migrate:up
ALTER TABLE posts VALIDATE CONSTRAINT posts_title_given;
ALTER TABLE posts ALTER COLUMN title SET NOT NULL;
-- migrate:down
ALTER TABLE posts ALTER COLUMN title DROP NOT NULL;",
        check: Check::Up(not_null),
    },
    Rule {
        id: "validate-in-same-transaction",
        title: "A constraint is validated in a later transaction",
        level: Level::Error,
        lock: Some(LockLevel::ShareRowExclusive),
        dialects: POSTGRES,
        reason: "Locks are kept until COMMIT: the strong lock of ADD CONSTRAINT .. NOT VALID is still held while VALIDATE CONSTRAINT reads every row, so nothing is gained.",
        recipe: "Move VALIDATE CONSTRAINT into the next migration.",
        failing: "-- migrate:up
ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES users (id) NOT VALID;
ALTER TABLE posts VALIDATE CONSTRAINT posts_author;
-- migrate:down
ALTER TABLE posts DROP CONSTRAINT posts_author;",
        passing: "-- migrate:up
ALTER TABLE posts VALIDATE CONSTRAINT posts_title_given;
-- migrate:down
SELECT 1;",
        check: Check::Up(same_transaction),
    },
];

fn not_null(view: &View<'_>, hits: &mut Hits) {
    for (at, table) in view.on_old_tables() {
        let Kind::SetNotNull { column, .. } = &at.action.kind else { continue };
        let name = &column.name;
        let added = view.made.column(table, name, at.statement).is_some();
        if added && view.script.transaction || is_checked(view, table, name, at.statement) {
            continue;
        }
        hits.at(
            view,
            at,
            format!("reads and writes of `{table}` wait while `{name}` of every row is checked for NULL"),
        );
    }
}

/// Whether a valid CHECK says that the column holds no NULL: one of the catalog, or one validated before.
fn is_checked(view: &View<'_>, table: &ObjectName, column: &str, statement: usize) -> bool {
    if let Some(known) = view.known_table(table)
        && (known.checks.iter().any(|check| !check.not_valid && says_not_null(&check.condition, column))
            || known.column(column).is_some_and(|column| !column.nullable))
    {
        return true;
    }
    view.actions().take_while(|at| at.statement < statement).any(|at| match &at.action.kind {
        // Which condition it has may stand in an earlier migration: it is trusted unless the catalog knows better.
        Kind::ValidateConstraint { table: of, name } if of == table => match view.known_table(table) {
            Some(known) => match known.checks.iter().find(|check| check.name.as_deref() == Some(name)) {
                Some(check) => says_not_null(&check.condition, column),
                None => !known.foreign_keys.iter().any(|key| key.name == *name),
            },
            None => true,
        },
        Kind::AddConstraint { table: of, constraint } if of == table && !constraint.not_valid => {
            matches!(&constraint.rule, ConstraintRule::Check { condition } if says_not_null(condition, column))
        }
        _ => false,
    })
}

fn says_not_null(condition: &str, column: &str) -> bool {
    let plain: String = condition.chars().filter(|each| !"()\"".contains(*each)).collect();
    let words: Vec<String> = plain.split_whitespace().map(str::to_lowercase).collect();
    words.windows(4).any(|part| part[0] == column.to_lowercase() && part[1..] == ["is", "not", "null"])
        && !words.iter().any(|word| word == "or")
}

fn same_transaction(view: &View<'_>, hits: &mut Hits) {
    if !view.script.transaction {
        return;
    }
    for (at, table) in view.on_old_tables() {
        let Kind::ValidateConstraint { name, .. } = &at.action.kind else { continue };
        if view.made.unchecked(table, name, at.statement) {
            hits.at(
                view,
                at,
                format!("`{name}` was added in this transaction, whose strong lock on `{table}` is still held"),
            );
        }
    }
}

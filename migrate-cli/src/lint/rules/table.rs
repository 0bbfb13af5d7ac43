//! New tables.

use super::super::action::{ConstraintRule, Kind};
use super::super::finding::Level;
use super::super::rule::{Check, Hits, Rule, View};
use super::EVERY;
use peristyle_query::statement::Dialect;

pub(super) static RULES: &[Rule] = &[Rule {
    id: "no-primary-key",
    title: "A table has a primary key",
    level: Level::Warn,
    lock: None,
    dialects: EVERY,
    reason: "Without one, rows can't be told apart, logical replication can't update them, and batches have nothing to go by.",
    recipe: "Give the table a primary key; a join table has that of its two references.",
    failing: "-- migrate:up
CREATE TABLE tags (name text);
-- migrate:down
DROP TABLE tags;",
    passing: "-- migrate:up
CREATE TABLE tags (name text PRIMARY KEY);
-- migrate:down
DROP TABLE tags;",
    check: Check::Up(primary_key),
}];

fn primary_key(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::CreateTable(create) = &at.action.kind else { continue };
        let inline = create.columns.iter().any(|column| column.primary_key);
        let is_key = |rule: &ConstraintRule| matches!(rule, ConstraintRule::PrimaryKey { .. });
        let listed = create.constraints.iter().any(|constraint| is_key(&constraint.rule));
        let later = view.actions().any(|other| match &other.action.kind {
            Kind::AddConstraint { table, constraint } => *table == create.table && is_key(&constraint.rule),
            _ => false,
        });
        // A rebuild on SQLite gives the table the columns that it had.
        let rebuilt = view.context.dialect == Dialect::Sqlite && view.replaces(&create.table).is_some();
        let known = create.partition_of.is_none() && !create.derived && !create.temporary && !create.columns.is_empty();
        if known && !inline && !listed && !later && !rebuilt {
            hits.span(view, at.statement, create.name.span.clone(), format!("`{}` has no primary key", create.table));
        }
    }
}

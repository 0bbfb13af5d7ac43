//! Constraints of existing tables.

use super::super::action::{Constraint, ConstraintRule, Kind};
use super::super::finding::Level;
use super::super::fix::Fix;
use super::super::lock::LockLevel;
use super::super::rule::{At, Check, Hits, Rule, View};
use super::POSTGRES;
use crate::catalog::ObjectName;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "foreign-key-without-not-valid",
        title: "A foreign key is added NOT VALID first",
        level: Level::Error,
        lock: Some(LockLevel::ShareRowExclusive),
        dialects: POSTGRES,
        reason: "The foreign key is checked for every row that is there, while writes to both tables wait.",
        recipe: "Add it NOT VALID, which checks new rows only, and VALIDATE CONSTRAINT in a later migration: that lets reads and writes go on.",
        failing: "-- migrate:up
ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES users (id);
-- migrate:down
ALTER TABLE posts DROP CONSTRAINT posts_author;",
        passing: "-- migrate:up
ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES users (id) NOT VALID;
-- migrate:down
ALTER TABLE posts DROP CONSTRAINT posts_author;",
        check: Check::Up(foreign_key),
    },
    Rule {
        id: "check-without-not-valid",
        title: "A CHECK is added NOT VALID first",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "Every row is read to check it, while all other reads and writes of the table wait.",
        recipe: "Add it NOT VALID, which checks new rows only, and VALIDATE CONSTRAINT in a later migration: that lets reads and writes go on.",
        failing: "-- migrate:up
ALTER TABLE posts ADD CONSTRAINT posts_views CHECK (views >= 0);
-- migrate:down
ALTER TABLE posts DROP CONSTRAINT posts_views;",
        passing: "-- migrate:up
ALTER TABLE posts ADD CONSTRAINT posts_views CHECK (views >= 0) NOT VALID;
-- migrate:down
ALTER TABLE posts DROP CONSTRAINT posts_views;",
        check: Check::Up(check),
    },
    Rule {
        id: "unique-without-index",
        title: "A UNIQUE constraint takes an index that is there",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "The constraint builds its index while all reads and writes of the table wait.",
        recipe: "Build a unique index CONCURRENTLY in a migration of its own, then ADD CONSTRAINT .. UNIQUE USING INDEX.",
        failing: "-- migrate:up
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- migrate:down
ALTER TABLE users DROP CONSTRAINT users_email;",
        passing: "-- migrate:up
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email_unique;
-- migrate:down
ALTER TABLE users DROP CONSTRAINT users_email;",
        check: Check::Up(unique),
    },
    Rule {
        id: "primary-key-without-index",
        title: "A primary key takes an index that is there",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "The primary key builds its index, and checks every row for NULL, while all reads and writes of the table wait.",
        recipe: "Make the columns NOT NULL behind a validated CHECK, build a unique index CONCURRENTLY, then ADD CONSTRAINT .. PRIMARY KEY USING INDEX.",
        failing: "-- migrate:up
ALTER TABLE comments ADD CONSTRAINT comments_key PRIMARY KEY (id);
-- migrate:down
ALTER TABLE comments DROP CONSTRAINT comments_key;",
        passing: "-- migrate:up
ALTER TABLE comments ADD CONSTRAINT comments_key PRIMARY KEY USING INDEX comments_id_unique;
-- migrate:down
ALTER TABLE comments DROP CONSTRAINT comments_key;",
        check: Check::Up(primary_key),
    },
    Rule {
        id: "exclusion-constraint",
        title: "An exclusion constraint is made with its table",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "The constraint builds its index while all reads and writes of the table wait, and has neither NOT VALID nor USING INDEX.",
        recipe: "Make a new table with the constraint, copy the rows in batches while a trigger keeps both equal, and swap the names; or do it in a planned pause with `lint:allow`.",
        failing: "-- migrate:up
ALTER TABLE bookings ADD CONSTRAINT bookings_apart EXCLUDE USING gist (during WITH &&);
-- migrate:down
ALTER TABLE bookings DROP CONSTRAINT bookings_apart;",
        passing: "-- migrate:up
CREATE TABLE leases (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    during tsrange,
    CONSTRAINT leases_apart EXCLUDE USING gist (during WITH &&)
);
-- migrate:down
DROP TABLE leases;",
        check: Check::Up(exclusion),
    },
    Rule {
        id: "foreign-key-without-index",
        title: "The columns of a foreign key have an index",
        level: Level::Warn,
        lock: None,
        dialects: POSTGRES,
        reason: "Postgres makes no index for a foreign key. Without one, each DELETE and key change in the other table reads all of this one, under a lock.",
        recipe: "Create an index that begins with the columns of the foreign key.",
        failing: "-- migrate:up
CREATE TABLE likes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id bigint NOT NULL REFERENCES posts (id)
);
-- migrate:down
DROP TABLE likes;",
        passing: "-- migrate:up
CREATE TABLE likes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id bigint NOT NULL REFERENCES posts (id)
);
CREATE INDEX likes_post_id ON likes (post_id);
-- migrate:down
DROP TABLE likes;",
        check: Check::Up(without_index),
    },
    Rule {
        id: "domain-constraint",
        title: "A domain in use gets no new constraint without NOT VALID",
        level: Level::Error,
        lock: Some(LockLevel::Share),
        dialects: POSTGRES,
        reason: "Every table with a column of the domain is read to check its rows, while writes to all of them wait.",
        recipe: "Add the constraint NOT VALID, and ALTER DOMAIN .. VALIDATE CONSTRAINT in a later migration; or put a CHECK on each table.",
        failing: "-- migrate:up
ALTER DOMAIN percent ADD CONSTRAINT percent_range CHECK (value BETWEEN 0 AND 100);
-- migrate:down
ALTER DOMAIN percent DROP CONSTRAINT percent_range;",
        passing: "-- migrate:up
ALTER DOMAIN percent ADD CONSTRAINT percent_range CHECK (value BETWEEN 0 AND 100) NOT VALID;
-- migrate:down
ALTER DOMAIN percent DROP CONSTRAINT percent_range;",
        check: Check::Up(domain),
    },
];

/// The constraints that are added to tables that were there before.
fn added<'v>(view: &'v View<'_>) -> impl Iterator<Item = (At<'v>, &'v ObjectName, &'v Constraint)> {
    view.on_old_tables().filter_map(|(at, table)| match &at.action.kind {
        Kind::AddConstraint { constraint, .. } => Some((at, table, constraint)),
        _ => None,
    })
}

fn foreign_key(view: &View<'_>, hits: &mut Hits) {
    for (at, table, constraint) in added(view) {
        let ConstraintRule::ForeignKey { table: to, columns } = &constraint.rule else { continue };
        if !constraint.not_valid {
            let hit = hits.at(
                view,
                at,
                format!("writes to `{table}` and `{to}` wait while every row of `{table}` is checked"),
            );
            let name = format!("{}_{}_fkey", table.name, columns.join("_"));
            hit.fix = Fix::not_valid(view, at, table, constraint, &name);
        }
    }
}

fn check(view: &View<'_>, hits: &mut Hits) {
    // The names that constraints have, or get from their fixes: each is there once.
    let mut taken: Vec<String> = added(view)
        .filter_map(|(_, _, constraint)| constraint.name.as_ref().map(|name| name.name.clone()))
        .chain(view.context.catalog.iter().flat_map(|catalog| {
            catalog.tables.iter().flat_map(|table| table.checks.iter().filter_map(|check| check.name.clone()))
        }))
        .collect();
    for (at, table, constraint) in added(view) {
        let rule = &constraint.rule;
        if matches!(rule, ConstraintRule::Check { .. } | ConstraintRule::NotNull { .. }) && !constraint.not_valid {
            let hit = hits.at(view, at, format!("reads and writes of `{table}` wait while every row is checked"));
            let usual = format!("{}_check", table.name);
            let numbered = (1..).map(|number| format!("{usual}{number}"));
            let free = std::iter::once(usual.clone()).chain(numbered).find(|name| !taken.contains(name));
            let name = free.unwrap_or(usual);
            hit.fix = Fix::not_valid(view, at, table, constraint, &name);
            taken.push(name);
        }
    }
}

fn unique(view: &View<'_>, hits: &mut Hits) {
    for (at, table, constraint) in added(view) {
        let ConstraintRule::Unique { using_index: false, columns } = &constraint.rule else { continue };
        let columns = columns.join(", ");
        let hit =
            hits.at(view, at, format!("the index on ({columns}) is built while reads and writes of `{table}` wait"));
        hit.fix = Fix::using_index(view, at, table, constraint);
    }
}

fn primary_key(view: &View<'_>, hits: &mut Hits) {
    for (at, table, constraint) in added(view) {
        let ConstraintRule::PrimaryKey { using_index: false, .. } = &constraint.rule else { continue };
        let hit =
            hits.at(view, at, format!("the primary key's index is built while reads and writes of `{table}` wait"));
        hit.fix = Fix::using_index(view, at, table, constraint);
    }
}

fn exclusion(view: &View<'_>, hits: &mut Hits) {
    for (at, table, constraint) in added(view) {
        if constraint.rule == ConstraintRule::Exclusion {
            hits.at(view, at, format!("the constraint's index is built while reads and writes of `{table}` wait"));
        }
    }
}

fn without_index(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let mut report = |table: &ObjectName, columns: &[String]| {
            if !view.is_indexed(table, columns) {
                let columns = columns.join(", ");
                hits.at(view, at, format!("no index of `{table}` begins with the foreign key's ({columns})"));
            }
        };
        match &at.action.kind {
            Kind::CreateTable(create) => {
                for column in create.columns.iter().filter(|column| column.references.is_some()) {
                    report(&create.table, std::slice::from_ref(&column.name.name));
                }
                for constraint in &create.constraints {
                    if let ConstraintRule::ForeignKey { columns, .. } = &constraint.rule {
                        report(&create.table, columns);
                    }
                }
            }
            // What indexes an old table has is known from the catalog only.
            Kind::AddConstraint { table, constraint } => {
                let known = view.made.table(table, at.statement) || view.known_table(table).is_some();
                if let (ConstraintRule::ForeignKey { columns, .. }, true) = (&constraint.rule, known) {
                    report(table, columns);
                }
            }
            _ => {}
        }
    }
}

fn domain(view: &View<'_>, hits: &mut Hits) {
    for at in view.actions() {
        let Kind::AlterDomainConstraint { name, not_valid: false } = &at.action.kind else { continue };
        if !view.made.data_type(name, at.statement) {
            hits.at(view, at, format!("each table with a column of type `{name}` is read while writes to it wait"));
        }
    }
}

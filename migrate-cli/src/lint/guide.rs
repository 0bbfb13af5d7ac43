//! The description of the rules, for the command line and the documentation.

use super::lock::LockLevel;
use super::rule::Rule;
use super::rules::{rule, rules};
use peristyle_query::statement::Dialect;
use std::fmt::Write as _;

/// The tables that the examples of Postgres are about.
pub const EXAMPLE_SCHEMA_POSTGRES: &str = "\
CREATE TYPE post_status AS ENUM ('draft', 'published');
CREATE DOMAIN percent AS integer;
CREATE SCHEMA archive;
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    name text
);
CREATE UNIQUE INDEX users_email_unique ON users (email);
CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id bigint,
    title varchar(100),
    body text,
    views integer,
    status post_status NOT NULL DEFAULT 'draft',
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE posts ADD CONSTRAINT posts_title_given CHECK (title IS NOT NULL) NOT VALID;
CREATE INDEX posts_author_id ON posts (author_id);
CREATE INDEX posts_title ON posts (title);
CREATE TABLE comments (id bigint GENERATED ALWAYS AS IDENTITY, post_id bigint, body text);
CREATE UNIQUE INDEX comments_id_unique ON comments (id);
CREATE TABLE bookings (room bigint, during tsrange);
CREATE TABLE events (day date NOT NULL, kind text) PARTITION BY RANGE (day);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 (day date NOT NULL, kind text);
CREATE MATERIALIZED VIEW post_totals AS SELECT author_id, count(*) AS posts FROM posts GROUP BY author_id;
CREATE UNIQUE INDEX post_totals_author ON post_totals (author_id);
";

/// The tables that the examples of SQLite are about.
pub const EXAMPLE_SCHEMA_SQLITE: &str = "\
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    author_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    title TEXT,
    body TEXT
);
CREATE TABLE comments (id INTEGER PRIMARY KEY, body TEXT);
CREATE VIEW recent_posts AS SELECT id, title FROM posts;
";

/// A rule for a person: what it asks for, why, the lock, the safe way, and both examples; `None` if there is no such rule.
///
/// ```
/// let text = peristyle_migrate::lint::explain("index-without-concurrently").unwrap();
/// assert!(text.contains("CREATE INDEX CONCURRENTLY"));
/// assert!(peristyle_migrate::lint::explain("no-such-rule").is_none());
/// ```
pub fn explain(id: &str) -> Option<String> {
    let rule = rule(id)?;
    let mut text = format!("{} ({})\n{}.\n\n", rule.id, rule.level.name(), rule.title);
    let _ = writeln!(text, "Why   {}", rule.reason);
    if let Some(lock) = rule.lock {
        let _ = writeln!(text, "Lock  {}", described(lock));
    }
    let _ = writeln!(text, "Safe  {}", rule.recipe);
    let _ = write!(text, "\nBreaks it:\n\n{}\n\nKeeps it:\n\n{}\n", indented(rule.failing), indented(rule.passing));
    let _ = write!(text, "\nTo allow it once: -- lint:allow {} the reason\n", rule.id);
    Some(text)
}

fn described(lock: LockLevel) -> String {
    format!("{lock}: {}", lock.blocks())
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The whole guide, `docs/migrate-lint.md`, made from the rules.
pub fn guide() -> String {
    let mut text = String::from(INTRODUCTION);
    text.push_str("\n## The rules\n\n| Rule | Level | Store | What it asks for |\n| --- | --- | --- | --- |\n");
    for rule in rules() {
        let level = rule.level.name();
        let _ = writeln!(text, "| [{0}](#{0}) | {level} | {1} | {2} |", rule.id, stores(rule), rule.title);
    }
    text.push_str("\nThe examples are about these tables. On Postgres:\n\n```sql\n");
    text.push_str(EXAMPLE_SCHEMA_POSTGRES);
    text.push_str("```\n\nOn SQLite:\n\n```sql\n");
    text.push_str(EXAMPLE_SCHEMA_SQLITE);
    text.push_str("```\n");
    for rule in rules() {
        let _ = write!(text, "\n## {}\n\n{}. Level: {}. {}.\n\n", rule.id, rule.title, rule.level.name(), stores(rule));
        let _ = writeln!(text, "{}\n", rule.reason);
        if let Some(lock) = rule.lock {
            let _ = writeln!(text, "Lock: {}.\n", described(lock));
        }
        let _ = write!(
            text,
            "{}\n\nBreaks it:\n\n```sql\n{}\n```\n\nKeeps it:\n\n```sql\n{}\n```\n",
            rule.recipe, rule.failing, rule.passing
        );
    }
    text
}

fn stores(rule: &Rule) -> &'static str {
    match (rule.dialects.contains(&Dialect::Postgres), rule.dialects.contains(&Dialect::Sqlite)) {
        (true, true) => "Postgres and SQLite",
        (true, false) => "Postgres",
        _ => "SQLite",
    }
}

const INTRODUCTION: &str = "\
# What `migrate lint` finds

`peristyle migrate lint` reads the pending migrations and says what would lock, break or lose something in production.
`migrate up` does the same on Postgres and only warns; `peristyle migrate check` fails on an error.

- `peristyle migrate lint --explain RULE` shows a rule with both of its examples.
- `peristyle migrate lint --fix` rewrites what can be rewritten mechanically: CONCURRENTLY, NOT VALID with VALIDATE in the
  next migration, USING INDEX, identity columns, timestamptz and jsonb.
- What a migration makes itself is exempt: nobody uses a table that is not there yet.
- The way down is checked for what the database refuses or what loses data, not for locks.

A rule is broken on purpose with a comment that says why. It is for the statement that it stands in, before, or behind on its line; above
`-- migrate:up` it is for the whole file. One that allows nothing is a finding itself.

```sql
-- migrate:up
-- lint:allow drop-column no release since May reads it
ALTER TABLE posts DROP COLUMN body;
```

The levels are `error`, `warn`, `note` and `off`; `peristyle.toml` can set another one for a rule.
";

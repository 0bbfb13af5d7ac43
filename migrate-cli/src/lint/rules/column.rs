//! New columns of existing tables.

use super::super::action::{Column, Expression, Kind, Stored};
use super::super::finding::Level;
use super::super::lock::LockLevel;
use super::super::rule::{At, Check, Hits, Rule, View};
use super::{EVERY, POSTGRES};
use crate::catalog::ObjectName;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "volatile-default",
        title: "A new column has no volatile default",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "A default that differs from row to row makes Postgres rewrite the whole table while every read and write waits. A constant, now() or another stable expression is stored once and costs nothing.",
        recipe: "Add the column without a default, set the default in a second statement (it is for new rows), and fill old rows in batches.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN token uuid DEFAULT gen_random_uuid();
-- migrate:down
ALTER TABLE posts DROP COLUMN token;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN token uuid;
ALTER TABLE posts ALTER COLUMN token SET DEFAULT gen_random_uuid();
-- migrate:down
ALTER TABLE posts DROP COLUMN token;",
        check: Check::Up(volatile_default),
    },
    Rule {
        id: "add-required-column",
        title: "A new NOT NULL column has a default",
        level: Level::Error,
        lock: None,
        dialects: EVERY,
        reason: "The rows that are there have no value for the column, so the statement fails on every table that is not empty.",
        recipe: "Give the column a constant default; or add it nullable, fill it, and then set NOT NULL behind a validated CHECK.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN rating integer NOT NULL;
-- migrate:down
ALTER TABLE posts DROP COLUMN rating;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN rating integer NOT NULL DEFAULT 0;
-- migrate:down
ALTER TABLE posts DROP COLUMN rating;",
        check: Check::Up(required),
    },
    Rule {
        id: "add-column-unique",
        title: "A new column is not UNIQUE inline",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "UNIQUE behind a new column builds its index while every read and write of the table waits.",
        recipe: "Add the column, build a unique index CONCURRENTLY in a second migration, then ADD CONSTRAINT .. UNIQUE USING INDEX.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN slug text UNIQUE;
-- migrate:down
ALTER TABLE posts DROP COLUMN slug;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN slug text;
-- migrate:down
ALTER TABLE posts DROP COLUMN slug;",
        check: Check::Up(unique),
    },
    Rule {
        id: "add-column-primary-key",
        title: "A new column is not PRIMARY KEY inline",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "PRIMARY KEY behind a new column fills it, builds its index and checks every row while all reads and writes of the table wait.",
        recipe: "Add the column, fill it in batches, build a unique index CONCURRENTLY, then ADD CONSTRAINT .. PRIMARY KEY USING INDEX.",
        failing: "-- migrate:up
ALTER TABLE bookings ADD COLUMN id uuid DEFAULT '00000000-0000-0000-0000-000000000000' PRIMARY KEY;
-- migrate:down
ALTER TABLE bookings DROP COLUMN id;",
        passing: "-- migrate:up
ALTER TABLE bookings ADD COLUMN id uuid;
-- migrate:down
ALTER TABLE bookings DROP COLUMN id;",
        check: Check::Up(primary_key),
    },
    Rule {
        id: "add-column-references",
        title: "A new column has no inline REFERENCES",
        level: Level::Error,
        lock: Some(LockLevel::ShareRowExclusive),
        dialects: POSTGRES,
        reason: "REFERENCES behind a new column locks both tables against writes while all rows are checked, and the column has no index.",
        recipe: "Add the column; index it CONCURRENTLY; add the foreign key NOT VALID; validate it in a later migration.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN editor_id bigint REFERENCES users (id);
-- migrate:down
ALTER TABLE posts DROP COLUMN editor_id;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN editor_id bigint;
-- migrate:down
ALTER TABLE posts DROP COLUMN editor_id;",
        check: Check::Up(references),
    },
    Rule {
        id: "add-column-check",
        title: "A new column has no inline CHECK",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "CHECK behind a new column reads the whole table while every other read and write of it waits.",
        recipe: "Add the column, add the CHECK as a constraint NOT VALID, and validate it in a later migration.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN rating integer CHECK (rating > 0);
-- migrate:down
ALTER TABLE posts DROP COLUMN rating;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN rating integer;
ALTER TABLE posts ADD CONSTRAINT posts_rating CHECK (rating > 0) NOT VALID;
-- migrate:down
ALTER TABLE posts DROP COLUMN rating;",
        check: Check::Up(inline_check),
    },
    Rule {
        id: "add-stored-column",
        title: "A generated column that is STORED is not added to an existing table",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "Postgres computes the column for every row and rewrites the table while all reads and writes wait.",
        recipe: "Add a plain column that a trigger fills, and backfill it in batches; or compute the value in a view, or (Postgres 18) in a VIRTUAL column.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN length integer GENERATED ALWAYS AS (length(body)) STORED;
-- migrate:down
ALTER TABLE posts DROP COLUMN length;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN length integer;
-- migrate:down
ALTER TABLE posts DROP COLUMN length;",
        check: Check::Up(stored),
    },
    Rule {
        id: "add-numbered-column",
        title: "A serial or identity column is not added to an existing table",
        level: Level::Error,
        lock: Some(LockLevel::AccessExclusive),
        dialects: POSTGRES,
        reason: "Every row gets its number at once: Postgres rewrites the table while all reads and writes wait.",
        recipe: "Add a plain bigint, make new rows take it from a sequence, and number the old rows in batches.",
        failing: "-- migrate:up
ALTER TABLE posts ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;
-- migrate:down
ALTER TABLE posts DROP COLUMN position;",
        passing: "-- migrate:up
ALTER TABLE posts ADD COLUMN position bigint;
-- migrate:down
ALTER TABLE posts DROP COLUMN position;",
        check: Check::Up(numbered),
    },
];

/// The columns that are added to tables that were there before.
fn added<'v>(view: &'v View<'_>) -> impl Iterator<Item = (At<'v>, &'v ObjectName, &'v Column)> {
    view.on_old_tables().filter_map(|(at, table)| match &at.action.kind {
        Kind::AddColumn { column, .. } => Some((at, table, column)),
        _ => None,
    })
}

fn volatile_default(view: &View<'_>, hits: &mut Hits) {
    for (at, table, column) in added(view) {
        let Some(function) = column.default.as_ref().and_then(volatile_function) else { continue };
        let certain = is_volatile(function);
        let message = match certain {
            true => format!("`{function}` gives each row of `{table}` its own value, so the table is rewritten"),
            false => format!(
                "`{table}` is rewritten if `{function}` is volatile, which a function is unless it says otherwise"
            ),
        };
        let hit = hits.at(view, at, message);
        if !certain {
            hit.level = Some(Level::Warn);
        }
    }
}

/// The first function that may give each row its own value.
fn volatile_function(default: &Expression) -> Option<&str> {
    let unknown = |name: &&String| !STABLE.contains(&name.as_str());
    default.functions.iter().find(unknown).map(String::as_str)
}

fn is_volatile(function: &str) -> bool {
    let known = [
        "random",
        "random_normal",
        "gen_random_uuid",
        "uuidv4",
        "uuidv7",
        "clock_timestamp",
        "timeofday",
        "nextval",
        "setval",
        "gen_random_bytes",
        "gen_salt",
    ];
    known.contains(&function) || function.starts_with("uuid_generate_")
}

/// Functions that give the same value for all rows of a statement.
const STABLE: &[&str] = &[
    "now",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "localtime",
    "transaction_timestamp",
    "statement_timestamp",
    "current_user",
    "session_user",
    "current_setting",
    "current_database",
    "current_schema",
    "lower",
    "upper",
    "initcap",
    "concat",
    "concat_ws",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "length",
    "char_length",
    "substring",
    "substr",
    "trim",
    "btrim",
    "ltrim",
    "rtrim",
    "replace",
    "left",
    "right",
    "lpad",
    "rpad",
    "repeat",
    "reverse",
    "format",
    "md5",
    "sha256",
    "encode",
    "decode",
    "convert_to",
    "abs",
    "ceil",
    "ceiling",
    "floor",
    "round",
    "trunc",
    "power",
    "sqrt",
    "mod",
    "date_trunc",
    "date_part",
    "extract",
    "make_date",
    "make_time",
    "make_timestamp",
    "make_timestamptz",
    "make_interval",
    "age",
    "to_char",
    "to_date",
    "to_number",
    "to_timestamp",
    "timezone",
    "array_length",
    "array_append",
    "array_fill",
    "string_to_array",
    "array_to_string",
    "cardinality",
    "json_build_object",
    "json_build_array",
    "jsonb_build_object",
    "jsonb_build_array",
    "jsonb_object",
    "json_object",
    "to_json",
    "to_jsonb",
    "row_to_json",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "to_tsvector",
    "to_tsquery",
    "point",
    "box",
    "numeric",
    "varchar",
    "char",
    "bit",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "decimal",
    "character",
    "float",
    "txid_current",
    "pg_current_xact_id",
    "chr",
    "ascii",
    "sign",
    "exists",
    "any",
    "all",
    "and",
    "or",
    "not",
    "case",
    "when",
];

fn required(view: &View<'_>, hits: &mut Hits) {
    for (at, table, column) in added(view) {
        let numbered = column.identity || is_serial(column) || column.generated.is_some();
        let none = column.default.as_ref().is_none_or(|default| default.null);
        // A primary key is another rule's, on both stores.
        if column.not_null && none && !numbered && !column.primary_key {
            let name = &column.name.name;
            hits.at(view, at, format!("the rows of `{table}` have no value for `{name}`, which must not be NULL"));
        }
    }
}

fn is_serial(column: &Column) -> bool {
    matches!(column.data_type.base.as_str(), "serial" | "bigserial" | "smallserial")
}

fn unique(view: &View<'_>, hits: &mut Hits) {
    for (at, table, column) in added(view).filter(|(_, _, column)| column.unique) {
        let name = &column.name.name;
        hits.at(view, at, format!("the unique index on `{name}` is built while reads and writes of `{table}` wait"));
    }
}

fn primary_key(view: &View<'_>, hits: &mut Hits) {
    for (at, table, _) in added(view).filter(|(_, _, column)| column.primary_key) {
        hits.at(view, at, format!("the primary key's index is built while reads and writes of `{table}` wait"));
    }
}

fn references(view: &View<'_>, hits: &mut Hits) {
    for (at, table, column) in added(view) {
        let Some(to) = &column.references else { continue };
        hits.at(view, at, format!("writes to `{table}` and `{to}` wait while the foreign key is checked"));
    }
}

fn inline_check(view: &View<'_>, hits: &mut Hits) {
    for (at, table, _) in added(view).filter(|(_, _, column)| column.check) {
        hits.at(view, at, format!("reads and writes of `{table}` wait while every row is checked"));
    }
}

fn stored(view: &View<'_>, hits: &mut Hits) {
    for (at, table, column) in added(view).filter(|(_, _, column)| column.generated == Some(Stored::Stored)) {
        let name = &column.name.name;
        hits.at(view, at, format!("`{table}` is rewritten to store `{name}`"));
    }
}

fn numbered(view: &View<'_>, hits: &mut Hits) {
    for (at, table, column) in added(view).filter(|(_, _, column)| column.identity || is_serial(column)) {
        let name = &column.name.name;
        hits.at(view, at, format!("`{table}` is rewritten to number its rows in `{name}`"));
    }
}

//! Dropping and renaming, and objects besides tables.

use super::super::dialect_of;
use super::{postgres, sqlite, sqlite_after};
use crate::dsl::Migration;
use crate::dsl::prelude::*;
use insta::assert_snapshot;

#[test]
fn pgsql_109_executing_a_string_during_migration() {
    let change = |m: &mut Migration| {
        m.execute("example");
    };
    assert_snapshot!(postgres(change), @"example");
    assert_snapshot!(sqlite(change), @"example");
}

#[test]
fn pgsql_140_drop_table() {
    let change = |m: &mut Migration| {
        m.drop_table("posts");
    };
    assert_snapshot!(postgres(change), @r#"DROP TABLE "posts""#);
}

#[test]
fn pgsql_142_drop_table_with_cascade() {
    let change = |m: &mut Migration| {
        m.drop_table("posts").cascade();
        m.drop_table("foo.posts").if_exists().cascade();
    };
    assert_snapshot!(postgres(change), @r#"
    DROP TABLE "posts" CASCADE
    DROP TABLE IF EXISTS "foo"."posts" CASCADE
    "#);
}

#[test]
fn pgsql_174_rename_table() {
    let change = |m: &mut Migration| m.rename_table("posts", "new_posts");
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "posts" RENAME TO "new_posts""#);
}

#[test]
fn pgsql_175_rename_table_with_prefix() {
    let change = |m: &mut Migration| m.rename_table("foo.posts", "new_posts");
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "foo"."posts" RENAME TO "new_posts""#);
}

#[test]
fn migration_009_raises_on_no_sql_migrations() {
    assert_snapshot!(dialect_of(None).unwrap_err(), @"`migrate`: the store of this repo has no tables to change, since it does not speak SQL; run migrations with a repo on Postgres or SQLite");
}

#[test]
fn sqlite_does_not_drop_a_table_that_others_point_at() {
    let before = |m: &mut Migration| {
        m.create_table("users", |t| {
            t.id();
        });
        m.create_table("posts", |t| {
            t.id();
            t.references("users").on_delete(Cascade);
        });
    };
    let plain = sqlite_after(before, |m| {
        m.drop_table("users");
    });
    assert_snapshot!(plain.unwrap_err(), @r#"`m.drop_table("users")`: table posts points at users; drop it or its foreign key first, or drop the key along with `.cascade()`"#);
    let cascade = sqlite_after(before, |m| {
        m.drop_table("users").cascade();
    })
    .unwrap();
    assert!(cascade.needs_foreign_keys_off);
    assert_snapshot!(cascade.statements.join("\n"), @r#"
    CREATE TABLE "posts_rebuilt" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER)
    INSERT INTO "posts_rebuilt" ("id", "user_id") SELECT "id", "user_id" FROM "posts"
    DELETE FROM sqlite_sequence WHERE name = 'posts_rebuilt'
    INSERT INTO sqlite_sequence (name, seq) SELECT 'posts_rebuilt', seq FROM sqlite_sequence WHERE name = 'posts'
    DROP TABLE "posts"
    PRAGMA legacy_alter_table = ON
    ALTER TABLE "posts_rebuilt" RENAME TO "posts"
    PRAGMA legacy_alter_table = OFF
    DROP TABLE "users"
    "#);
}

#[test]
fn objects_of_postgres_are_made_changed_and_dropped() {
    let change = |m: &mut Migration| {
        m.create_schema("blog");
        m.create_schema_if_not_exists("blog");
        m.create_extension("citext");
        m.create_extension_in("blog", "pg_trgm");
        m.create_enum("blog.status", ["draft", "it's live"]);
        m.add_enum_value("blog.status", "gone").if_not_exists().before("draft");
        m.rename_enum_value("blog.status", "gone", "lost");
        m.rename_enum("blog.status", "state");
        m.create_view("recent", "SELECT 1 AS one;\n");
        m.replace_view("recent", "SELECT 2 AS one", "SELECT 1 AS one");
        m.create_materialized_view("totals", "SELECT 1 AS n");
        m.create_index("totals", ["n"]).unique();
        m.comment_on_table("posts", "it's");
        m.comment_on_column("posts", "title", "said").from("sad");
        m.comment_on_index("blog.posts_title_index", "x").from_none();
        m.comment_on_constraint("posts", "posts_check", "y");
        m.drop_materialized_view("totals").if_exists().cascade();
        m.drop_view("recent");
        m.drop_enum("blog.state").if_exists();
        m.drop_extension("citext");
        m.drop_schema("blog").if_exists().cascade();
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE SCHEMA "blog"
    CREATE SCHEMA IF NOT EXISTS "blog"
    CREATE EXTENSION IF NOT EXISTS "citext"
    CREATE EXTENSION IF NOT EXISTS "pg_trgm" SCHEMA "blog"
    CREATE TYPE "blog"."status" AS ENUM ('draft', 'it''s live')
    ALTER TYPE "blog"."status" ADD VALUE IF NOT EXISTS 'gone' BEFORE 'draft'
    ALTER TYPE "blog"."status" RENAME VALUE 'gone' TO 'lost'
    ALTER TYPE "blog"."status" RENAME TO "state"
    CREATE VIEW "recent" AS SELECT 1 AS one
    CREATE OR REPLACE VIEW "recent" AS SELECT 2 AS one
    CREATE MATERIALIZED VIEW "totals" AS SELECT 1 AS n
    CREATE UNIQUE INDEX "totals_n_index" ON "totals" ("n")
    COMMENT ON TABLE "posts" IS 'it''s'
    COMMENT ON COLUMN "posts"."title" IS 'said'
    COMMENT ON INDEX "blog"."posts_title_index" IS 'x'
    COMMENT ON CONSTRAINT "posts_check" ON "posts" IS 'y'
    DROP MATERIALIZED VIEW IF EXISTS "totals" CASCADE
    DROP VIEW "recent"
    DROP TYPE IF EXISTS "blog"."state"
    DROP EXTENSION IF EXISTS "citext"
    DROP SCHEMA IF EXISTS "blog" CASCADE
    "#);
}

#[test]
fn sqlite_says_which_objects_it_does_not_have() {
    let because = |change: fn(&mut Migration), reason: &str| {
        let error = sqlite(change);
        assert!(error.contains(reason), "{error}");
    };
    because(|m| m.create_schema("blog"), "SQLite has no database schemas; attach a file with this name instead");
    because(
        |m| {
            m.drop_schema("blog");
        },
        "SQLite has no database schemas",
    );
    because(|m| m.create_extension("citext"), "SQLite has no extensions");
    because(|m| m.drop_extension("citext"), "SQLite has no extensions");
    because(|m| m.create_materialized_view("a", "SELECT 1"), "SQLite has no materialized views");
    because(
        |m| {
            m.drop_materialized_view("a");
        },
        "SQLite has no materialized views",
    );
    let table = |build: fn(&mut crate::dsl::TableBuilder)| {
        sqlite(move |m| {
            m.create_table("a", |t| {
                t.text("b");
                build(t);
            });
        })
    };
    let exclusion = table(|t| {
        t.exclude("c", "USING gist (b WITH =)");
    });
    assert!(exclusion.contains("SQLite has no exclusion constraints"), "{exclusion}");
    let unique = table(|t| {
        t.unique(["b"]).nulls_not_distinct();
    });
    assert!(unique.contains("where two NULLs are equal"), "{unique}");
    let deferred = table(|t| {
        t.unique(["b"]).deferrable();
    });
    assert!(deferred.contains("wait for COMMIT"), "{deferred}");
    let full = table(|t| {
        t.foreign_key(["b"], "c").match_full();
    });
    assert!(full.contains("no MATCH FULL"), "{full}");
    let some = table(|t| {
        t.foreign_key(["b"], "c").on_delete(SetNullColumns(vec!["b".into()]));
    });
    assert!(some.contains("sets all of its columns"), "{some}");
    let number = table(|t| {
        t.serial("n");
    });
    assert!(number.contains("only primary key alone"), "{number}");
}

#[test]
fn sqlite_keeps_views_and_leaves_comments_out() {
    let change = |m: &mut Migration| {
        m.create_view("recent", "SELECT 1 AS one");
        m.replace_view("recent", "SELECT 2 AS one", "SELECT 1 AS one");
        m.comment_on_index("x", "y");
        m.drop_view("recent").cascade();
    };
    assert_snapshot!(sqlite(change), @r#"
    CREATE VIEW "recent" AS SELECT 1 AS one
    DROP VIEW "recent"
    CREATE VIEW "recent" AS SELECT 2 AS one
    DROP VIEW "recent"
    "#);
}

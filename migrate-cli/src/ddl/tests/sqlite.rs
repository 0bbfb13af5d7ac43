//! What SQLite does natively, and what it rebuilds.

use super::{sqlite, sqlite_after};
use crate::dsl::Migration;
use crate::dsl::prelude::*;
use insta::assert_snapshot;

fn posts(m: &mut Migration) {
    m.create_table("posts", |t| {
        t.id();
        t.text("title").not_null();
        t.integer("price").default(1);
        t.text("slug").generated("lower(title)");
        t.index(["title"]);
        t.check("price_is_positive", "price > 0");
    });
}

fn after(change: impl FnOnce(&mut Migration)) -> String {
    match sqlite_after(posts, change) {
        Ok(rendered) => {
            let off = if rendered.needs_foreign_keys_off { "-- foreign keys off\n" } else { "" };
            format!("{off}{}", rendered.statements.join("\n"))
        }
        Err(error) => error,
    }
}

#[test]
fn simple_changes_are_native() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.text("summary").default("none").not_null();
            t.references("users").on_delete(Cascade);
            t.text("upper").generated_virtual("upper(title)");
            t.text("title").if_not_exists();
            t.rename_column("title", "name");
            t.drop_column("summary");
            t.drop_column("other").if_exists();
        });
    };
    assert_snapshot!(after(change), @r#"
    ALTER TABLE "posts" ADD COLUMN "summary" TEXT DEFAULT 'none' NOT NULL
    ALTER TABLE "posts" ADD COLUMN "user_id" INTEGER CONSTRAINT "posts_user_id_fkey" REFERENCES "users"("id") ON DELETE CASCADE
    ALTER TABLE "posts" ADD COLUMN "upper" TEXT GENERATED ALWAYS AS (upper(title)) VIRTUAL
    ALTER TABLE "posts" RENAME COLUMN "title" TO "name"
    ALTER TABLE "posts" DROP COLUMN "summary"
    "#);
}

#[test]
fn other_changes_rebuild_the_table_once() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.modify("price", |c| c.decimal(8, 2).using("price * 1.0").not_null().default(2));
            t.timestamp("seen_at").default_sql("now()").not_null();
            t.drop_constraint("price_is_positive");
            t.check("price_is_small", "price < 1000");
        });
    };
    assert_snapshot!(after(change), @r#"
    -- foreign keys off
    CREATE TABLE "posts_rebuilt" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "price" TEXT COLLATE decimal DEFAULT '2' NOT NULL, "slug" TEXT GENERATED ALWAYS AS (lower(title)) STORED, "seen_at" TEXT DEFAULT CURRENT_TIMESTAMP NOT NULL, CONSTRAINT "price_is_small" CHECK (price < 1000))
    INSERT INTO "posts_rebuilt" ("id", "title", "price") SELECT "id", "title", price * 1.0 FROM "posts"
    DELETE FROM sqlite_sequence WHERE name = 'posts_rebuilt'
    INSERT INTO sqlite_sequence (name, seq) SELECT 'posts_rebuilt', seq FROM sqlite_sequence WHERE name = 'posts'
    DROP TABLE "posts"
    PRAGMA legacy_alter_table = ON
    ALTER TABLE "posts_rebuilt" RENAME TO "posts"
    PRAGMA legacy_alter_table = OFF
    CREATE INDEX "posts_title_index" ON "posts" ("title")
    "#);
}

#[test]
fn a_column_goes_with_its_indexes_and_checks() {
    assert_snapshot!(after(|m| m.alter_table("posts", |t| { t.drop_column("slug"); })), @r#"ALTER TABLE "posts" DROP COLUMN "slug""#);
    let checked = after(|m| {
        m.alter_table("posts", |t| {
            t.drop_column("price");
        })
    });
    assert!(checked.starts_with("-- foreign keys off") && !checked.contains("price"), "{checked}");
    assert_snapshot!(after(|m| m.alter_table("posts", |t| {
        t.drop_column("slug");
        t.drop_column("title");
    })), @r#"
    ALTER TABLE "posts" DROP COLUMN "slug"
    DROP INDEX "posts_title_index"
    ALTER TABLE "posts" DROP COLUMN "title"
    "#);
    assert_snapshot!(after(|m| m.alter_table("posts", |t| { t.drop_column("title"); })), @r#"`m.alter_table("posts"), t.drop_column("title")`: column "slug" is computed from "title"; drop it first"#);
    assert_snapshot!(after(|m| m.alter_table("posts", |t| { t.drop_column("nothing"); })), @r#"`m.alter_table("posts"), t.drop_column("nothing")`: table posts has no column "nothing"; it has "id", "title", "price", "slug""#);
}

#[test]
fn what_is_not_there_cannot_be_altered() {
    assert_snapshot!(sqlite(|m| m.alter_table("posts", |t| { t.text("a"); })), @r#"`m.alter_table("posts"), the new column "a"`: there is no table posts"#);
    assert_snapshot!(after(|m| m.validate_constraint("posts", "price_is_positive")), @"");
    assert_snapshot!(after(|m| { m.drop_constraint("posts", "other"); }), @r#"`m.alter_table("posts"), drop_constraint("other")`: table posts has no constraint "other"; it has "price_is_positive""#);
    assert_snapshot!(after(|m| m.alter_table("posts", |t| { t.text("title"); })), @r#"`m.alter_table("posts"), the new column "title"`: table posts has a column "title" already"#);
}

#[test]
fn enums_are_text_with_a_check_that_follows_their_values() {
    let before = |m: &mut Migration| {
        m.create_enum("status", ["draft", "it's live"]);
        m.create_table("posts", |t| {
            t.enumeration("state", "status").default("draft").not_null();
        });
    };
    assert_snapshot!(sqlite(before), @r#"CREATE TABLE "posts" ("state" TEXT DEFAULT 'draft' NOT NULL, CONSTRAINT "posts_state_is_status" CHECK ("state" IN ('draft', 'it''s live')))"#);
    let unknown = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.enumeration("state", "status");
        });
        m.add_enum_value("status", "gone");
    };
    assert_snapshot!(sqlite(unknown), @r#"`m.add_enum_value("status", "gone")`: no check of SQLite is known to hold the values of the enum status, which are text there; change the columns with `m.execute(..)`"#);
}

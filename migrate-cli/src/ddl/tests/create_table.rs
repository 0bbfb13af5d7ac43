//! CREATE TABLE.

use super::{postgres, sqlite};
use crate::dsl::Migration;
use crate::dsl::prelude::*;
use insta::assert_snapshot;

#[test]
fn pgsql_110_create_table() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.string("name").size(20).default("Untitled").not_null();
            t.decimal("price").precision(8).scale(2).default_sql("expr");
            t.integer("on_hand").default(0);
            t.column("likes", "smallint unsigned").default(0).not_null();
            t.boolean("is_active").default(true);
            t.column("flags", "varbit").default_sql("b'00000000'");
            t.column("more_flags", "varbit(16)");
            t.column("span", "interval YEAR TO MONTH(2)").default_sql("'1 MONTH'");
            t.array("languages", ColumnType::Varchar(255)).default(Vec::<&str>::new());
            t.array("tags", ColumnType::Varchar(255)).default(["pt", "es"]);
            t.array("limits", ColumnType::Integer).default([100, 30_000]);
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("name" varchar(20) DEFAULT 'Untitled' NOT NULL, "price" numeric(8,2) DEFAULT expr, "on_hand" integer DEFAULT 0, "likes" smallint unsigned DEFAULT 0 NOT NULL, "is_active" boolean DEFAULT true, "flags" varbit DEFAULT b'00000000', "more_flags" varbit(16), "span" interval YEAR TO MONTH(2) DEFAULT '1 MONTH', "languages" varchar(255)[] DEFAULT ARRAY[]::varchar[], "tags" varchar(255)[] DEFAULT ARRAY['pt','es']::varchar[], "limits" integer[] DEFAULT ARRAY[100,30000]::integer[])"#);
    let portable = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.string("name").size(20).default("Untitled").not_null();
            t.decimal("price").precision(8).scale(2).default(9.5);
            t.boolean("is_active").default(true);
            t.array("tags", ColumnType::Varchar(255)).default(["pt", "es"]);
            t.timestamp("seen_at").default_sql("now()");
            t.uuid("token").default_sql("lower(hex(randomblob(16)))");
        });
    };
    assert_snapshot!(sqlite(portable), @r#"CREATE TABLE "posts" ("name" TEXT DEFAULT 'Untitled' NOT NULL, "price" TEXT COLLATE decimal DEFAULT '9.5', "is_active" BOOLEAN DEFAULT true, "tags" TEXT DEFAULT '["pt","es"]', "seen_at" TEXT DEFAULT CURRENT_TIMESTAMP, "token" TEXT DEFAULT (lower(hex(randomblob(16)))))"#);
}

#[test]
fn pgsql_111_create_table_with_prefix() {
    let change = |m: &mut Migration| {
        m.create_table("foo.posts", |t| {
            t.references("categories").column("category_0");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "foo"."posts" ("category_0" bigint, CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "foo"."categories"("id"))"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "foo"."posts" ("category_0" INTEGER, CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "categories"("id"))"#);
}

#[test]
fn pgsql_113_create_table_with_comment_on_table() {
    let change = |m: &mut Migration| {
        m.create_table("foo.posts", |t| {
            t.references("categories").column("category_0");
            t.comment("table comment");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE TABLE "foo"."posts" ("category_0" bigint, CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "foo"."categories"("id"))
    COMMENT ON TABLE "foo"."posts" IS 'table comment'
    "#);
    assert!(!sqlite(change).contains("COMMENT"));
}

#[test]
fn pgsql_114_create_table_with_comment_on_columns() {
    let change = |m: &mut Migration| {
        m.create_table("foo.posts", |t| {
            t.references("categories").column("category_0").comment("column comment");
            t.datetime("created_at").precision(0);
            t.datetime("updated_at").precision(0).comment("column comment 2");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE TABLE "foo"."posts" ("category_0" bigint, CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "foo"."categories"("id"), "created_at" timestamp(0), "updated_at" timestamp(0))
    COMMENT ON COLUMN "foo"."posts"."category_0" IS 'column comment'
    COMMENT ON COLUMN "foo"."posts"."updated_at" IS 'column comment 2'
    "#);
}

#[test]
fn pgsql_116_create_table_with_references() {
    let nilify = || vec!["a".to_owned(), "b".to_owned()];
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.column("id", ColumnType::Serial).primary_key();
            t.references("categories").column("category_0");
            t.references("categories").column("category_1").name("foo_bar");
            t.references("categories").column("category_2").on_delete(Nothing);
            t.references("categories").column("category_3").on_delete(Cascade).not_null();
            t.references("categories").column("category_4").on_delete(SetNull);
            t.references("categories").column("category_5").on_delete(Restrict);
            t.references("categories").column("category_6").on_update(Cascade);
            t.references("categories").column("category_7").on_update(SetNull);
            t.references("categories").column("category_8").on_update(Restrict).not_null();
            t.references("foo.categories").column("category_9").on_delete(Cascade).on_update(SetNull);
            t.references("categories").column("category_10").with("here", "there").match_full().on_delete(Restrict);
            t.references("categories").column("category_11").on_delete(SetDefault);
            t.references("categories")
                .column("category_12")
                .with("a", "a")
                .with("b", "b")
                .on_delete(SetNullColumns(nilify()));
            t.references("categories")
                .column("category_13")
                .with("a", "a")
                .with("b", "b")
                .on_delete(SetDefaultColumns(nilify()));
            t.references("categories").column("category_14").deferrable();
            t.references("categories").column("category_15").initially_deferred();
            t.integer("here");
            t.integer("a");
            t.integer("b");
        });
    };
    assert_snapshot!(postgres(change).replace(", CONSTRAINT", ",\n CONSTRAINT"), @r#"
    CREATE TABLE "posts" ("id" serial, "category_0" bigint,
     CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "categories"("id"), "category_1" bigint,
     CONSTRAINT "foo_bar" FOREIGN KEY ("category_1") REFERENCES "categories"("id"), "category_2" bigint,
     CONSTRAINT "posts_category_2_fkey" FOREIGN KEY ("category_2") REFERENCES "categories"("id"), "category_3" bigint NOT NULL,
     CONSTRAINT "posts_category_3_fkey" FOREIGN KEY ("category_3") REFERENCES "categories"("id") ON DELETE CASCADE, "category_4" bigint,
     CONSTRAINT "posts_category_4_fkey" FOREIGN KEY ("category_4") REFERENCES "categories"("id") ON DELETE SET NULL, "category_5" bigint,
     CONSTRAINT "posts_category_5_fkey" FOREIGN KEY ("category_5") REFERENCES "categories"("id") ON DELETE RESTRICT, "category_6" bigint,
     CONSTRAINT "posts_category_6_fkey" FOREIGN KEY ("category_6") REFERENCES "categories"("id") ON UPDATE CASCADE, "category_7" bigint,
     CONSTRAINT "posts_category_7_fkey" FOREIGN KEY ("category_7") REFERENCES "categories"("id") ON UPDATE SET NULL, "category_8" bigint NOT NULL,
     CONSTRAINT "posts_category_8_fkey" FOREIGN KEY ("category_8") REFERENCES "categories"("id") ON UPDATE RESTRICT, "category_9" bigint,
     CONSTRAINT "posts_category_9_fkey" FOREIGN KEY ("category_9") REFERENCES "foo"."categories"("id") ON DELETE CASCADE ON UPDATE SET NULL, "category_10" bigint,
     CONSTRAINT "posts_category_10_here_fkey" FOREIGN KEY ("category_10","here") REFERENCES "categories"("id","there") MATCH FULL ON DELETE RESTRICT, "category_11" bigint,
     CONSTRAINT "posts_category_11_fkey" FOREIGN KEY ("category_11") REFERENCES "categories"("id") ON DELETE SET DEFAULT, "category_12" bigint,
     CONSTRAINT "posts_category_12_a_b_fkey" FOREIGN KEY ("category_12","a","b") REFERENCES "categories"("id","a","b") ON DELETE SET NULL ("a","b"), "category_13" bigint,
     CONSTRAINT "posts_category_13_a_b_fkey" FOREIGN KEY ("category_13","a","b") REFERENCES "categories"("id","a","b") ON DELETE SET DEFAULT ("a","b"), "category_14" bigint,
     CONSTRAINT "posts_category_14_fkey" FOREIGN KEY ("category_14") REFERENCES "categories"("id") DEFERRABLE, "category_15" bigint,
     CONSTRAINT "posts_category_15_fkey" FOREIGN KEY ("category_15") REFERENCES "categories"("id") DEFERRABLE INITIALLY DEFERRED, "here" integer, "a" integer, "b" integer, PRIMARY KEY ("id"))
    "#);
    assert_snapshot!(sqlite(change), @r#"`m.create_table("posts")`: foreign key "posts_category_9_fkey": SQLite's keys cannot point at foo.categories, in another file"#);
}

#[test]
fn pgsql_117_create_table_with_options() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.serial("id").primary_key();
            t.datetime("created_at").precision(0);
            t.options("WITH FOO=BAR");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("id" serial, "created_at" timestamp(0), PRIMARY KEY ("id")) WITH FOO=BAR"#);
    assert_snapshot!(sqlite(change), @r#"`m.create_table("posts")`: SQLite has no table option WITH FOO=BAR; it knows STRICT and WITHOUT ROWID"#);
    let strict = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.id();
            t.options("STRICT");
        });
    };
    assert_snapshot!(sqlite(strict), @r#"CREATE TABLE "posts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT) STRICT"#);
}

#[test]
fn pgsql_118_create_table_with_modifiers() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.serial("id").primary_key();
            t.datetime("created_at").precision(0);
            t.modifiers("UNLOGGED");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE UNLOGGED TABLE "posts" ("id" serial, "created_at" timestamp(0), PRIMARY KEY ("id"))"#);
    assert_snapshot!(sqlite(change), @r#"`m.create_table("posts")`: SQLite has no UNLOGGED tables; leave the modifier out"#);
}

#[test]
fn pgsql_119_create_table_with_composite_key() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.integer("a").primary_key();
            t.integer("b").primary_key();
            t.string("name");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("a" integer, "b" integer, "name" varchar(255), PRIMARY KEY ("a","b"))"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "posts" ("a" INTEGER NOT NULL, "b" INTEGER NOT NULL, "name" TEXT, PRIMARY KEY ("a","b"))"#);
}

#[test]
fn pgsql_120_create_table_with_identity_key_and_references() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.id();
            t.references("categories").column("category_0");
            t.string("name");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("id" bigint GENERATED BY DEFAULT AS IDENTITY, "category_0" bigint, CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "categories"("id"), "name" varchar(255), PRIMARY KEY ("id"))"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "posts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "category_0" INTEGER, "name" TEXT, CONSTRAINT "posts_category_0_fkey" FOREIGN KEY ("category_0") REFERENCES "categories"("id"))"#);
}

#[test]
fn pgsql_121_create_table_with_identity_key_options() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.id().start(1000).increment(10);
            t.string("name");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("id" bigint GENERATED BY DEFAULT AS IDENTITY(START WITH 1000 INCREMENT BY 10), "name" varchar(255), PRIMARY KEY ("id"))"#);
    assert_snapshot!(sqlite(change), @r#"`m.create_table("posts")`: column "id": SQLite numbers rows by 1, not by 10"#);
    let started = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.id().start(1000);
        });
    };
    assert_snapshot!(sqlite(started), @r#"
    CREATE TABLE "posts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT)
    INSERT INTO sqlite_sequence(name, seq) VALUES ('posts', 999)
    "#);
}

#[test]
fn pgsql_122_create_table_with_generated_column() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.integer("id").identity_always().start(0).increment(1).primary_key();
            t.string("id_str").generated("id");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("id" integer GENERATED ALWAYS AS IDENTITY(MINVALUE 0 START WITH 0 INCREMENT BY 1), "id_str" varchar(255) GENERATED ALWAYS AS (id) STORED, PRIMARY KEY ("id"))"#);
    assert_snapshot!(sqlite(change), @r#"`m.create_table("posts")`: column "id": SQLite always lets an INSERT give the number"#);
    let computed = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.text("title");
            t.text("slug").generated("lower(title)");
            t.text("size").generated_virtual("length(title)").not_null();
        });
    };
    assert_snapshot!(sqlite(computed), @r#"CREATE TABLE "posts" ("title" TEXT, "slug" TEXT GENERATED ALWAYS AS (lower(title)) STORED, "size" TEXT GENERATED ALWAYS AS (length(title)) VIRTUAL NOT NULL)"#);
}

#[test]
fn pgsql_124_create_table_with_generated_nested_array_column() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.array("names", ColumnType::Array(Box::new(ColumnType::Text))).generated("ARRAY[ARRAY[id]]");
            t.array("times", ColumnType::Array(Box::new(ColumnType::Time(Some(0))))).generated("ARRAY[ARRAY[at]]");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("names" text[][] GENERATED ALWAYS AS (ARRAY[ARRAY[id]]) STORED, "times" time(0)[][] GENERATED ALWAYS AS (ARRAY[ARRAY[at]]) STORED)"#);
}

#[test]
fn pgsql_134_create_table_with_time_usec_columns() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.time("published_at").precision(3);
            t.time("submitted_at");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("published_at" time(3), "submitted_at" time)"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "posts" ("published_at" TEXT, "submitted_at" TEXT)"#);
}

/// Rust has one type for points in time, with microseconds: a precision is kept when it is asked for.
#[test]
fn pgsql_135_create_table_with_utc_datetime_columns() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.timestamp("published_at").precision(0);
            t.timestamp("submitted_at");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("published_at" timestamptz(0), "submitted_at" timestamptz)"#);
}

#[test]
fn pgsql_138_create_table_with_naive_datetime_usec_columns() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.datetime("published_at").precision(3);
            t.datetime("submitted_at");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("published_at" timestamp(3), "submitted_at" timestamp)"#);
}

/// The types are an enum: what no dialect has a form for is written as the dialect's own SQL, as it stands.
#[test]
fn pgsql_139_create_table_with_an_unsupported_type() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.column("a", "citext");
            t.column("b", "geometry(Point, 4326)");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("a" citext, "b" geometry(Point, 4326))"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "posts" ("a" citext, "b" geometry(Point, 4326))"#);
}

#[test]
fn a_table_is_made_with_its_constraints_indexes_and_comments() {
    let change = |m: &mut Migration| {
        m.create_table_if_not_exists("stays", |t| {
            t.id();
            t.references("rooms").not_null().index();
            t.text("guest").unique();
            t.integer("nights").not_null();
            t.check("nights_are_positive", "nights > 0").comment("no free stays");
            t.unique(["room_id", "guest"]);
            t.index([("guest", Desc)]).name("by_guest").filter("nights > 1");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE TABLE IF NOT EXISTS "stays" ("id" bigint GENERATED BY DEFAULT AS IDENTITY, "room_id" bigint NOT NULL, CONSTRAINT "stays_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id"), "guest" text, "nights" integer NOT NULL, CONSTRAINT "stays_room_id_guest_key" UNIQUE ("room_id","guest"), CONSTRAINT "nights_are_positive" CHECK (nights > 0), PRIMARY KEY ("id"))
    CREATE INDEX IF NOT EXISTS "stays_room_id_index" ON "stays" ("room_id")
    CREATE UNIQUE INDEX IF NOT EXISTS "stays_guest_index" ON "stays" ("guest")
    CREATE INDEX IF NOT EXISTS "by_guest" ON "stays" ("guest" DESC) WHERE nights > 1
    COMMENT ON CONSTRAINT "nights_are_positive" ON "stays" IS 'no free stays'
    "#);
    assert_snapshot!(sqlite(change), @r#"
    CREATE TABLE IF NOT EXISTS "stays" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "room_id" INTEGER NOT NULL, "guest" TEXT, "nights" INTEGER NOT NULL, CONSTRAINT "stays_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id"), CONSTRAINT "stays_room_id_guest_key" UNIQUE ("room_id","guest"), CONSTRAINT "nights_are_positive" CHECK (nights > 0))
    CREATE INDEX IF NOT EXISTS "stays_room_id_index" ON "stays" ("room_id")
    CREATE UNIQUE INDEX IF NOT EXISTS "stays_guest_index" ON "stays" ("guest")
    CREATE INDEX IF NOT EXISTS "by_guest" ON "stays" ("guest" DESC) WHERE nights > 1
    "#);
}

#[test]
fn names_with_quotes_are_quoted() {
    let change = |m: &mut Migration| {
        m.create_table("a\"b", |t| {
            t.text("c\"d").default("it's \\ fine").comment("it's");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE TABLE "a""b" ("c""d" text DEFAULT 'it''s \ fine')
    COMMENT ON COLUMN "a""b"."c""d" IS 'it''s'
    "#);
}

#[test]
fn constraints_of_a_new_table_stay_not_valid_on_postgres() {
    let change = |m: &mut Migration| {
        m.create_table("stays", |t| {
            t.references("rooms").not_valid();
            t.check("known", "room_id > 0").not_valid();
        });
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE TABLE "stays" ("room_id" bigint)
    ALTER TABLE "stays" ADD CONSTRAINT "stays_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") NOT VALID
    ALTER TABLE "stays" ADD CONSTRAINT "known" CHECK (room_id > 0) NOT VALID
    "#);
}

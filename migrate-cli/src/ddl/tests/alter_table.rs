//! ALTER TABLE on Postgres, and constraints.

use super::postgres;
use crate::dsl::Migration;
use crate::dsl::prelude::*;
use insta::assert_snapshot;

#[test]
fn pgsql_115_removing_a_column_does_not_add_a_comment() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.drop_column("title").was(ColumnType::Varchar(255)).comment("a comment");
        });
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "posts" DROP COLUMN "title""#);
}

#[test]
fn pgsql_143_alter_table() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.string("title").size(100).default("Untitled").not_null();
            t.references("author").column("author_id");
            t.references("author").column("category_id").not_valid();
            t.string("subtitle").size(100).not_null().if_not_exists();
            t.modify("price", |c| c.decimal(8, 2).nullable());
            t.modify("cost", |c| c.integer().not_null().default(None::<i64>));
            t.modify("permalink_id", |c| c.references("permalinks").not_null());
            t.modify("status", |c| c.string(255)).from(|c| c.references("status"));
            t.modify("user_id", |c| c.references("users")).from(|c| c.integer());
            t.modify("group_id", |c| c.references("groups").on_delete(Cascade)).from(|c| c.references("groups"));
            t.modify("note", |c| c.integer().using("note::integer").no_default());
            t.drop_column("summary");
            t.drop_column("body").was(ColumnType::Text);
            t.drop_column("space_id").was_reference("spaces");
            t.drop_column("view_id").if_exists().was_reference("views");
        });
    };
    assert_snapshot!(postgres(change).replace(", A", ",\nA").replace(", D", ",\nD"), @r#"
    ALTER TABLE "posts" ADD COLUMN "title" varchar(100) DEFAULT 'Untitled' NOT NULL,
    ADD COLUMN "author_id" bigint,
    ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "author"("id"),
    ADD COLUMN "category_id" bigint,
    ADD CONSTRAINT "posts_category_id_fkey" FOREIGN KEY ("category_id") REFERENCES "author"("id") NOT VALID,
    ADD COLUMN IF NOT EXISTS "subtitle" varchar(100) NOT NULL,
    ALTER COLUMN "price" TYPE numeric(8,2),
    ALTER COLUMN "price" DROP NOT NULL,
    ALTER COLUMN "cost" TYPE integer,
    ALTER COLUMN "cost" SET NOT NULL,
    ALTER COLUMN "cost" SET DEFAULT NULL,
    ALTER COLUMN "permalink_id" TYPE bigint,
    ADD CONSTRAINT "posts_permalink_id_fkey" FOREIGN KEY ("permalink_id") REFERENCES "permalinks"("id"),
    ALTER COLUMN "permalink_id" SET NOT NULL,
    DROP CONSTRAINT "posts_status_fkey",
    ALTER COLUMN "status" TYPE varchar(255),
    ALTER COLUMN "user_id" TYPE bigint,
    ADD CONSTRAINT "posts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id"),
    DROP CONSTRAINT "posts_group_id_fkey",
    ALTER COLUMN "group_id" TYPE bigint,
    ADD CONSTRAINT "posts_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE,
    ALTER COLUMN "note" TYPE integer USING note::integer,
    ALTER COLUMN "note" DROP DEFAULT,
    DROP COLUMN "summary",
    DROP COLUMN "body",
    DROP CONSTRAINT "posts_space_id_fkey",
    DROP COLUMN "space_id",
    DROP CONSTRAINT IF EXISTS "posts_view_id_fkey",
    DROP COLUMN IF EXISTS "view_id"
    "#);
}

#[test]
fn pgsql_144_alter_table_with_comments_on_table_and_columns() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.string("title").size(100).default("Untitled").not_null().comment("column comment");
            t.modify("price", |c| c.decimal(8, 2).nullable());
            t.modify("permalink_id", |c| c.references("permalinks").not_null().comment("column comment"));
            t.drop_column("summary");
            t.comment("table comment");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "posts" ADD COLUMN "title" varchar(100) DEFAULT 'Untitled' NOT NULL, ALTER COLUMN "price" TYPE numeric(8,2), ALTER COLUMN "price" DROP NOT NULL, ALTER COLUMN "permalink_id" TYPE bigint, ADD CONSTRAINT "posts_permalink_id_fkey" FOREIGN KEY ("permalink_id") REFERENCES "permalinks"("id"), ALTER COLUMN "permalink_id" SET NOT NULL, DROP COLUMN "summary"
    COMMENT ON COLUMN "posts"."title" IS 'column comment'
    COMMENT ON COLUMN "posts"."permalink_id" IS 'column comment'
    COMMENT ON TABLE "posts" IS 'table comment'
    "#);
}

#[test]
fn pgsql_145_alter_table_with_prefix() {
    let change = |m: &mut Migration| {
        m.alter_table("foo.posts", |t| {
            t.references("author").column("author_id");
            t.modify("permalink_id", |c| c.references("permalinks").not_null());
        });
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "foo"."posts" ADD COLUMN "author_id" bigint, ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "foo"."author"("id"), ALTER COLUMN "permalink_id" TYPE bigint, ADD CONSTRAINT "posts_permalink_id_fkey" FOREIGN KEY ("permalink_id") REFERENCES "foo"."permalinks"("id"), ALTER COLUMN "permalink_id" SET NOT NULL"#);
}

#[test]
fn pgsql_146_alter_table_with_serial_primary_key() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.serial("my_pk").primary_key();
        });
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "posts" ADD COLUMN "my_pk" serial, ADD PRIMARY KEY ("my_pk")"#);
}

#[test]
fn pgsql_148_alter_table_remove_with_primary_key() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.drop_column("my_pk").was(ColumnType::Serial).primary_key();
        });
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "posts" DROP COLUMN "my_pk""#);
}

#[test]
fn renames_stand_alone_and_everything_keeps_its_order() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.text("a");
            t.rename_column("b", "c");
            t.modify("c", |c| c.not_null().comment("new"));
            t.rename_constraint("d", "e");
            t.drop_constraint("f").if_exists().cascade();
            t.validate_constraint("g");
            t.index(["c"]).unique();
        });
        m.rename_column("posts", "x", "y");
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "posts" ADD COLUMN "a" text
    ALTER TABLE "posts" RENAME COLUMN "b" TO "c"
    ALTER TABLE "posts" ALTER COLUMN "c" SET NOT NULL
    COMMENT ON COLUMN "posts"."c" IS 'new'
    ALTER TABLE "posts" RENAME CONSTRAINT "d" TO "e"
    ALTER TABLE "posts" DROP CONSTRAINT IF EXISTS "f" CASCADE, VALIDATE CONSTRAINT "g"
    CREATE UNIQUE INDEX "posts_c_index" ON "posts" ("c")
    ALTER TABLE "posts" RENAME COLUMN "x" TO "y"
    "#);
}

#[test]
fn a_serial_that_a_column_becomes_is_a_number() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.modify("id", |c| c.to(ColumnType::BigSerial).collation("C"));
        });
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "posts" ALTER COLUMN "id" TYPE bigint COLLATE "C""#);
    let alone = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.modify("id", |c| c.collation("C"));
        });
    };
    assert_snapshot!(postgres(alone), @r#"`m.alter_table("posts"), t.modify("id")`: column "id": a collation changes together with the type; give the type too"#);
}

#[test]
fn pgsql_168_create_check_constraint() {
    let change = |m: &mut Migration| {
        m.create_check("products", "price_must_be_positive", "price > 0");
        m.create_check("foo.products", "price_must_be_positive", "price > 0");
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "products" ADD CONSTRAINT "price_must_be_positive" CHECK (price > 0)
    ALTER TABLE "foo"."products" ADD CONSTRAINT "price_must_be_positive" CHECK (price > 0)
    "#);
}

#[test]
fn pgsql_169_create_exclusion_constraint() {
    let change = |m: &mut Migration| {
        let definition = r#"USING gist (int4range("from", "to", '[]') WITH &&)"#;
        m.create_exclusion("products", "price_must_be_positive", definition);
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "products" ADD CONSTRAINT "price_must_be_positive" EXCLUDE USING gist (int4range("from", "to", '[]') WITH &&)"#);
}

#[test]
fn pgsql_170_create_constraint_with_comment() {
    let change = |m: &mut Migration| {
        m.create_check("foo.products", "price_must_be_positive", "price > 0").comment("comment");
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "foo"."products" ADD CONSTRAINT "price_must_be_positive" CHECK (price > 0)
    COMMENT ON CONSTRAINT "price_must_be_positive" ON "foo"."products" IS 'comment'
    "#);
}

#[test]
fn pgsql_171_create_invalid_constraint() {
    let change = |m: &mut Migration| {
        m.create_check("foo.products", "price_must_be_positive", "price > 0").not_valid();
    };
    assert_snapshot!(postgres(change), @r#"ALTER TABLE "foo"."products" ADD CONSTRAINT "price_must_be_positive" CHECK (price > 0) NOT VALID"#);
}

#[test]
fn pgsql_172_drop_constraint() {
    let change = |m: &mut Migration| {
        m.drop_constraint("products", "price_must_be_positive");
        m.drop_constraint("products", "price_must_be_positive").cascade();
        m.drop_constraint("foo.products", "price_must_be_positive").if_exists();
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "products" DROP CONSTRAINT "price_must_be_positive"
    ALTER TABLE "products" DROP CONSTRAINT "price_must_be_positive" CASCADE
    ALTER TABLE "foo"."products" DROP CONSTRAINT IF EXISTS "price_must_be_positive"
    "#);
}

#[test]
fn keys_and_unique_constraints_are_added_with_all_that_they_can_be_told() {
    let change = |m: &mut Migration| {
        m.create_unique("users", ["email"]).nulls_not_distinct().initially_deferred();
        m.create_foreign_key("posts", ["author_id"], "users")
            .to(["uuid"])
            .on_delete(SetNull)
            .not_valid()
            .comment("who");
        m.validate_constraint("posts", "posts_author_id_fkey");
        m.rename_constraint("posts", "posts_author_id_fkey", "posts_writer");
        m.alter_table("posts", |t| {
            t.primary_key(["a", "b"]).name("posts_key");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "users" ADD CONSTRAINT "users_email_key" UNIQUE NULLS NOT DISTINCT ("email") DEFERRABLE INITIALLY DEFERRED
    ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users"("uuid") ON DELETE SET NULL NOT VALID
    COMMENT ON CONSTRAINT "posts_author_id_fkey" ON "posts" IS 'who'
    ALTER TABLE "posts" VALIDATE CONSTRAINT "posts_author_id_fkey"
    ALTER TABLE "posts" RENAME CONSTRAINT "posts_author_id_fkey" TO "posts_writer"
    ALTER TABLE "posts" ADD CONSTRAINT "posts_key" PRIMARY KEY ("a","b")
    "#);
}

#[test]
fn what_a_statement_adds_is_changed_and_dropped_by_the_next() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.text("a");
            t.drop_column("a").if_exists();
            t.text("b");
            t.modify("b", |c| c.string(9));
            t.check("c", "b <> ''");
            t.drop_constraint("c");
        });
    };
    assert_snapshot!(postgres(change), @r#"
    ALTER TABLE "posts" ADD COLUMN "a" text
    ALTER TABLE "posts" DROP COLUMN IF EXISTS "a", ADD COLUMN "b" text
    ALTER TABLE "posts" ALTER COLUMN "b" TYPE varchar(9), ADD CONSTRAINT "c" CHECK (b <> '')
    ALTER TABLE "posts" DROP CONSTRAINT "c"
    "#);
}

#[test]
fn a_list_as_a_default_needs_its_type() {
    let change = |m: &mut Migration| {
        m.alter_table("posts", |t| {
            t.modify("tags", |c| c.default(["a"]));
        });
    };
    assert_snapshot!(postgres(change), @r#"`m.alter_table("posts"), t.modify("tags")`: column "tags": a list is a default of a type; give the type too"#);
}

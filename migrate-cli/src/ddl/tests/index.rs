//! Indexes.

use super::{postgres, sqlite, sqlite_after};
use crate::dsl::Migration;
use crate::dsl::prelude::*;
use insta::assert_snapshot;

#[test]
fn pgsql_149_create_index() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["category_id", "permalink"]);
        m.create_index("posts", NO_COLUMNS).expression("lower(permalink)").name("posts$main");
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE INDEX "posts_category_id_permalink_index" ON "posts" ("category_id", "permalink")
    CREATE INDEX "posts$main" ON "posts" (lower(permalink))
    "#);
}

fn posts(m: &mut Migration) {
    m.create_table("posts", |t| {
        t.id();
        t.text("permalink");
        t.integer("category_id");
    });
}

#[test]
fn sqlite_makes_indexes_of_columns_and_expressions() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["category_id"]).expression("permalink || 'x'").unique().concurrently().comment("no");
        m.create_index("foo.posts", [("a", Asc), ("b", DescNullsLast)]).nulls_distinct().if_not_exists();
    };
    let catalog = |m: &mut Migration| {
        posts(m);
        m.create_table("foo.posts", |t| {
            t.text("a");
            t.text("b");
        });
    };
    assert_snapshot!(sqlite_after(catalog, change).unwrap().statements.join("\n"), @r#"
    CREATE UNIQUE INDEX "posts_category_id_permalink_x_index" ON "posts" ("category_id", (permalink || 'x'))
    CREATE INDEX IF NOT EXISTS "foo"."posts_a_b_index" ON "posts" ("a" ASC, "b" DESC)
    "#);
}

#[test]
fn pgsql_150_create_index_with_prefix() {
    let change = |m: &mut Migration| {
        m.create_index("foo.posts", ["category_id", "permalink"]);
        m.create_index("foo.posts", NO_COLUMNS).expression("lower(permalink)").name("posts$main");
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE INDEX "posts_category_id_permalink_index" ON "foo"."posts" ("category_id", "permalink")
    CREATE INDEX "posts$main" ON "foo"."posts" (lower(permalink))
    "#);
}

#[test]
fn pgsql_151_create_index_with_comment() {
    let change = |m: &mut Migration| {
        m.create_index("foo.posts", ["category_id", "permalink"]).comment("comment");
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE INDEX "posts_category_id_permalink_index" ON "foo"."posts" ("category_id", "permalink")
    COMMENT ON INDEX "foo"."posts_category_id_permalink_index" IS 'comment'
    "#);
}

#[test]
fn pgsql_152_create_index_with_direction() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["category_id"]).column("permalink").direction(DescNullsLast);
    };
    assert_snapshot!(postgres(change), @r#"CREATE INDEX "posts_category_id_permalink_index" ON "posts" ("category_id", "permalink" DESC NULLS LAST)"#);
}

#[test]
fn pgsql_153_create_unique_index() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["permalink"]).unique();
    };
    assert_snapshot!(postgres(change), @r#"CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink")"#);
}

#[test]
fn pgsql_154_create_unique_index_with_condition() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["permalink"]).unique().filter("public IS TRUE");
        m.create_index("posts", ["permalink"]).unique().filter("public");
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") WHERE public IS TRUE
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") WHERE public
    "#);
}

#[test]
fn pgsql_155_create_index_with_include_fields() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["permalink"]).unique().include(["public"]);
        m.create_index("posts", ["permalink"]).unique().include(["public"]).filter("public IS TRUE");
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") INCLUDE ("public")
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") INCLUDE ("public") WHERE public IS TRUE
    "#);
}

#[test]
fn pgsql_156_create_unique_index_with_nulls_distinct_option() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["permalink"]).unique().nulls_distinct();
        m.create_index("posts", ["permalink"]).unique().nulls_not_distinct();
        m.create_index("posts", ["permalink"])
            .unique()
            .nulls_not_distinct()
            .include(["public"])
            .filter("public IS TRUE");
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") NULLS DISTINCT
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") NULLS NOT DISTINCT
    CREATE UNIQUE INDEX "posts_permalink_index" ON "posts" ("permalink") INCLUDE ("public") NULLS NOT DISTINCT WHERE public IS TRUE
    "#);
}

#[test]
fn pgsql_157_create_index_concurrently() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["permalink"]).concurrently();
    };
    assert_snapshot!(postgres(change), @r#"CREATE INDEX CONCURRENTLY "posts_permalink_index" ON "posts" ("permalink")"#);
}

#[test]
fn pgsql_158_create_unique_index_concurrently() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["permalink"]).unique().concurrently();
    };
    assert_snapshot!(postgres(change), @r#"CREATE UNIQUE INDEX CONCURRENTLY "posts_permalink_index" ON "posts" ("permalink")"#);
}

#[test]
fn pgsql_161_create_an_index_with_storage_parameters() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["title"]).options("fillfactor=50");
    };
    assert_snapshot!(postgres(change), @r#"CREATE INDEX "posts_title_index" ON "posts" ("title") WITH (fillfactor=50)"#);
}

#[test]
fn an_index_has_a_method_a_class_a_collation_and_its_table_alone() {
    let change = |m: &mut Migration| {
        m.create_index("posts", ["title"]).operator_class("gin_trgm_ops").using("gin").only();
        m.create_index("posts", ["title"]).collation("C").if_not_exists().concurrently();
    };
    assert_snapshot!(postgres(change), @r#"
    CREATE INDEX "posts_title_index" ON ONLY "posts" USING gin ("title" gin_trgm_ops)
    CREATE INDEX CONCURRENTLY IF NOT EXISTS "posts_title_index" ON "posts" ("title" COLLATE "C")
    "#);
}

#[test]
fn sqlite_refuses_what_its_indexes_do_not_have() {
    let refused = |change: fn(&mut Migration)| sqlite(change);
    let because = |change: fn(&mut Migration), reason: &str| {
        let error = refused(change);
        assert!(error.contains(reason), "{error}");
    };
    because(
        |m| {
            m.create_index("a", ["b"]).using("gin");
        },
        "indexes of the method gin",
    );
    because(
        |m| {
            m.create_index("a", ["b"]).include(["c"]);
        },
        "include further columns",
    );
    because(
        |m| {
            m.create_index("a", ["b"]).nulls_not_distinct();
        },
        "two NULLs are equal",
    );
    because(
        |m| {
            m.create_index("a", ["b"]).options("fillfactor=50");
        },
        "storage parameters",
    );
    because(
        |m| {
            m.create_index("a", ["b"]).only();
        },
        "partitions",
    );
    because(
        |m| {
            m.create_index("a", ["b"]).operator_class("x");
        },
        "operator classes",
    );
    because(
        |m| {
            m.create_index("a", [("b", AscNullsLast)]);
        },
        "NULLs first",
    );
    because(
        |m| {
            m.create_index("a", [("b", DescNullsFirst)]);
        },
        "NULLs last",
    );
}

#[test]
fn pgsql_162_drop_index() {
    let change = |m: &mut Migration| {
        m.drop_index("posts", "posts$main");
    };
    assert_snapshot!(postgres(change), @r#"DROP INDEX "posts$main""#);
}

#[test]
fn pgsql_163_drop_index_with_prefix() {
    let change = |m: &mut Migration| {
        m.drop_index("foo.posts", "posts$main");
    };
    assert_snapshot!(postgres(change), @r#"DROP INDEX "foo"."posts$main""#);
}

#[test]
fn pgsql_165_drop_index_with_cascade() {
    let change = |m: &mut Migration| {
        m.drop_index("posts", "posts$main").cascade();
        m.drop_index("foo.posts", "posts$main").cascade();
        m.drop_index("posts", "posts$main").if_exists().concurrently();
    };
    assert_snapshot!(postgres(change), @r#"
    DROP INDEX "posts$main" CASCADE
    DROP INDEX "foo"."posts$main" CASCADE
    DROP INDEX CONCURRENTLY IF EXISTS "posts$main"
    "#);
}

#[test]
fn pgsql_166_rename_index() {
    let change = |m: &mut Migration| m.rename_index("persons", "persons_name_index", "people_name_index");
    assert_snapshot!(postgres(change), @r#"ALTER INDEX "persons_name_index" RENAME TO "people_name_index""#);
}

#[test]
fn pgsql_167_rename_index_with_prefix() {
    let change = |m: &mut Migration| m.rename_index("foo.persons", "persons_name_index", "people_name_index");
    assert_snapshot!(postgres(change), @r#"ALTER INDEX "foo"."persons_name_index" RENAME TO "people_name_index""#);
}

#[test]
fn sqlite_makes_a_renamed_index_again() {
    let before = |m: &mut Migration| {
        posts(m);
        m.create_index("posts", ["permalink"]).unique().filter("category_id > 0");
    };
    let rename = |m: &mut Migration| m.rename_index("posts", "posts_permalink_index", "by_link");
    assert_snapshot!(sqlite_after(before, rename).unwrap().statements.join("\n"), @r#"
    DROP INDEX "posts_permalink_index"
    CREATE UNIQUE INDEX "by_link" ON "posts" ("permalink") WHERE category_id > 0
    "#);
    let unknown = |m: &mut Migration| m.rename_index("posts", "other", "by_link");
    assert_snapshot!(sqlite_after(posts, unknown).unwrap_err(), @r#"`m.rename_index("posts", "other", "by_link")`: table posts has no index "other""#);
}

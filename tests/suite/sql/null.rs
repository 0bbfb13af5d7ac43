//! NULL.

use super::*;

#[test]
fn pgsql_035_null_tests() {
    insta::assert_snapshot!(both(Book::query().filter(|b| b.stock.is_null()).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NULL

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NULL
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| b.stock.is_not_null()).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NOT NULL

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NOT NULL
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| !b.stock.is_null()).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT ("b0"."stock" IS NULL)

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT ("b0"."stock" IS NULL)
    "#);
    insta::assert_snapshot!(both(Book::query().select(|b| (b.stock + b.pages).is_null())), @r#"
    Postgres
    SELECT "b0"."stock" + "b0"."pages" IS NULL
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."stock" + "b0"."pages" IS NULL
    FROM "books" AS "b0"
    "#);
    insta::assert_snapshot!(both(Book::query().select(|b| b.stock.gt(1).is_null().eq(false))), @r#"
    Postgres
    SELECT (("b0"."stock" > $1) IS NULL) = $2
    FROM "books" AS "b0"
    -- [1, false]

    SQLite
    SELECT (("b0"."stock" > ?1) IS NULL) = ?2
    FROM "books" AS "b0"
    -- [1, false]
    "#);
}

#[test]
fn an_option_is_compared_with_null_as_a_value() {
    let none: Option<i32> = None;
    insta::assert_snapshot!(both(Book::query().filter(|b| b.stock.is_not_distinct_from(none)).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NOT DISTINCT FROM $1
    -- [NULL]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS ?1
    -- [NULL]
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| b.stock.is_not_distinct_from(Some(7))).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NOT DISTINCT FROM $1
    -- [7]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS ?1
    -- [7]
    "#);
    let q = Book::query().filter(|b| b.stock.is_distinct_from(b.pages) & b.stock.is_distinct_from(7)).select(|b| b.id);
    assert_eq!(rows(&q), ["2", "3", "4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS DISTINCT FROM "b0"."pages" AND "b0"."stock" IS DISTINCT FROM $1
    -- [7]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IS NOT "b0"."pages" AND "b0"."stock" IS NOT ?1
    -- [7]
    "#);
    let q = Book::query().filter(|b| b.subtitle.is_not_distinct_from(None::<&str>)).select(|b| b.id);
    assert_eq!(rows(&q), ["2", "4"]);
}

#[test]
fn pgsql_022_coalesce_gives_a_value_for_null() {
    insta::assert_snapshot!(both(Book::query().select(|b| b.stock.coalesce(0))), @r#"
    Postgres
    SELECT COALESCE("b0"."stock", $1)
    FROM "books" AS "b0"
    -- [0]

    SQLite
    SELECT COALESCE("b0"."stock", ?1)
    FROM "books" AS "b0"
    -- [0]
    "#);
    insta::assert_snapshot!(both(Book::query().select(|b| coalesce(b.subtitle, b.title))), @r#"
    Postgres
    SELECT COALESCE("b0"."subtitle", "b0"."title")
    FROM "books" AS "b0"

    SQLite
    SELECT COALESCE("b0"."subtitle", "b0"."title")
    FROM "books" AS "b0"
    "#);
    let q = Book::query().select(|b| b.stock.coalesce(b.author_id.cast::<i32>()).coalesce(-1));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT COALESCE(COALESCE("b0"."stock", CAST("b0"."author_id" AS int4)), $1)
    FROM "books" AS "b0"
    -- [-1]

    SQLite
    SELECT COALESCE(COALESCE("b0"."stock", CAST("b0"."author_id" AS INTEGER)), ?1)
    FROM "books" AS "b0"
    -- [-1]
    "#);
    let q = Book::query().filter(|b| b.price.coalesce(0).lt(Decimal::new(95, 1))).select(|b| b.id);
    assert_eq!(rows(&q), ["2", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE COALESCE("b0"."price", $1) < $2
    -- [0, 9.5]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE COALESCE("b0"."price", ?1) COLLATE "decimal" < ?2
    -- [0, 9.5]
    "#);
}

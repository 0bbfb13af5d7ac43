//! CAST.

use super::*;

#[test]
fn between_numbers() {
    let q = Book::query()
        .select(|b| (b.pages.cast::<i64>(), b.pages.cast::<f64>(), b.sold.cast::<i32>(), b.pages.cast::<i16>()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT CAST("b0"."pages" AS int8), CAST("b0"."pages" AS float8), CAST("b0"."sold" AS int4), CAST("b0"."pages" AS int2)
    FROM "books" AS "b0"

    SQLite
    SELECT CAST("b0"."pages" AS INTEGER), CAST("b0"."pages" AS REAL), CAST("b0"."sold" AS INTEGER), CAST("b0"."pages" AS INTEGER)
    FROM "books" AS "b0"
    "#);
    let q = Book::query().filter(|b| b.pages.cast::<i64>().gt(b.sold)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE CAST("b0"."pages" AS int8) > "b0"."sold"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE CAST("b0"."pages" AS INTEGER) > "b0"."sold"
    "#);
}

#[test]
fn between_text_and_numbers() {
    let q = Book::query()
        .select(|b| (b.pages.cast::<String>(), b.pages.cast::<String>().cast::<i32>(), b.stock.cast::<String>()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT CAST("b0"."pages" AS text), CAST(CAST("b0"."pages" AS text) AS int4), CAST("b0"."stock" AS text)
    FROM "books" AS "b0"

    SQLite
    SELECT CAST("b0"."pages" AS TEXT), CAST(CAST("b0"."pages" AS TEXT) AS INTEGER), CAST("b0"."stock" AS TEXT)
    FROM "books" AS "b0"
    "#);
}

#[test]
fn to_decimals() {
    let q = Book::query()
        .select(|b| (b.pages.cast::<Decimal>(), (b.pages.cast::<Decimal>() / 8).eq(Decimal::new(3125, 2))));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT CAST("b0"."pages" AS numeric), CAST("b0"."pages" AS numeric) / $1 = $2
    FROM "books" AS "b0"
    -- [8, 31.25]

    SQLite
    SELECT CAST("b0"."pages" AS TEXT), decimal_div(CAST("b0"."pages" AS TEXT), ?1) COLLATE "decimal" = ?2
    FROM "books" AS "b0"
    -- [8, 31.25]
    "#);
}

#[test]
fn pgsql_042_of_a_whole_expression() {
    let q = Book::query()
        .select(|b| ((b.pages + b.stock).cast::<i64>(), (-b.pages).cast::<i64>(), b.pages.gt(3).cast::<i32>()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT CAST("b0"."pages" + "b0"."stock" AS int8), CAST(-"b0"."pages" AS int8), CAST("b0"."pages" > $1 AS int4)
    FROM "books" AS "b0"
    -- [3]

    SQLite
    SELECT CAST("b0"."pages" + "b0"."stock" AS INTEGER), CAST(-"b0"."pages" AS INTEGER), CAST("b0"."pages" > ?1 AS INTEGER)
    FROM "books" AS "b0"
    -- [3]
    "#);
    let uuid = uuid::Uuid::from_u128(7);
    let q = Author::query().limit(1).select(|_| sql::<uuid::Uuid>("{}").bind(uuid));
    assert_eq!(rows(&q), [uuid.to_string()]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT $1::uuid
    FROM "authors" AS "a0"
    LIMIT $2
    -- [00000000-0000-0000-0000-000000000007, 1]

    SQLite
    SELECT ?1
    FROM "authors" AS "a0"
    LIMIT ?2
    -- [00000000-0000-0000-0000-000000000007, 1]
    "#);
    let q = Author::query().limit(1).select(|_| sql::<Vec<uuid::Uuid>>("{}").bind(vec![uuid, uuid]));
    assert_eq!(rows(&q), [format!("[{uuid}, {uuid}]")]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT $1::uuid[]
    FROM "authors" AS "a0"
    LIMIT $2
    -- [[00000000-0000-0000-0000-000000000007, 00000000-0000-0000-0000-000000000007], 1]

    SQLite
    SELECT ?1
    FROM "authors" AS "a0"
    LIMIT ?2
    -- [[00000000-0000-0000-0000-000000000007, 00000000-0000-0000-0000-000000000007], 1]
    "#);
}

#[test]
fn of_booleans_and_dates() {
    let q = Book::query().select(|b| (b.printed.cast::<String>(), b.in_print.cast::<i32>(), b.pages.cast::<bool>()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT CAST("b0"."printed" AS text), CAST("b0"."in_print" AS int4), "b0"."pages" <> 0
    FROM "books" AS "b0"

    SQLite
    SELECT CAST("b0"."printed" AS TEXT), CAST("b0"."in_print" AS INTEGER), "b0"."pages" <> 0
    FROM "books" AS "b0"
    "#);
}

//! ORDER BY.

use super::*;

#[test]
fn pgsql_026_directions_places_of_null_and_expressions() {
    insta::assert_snapshot!(both(Book::query().order_by(|b| b.pages).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."pages" ASC

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."pages" ASC
    "#);
    let q = Book::query().order_by(|b| (b.pages, b.sold.asc(), b.id.desc())).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."pages" ASC, "b0"."sold" ASC, "b0"."id" DESC

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."pages" ASC, "b0"."sold" ASC, "b0"."id" DESC
    "#);
    let q = Book::query().order_by(|b| (b.stock.asc().nulls_first(), b.price.desc().nulls_first())).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."stock" ASC NULLS FIRST, "b0"."price" DESC NULLS FIRST

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."stock" ASC NULLS FIRST, "b0"."price" COLLATE "decimal" DESC NULLS FIRST
    "#);
    let q = Book::query().order_by(|b| (b.stock.asc().nulls_last(), b.price.desc().nulls_last())).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."stock" ASC NULLS LAST, "b0"."price" DESC NULLS LAST

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."stock" ASC NULLS LAST, "b0"."price" COLLATE "decimal" DESC NULLS LAST
    "#);
    let q = Book::query()
        .order_by(|b| exists(Book::query().filter(|other| other.pages.eq(b.pages) & other.id.ne(b.id))))
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id") ASC

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id") ASC
    "#);
    let q = Book::query()
        .order_by(|b| Vec::from_iter((0..0).map(|_| b.id.asc())))
        .order_by(|b| None::<bool>.map(|_| b.id.asc()))
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    "#);
}

#[test]
fn pgsql_053_a_cast_is_ordered_by() {
    let q = Book::query().order_by(|b| b.pages.cast::<String>().cast::<Decimal>().desc()).limit(1).select(|b| b.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY CAST(CAST("b0"."pages" AS text) AS numeric) DESC
    LIMIT $1
    -- [1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY CAST(CAST("b0"."pages" AS TEXT) AS TEXT) COLLATE "decimal" DESC
    LIMIT ?1
    -- [1]
    "#);
}

#[test]
fn terms_are_added_and_may_be_expressions_and_lists() {
    let q = Book::query()
        .order_by(|b| b.title.lower())
        .order_by(|b| vec![b.pages.desc(), b.id.asc()])
        .order_by(|b| (b.pages * 2 - 1).desc())
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY LOWER("b0"."title") ASC, "b0"."pages" DESC, "b0"."id" ASC, "b0"."pages" * $1 - $2 DESC
    -- [2, 1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY LOWER("b0"."title") ASC, "b0"."pages" DESC, "b0"."id" ASC, "b0"."pages" * ?1 - ?2 DESC
    -- [2, 1]
    "#);
}

#[test]
fn first_and_last_are_by_key_without_an_order() {
    let q = Book::query().select(|b| b.id);
    assert_eq!((rows(&q.clone().first()), rows(&q.clone().last())), (vec!["1".to_owned()], vec!["4".to_owned()]));
    insta::assert_snapshot!(both(q.clone().first()), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT $1
    -- [1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT ?1
    -- [1]
    "#);
    insta::assert_snapshot!(both(q.last()), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" DESC
    LIMIT $1
    -- [1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" DESC
    LIMIT ?1
    -- [1]
    "#);
}

#[test]
fn reverse_order_turns_directions_and_places_of_null() {
    let q = Book::query().order_by(|b| (b.stock.asc().nulls_first(), b.id.desc())).reverse_order().select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."stock" DESC NULLS LAST, "b0"."id" ASC

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."stock" DESC NULLS LAST, "b0"."id" ASC
    "#);
    insta::assert_snapshot!(both(Book::query().reverse_order().select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" DESC

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" DESC
    "#);
}

#[test]
fn decimals_are_sorted_by_value() {
    let q = Book::query().filter(|b| b.price.is_not_null()).order_by(|b| b.price.desc()).limit(1).select(|b| b.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" IS NOT NULL
    ORDER BY "b0"."price" DESC
    LIMIT $1
    -- [1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" IS NOT NULL
    ORDER BY "b0"."price" COLLATE "decimal" DESC
    LIMIT ?1
    -- [1]
    "#);
}

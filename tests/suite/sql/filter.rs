//! WHERE.

use super::*;

#[test]
fn pgsql_024_filters_are_joined_by_and() {
    let q = Book::query().filter(|b| b.pages.gt(100)).filter(|b| b.in_print).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" > $1 AND "b0"."in_print"
    -- [100]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" > ?1 AND "b0"."in_print"
    -- [100]
    "#);
}

#[test]
fn a_boolean_column_is_a_condition_by_itself() {
    insta::assert_snapshot!(both(Book::query().filter(|b| b.in_print).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."in_print"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."in_print"
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| !b.in_print).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT "b0"."in_print"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT "b0"."in_print"
    "#);
}

#[test]
fn pgsql_025_or_filter_is_ored_with_all_before_it() {
    let q = Book::query().or_filter(|b| b.pages.eq(1));
    insta::assert_snapshot!(both(q.clone().select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1
    -- [1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1
    -- [1]
    "#);
    let q = q.or_filter(|b| b.title.ne("SQL"));
    insta::assert_snapshot!(both(q.clone().select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 OR "b0"."title" <> $2
    -- [1, "SQL"]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 OR "b0"."title" <> ?2
    -- [1, "SQL"]
    "#);
    let q = q.filter(|b| b.pages.eq(300));
    insta::assert_snapshot!(both(q.clone().select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" = $1 OR "b0"."title" <> $2) AND "b0"."pages" = $3
    -- [1, "SQL", 300]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" = ?1 OR "b0"."title" <> ?2) AND "b0"."pages" = ?3
    -- [1, "SQL", 300]
    "#);
    let q = q.or_filter(|b| b.in_print);
    insta::assert_snapshot!(both(q.select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE (("b0"."pages" = $1 OR "b0"."title" <> $2) AND "b0"."pages" = $3) OR "b0"."in_print"
    -- [1, "SQL", 300]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE (("b0"."pages" = ?1 OR "b0"."title" <> ?2) AND "b0"."pages" = ?3) OR "b0"."in_print"
    -- [1, "SQL", 300]
    "#);
}

#[test]
fn filter_opt_adds_a_condition_if_there_is_a_value() {
    let q = Book::query()
        .filter_opt(Some(250), |b, pages| b.pages.eq(pages))
        .filter_opt(None::<String>, |b, title| b.title.eq(title))
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1
    -- [250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1
    -- [250]
    "#);
}

#[test]
fn a_plain_boolean_keeps_all_rows_or_none() {
    insta::assert_snapshot!(both(Book::query().filter(|_| true).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE TRUE

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE TRUE
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|_| false).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE FALSE

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE FALSE
    "#);
}

//! LIMIT and OFFSET.

use super::*;

#[test]
fn both_are_bound() {
    insta::assert_snapshot!(both(Book::query().order_by(|b| b.id).limit(2).offset(1).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT $1
    OFFSET $2
    -- [2, 1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT ?1
    OFFSET ?2
    -- [2, 1]
    "#);
}

#[test]
fn an_offset_alone() {
    insta::assert_snapshot!(both(Book::query().order_by(|b| b.id).offset(3).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    OFFSET $1
    -- [3]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT ?1
    OFFSET ?2
    -- [-1, 3]
    "#);
}

#[test]
fn the_last_limit_wins() {
    let q = Book::query().order_by(|b| b.id).limit(2).limit(u64::from(u32::MAX)).offset(9).offset(0).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT $1
    OFFSET $2
    -- [4294967295, 0]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT ?1
    OFFSET ?2
    -- [4294967295, 0]
    "#);
}

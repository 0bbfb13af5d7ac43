//! DISTINCT.

use super::store::{postgres_rows, sqlite_rows};
use super::*;

#[test]
fn equal_rows_count_once() {
    let q = Book::query().distinct().select(|b| (b.pages, b.author_id));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT DISTINCT "b0"."pages", "b0"."author_id"
    FROM "books" AS "b0"

    SQLite
    SELECT DISTINCT "b0"."pages", "b0"."author_id"
    FROM "books" AS "b0"
    "#);
}

#[test]
fn a_whole_row_may_be_distinct() {
    let q = Author::query().distinct();
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT DISTINCT "a0"."id", "a0"."name"
    FROM "authors" AS "a0"

    SQLite
    SELECT DISTINCT "a0"."id", "a0"."name"
    FROM "authors" AS "a0"
    "#);
}

#[test]
fn decimals_of_other_scales_are_equal() {
    let q = Book::query().distinct().select(|b| b.price * 0);
    assert_eq!((postgres_rows(&q).len(), sqlite_rows(&q).len()), (2, 2), "zero and NULL");
    insta::assert_snapshot!(q.to_sql(Dialect::Sqlite).unwrap(), @r#"
    SELECT DISTINCT decimal_mul("b0"."price", ?1) COLLATE "decimal"
    FROM "books" AS "b0"
    -- [0]
    "#);
}

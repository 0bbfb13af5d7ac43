//! Comparisons and ranges.

use super::*;

#[test]
fn pgsql_034_binary_operators() {
    let q = Book::query().select(|b| {
        let comparisons = (b.pages.eq(2), b.pages.ne(2), b.pages.lte(2), b.pages.gte(2), b.pages.lt(2), b.pages.gt(2));
        (comparisons, b.pages + 2)
    });
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."pages" = $1, "b0"."pages" <> $2, "b0"."pages" <= $3, "b0"."pages" >= $4, "b0"."pages" < $5, "b0"."pages" > $6, "b0"."pages" + $7
    FROM "books" AS "b0"
    -- [2, 2, 2, 2, 2, 2, 2]

    SQLite
    SELECT "b0"."pages" = ?1, "b0"."pages" <> ?2, "b0"."pages" <= ?3, "b0"."pages" >= ?4, "b0"."pages" < ?5, "b0"."pages" > ?6, "b0"."pages" + ?7
    FROM "books" AS "b0"
    -- [2, 2, 2, 2, 2, 2, 2]
    "#);
}

#[test]
fn columns_are_compared_with_columns_and_with_expressions() {
    let q = Book::query().filter(|b| b.pages.gt(b.stock)).filter(|b| b.sold.lt(b.id * 5_000)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" > "b0"."stock" AND "b0"."sold" < "b0"."id" * $1
    -- [5000]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" > "b0"."stock" AND "b0"."sold" < "b0"."id" * ?1
    -- [5000]
    "#);
}

#[test]
fn each_type_is_compared_as_itself() {
    let day = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
    let q = Book::query()
        .filter(|b| b.title.eq("Rust") & b.sold.gt(8_999) & b.weight.eq(0.5) & b.price.eq(Decimal::new(125, 1)))
        .filter(|b| b.in_print.eq(true) & b.printed.eq(day))
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" = $1 AND "b0"."sold" > $2 AND "b0"."weight" = $3 AND "b0"."price" = $4 AND "b0"."in_print" = $5 AND "b0"."printed" = $6
    -- ["Rust", 8999, 0.5, 12.5, true, 2020-02-29]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" = ?1 AND "b0"."sold" > ?2 AND "b0"."weight" = ?3 AND "b0"."price" COLLATE "decimal" = ?4 AND "b0"."in_print" = ?5 AND "b0"."printed" = ?6
    -- ["Rust", 8999, 0.5, 12.5, true, 2020-02-29]
    "#);
}

#[test]
fn decimals_are_compared_by_value() {
    let q = Book::query().filter(|b| b.price.gt(Decimal::new(95, 1))).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "4"]);
    assert_eq!(rows(&Book::query().filter(|b| b.price.eq(Decimal::new(10, 0))).select(|b| b.id)), ["4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" > $1
    -- [9.5]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" COLLATE "decimal" > ?1
    -- [9.5]
    "#);
}

#[test]
fn a_comparison_that_is_compared_is_in_parentheses() {
    let q = Book::query().filter(|b| b.pages.gt(100).eq(b.in_print)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > $1) = "b0"."in_print"
    -- [100]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > ?1) = "b0"."in_print"
    -- [100]
    "#);
}

#[test]
fn between() {
    let q =
        Book::query().filter(|b| b.pages.between(2, 250)).filter(|b| b.stock.not_between(b.pages, 9)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" BETWEEN $1 AND $2 AND "b0"."stock" NOT BETWEEN "b0"."pages" AND $3
    -- [2, 250, 9]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" BETWEEN ?1 AND ?2 AND "b0"."stock" NOT BETWEEN "b0"."pages" AND ?3
    -- [2, 250, 9]
    "#);
    let q = Book::query().filter(|b| b.price.between(9, Decimal::new(101, 1))).select(|b| b.id);
    assert_eq!(rows(&q), ["2", "4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" BETWEEN $1 AND $2
    -- [9, 10.1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" COLLATE "decimal" BETWEEN ?1 AND ?2
    -- [9, 10.1]
    "#);
}

//! Aggregates.

use super::*;

#[test]
fn pgsql_018_counts() {
    let q = Book::query().select(|b| (count(), b.stock.count(), b.pages.count_distinct()));
    assert_eq!(rows(&q), ["(4, 3, 3)"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT COUNT(*), COUNT("b0"."stock"), COUNT(DISTINCT "b0"."pages")
    FROM "books" AS "b0"

    SQLite
    SELECT COUNT(*), COUNT("b0"."stock"), COUNT(DISTINCT "b0"."pages")
    FROM "books" AS "b0"
    "#);
}

#[test]
fn sums_and_averages_of_every_number() {
    let q = Review::query().select(|r| (r.stars.sum(), r.stars.avg()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT SUM("r0"."stars"), AVG("r0"."stars")::float8
    FROM "reviews" AS "r0"

    SQLite
    SELECT SUM("r0"."stars"), AVG("r0"."stars")
    FROM "reviews" AS "r0"
    "#);
    let q = Book::query()
        .select(|b| (b.pages.sum(), b.stock.avg(), b.sold.sum(), b.sold.avg(), b.weight.sum(), b.weight.avg()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT SUM("b0"."pages"), AVG("b0"."stock")::float8, SUM("b0"."sold"), AVG("b0"."sold")::float8, SUM("b0"."weight"), AVG("b0"."weight")
    FROM "books" AS "b0"

    SQLite
    SELECT SUM("b0"."pages"), AVG("b0"."stock"), decimal_sum("b0"."sold"), AVG("b0"."sold"), SUM("b0"."weight"), AVG("b0"."weight")
    FROM "books" AS "b0"
    "#);
    let q = Book::query().select(|b| (b.price.sum(), b.pages.sum_distinct()));
    assert_eq!(rows(&q), ["(Some(31.50), Some(551))"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT SUM("b0"."price"), SUM(DISTINCT "b0"."pages")
    FROM "books" AS "b0"

    SQLite
    SELECT decimal_sum("b0"."price"), SUM(DISTINCT "b0"."pages")
    FROM "books" AS "b0"
    "#);
}

#[test]
fn the_average_of_decimals_is_a_decimal() {
    let q = Book::query().filter(|b| b.id.in_([2, 4])).select(|b| (b.price.avg()).eq(Decimal::new(95, 1)));
    assert_eq!(rows(&q), ["Some(true)"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT AVG("b0"."price") = $1
    FROM "books" AS "b0"
    WHERE "b0"."id" = ANY($2)
    -- [9.5, [2, 4]]

    SQLite
    SELECT decimal_avg("b0"."price") COLLATE "decimal" = ?1
    FROM "books" AS "b0"
    WHERE "b0"."id" IN (SELECT "value" FROM json_each(?2))
    -- [9.5, [2, 4]]
    "#);
}

#[test]
fn extremes() {
    let q = Book::query().select(|b| (b.title.min(), b.stock.max(), b.price.max(), b.printed.min(), b.in_print.max()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT MIN("b0"."title"), MAX("b0"."stock"), MAX("b0"."price"), MIN("b0"."printed"), BOOL_OR("b0"."in_print")
    FROM "books" AS "b0"

    SQLite
    SELECT MIN("b0"."title"), MAX("b0"."stock"), decimal_max("b0"."price"), MIN("b0"."printed"), MAX("b0"."in_print")
    FROM "books" AS "b0"
    "#);
}

#[test]
fn no_rows_give_null_and_a_count_of_zero() {
    let q = Book::query()
        .filter(|_| false)
        .select(|b| (count(), b.pages.sum(), b.weight.avg(), b.price.sum(), b.title.max()));
    assert_eq!(rows(&q), ["(0, None, None, None, None)"]);
}

#[test]
fn pgsql_019_a_filter_leaves_rows_out_of_one_aggregate() {
    let q = Book::query().select(|b| {
        (
            count().filter(b.pages.gt(10)),
            b.pages.count_distinct().filter(b.pages.gt(10) & b.pages.lt(290)),
            b.price.sum().filter(b.in_print),
        )
    });
    assert_eq!(rows(&q), ["(3, 1, Some(12.50))"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT COUNT(*) FILTER (WHERE "b0"."pages" > $1), COUNT(DISTINCT "b0"."pages") FILTER (WHERE "b0"."pages" > $2 AND "b0"."pages" < $3), SUM("b0"."price") FILTER (WHERE "b0"."in_print")
    FROM "books" AS "b0"
    -- [10, 10, 290]

    SQLite
    SELECT COUNT(*) FILTER (WHERE "b0"."pages" > ?1), COUNT(DISTINCT "b0"."pages") FILTER (WHERE "b0"."pages" > ?2 AND "b0"."pages" < ?3), decimal_sum("b0"."price") FILTER (WHERE "b0"."in_print")
    FROM "books" AS "b0"
    -- [10, 10, 290]
    "#);
}

#[test]
fn aggregates_are_expressions() {
    let q = Book::query().select(|b| (b.pages.sum() + 1, b.stock.max().coalesce(0), b.pages.max() - b.pages.min()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT SUM("b0"."pages") + $1, COALESCE(MAX("b0"."stock"), $2), MAX("b0"."pages") - MIN("b0"."pages")
    FROM "books" AS "b0"
    -- [1, 0]

    SQLite
    SELECT SUM("b0"."pages") + ?1, COALESCE(MAX("b0"."stock"), ?2), MAX("b0"."pages") - MIN("b0"."pages")
    FROM "books" AS "b0"
    -- [1, 0]
    "#);
}

#[test]
fn a_filter_on_no_aggregate_is_refused() {
    let error = Book::query().select(|b| (b.pages + 1).filter(b.in_print)).to_sql(Dialect::Postgres).unwrap_err();
    assert!(matches!(error, peristyle::Error::Query(_)), "{error}");
    assert!(error.to_string().contains("needs an aggregate right before it"), "{error}");
}

#[test]
fn the_repo_s_own_aggregates() {
    insta::assert_snapshot!(ran(|repo| async move { repo.count(Book::query().order_by(|b| b.id)).await }), @r#"
    Postgres
    SELECT COUNT(*)
    FROM "books" AS "b0"

    SQLite
    SELECT COUNT(*)
    FROM "books" AS "b0"
    "#);
    insta::assert_snapshot!(ran(|repo| async move { repo.exists(Book::query().filter(|b| b.pages.gt(1))).await }), @r#"
    Postgres
    SELECT 1
    FROM "books" AS "b0"
    WHERE "b0"."pages" > $1
    LIMIT $2
    -- [1, 1]

    SQLite
    SELECT 1
    FROM "books" AS "b0"
    WHERE "b0"."pages" > ?1
    LIMIT ?2
    -- [1, 1]
    "#);
    insta::assert_snapshot!(ran(|repo| async move { repo.aggregate(Book::query(), |b| b.pages.max()).await }), @r#"
    Postgres
    SELECT MAX("b0"."pages")
    FROM "books" AS "b0"

    SQLite
    SELECT MAX("b0"."pages")
    FROM "books" AS "b0"
    "#);
}

#[test]
fn a_query_that_is_cut_is_aggregated_as_a_subquery() {
    insta::assert_snapshot!(ran(|repo| async move {
        repo.count(Author::query().order_by(|a| a.id).limit(2)).await
    }), @r#"
    Postgres
    SELECT COUNT(*)
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "authors" AS "sa0" ORDER BY "sa0"."id" ASC LIMIT $1) AS "s0"
    -- [2]

    SQLite
    SELECT COUNT(*)
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "authors" AS "sa0" ORDER BY "sa0"."id" ASC LIMIT ?1) AS "s0"
    -- [2]
    "#);
    insta::assert_snapshot!(ran(|repo| async move {
        repo.count(Book::query().distinct().select(|b| b.pages)).await
    }), @r#"
    Postgres
    SELECT COUNT(*)
    FROM (SELECT DISTINCT "sb0"."pages" FROM "books" AS "sb0") AS "s0"

    SQLite
    SELECT COUNT(*)
    FROM (SELECT DISTINCT "sb0"."pages" FROM "books" AS "sb0") AS "s0"
    "#);
    insta::assert_snapshot!(ran(|repo| async move {
        repo.count(Book::query().group_by(|b| b.pages).select(|b| b.pages)).await
    }), @r#"
    Postgres
    SELECT COUNT(*)
    FROM (SELECT "sb0"."pages" FROM "books" AS "sb0" GROUP BY "sb0"."pages") AS "s0"

    SQLite
    SELECT COUNT(*)
    FROM (SELECT "sb0"."pages" FROM "books" AS "sb0" GROUP BY "sb0"."pages") AS "s0"
    "#);
    insta::assert_snapshot!(ran(|repo| async move {
        repo.aggregate(Author::query().order_by(|a| a.id.desc()).limit(2), |a| a.id.min()).await
    }), @r#"
    Postgres
    SELECT MIN("s0"."id")
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "authors" AS "sa0" ORDER BY "sa0"."id" DESC LIMIT $1) AS "s0"
    -- [2]

    SQLite
    SELECT MIN("s0"."id")
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "authors" AS "sa0" ORDER BY "sa0"."id" DESC LIMIT ?1) AS "s0"
    -- [2]
    "#);
}

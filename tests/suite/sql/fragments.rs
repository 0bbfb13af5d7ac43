//! Raw SQL in queries.

use super::store::{postgres_rows, sqlite_rows};
use super::*;

#[test]
fn pgsql_036_columns_are_quoted_and_values_bound() {
    let q = Book::query().filter(|b| sql::<bool>("length({}) > {}").bind((b.title, 3))).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "2", "4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE length("b0"."title") > $1::int4
    -- [3]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE length("b0"."title") > ?1
    -- [3]
    "#);
}

#[test]
fn pgsql_054_a_part_of_a_date_is_compared_with_a_value() {
    let q = Book::query()
        .filter(|b| sql::<f64>("date_part({}, {})").bind(("month", b.printed)).eq("2".parse::<f64>().unwrap()))
        .filter(|b| sql::<f64>("date_part({}, {})").bind(("year", b.printed)).eq(2020.0))
        .select(|b| b.id);
    assert_eq!(postgres_rows(&q), ["1"]);
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap(), @r#"
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE date_part($1::text, "b0"."printed") = $2::float8 AND date_part($3::text, "b0"."printed") = $4::float8
    -- ["month", 2.0, "year", 2020.0]
    "#);
    let q = Book::query()
        .filter(|b| sql::<String>("strftime({}, {})").bind(("%m", b.printed)).eq("02"))
        .filter(|b| sql::<String>("strftime({}, {})").bind(("%Y", b.printed)).eq("2020"))
        .select(|b| b.id);
    assert_eq!(sqlite_rows(&q), ["1"]);
    insta::assert_snapshot!(q.to_sql(Dialect::Sqlite).unwrap(), @r#"
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE strftime(?1, "b0"."printed") = ?2 AND strftime(?3, "b0"."printed") = ?4
    -- ["%m", "02", "%Y", "2020"]
    "#);
}

#[test]
fn pgsql_055_only_braces_are_places() {
    let q = Book::query().filter(|b| sql::<bool>("{} = 'query? {{}}'").bind(b.title)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" = 'query? {}'

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" = 'query? {}'
    "#);
}

#[test]
fn without_arguments_and_with_braces() {
    insta::assert_snapshot!(both(Author::query().select(|_| sql::<String>("'{{}}'"))), @r#"
    Postgres
    SELECT '{}'
    FROM "authors" AS "a0"

    SQLite
    SELECT '{}'
    FROM "authors" AS "a0"
    "#);
    insta::assert_snapshot!(both(Author::query().filter(|_| sql::<bool>("1 = 1")).select(|a| a.id)), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE 1 = 1

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE 1 = 1
    "#);
}

#[test]
fn a_fragment_is_an_expression() {
    let q = Book::query()
        .filter(|b| {
            sql::<Option<i32>>("nullif({}, {})").bind((b.pages, 1)).is_null() | b.pages.eq(sql::<i32>("100 + 200"))
        })
        .order_by(|b| (sql::<i32>("abs({})").bind(b.pages).desc(), b.id))
        .select(|b| (b.id, sql::<Option<i32>>("nullif({}, 300)").bind(b.pages)));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id", nullif("b0"."pages", 300)
    FROM "books" AS "b0"
    WHERE nullif("b0"."pages", $1::int4) IS NULL OR "b0"."pages" = (100 + 200)
    ORDER BY abs("b0"."pages") DESC, "b0"."id" ASC
    -- [1]

    SQLite
    SELECT "b0"."id", nullif("b0"."pages", 300)
    FROM "books" AS "b0"
    WHERE nullif("b0"."pages", ?1) IS NULL OR "b0"."pages" = (100 + 200)
    ORDER BY abs("b0"."pages") DESC, "b0"."id" ASC
    -- [1]
    "#);
}

#[test]
fn an_expression_is_an_argument() {
    let q = Book::query().filter(|b| sql::<bool>("({}) is true").bind(b.pages.gt(2) & b.in_print)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > $1 AND "b0"."in_print") is true
    -- [2]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > ?1 AND "b0"."in_print") is true
    -- [2]
    "#);
    let q = Book::query().select(|b| sql::<i32>("{} * 2").bind(b.pages + 1) + 1);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT (("b0"."pages" + $1) * 2) + $2::int4
    FROM "books" AS "b0"
    -- [1, 1]

    SQLite
    SELECT (("b0"."pages" + ?1) * 2) + ?2
    FROM "books" AS "b0"
    -- [1, 1]
    "#);
}

#[test]
fn a_condition_of_raw_sql_is_in_parentheses_beside_others() {
    let q = Book::query()
        .filter(|b| sql::<bool>("{} > 1 or {} = 1").bind((b.pages, b.pages)) & b.in_print)
        .select(|b| b.id);
    assert_eq!(rows(&q), ["1", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > 1 or "b0"."pages" = 1) AND "b0"."in_print"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > 1 or "b0"."pages" = 1) AND "b0"."in_print"
    "#);
    let q =
        Book::query().filter(|b| sql::<bool>("{} > 1 or true").bind(b.pages)).filter(|b| b.in_print).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > 1 or true) AND "b0"."in_print"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" > 1 or true) AND "b0"."in_print"
    "#);
}

#[test]
fn a_wrong_number_of_arguments_is_refused() {
    for q in [
        Book::query().filter(|b| sql::<bool>("{} > {}").bind(b.pages)),
        Book::query().filter(|_| sql::<bool>("{} > 1")),
        Book::query().filter(|b| sql::<bool>("{ } > 1").bind(b.pages)),
    ] {
        let error = q.to_sql(Dialect::Postgres).unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)), "{error}");
        assert!(error.to_string().contains("`{{` and `}}`"), "{error}");
    }
}

#[test]
fn question_marks_and_dollars_are_plain_text() {
    let q = Author::query().filter(|a| sql::<bool>("{} <> '? $1 :x'").bind(a.name)).select(|a| a.id);
    assert_eq!(rows(&q).len(), 3);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."name" <> '? $1 :x'

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."name" <> '? $1 :x'
    "#);
}

//! AND, OR, NOT, and lists of conditions.

use super::*;

#[test]
fn and_binds_closer_than_or() {
    let q = Book::query().filter(|b| b.pages.eq(1) | b.in_print & b.stock.gt(0)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 OR ("b0"."in_print" AND "b0"."stock" > $2)
    -- [1, 0]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 OR ("b0"."in_print" AND "b0"."stock" > ?2)
    -- [1, 0]
    "#);
    let q = Book::query().filter(|b| (b.pages.eq(1) | b.in_print) & b.stock.gt(0)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" = $1 OR "b0"."in_print") AND "b0"."stock" > $2
    -- [1, 0]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE ("b0"."pages" = ?1 OR "b0"."in_print") AND "b0"."stock" > ?2
    -- [1, 0]
    "#);
}

#[test]
fn pgsql_045_a_condition_is_an_expression() {
    let q = Book::query().select(|b| (b.pages.gt(constant(0)) & b.sold.gt(12)) | constant(true));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT ("b0"."pages" > 0 AND "b0"."sold" > $1) OR TRUE
    FROM "books" AS "b0"
    -- [12]

    SQLite
    SELECT ("b0"."pages" > 0 AND "b0"."sold" > ?1) OR TRUE
    FROM "books" AS "b0"
    -- [12]
    "#);
    let q = Book::query().filter(|b| (b.pages.gt(0) & b.sold.gt(12)) | false).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "2"]);
}

#[test]
fn words_are_the_operators() {
    let by_words = Book::query().filter(|b| b.pages.eq(1).or(b.in_print.and(b.stock.gt(0))));
    let by_operators = Book::query().filter(|b| b.pages.eq(1) | b.in_print & b.stock.gt(0));
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        assert_eq!(by_words.to_sql(dialect).unwrap(), by_operators.to_sql(dialect).unwrap());
    }
}

#[test]
fn a_chain_of_one_operator_needs_no_parentheses() {
    let q =
        Book::query().filter(|b| b.pages.eq(1) | b.pages.eq(2) | (b.pages.eq(3) | b.pages.eq(250))).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 OR "b0"."pages" = $2 OR "b0"."pages" = $3 OR "b0"."pages" = $4
    -- [1, 2, 3, 250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 OR "b0"."pages" = ?2 OR "b0"."pages" = ?3 OR "b0"."pages" = ?4
    -- [1, 2, 3, 250]
    "#);
}

#[test]
fn not_holds_all_of_what_it_is_given() {
    let q = Book::query().filter(|b| !(b.pages.eq(1) & b.in_print)).filter(|b| !b.pages.eq(300)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT ("b0"."pages" = $1 AND "b0"."in_print") AND NOT ("b0"."pages" = $2)
    -- [1, 300]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT ("b0"."pages" = ?1 AND "b0"."in_print") AND NOT ("b0"."pages" = ?2)
    -- [1, 300]
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| !!b.in_print).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT (NOT "b0"."in_print")

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT (NOT "b0"."in_print")
    "#);
}

#[test]
fn conditions_are_gathered_from_lists() {
    let conditions = || Vec::from([1, 250].map(|pages| Condition::<Book>::on(|b| b.pages.eq(pages))));
    let (any, all, other) = (Condition::any(conditions()), Condition::all(conditions()), Condition::any(conditions()));
    insta::assert_snapshot!(both(Book::query().filter(|_| any).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 OR "b0"."pages" = $2
    -- [1, 250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 OR "b0"."pages" = ?2
    -- [1, 250]
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|_| all).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 AND "b0"."pages" = $2
    -- [1, 250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 AND "b0"."pages" = ?2
    -- [1, 250]
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| b.in_print & other).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."in_print" AND ("b0"."pages" = $1 OR "b0"."pages" = $2)
    -- [1, 250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."in_print" AND ("b0"."pages" = ?1 OR "b0"."pages" = ?2)
    -- [1, 250]
    "#);
}

#[test]
fn an_empty_list_of_conditions_is_true_for_all_and_false_for_any() {
    insta::assert_snapshot!(both(Book::query().filter(|_| Condition::all([])).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE TRUE

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE TRUE
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|_| Condition::any([])).select(|b| b.id)), @r#"
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

#[test]
fn a_list_of_one_condition_is_that_condition() {
    let q = Book::query().filter(|b| Condition::any([b.pages.eq(1).into()])).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
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
}

#[test]
fn conditions_have_the_operators_too() {
    let condition = |pages| Condition::<Book>::on(move |b| b.pages.eq(pages));
    let (a, b, c) = (condition(1), condition(250), condition(300));
    let q = Book::query().filter(|_| !(a | b) & c).select(|b| b.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT ("b0"."pages" = $1 OR "b0"."pages" = $2) AND "b0"."pages" = $3
    -- [1, 250, 300]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT ("b0"."pages" = ?1 OR "b0"."pages" = ?2) AND "b0"."pages" = ?3
    -- [1, 250, 300]
    "#);
    let (a, b) = (condition(1), condition(250));
    let q = Book::query().filter(|book| a.or(book.in_print & b)).select(|b| b.id);
    assert_eq!(rows(&q), ["3", "4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 OR ("b0"."in_print" AND "b0"."pages" = $2)
    -- [1, 250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 OR ("b0"."in_print" AND "b0"."pages" = ?2)
    -- [1, 250]
    "#);
}

//! Literals.

use super::*;

#[test]
fn pgsql_033_quotes_are_doubled_and_a_backslash_is_itself() {
    let q = Book::query().filter(|b| b.title.ne(constant("'\\  ")) & b.title.ne(constant("'"))).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" <> E'''\\  ' AND "b0"."title" <> ''''

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" <> '''\  ' AND "b0"."title" <> ''''
    "#);
    let q = Author::query().limit(1).select(|_| (constant("'\\  "), constant("'")));
    assert_eq!(rows(&q), [format!("{:?}", ("'\\  ", "'"))]);
}

#[test]
fn a_constant_is_written_into_the_sql() {
    let q = Book::query()
        .filter(|b| b.title.ne(constant("it's \\ \"x\"")) & b.pages.gt(constant(-5)) & b.sold.gte(constant(0i64)))
        .filter(|b| b.in_print.eq(constant(true)))
        .select(|b| b.id);
    assert_eq!(rows(&q), ["1", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" <> E'it''s \\ "x"' AND "b0"."pages" > -5 AND "b0"."sold" >= 0 AND "b0"."in_print" = TRUE

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" <> 'it''s \ "x"' AND "b0"."pages" > -5 AND "b0"."sold" >= 0 AND "b0"."in_print" = TRUE
    "#);
}

#[test]
fn a_selected_constant_has_its_type() {
    let q = Author::query()
        .limit(1)
        .select(|_| (constant("a"), constant(1i16), constant(2), constant(3i64), constant(false)));
    assert_eq!(rows(&q), [r#"("a", 1, 2, 3, false)"#]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT 'a', 1, 2, 3, FALSE
    FROM "authors" AS "a0"
    LIMIT $1
    -- [1]

    SQLite
    SELECT 'a', 1, 2, 3, FALSE
    FROM "authors" AS "a0"
    LIMIT ?1
    -- [1]
    "#);
}

#[test]
fn a_negative_constant_does_not_become_a_comment() {
    let q = Book::query().select(|b| (b.pages - constant(-1), -constant::<Book, i32>(-1), b.pages + -constant(2)));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."pages" - -1, -(-1), "b0"."pages" + -2
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."pages" - -1, -(-1), "b0"."pages" + -2
    FROM "books" AS "b0"
    "#);
}

#[test]
fn the_least_and_greatest_integers() {
    let q = Author::query().limit(1).select(|_| {
        (
            constant(i16::MIN),
            constant(i32::MIN),
            constant(i64::MIN),
            constant(i16::MAX),
            constant(i32::MAX),
            constant(i64::MAX),
        )
    });
    assert_eq!(rows(&q), [format!("{:?}", (i16::MIN, i32::MIN, i64::MIN, i16::MAX, i32::MAX, i64::MAX))]);
}

#[test]
fn a_selected_value_is_bound_and_has_its_type() {
    let q = Author::query().limit(1).select(|_| sql::<i64>("{}").bind(7i64) + 1);
    assert_eq!(rows(&q), ["8"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT ($1::int8) + $2::int8
    FROM "authors" AS "a0"
    LIMIT $3
    -- [7, 1, 1]

    SQLite
    SELECT (?1) + ?2
    FROM "authors" AS "a0"
    LIMIT ?3
    -- [7, 1, 1]
    "#);
}

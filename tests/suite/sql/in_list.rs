//! IN and NOT IN with values.

use super::*;

#[test]
fn pgsql_046_a_list_of_any_length_is_one_parameter() {
    insta::assert_snapshot!(both(Book::query().filter(|b| b.id.in_([1, 3])).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."id" = ANY($1)
    -- [[1, 3]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."id" IN (SELECT "value" FROM json_each(?1))
    -- [[1, 3]]
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| b.title.not_in(["Rust", "it's"])).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" <> ALL($1)
    -- [["Rust", "it's"]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" NOT IN (SELECT "value" FROM json_each(?1))
    -- [["Rust", "it's"]]
    "#);
    let none: [i32; 0] = [];
    let q = Book::query().filter(|b| b.stock.in_(none)).select(|b| b.id);
    assert!(rows(&q).is_empty());
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" = ANY($1)
    -- [[]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" IN (SELECT "value" FROM json_each(?1))
    -- [[]]
    "#);
    assert_eq!(rows(&Book::query().filter(|b| b.stock.not_in(none)).select(|b| b.id)), ["1", "2", "3", "4"]);
    let q = Book::query().filter(|b| b.pages.eq(1) | b.pages.in_(vec![1, 250]) | b.pages.eq(300)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = $1 OR "b0"."pages" = ANY($2) OR "b0"."pages" = $3
    -- [1, [1, 250], 300]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" = ?1 OR "b0"."pages" IN (SELECT "value" FROM json_each(?2)) OR "b0"."pages" = ?3
    -- [1, [1, 250], 300]
    "#);
}

#[test]
fn every_type_has_a_list() {
    let day = NaiveDate::from_ymd_opt(2020, 2, 29);
    let q = Book::query()
        .filter(|b| b.sold.in_([9_000, 1]) & b.in_print.in_([true]) & b.printed.in_(day) & b.pages.in_([300]))
        .select(|b| b.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."sold" = ANY($1) AND "b0"."in_print" = ANY($2) AND "b0"."printed" = ANY($3) AND "b0"."pages" = ANY($4)
    -- [[9000, 1], [true], [2020-02-29], [300]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."sold" IN (SELECT "value" FROM json_each(?1)) AND "b0"."in_print" IN (SELECT "value" FROM json_each(?2)) AND "b0"."printed" IN (SELECT "value" FROM json_each(?3)) AND "b0"."pages" IN (SELECT "value" FROM json_each(?4))
    -- [[9000, 1], [true], [2020-02-29], [300]]
    "#);
}

#[test]
fn decimals_are_found_by_value() {
    let q = Book::query().filter(|b| b.price.in_([Decimal::new(90, 1), Decimal::new(10, 0)])).select(|b| b.id);
    assert_eq!(rows(&q), ["2", "4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" = ANY($1)
    -- [[9.0, 10]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."price" COLLATE "decimal" IN (SELECT "value" FROM json_each(?1))
    -- [[9.0, 10]]
    "#);
}

#[test]
fn floats_are_padded_to_a_power_of_two_on_sqlite() {
    let q = Book::query().filter(|b| b.weight.in_([0.5, 2.0, 0.1])).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."weight" = ANY($1)
    -- [[0.5, 2.0, 0.1]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."weight" IN (?1, ?2, ?3, ?4)
    -- [0.5, 2.0, 0.1, 0.1]
    "#);
}

#[test]
fn an_expression_may_be_in_a_list() {
    let q = Book::query().filter(|b| (b.pages + 1).in_([251]) & !b.title.upper().in_(["SQL"])).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" + $1 = ANY($2) AND NOT (UPPER("b0"."title") = ANY($3))
    -- [1, [251], ["SQL"]]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" + ?1 IN (SELECT "value" FROM json_each(?2)) AND NOT (UPPER("b0"."title") IN (SELECT "value" FROM json_each(?3)))
    -- [1, [251], ["SQL"]]
    "#);
}

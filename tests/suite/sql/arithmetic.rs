//! Arithmetic.

use super::*;

#[test]
fn the_operators() {
    let q = Book::query()
        .select(|b| (b.pages + 2, b.pages - 2, b.pages * 2, b.pages / 2, b.pages % 2, -b.pages, b.pages.abs()));
    assert_eq!(rows(&q)[0], "(252, 248, 500, 125, 0, -250, 250)");
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."pages" + $1, "b0"."pages" - $2, "b0"."pages" * $3, "b0"."pages" / $4, "b0"."pages" % $5, -"b0"."pages", ABS("b0"."pages")
    FROM "books" AS "b0"
    -- [2, 2, 2, 2, 2]

    SQLite
    SELECT "b0"."pages" + ?1, "b0"."pages" - ?2, "b0"."pages" * ?3, "b0"."pages" / ?4, "b0"."pages" % ?5, -"b0"."pages", ABS("b0"."pages")
    FROM "books" AS "b0"
    -- [2, 2, 2, 2, 2]
    "#);
}

#[test]
fn parentheses_are_written_where_they_matter_only() {
    let q = Book::query().select(|b| {
        (
            (b.pages + 1) * 2,
            b.pages + b.pages * 2,
            b.pages - (b.pages - 1),
            b.pages - b.stock - 1,
            -(b.pages + 1),
            -(-b.pages),
        )
    });
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT ("b0"."pages" + $1) * $2, "b0"."pages" + "b0"."pages" * $3, "b0"."pages" - ("b0"."pages" - $4), "b0"."pages" - "b0"."stock" - $5, -("b0"."pages" + $6), -(-"b0"."pages")
    FROM "books" AS "b0"
    -- [1, 2, 2, 1, 1, 1]

    SQLite
    SELECT ("b0"."pages" + ?1) * ?2, "b0"."pages" + "b0"."pages" * ?3, "b0"."pages" - ("b0"."pages" - ?4), "b0"."pages" - "b0"."stock" - ?5, -("b0"."pages" + ?6), -(-"b0"."pages")
    FROM "books" AS "b0"
    -- [1, 2, 2, 1, 1, 1]
    "#);
    let q = Book::query().filter(|b| (b.pages % 10).eq(0) & (b.pages * 2).gt(500)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" % $1 = $2 AND "b0"."pages" * $3 > $4
    -- [10, 0, 2, 500]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" % ?1 = ?2 AND "b0"."pages" * ?3 > ?4
    -- [10, 0, 2, 500]
    "#);
}

#[test]
fn integers_divide_without_a_remainder() {
    let q = Book::query()
        .filter(|b| b.pages.eq(250))
        .distinct()
        .select(|b| (b.pages / 100, -b.pages / 100, -b.pages % 100));
    assert_eq!(rows(&q), ["(2, -2, -50)"]);
    assert_eq!(rows(&Book::query().filter(|b| b.id.eq(1)).select(|b| (b.sold / 7000, b.sold % 7000))), ["(1, 2000)"]);
}

#[test]
fn floats() {
    let q = Book::query().select(|b| (b.weight + 0.25, b.weight * b.weight, b.weight / 2.0, (-b.weight).abs()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."weight" + $1, "b0"."weight" * "b0"."weight", "b0"."weight" / $2, ABS(-"b0"."weight")
    FROM "books" AS "b0"
    -- [0.25, 2.0]

    SQLite
    SELECT "b0"."weight" + ?1, "b0"."weight" * "b0"."weight", "b0"."weight" / ?2, ABS(-"b0"."weight")
    FROM "books" AS "b0"
    -- [0.25, 2.0]
    "#);
}

#[test]
fn decimals_are_exact_on_every_store() {
    let q = Book::query().select(|b| {
        (b.price + 1, b.price - (b.price + 1), b.price * Decimal::new(11, 1), b.price % 9, -b.price, b.price.abs())
    });
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."price" + $1, "b0"."price" - ("b0"."price" + $2), "b0"."price" * $3, "b0"."price" % $4, -"b0"."price", ABS("b0"."price")
    FROM "books" AS "b0"
    -- [1, 1, 1.1, 9]

    SQLite
    SELECT decimal_add("b0"."price", ?1), decimal_sub("b0"."price", decimal_add("b0"."price", ?2)), decimal_mul("b0"."price", ?3), decimal_rem("b0"."price", ?4), decimal_sub('0', "b0"."price"), LTRIM("b0"."price", '-')
    FROM "books" AS "b0"
    -- [1, 1, 1.1, 9]
    "#);
    let cent = Decimal::new(1, 2);
    let q = Book::query().filter(|b| (b.price + cent - b.price).eq(cent)).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "2", "4"]);
    let q = Book::query().filter(|b| b.id.eq(1)).select(|b| (b.price / Decimal::new(25, 1)).eq(Decimal::from(5)));
    assert_eq!(rows(&q), ["Some(true)"]);
}

#[test]
fn a_value_may_stand_on_no_column() {
    let q = Book::query().filter(|b| (b.stock + 1 - 1).gt(b.stock - 1)).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" + $1 - $2 > "b0"."stock" - $3
    -- [1, 1, 1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."stock" + ?1 - ?2 > "b0"."stock" - ?3
    -- [1, 1, 1]
    "#);
}

//! GROUP BY and HAVING.

use super::*;

#[test]
fn pgsql_050_groups() {
    let q = Book::query().group_by(|b| b.author_id).select(|b| (b.author_id, b.id.count()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."author_id", COUNT("b0"."id")
    FROM "books" AS "b0"
    GROUP BY "b0"."author_id"

    SQLite
    SELECT "b0"."author_id", COUNT("b0"."id")
    FROM "books" AS "b0"
    GROUP BY "b0"."author_id"
    "#);
    let q = Book::query()
        .group_by(|b| (b.pages, b.in_print))
        .group_by(|b| b.title.length())
        .select(|b| (b.pages, b.title.length(), count()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."pages", LENGTH("b0"."title"), COUNT(*)
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print", LENGTH("b0"."title")

    SQLite
    SELECT "b0"."pages", LENGTH("b0"."title"), COUNT(*)
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print", LENGTH("b0"."title")
    "#);
    let q = Book::query().group_by(|b| Vec::from_iter((0..0).map(|_| b.id))).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    "#);
    let q = Book::query()
        .group_by(|b| exists(Book::query().filter(|other| other.pages.eq(b.pages) & other.id.ne(b.id))))
        .select(|_| count());
    assert_eq!(rows(&q), ["2", "2"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT COUNT(*)
    FROM "books" AS "b0"
    GROUP BY EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id")

    SQLite
    SELECT COUNT(*)
    FROM "books" AS "b0"
    GROUP BY EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id")
    "#);
}

#[test]
fn pgsql_048_several_conditions_on_groups_must_all_hold() {
    let q = Book::query().group_by(|b| (b.pages, b.in_print)).having(|b| b.pages.eq(b.pages));
    insta::assert_snapshot!(both(q.clone().select(|_| constant(true))), @r#"
    Postgres
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages"

    SQLite
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages"
    "#);
    let q = q.having(|b| b.in_print.eq(b.in_print));
    insta::assert_snapshot!(both(q.select(|_| constant(true))), @r#"
    Postgres
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages" AND "b0"."in_print" = "b0"."in_print"

    SQLite
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages" AND "b0"."in_print" = "b0"."in_print"
    "#);
}

#[test]
fn pgsql_049_or_having_is_ored_with_all_before_it() {
    let q = Book::query().group_by(|b| (b.pages, b.in_print)).or_having(|b| b.pages.eq(b.pages));
    insta::assert_snapshot!(both(q.clone().select(|_| constant(true))), @r#"
    Postgres
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages"

    SQLite
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages"
    "#);
    let q = q.or_having(|b| b.in_print.eq(b.in_print));
    insta::assert_snapshot!(both(q.select(|_| constant(true))), @r#"
    Postgres
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages" OR "b0"."in_print" = "b0"."in_print"

    SQLite
    SELECT TRUE
    FROM "books" AS "b0"
    GROUP BY "b0"."pages", "b0"."in_print"
    HAVING "b0"."pages" = "b0"."pages" OR "b0"."in_print" = "b0"."in_print"
    "#);
}

#[test]
fn conditions_on_groups() {
    let q = Book::query()
        .group_by(|b| b.pages)
        .having(|_| count().gt(1))
        .having(|b| b.sold.sum().gt(Decimal::from(10)))
        .or_having(|b| b.pages.eq(1))
        .select(|b| (b.pages, count()));
    assert_eq!(rows(&q), ["(1, 1)", "(250, 2)"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."pages", COUNT(*)
    FROM "books" AS "b0"
    GROUP BY "b0"."pages"
    HAVING (COUNT(*) > $1 AND SUM("b0"."sold") > $2) OR "b0"."pages" = $3
    -- [1, 10, 1]

    SQLite
    SELECT "b0"."pages", COUNT(*)
    FROM "books" AS "b0"
    GROUP BY "b0"."pages"
    HAVING (COUNT(*) > ?1 AND decimal_sum("b0"."sold") COLLATE "decimal" > ?2) OR "b0"."pages" = ?3
    -- [1, 10, 1]
    "#);
}

#[test]
fn every_clause_has_its_place() {
    let q = Book::query()
        .left_join_on::<Author>(|(b, a)| b.author_id.eq(a.id) & a.name.ne("Zoe"))
        .filter(|(b, _)| b.pages.gt(2))
        .group_by(|(_, a)| a.name)
        .having(|(b, _)| b.id.count().gte(1))
        .order_by(|(_, a)| a.name.asc().nulls_last())
        .limit(10)
        .offset(0)
        .distinct()
        .select(|(b, a)| (a.name, b.pages.sum() + 5));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT DISTINCT "a1"."name", SUM("b0"."pages") + $1
    FROM "books" AS "b0"
    LEFT JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id" AND "a1"."name" <> $2
    WHERE "b0"."pages" > $3
    GROUP BY "a1"."name"
    HAVING COUNT("b0"."id") >= $4
    ORDER BY "a1"."name" ASC NULLS LAST
    LIMIT $5
    OFFSET $6
    -- [5, "Zoe", 2, 1, 10, 0]

    SQLite
    SELECT DISTINCT "a1"."name", SUM("b0"."pages") + ?1
    FROM "books" AS "b0"
    LEFT JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id" AND "a1"."name" <> ?2
    WHERE "b0"."pages" > ?3
    GROUP BY "a1"."name"
    HAVING COUNT("b0"."id") >= ?4
    ORDER BY "a1"."name" ASC NULLS LAST
    LIMIT ?5
    OFFSET ?6
    -- [5, "Zoe", 2, 1, 10, 0]
    "#);
}

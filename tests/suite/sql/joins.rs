//! JOIN.

use super::*;

#[test]
fn pgsql_079_inner_joins() {
    let q = Book::query().join_on::<Author>(|(b, a)| b.author_id.eq(a.id));
    insta::assert_snapshot!(both(q.clone().select(|(b, a)| (b.title, a.name))), @r#"
    Postgres
    SELECT "b0"."title", "a1"."name"
    FROM "books" AS "b0"
    INNER JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"

    SQLite
    SELECT "b0"."title", "a1"."name"
    FROM "books" AS "b0"
    INNER JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"
    "#);
    let q = q.join_on::<Book>(|_| true);
    insta::assert_snapshot!(both(q.select(|_| constant(true))), @r#"
    Postgres
    SELECT TRUE
    FROM "books" AS "b0"
    INNER JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"
    INNER JOIN "books" AS "b2" ON TRUE

    SQLite
    SELECT TRUE
    FROM "books" AS "b0"
    INNER JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"
    INNER JOIN "books" AS "b2" ON TRUE
    "#);
}

#[test]
fn pgsql_087_a_left_join_of_every_row() {
    let q = Author::query().left_join_on::<Review>(|_| true).select(|(a, r)| (a.id, r.id));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id", "r1"."id"
    FROM "authors" AS "a0"
    LEFT JOIN "reviews" AS "r1" ON TRUE

    SQLite
    SELECT "a0"."id", "r1"."id"
    FROM "authors" AS "a0"
    LEFT JOIN "reviews" AS "r1" ON TRUE
    "#);
}

#[test]
fn the_output_stays_the_root() {
    let q = Author::query().join_on::<Book>(|(a, b)| b.author_id.eq(a.id) & b.in_print);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id", "a0"."name"
    FROM "authors" AS "a0"
    INNER JOIN "books" AS "b1" ON "b1"."author_id" = "a0"."id" AND "b1"."in_print"

    SQLite
    SELECT "a0"."id", "a0"."name"
    FROM "authors" AS "a0"
    INNER JOIN "books" AS "b1" ON "b1"."author_id" = "a0"."id" AND "b1"."in_print"
    "#);
}

#[test]
fn left_join_gives_options() {
    let q = Book::query().left_join_on::<Author>(|(b, a)| b.author_id.eq(a.id)).select(|(b, a)| (b.id, a.name, a));
    assert_eq!(rows(&q)[3], "(4, None, None)");
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id", "a1"."name", "a1"."id", "a1"."name"
    FROM "books" AS "b0"
    LEFT JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"

    SQLite
    SELECT "b0"."id", "a1"."name", "a1"."id", "a1"."name"
    FROM "books" AS "b0"
    LEFT JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"
    "#);
}

#[test]
fn a_table_may_be_joined_to_itself() {
    let q = Book::query()
        .join_on::<Book>(|(b, other)| b.pages.eq(other.pages) & b.id.lt(other.id))
        .select(|(b, other)| (b.id, other.id));
    assert_eq!(rows(&q), ["(2, 3)"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id", "b1"."id"
    FROM "books" AS "b0"
    INNER JOIN "books" AS "b1" ON "b0"."pages" = "b1"."pages" AND "b0"."id" < "b1"."id"

    SQLite
    SELECT "b0"."id", "b1"."id"
    FROM "books" AS "b0"
    INNER JOIN "books" AS "b1" ON "b0"."pages" = "b1"."pages" AND "b0"."id" < "b1"."id"
    "#);
}

#[test]
fn several_joins_are_numbered() {
    let q = Author::query()
        .join_on::<Book>(|(a, b)| b.author_id.eq(a.id))
        .left_join_on::<Review>(|(_, b, r)| r.book_id.eq(b.id))
        .filter(|(a, b, r)| a.name.eq("Ann") & b.pages.gt(1) & r.stars.gt(3))
        .order_by(|(_, b, r)| (b.id, r.id))
        .select(|(a, b, r)| (a.id, b.id, r.stars));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id", "b1"."id", "r2"."stars"
    FROM "authors" AS "a0"
    INNER JOIN "books" AS "b1" ON "b1"."author_id" = "a0"."id"
    LEFT JOIN "reviews" AS "r2" ON "r2"."book_id" = "b1"."id"
    WHERE "a0"."name" = $1 AND "b1"."pages" > $2 AND "r2"."stars" > $3
    ORDER BY "b1"."id" ASC, "r2"."id" ASC
    -- ["Ann", 1, 3]

    SQLite
    SELECT "a0"."id", "b1"."id", "r2"."stars"
    FROM "authors" AS "a0"
    INNER JOIN "books" AS "b1" ON "b1"."author_id" = "a0"."id"
    LEFT JOIN "reviews" AS "r2" ON "r2"."book_id" = "b1"."id"
    WHERE "a0"."name" = ?1 AND "b1"."pages" > ?2 AND "r2"."stars" > ?3
    ORDER BY "b1"."id" ASC, "r2"."id" ASC
    -- ["Ann", 1, 3]
    "#);
}

#[test]
fn every_row_with_every_row() {
    let q = Author::query().join_on::<Review>(|_| true).select(|(a, r)| (a.id, r.id));
    assert_eq!(rows(&q).len(), 9);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id", "r1"."id"
    FROM "authors" AS "a0"
    INNER JOIN "reviews" AS "r1" ON TRUE

    SQLite
    SELECT "a0"."id", "r1"."id"
    FROM "authors" AS "a0"
    INNER JOIN "reviews" AS "r1" ON TRUE
    "#);
}

#[test]
fn a_query_joins_up_to_eight_sources() {
    let q = Author::query()
        .join_on::<Author>(|(a, b)| a.id.eq(b.id))
        .join_on::<Author>(|(a, _, c)| a.id.eq(c.id))
        .join_on::<Author>(|(a, _, _, d)| a.id.eq(d.id))
        .join_on::<Author>(|(a, _, _, _, e)| a.id.eq(e.id))
        .join_on::<Author>(|(a, _, _, _, _, f)| a.id.eq(f.id))
        .join_on::<Author>(|(a, _, _, _, _, _, g)| a.id.eq(g.id))
        .join_on::<Author>(|(a, _, _, _, _, _, _, h)| a.id.eq(h.id))
        .left_join_on::<Author>(|(a, _, _, _, _, _, _, _, i)| a.id.eq(i.id + 1))
        .select(|(a, _, _, _, _, _, _, h, i)| (a.id, h.id, i.id));
    assert_eq!(rows(&q), ["(1, 1, None)", "(2, 2, Some(1))", "(3, 3, Some(2))"]);
}

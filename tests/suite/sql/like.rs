//! LIKE and its helpers.

use super::*;

#[test]
fn patterns() {
    let q = Book::query().filter(|b| b.title.like("R%") & b.subtitle.not_like("_")).select(|b| b.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" LIKE $1 ESCAPE '\' AND "b0"."subtitle" NOT LIKE $2 ESCAPE '\'
    -- ["R%", "_"]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" LIKE ?1 ESCAPE '\' AND "b0"."subtitle" NOT LIKE ?2 ESCAPE '\'
    -- ["R%", "_"]
    "#);
}

#[test]
fn patterns_that_ignore_case() {
    let q = Book::query().filter(|b| b.title.ilike("r%")).select(|b| b.id);
    assert_eq!(rows(&q), ["1", "4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" ILIKE $1 ESCAPE '\'
    -- ["r%"]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE LOWER("b0"."title") LIKE LOWER(?1) ESCAPE '\'
    -- ["r%"]
    "#);
    insta::assert_snapshot!(both(Book::query().filter(|b| b.title.not_ilike("%SQL%")).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."title" NOT ILIKE $1 ESCAPE '\'
    -- ["%SQL%"]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE LOWER("b0"."title") NOT LIKE LOWER(?1) ESCAPE '\'
    -- ["%SQL%"]
    "#);
}

#[test]
fn helpers_escape_wildcards() {
    let q = Book::query()
        .filter(|b| b.subtitle.starts_with("100%") | b.subtitle.ends_with("_b") | b.subtitle.contains("\\"))
        .select(|b| b.id);
    assert_eq!(rows(&q), ["1", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."subtitle" LIKE $1 ESCAPE '\' OR "b0"."subtitle" LIKE $2 ESCAPE '\' OR "b0"."subtitle" LIKE $3 ESCAPE '\'
    -- ["100\\%%", "%\\_b", "%\\\\%"]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."subtitle" LIKE ?1 ESCAPE '\' OR "b0"."subtitle" LIKE ?2 ESCAPE '\' OR "b0"."subtitle" LIKE ?3 ESCAPE '\'
    -- ["100\\%%", "%\\_b", "%\\\\%"]
    "#);
}

#[test]
fn a_pattern_may_be_an_expression() {
    let q = Book::query().filter(|b| b.subtitle.like(b.title.lower().concat("%"))).select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."subtitle" LIKE LOWER("b0"."title") || $1 ESCAPE '\'
    -- ["%"]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."subtitle" LIKE LOWER("b0"."title") || ?1 ESCAPE '\'
    -- ["%"]
    "#);
}

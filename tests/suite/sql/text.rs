//! Functions of text.

use super::*;

#[test]
fn lower_upper_and_length() {
    let q = Book::query().select(|b| (b.title.lower(), b.title.upper(), b.title.length(), b.subtitle.length()));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT LOWER("b0"."title"), UPPER("b0"."title"), LENGTH("b0"."title"), LENGTH("b0"."subtitle")
    FROM "books" AS "b0"

    SQLite
    SELECT LOWER("b0"."title"), UPPER("b0"."title"), LENGTH("b0"."title"), LENGTH("b0"."subtitle")
    FROM "books" AS "b0"
    "#);
}

#[test]
fn concat_chains() {
    let q = Book::query().select(|b| b.title.concat(": ").concat(b.subtitle.coalesce("-")));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."title" || $1 || COALESCE("b0"."subtitle", $2)
    FROM "books" AS "b0"
    -- [": ", "-"]

    SQLite
    SELECT "b0"."title" || ?1 || COALESCE("b0"."subtitle", ?2)
    FROM "books" AS "b0"
    -- [": ", "-"]
    "#);
    let q = Book::query().filter(|b| b.title.concat("!").eq("SQL!")).select(|b| b.title.concat(b.subtitle));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."title" || "b0"."subtitle"
    FROM "books" AS "b0"
    WHERE "b0"."title" || $1 = $2
    -- ["!", "SQL!"]

    SQLite
    SELECT "b0"."title" || "b0"."subtitle"
    FROM "books" AS "b0"
    WHERE "b0"."title" || ?1 = ?2
    -- ["!", "SQL!"]
    "#);
}

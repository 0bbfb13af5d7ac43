//! Prefixes: a database schema on Postgres, an attached database on SQLite.

use super::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = "archive")]
struct Entry {
    id: i64,
    text: String,
}

#[test]
fn the_prefix_of_a_schema() {
    insta::assert_snapshot!(both(Entry::query()), @r#"
    Postgres
    SELECT "e0"."id", "e0"."text"
    FROM "archive"."entries" AS "e0"

    SQLite
    SELECT "e0"."id", "e0"."text"
    FROM "archive"."entries" AS "e0"
    "#);
}

#[test]
fn pgsql_084_prefixes_of_the_repo_the_query_and_the_schema() {
    let query = || Author::query().join_on::<Book>(|(a, b)| b.author_id.eq(a.id)).select(|(a, _)| a.id);
    insta::assert_snapshot!(ran(|repo| async move { repo.with_prefix("archive").all(query()).await }), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "archive"."authors" AS "a0"
    INNER JOIN "archive"."books" AS "b1" ON "b1"."author_id" = "a0"."id"

    SQLite
    SELECT "a0"."id"
    FROM "archive"."authors" AS "a0"
    INNER JOIN "archive"."books" AS "b1" ON "b1"."author_id" = "a0"."id"
    "#);
    let own = || query().prefix("archive");
    insta::assert_snapshot!(ran(|repo| async move { repo.all(own()).await }), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "archive"."authors" AS "a0"
    INNER JOIN "archive"."books" AS "b1" ON "b1"."author_id" = "a0"."id"

    SQLite
    SELECT "a0"."id"
    FROM "archive"."authors" AS "a0"
    INNER JOIN "archive"."books" AS "b1" ON "b1"."author_id" = "a0"."id"
    "#);
    let entries = || Entry::query().join_on::<Author>(|(e, a)| e.id.eq(a.id)).select(|(e, _)| e.id);
    insta::assert_snapshot!(ran(|repo| async move { repo.all(entries()).await }), @r#"
    Postgres
    SELECT "e0"."id"
    FROM "archive"."entries" AS "e0"
    INNER JOIN "authors" AS "a1" ON "e0"."id" = "a1"."id"

    SQLite
    SELECT "e0"."id"
    FROM "archive"."entries" AS "e0"
    INNER JOIN "authors" AS "a1" ON "e0"."id" = "a1"."id"
    "#);
}

#[test]
fn a_query_s_own_prefix_is_quoted_and_stronger_than_the_schema_s() {
    let q = Entry::query().prefix("old \"x\"").join_on::<Entry>(|(e, other)| e.id.lt(other.id)).select(|(e, _)| e.text);
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap(), @r#"
    SELECT "e0"."text"
    FROM "old ""x"""."entries" AS "e0"
    INNER JOIN "old ""x"""."entries" AS "e1" ON "e0"."id" < "e1"."id"
    "#);
    assert_eq!(q.to_sql(Dialect::Sqlite).unwrap(), q.to_sql(Dialect::Postgres).unwrap());
}

#[test]
fn a_subquery_has_its_own() {
    let q = Author::query().filter(|a| a.name.in_query(Entry::query().select(|e| e.text))).select(|a| a.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."name" IN (SELECT "se0"."text" FROM "archive"."entries" AS "se0")

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."name" IN (SELECT "se0"."text" FROM "archive"."entries" AS "se0")
    "#);
}

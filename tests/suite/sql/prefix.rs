//! Prefixes: a database schema on Postgres, an attached database on SQLite.

use super::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = "audit")]
struct Entry {
    id: i64,
    text: String,
}

/// The SQL on both stores, whose tables are not there.
fn shown<Sc: Scope, Out>(query: Query<Sc, Out>) -> String {
    [Dialect::Postgres, Dialect::Sqlite].map(|dialect| query.to_sql(dialect).unwrap().to_string()).join("\n")
}

#[test]
fn the_prefix_of_a_schema() {
    insta::assert_snapshot!(shown(Entry::query()), @r#"
    SELECT "e0"."id", "e0"."text"
    FROM "audit"."entries" AS "e0"
    SELECT "e0"."id", "e0"."text"
    FROM "audit"."entries" AS "e0"
    "#);
}

#[test]
fn the_query_s_own_is_stronger_and_names_the_root_only() {
    let q = Entry::query().prefix("old \"x\"").join_on::<Entry>(|(e, other)| e.id.lt(other.id)).select(|(e, _)| e.text);
    insta::assert_snapshot!(shown(q), @r#"
    SELECT "e0"."text"
    FROM "old ""x"""."entries" AS "e0"
    INNER JOIN "audit"."entries" AS "e1" ON "e0"."id" < "e1"."id"
    SELECT "e0"."text"
    FROM "old ""x"""."entries" AS "e0"
    INNER JOIN "audit"."entries" AS "e1" ON "e0"."id" < "e1"."id"
    "#);
}

#[test]
fn a_subquery_has_its_own() {
    let q = Author::query().filter(|a| a.name.in_query(Entry::query().select(|e| e.text))).select(|a| a.id);
    insta::assert_snapshot!(shown(q), @r#"
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."name" IN (SELECT "se0"."text" FROM "audit"."entries" AS "se0")
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."name" IN (SELECT "se0"."text" FROM "audit"."entries" AS "se0")
    "#);
}

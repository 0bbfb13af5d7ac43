//! Prefixes: database schemas on Postgres, attached databases on SQLite.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{Delete, Insert, Operation, Select, Source, Update};
use peristyle_query::schema::SchemaMeta;
use peristyle_query::statement::Dialect;
use peristyle_sql::render;

fn sql(operation: &Operation, prefix: Option<&str>) -> String {
    match render(Dialect::Postgres, operation, prefix) {
        Ok(statement) => statement.sql().to_owned(),
        Err(error) => error.to_string(),
    }
}

fn read(schema: &'static SchemaMeta, source: Option<&str>, repo: Option<&str>) -> String {
    let mut query = Select::new(Source::Table { schema, prefix: source.map(str::to_owned) });
    query.columns.push(column(col(&ID)));
    sql(&Operation::Select(query), repo)
}

#[test]
fn reads_prefer_the_query_then_the_repo_then_the_schema() {
    assert_snapshot!(read(&AUTH, Some("own"), Some("repo")), @r#"SELECT "l0"."id" FROM "own"."logins" AS "l0""#);
    assert_snapshot!(read(&AUTH, None, Some("repo")), @r#"SELECT "l0"."id" FROM "repo"."logins" AS "l0""#);
    assert_snapshot!(read(&AUTH, None, None), @r#"SELECT "l0"."id" FROM "auth"."logins" AS "l0""#);
    assert_snapshot!(read(&USERS, None, Some("repo")), @r#"SELECT "u0"."id" FROM "repo"."users" AS "u0""#);
    assert_snapshot!(read(&USERS, None, None), @r#"SELECT "u0"."id" FROM "users" AS "u0""#);
    assert_snapshot!(read(&USERS, Some("we\"ird"), None), @r#"SELECT "u0"."id" FROM "we""ird"."users" AS "u0""#);
}

#[test]
fn writes_prefer_the_repo_too() {
    let insert = Operation::Insert(Insert::row(&AUTH, Vec::new(), &[]));
    assert_snapshot!(sql(&insert, Some("repo")), @r#"INSERT INTO "repo"."logins" DEFAULT VALUES"#);
    assert_snapshot!(sql(&insert, None), @r#"INSERT INTO "auth"."logins" DEFAULT VALUES"#);
    let set = vec![(&AGE, int(1))];
    let update = Operation::Update(Update { set, ..Update::new(&AUTH) });
    assert_snapshot!(sql(&update, Some("repo")), @r#"UPDATE "repo"."logins" AS "l0" SET "age" = $1"#);
    let delete = Operation::Delete(Delete::new(&AUTH));
    assert_snapshot!(sql(&delete, Some("repo")), @r#"DELETE FROM "repo"."logins" AS "l0""#);
}

#[test]
fn a_schema_may_require_one() {
    assert_snapshot!(read(&TENANT, None, None), @r#"the table "orders" of Order belongs to one tenant or another: say whose with repo.with_prefix(".."), or with .prefix("..") on the query (Order is #[schema(prefix = required)])"#);
    assert_snapshot!(read(&TENANT, Some("t2"), None), @r#"SELECT "o0"."id" FROM "t2"."orders" AS "o0""#);
    assert_snapshot!(read(&TENANT, None, Some("t1")), @r#"SELECT "o0"."id" FROM "t1"."orders" AS "o0""#);
    let insert = Operation::Insert(Insert::row(&TENANT, Vec::new(), &[]));
    assert!(sql(&insert, None).contains("repo.with_prefix(\"..\")"));
}

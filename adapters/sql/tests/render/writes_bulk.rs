//! INSERT of many rows and of queries, ON CONFLICT, UPDATE with further tables, and expressions read back.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{
    BinaryOperator, Binding, ConflictAction, ConflictTarget, Delete, Insert, InsertSource, Join, JoinKind, OnConflict,
    Operation, OutputColumn, Select, Step, Update,
};
use peristyle_query::schema::FieldMeta;
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

/// A row of the table of an update or of what an insert conflicts with.
fn excluded(field: &'static FieldMeta) -> Vec<Step> {
    col_of(1, field)
}

fn rows(columns: Vec<&'static FieldMeta>, values: Vec<Value>) -> Insert {
    let count = values.len() / columns.len();
    let source = InsertSource::Rows { count, values };
    Insert { schema: &USERS, columns, source, on_conflict: None, returning: Vec::new() }
}

fn one(email: &str) -> Insert {
    rows(vec![&EMAIL, &AGE], vec![Value::Text(email.into()), Value::I32(7)])
}

fn conflict(target: Option<ConflictTarget>, action: ConflictAction) -> Option<Box<OnConflict>> {
    Some(Box::new(OnConflict { target, action }))
}

fn index(columns: Vec<Vec<Step>>, filter: Vec<Vec<Step>>) -> Option<ConflictTarget> {
    Some(ConflictTarget::Index { columns, filter })
}

#[test]
fn many_rows_are_arrays_on_postgres_and_one_statement_for_each_on_sqlite() {
    let values = vec![
        Value::Text("a".into()),
        Value::Enum("role", "admin".into()),
        Value::Text("s3cret".into()),
        Value::Text("b".into()),
        Value::Null(DataType::Enum("role")),
        Value::Text("s4cret".into()),
    ];
    let mut insert = rows(vec![&EMAIL, &ROLE, &PASSWORD], values);
    insert.returning = vec![column(col(&ID)), column(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1)))];
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" AS "u0" ("email", "role", "pw_hash")
    SELECT unnest($1::text[]), unnest($2::"role"[]), unnest($3::text[])
    RETURNING "id", "u0"."age" + $4
    -- [["a", "b"], ["admin", NULL], [redacted], 1]

    INSERT INTO "users" AS "u0" ("email", "role", "pw_hash")
    VALUES (?1, ?2, ?3)
    RETURNING "id", "users"."age" + ?4
    -- ["a", "admin", [redacted], 1]
    -- ["b", NULL, [redacted], 1]
    "#);
}

#[test]
fn long_loads_are_shown_in_part() {
    let insert = rows(vec![&AGE], (0..1_000).map(Value::I32).collect());
    assert_snapshot!(statement(Dialect::Sqlite, &Operation::Insert(insert)), @r#"
    INSERT INTO "users" ("age")
    VALUES (?1)
    -- [0]
    -- [1]
    -- [2]
    -- [3]
    -- [4]
    -- [5]
    -- [6]
    -- [7]
    -- [8]
    -- [9]
    -- … (990 more)
    "#);
}

#[test]
fn rows_with_lists_have_placeholders_of_their_own_on_postgres() {
    let list = |items: &[&str]| Value::Array(&DataType::Text, items.iter().map(|t| Value::Text((*t).into())).collect());
    let insert = rows(vec![&AGE, &TAGS], vec![Value::I32(1), list(&["x", "y"]), Value::I32(2), list(&[])]);
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" ("age", "tags")
    VALUES ($1, $2), ($3, $4)
    -- [1, ["x", "y"], 2, []]

    INSERT INTO "users" ("age", "tags")
    VALUES (?1, ?2)
    -- [1, ["x", "y"]]
    -- [2, []]
    "#);
}

#[test]
fn pgsql_101_rows_may_be_computed() {
    let newest = select(&POSTS, [col(&AUTHOR)]);
    let source =
        InsertSource::Expressions(vec![vec![text("a"), vec![Step::Scalar(Box::new(newest))]], vec![text("b"), int(2)]]);
    let insert = Insert { source, ..one("a") };
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" ("email", "age")
    VALUES ($1, (SELECT "p0"."author_id" FROM "posts" AS "p0")), ($2, $3)
    -- ["a", "b", 2]

    INSERT INTO "users" ("email", "age")
    VALUES (?1, (SELECT "p0"."author_id" FROM "posts" AS "p0")), (?2, ?3)
    -- ["a", "b", 2]
    "#);
}

#[test]
fn pgsql_102_rows_of_a_query_with_a_conflict_clause_are_kept_apart_from_it_on_sqlite() {
    let mut query = select(&POSTS, [col(&TITLE), int(3)]);
    query.columns.truncate(2);
    let source = InsertSource::Query(Box::new(query));
    let mut insert = Insert { source, ..one("a") };
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @r#"
    INSERT INTO "users" ("email", "age")
    SELECT "p0"."title", $1::int4
    FROM "posts" AS "p0"
    -- [3]

    INSERT INTO "users" ("email", "age")
    SELECT "p0"."title", ?1
    FROM "posts" AS "p0"
    -- [3]
    "#);
    insert.on_conflict = conflict(index(vec![col(&EMAIL)], vec![]), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" ("email", "age")
    SELECT "p0"."title", $1::int4
    FROM "posts" AS "p0"
    WHERE TRUE
    ON CONFLICT ("email") DO NOTHING
    -- [3]

    INSERT INTO "users" ("email", "age")
    SELECT "p0"."title", ?1
    FROM "posts" AS "p0"
    WHERE TRUE
    ON CONFLICT ("email") DO NOTHING
    -- [3]
    "#);
}

#[test]
fn pgsql_100_a_conflict_updates_the_row_that_is_there() {
    let mut insert = one("a");
    let set = vec![
        (&EMAIL, excluded(&EMAIL)),
        (&AGE, binary(col(&AGE), BinaryOperator::Add(DataType::I32), excluded(&AGE))),
        (&PASSWORD, text("s3cret")),
    ];
    let filter = vec![binary(col(&AGE), BinaryOperator::Less, excluded(&AGE))];
    insert.on_conflict = conflict(index(vec![col(&EMAIL), col(&ROLE)], vec![]), ConflictAction::Update { set, filter });
    insert.returning = vec![OutputColumn::Row(Binding::of(0, 0), &USERS)];
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" AS "u0" ("email", "age")
    VALUES ($1, $2)
    ON CONFLICT ("email", "role") DO UPDATE
    SET "email" = "excluded"."email", "age" = "u0"."age" + "excluded"."age", "pw_hash" = $3
    WHERE "u0"."age" < "excluded"."age"
    RETURNING "id", "full ""name""", "balance"
    -- ["a", 7, [redacted]]

    INSERT INTO "users" AS "u0" ("email", "age")
    VALUES (?1, ?2)
    ON CONFLICT ("email", "role") DO UPDATE
    SET "email" = "excluded"."email", "age" = "u0"."age" + "excluded"."age", "pw_hash" = ?3
    WHERE "u0"."age" < "excluded"."age"
    RETURNING "id", "full ""name""", "balance"
    -- ["a", 7, [redacted]]
    "#);
}

#[test]
fn a_conflict_has_a_target_or_none() {
    let mut insert = one("a");
    insert.on_conflict = conflict(None, ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @r#"
    INSERT INTO "users" ("email", "age")
    VALUES ($1, $2)
    ON CONFLICT DO NOTHING
    -- ["a", 7]

    INSERT INTO "users" ("email", "age")
    VALUES (?1, ?2)
    ON CONFLICT DO NOTHING
    -- ["a", 7]
    "#);
    let partial = vec![eq(col(&ROLE), vec![Step::Literal(Value::Text("it's".into()))])];
    let lower = apply(Step::Function(peristyle_query::query::ast::Function::Lower, 1), [col(&EMAIL)]);
    insert.on_conflict = conflict(index(vec![lower, col(&AGE)], partial), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @r#"
    INSERT INTO "users" ("email", "age")
    VALUES ($1, $2)
    ON CONFLICT ((LOWER("email")), "age")
    WHERE "role" = 'it''s' DO NOTHING
    -- ["a", 7]

    INSERT INTO "users" ("email", "age")
    VALUES (?1, ?2)
    ON CONFLICT ((LOWER("email")), "age")
    WHERE "role" = 'it''s' DO NOTHING
    -- ["a", 7]
    "#);
    insert.on_conflict = conflict(Some(ConflictTarget::Constraint("users_pkey".into())), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @r#"
    INSERT INTO "users" ("email", "age")
    VALUES ($1, $2)
    ON CONFLICT ON CONSTRAINT "users_pkey" DO NOTHING
    -- ["a", 7]

    INSERT INTO "users" ("email", "age")
    VALUES (?1, ?2)
    ON CONFLICT ("id") DO NOTHING
    -- ["a", 7]
    "#);
    insert.on_conflict = conflict(Some(ConflictTarget::Constraint("a \"b\"".into())), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @r#"
    INSERT INTO "users" ("email", "age")
    VALUES ($1, $2)
    ON CONFLICT ON CONSTRAINT "a ""b""" DO NOTHING
    -- ["a", 7]

    sqlite has no ON CONFLICT with the name of a constraint that User does not declare, "a \"b\"": name the columns with .target(|u| u.column)
    "#);
    let set = vec![(&EMAIL, excluded(&EMAIL))];
    insert.on_conflict = conflict(None, ConflictAction::Update { set, filter: Vec::new() });
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    on_conflict of User: postgres updates a row only if it knows what must be unique: add .target(|u| u.column), or .target_constraint("name")

    INSERT INTO "users" AS "u0" ("email", "age")
    VALUES (?1, ?2)
    ON CONFLICT DO UPDATE
    SET "email" = "excluded"."email"
    -- ["a", 7]
    "#);
}

#[test]
fn an_insert_says_what_it_did_on_postgres() {
    let mut insert = one("a");
    let set = vec![(&EMAIL, excluded(&EMAIL))];
    insert.on_conflict = conflict(index(vec![col(&EMAIL)], vec![]), ConflictAction::Update { set, filter: Vec::new() });
    insert.returning = vec![column(col(&ID)), column(vec![Step::Inserted])];
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" AS "u0" ("email", "age")
    VALUES ($1, $2)
    ON CONFLICT ("email") DO UPDATE
    SET "email" = "excluded"."email"
    RETURNING "id", "u0"."xmax" = 0
    -- ["a", 7]

    sqlite has no word for whether a row was inserted: update the row with a statement of its own
    "#);
}

fn posts(kind: JoinKind, on: Vec<Step>) -> Join {
    Join { kind, source: table(&POSTS), on }
}

#[test]
fn pgsql_057_inner_joins_of_an_update_stand_side_by_side() {
    let set = vec![(&EMAIL, col_of(1, &TITLE)), (&AGE, int(9))];
    let from = vec![
        posts(JoinKind::Inner, eq(col_of(1, &AUTHOR), col(&ID))),
        posts(JoinKind::Inner, eq(col_of(2, &AUTHOR), col_of(1, &AUTHOR))),
    ];
    let filter = vec![eq(col_of(2, &TITLE), text("x"))];
    let returning = vec![column(col(&ID)), column(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1)))];
    let update = Update { set, from, filter, returning, ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @r#"
    UPDATE "users" AS "u0"
    SET "email" = "p1"."title", "age" = $1
    FROM "posts" AS "p1", "posts" AS "p2"
    WHERE "p1"."author_id" = "u0"."id" AND "p2"."author_id" = "p1"."author_id" AND "p2"."title" = $2
    RETURNING "u0"."id", "u0"."age" + $3
    -- [9, "x", 1]

    UPDATE "users" AS "u0"
    SET "email" = "p1"."title", "age" = ?1
    FROM "posts" AS "p1", "posts" AS "p2"
    WHERE "p1"."author_id" = "u0"."id" AND "p2"."author_id" = "p1"."author_id" AND "p2"."title" = ?2
    RETURNING "id", "users"."age" + ?3
    -- [9, "x", 1]
    "#);
}

#[test]
fn pgsql_062_left_joins_of_an_update_follow_the_first_table() {
    let set = vec![(&EMAIL, col_of(2, &TITLE))];
    let from = vec![
        Join { kind: JoinKind::Inner, source: table(&USERS), on: eq(col(&ID), col_of(1, &ID)) },
        posts(JoinKind::Left, eq(col_of(2, &AUTHOR), col_of(1, &ID))),
        Join {
            kind: JoinKind::Inner,
            source: peristyle_query::query::ast::Source::Subquery(Box::new(select(&POSTS, [col(&AUTHOR)]))),
            on: eq(col_of(3, &AUTHOR), int(5)),
        },
    ];
    let update = Update { set, from, ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @r#"
    UPDATE "users" AS "u0"
    SET "email" = "p2"."title"
    FROM "users" AS "u1"
    LEFT JOIN "posts" AS "p2" ON "p2"."author_id" = "u1"."id"
    INNER JOIN (SELECT "sp0"."author_id" FROM "posts" AS "sp0") AS "s3" ON "s3"."author_id" = $1
    WHERE "u0"."id" = "u1"."id"
    -- [5]

    UPDATE "users" AS "u0"
    SET "email" = "p2"."title"
    FROM "users" AS "u1"
    LEFT JOIN "posts" AS "p2" ON "p2"."author_id" = "u1"."id"
    INNER JOIN (SELECT "sp0"."author_id" FROM "posts" AS "sp0") AS "s3" ON "s3"."author_id" = ?1
    WHERE "u0"."id" = "u1"."id"
    -- [5]
    "#);
}

#[test]
fn pgsql_060_a_subquery_joined_to_an_update_has_parameters() {
    let mut inner = select(&POSTS, [col(&AUTHOR)]);
    inner.filter.push(eq(col(&TITLE), text("x")));
    let source = peristyle_query::query::ast::Source::Subquery(Box::new(inner));
    let from = vec![Join { kind: JoinKind::Inner, source, on: eq(col_of(1, &AUTHOR), col(&ID)) }];
    let update =
        Update { set: vec![(&AGE, int(9))], from, filter: vec![eq(col(&EMAIL), text("y"))], ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @r#"
    UPDATE "users" AS "u0"
    SET "age" = $1
    FROM (SELECT "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."title" = $2) AS "s1"
    WHERE "s1"."author_id" = "u0"."id" AND "u0"."email" = $3
    -- [9, "x", "y"]

    UPDATE "users" AS "u0"
    SET "age" = ?1
    FROM (SELECT "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."title" = ?2) AS "s1"
    WHERE "s1"."author_id" = "u0"."id" AND "u0"."email" = ?3
    -- [9, "x", "y"]
    "#);
}

#[test]
fn pgsql_061_the_statement_s_own_prefix_is_the_strongest() {
    let own = || Some("own".to_owned());
    let update = Update { prefix: own(), set: vec![(&AGE, int(1))], ..Update::new(&AUTH) };
    assert_snapshot!(both(&Operation::Update(update)), @r#"
    UPDATE "own"."logins" AS "l0"
    SET "age" = $1
    -- [1]

    UPDATE "own"."logins" AS "l0"
    SET "age" = ?1
    -- [1]
    "#);
    let delete = Delete { prefix: own(), ..Delete::new(&AUTH) };
    assert_snapshot!(both(&Operation::Delete(delete)), @r#"
    DELETE FROM "own"."logins" AS "l0"

    DELETE FROM "own"."logins" AS "l0"
    "#);
}

#[test]
fn pgsql_065_what_is_read_back_may_be_computed() {
    let mut titles: Select = select(&POSTS, [col(&TITLE)]);
    titles.filter.push(eq(col(&AUTHOR), outer(&ID)));
    let returning = vec![OutputColumn::Row(Binding::of(0, 0), &USERS), column(vec![Step::Scalar(Box::new(titles))])];
    let delete = Delete { filter: vec![eq(col(&ID), int(1))], returning, ..Delete::new(&USERS) };
    assert_snapshot!(both(&Operation::Delete(delete)), @r#"
    DELETE FROM "users" AS "u0"
    WHERE "u0"."id" = $1
    RETURNING "id", "full ""name""", "balance", (SELECT "sp0"."title" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id")
    -- [1]

    DELETE FROM "users" AS "u0"
    WHERE "u0"."id" = ?1
    RETURNING "id", "full ""name""", "balance", (SELECT "sp0"."title" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "users"."id")
    -- [1]
    "#);
}

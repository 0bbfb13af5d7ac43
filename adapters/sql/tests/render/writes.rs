//! INSERT, UPDATE and DELETE.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{BinaryOperator, Delete, Insert, Operation, Step, Update};
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

#[test]
fn insert_binds_its_values_and_reads_columns_back() {
    let values = vec![
        (&EMAIL, Value::Text("a@b.c".into())),
        (&ROLE, Value::Enum("role", "admin".into())),
        (&AGE, Value::Null(DataType::I32)),
        (&PASSWORD, Value::Text("s3cret".into())),
    ];
    let insert = Insert::row(&USERS, values, &[&ID, &EMAIL]);
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users" ("email", "role", "age", "pw_hash")
    VALUES ($1, $2::"role", $3, $4)
    RETURNING "id", "email"
    -- ["a@b.c", "admin", NULL, [redacted]]

    INSERT INTO "users" ("email", "role", "age", "pw_hash")
    VALUES (?1, ?2, ?3, ?4)
    RETURNING "id", "email"
    -- ["a@b.c", "admin", NULL, [redacted]]
    "#);
}

#[test]
fn insert_of_no_values_is_a_row_of_defaults() {
    let insert = Insert::row(&USERS, Vec::new(), &[&ID]);
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users"
    DEFAULT VALUES
    RETURNING "id"

    INSERT INTO "users"
    DEFAULT VALUES
    RETURNING "id"
    "#);
    let insert = Insert::row(&USERS, Vec::new(), &[]);
    assert_snapshot!(both(&Operation::Insert(insert)), @r#"
    INSERT INTO "users"
    DEFAULT VALUES

    INSERT INTO "users"
    DEFAULT VALUES
    "#);
}

#[test]
fn update_sets_values_and_expressions() {
    let set = vec![
        (&AGE, binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1))),
        (&BALANCE, binary(col(&BALANCE), BinaryOperator::Subtract(DataType::Decimal), decimal("9.99"))),
        (&ROLE, value(Value::Null(DataType::Enum("role")))),
        (&PASSWORD, text("s3cret")),
    ];
    let filter = vec![eq(col(&ID), value(Value::I64(7))), col(&ACTIVE)];
    let update = Update { set, filter, returning: vec![column(col(&AGE))], ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @r#"
    UPDATE "users" AS "u0"
    SET "age" = "u0"."age" + $1, "balance" = "u0"."balance" - $2, "role" = $3::"role", "pw_hash" = $4
    WHERE "u0"."id" = $5 AND "u0"."active"
    RETURNING "age"
    -- [1, 9.99, NULL, [redacted], 7]

    UPDATE "users" AS "u0"
    SET "age" = "u0"."age" + ?1, "balance" = decimal_sub("u0"."balance", ?2), "role" = ?3, "pw_hash" = ?4
    WHERE "u0"."id" = ?5 AND "u0"."active"
    RETURNING "age"
    -- [1, 9.99, NULL, [redacted], 7]
    "#);
}

#[test]
fn update_of_every_row_may_ask_other_tables() {
    let mut newest = select(&POSTS, [col(&TITLE)]);
    newest.filter.push(eq(col(&AUTHOR), outer(&ID)));
    let set = vec![(&EMAIL, vec![Step::Scalar(Box::new(newest))])];
    let update = Update { set, ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @r#"
    UPDATE "users" AS "u0"
    SET "email" = (SELECT "sp0"."title" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id")

    UPDATE "users" AS "u0"
    SET "email" = (SELECT "sp0"."title" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id")
    "#);
}

#[test]
fn update_of_nothing_is_refused() {
    let update = Update::new(&USERS);
    let error = refusal(Dialect::Sqlite, &Operation::Update(update));
    assert_eq!(error.to_string(), "an update of User sets no column");
}

#[test]
fn delete_finds_its_rows() {
    let filter = vec![is_in(col(&ID), &DataType::I64, vec![Value::I64(1)])];
    let delete = Delete { filter, returning: vec![column(col(&ID)), column(col(&EMAIL))], ..Delete::new(&USERS) };
    assert_snapshot!(both(&Operation::Delete(delete)), @r#"
    DELETE FROM "users" AS "u0"
    WHERE "u0"."id" = ANY($1)
    RETURNING "id", "email"
    -- [[1]]

    DELETE FROM "users" AS "u0"
    WHERE "u0"."id" IN (SELECT "value" FROM json_each(?1))
    RETURNING "id", "email"
    -- [[1]]
    "#);
    let delete = Delete::new(&USERS);
    assert_snapshot!(both(&Operation::Delete(delete)), @r#"
    DELETE FROM "users" AS "u0"

    DELETE FROM "users" AS "u0"
    "#);
}

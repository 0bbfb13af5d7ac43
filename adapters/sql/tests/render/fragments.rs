//! Raw SQL inside of queries, and statements of the program's own.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{BinaryOperator, Operation, RawStatement, Step};
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

#[test]
fn a_fragment_has_its_operands_in_place() {
    let search = apply(Step::Fragment("{} @@ plainto_tsquery({})", 2), [col(&TITLE), text("rust")]);
    assert_snapshot!(condition(search.clone()), @r#"
    "u0"."title" @@ plainto_tsquery($1::text)
    -- ["rust"]

    "u0"."title" @@ plainto_tsquery(?1)
    -- ["rust"]
    "#);
    assert_snapshot!(condition(and(search, eq(col(&AGE), int(1)))), @r#"
    ("u0"."title" @@ plainto_tsquery($1::text)) AND "u0"."age" = $2
    -- ["rust", 1]

    ("u0"."title" @@ plainto_tsquery(?1)) AND "u0"."age" = ?2
    -- ["rust", 1]
    "#);
}

#[test]
fn a_call_needs_no_parentheses_and_other_sql_does() {
    let lower = apply(Step::Fragment("lower({})", 1), [col(&EMAIL)]);
    assert_snapshot!(condition(eq(lower, text("a"))), @r#"
    lower("u0"."email") = $1::text
    -- ["a"]

    lower("u0"."email") = ?1
    -- ["a"]
    "#);
    let half = apply(Step::Fragment("{} / 2", 1), [binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1))]);
    assert_snapshot!(condition(eq(half, int(3))), @r#"
    (("u0"."age" + $1) / 2) = $2::int4
    -- [1, 3]

    (("u0"."age" + ?1) / 2) = ?2
    -- [1, 3]
    "#);
    let argument = apply(Step::Fragment("f({}, {})", 2), [eq(col(&AGE), int(1)), int(2)]);
    assert_snapshot!(condition(argument), @r#"
    f("u0"."age" = $1, $2::int4)
    -- [1, 2]

    f("u0"."age" = ?1, ?2)
    -- [1, 2]
    "#);
}

#[test]
fn braces_and_signs_stay_as_they_are() {
    let odd = apply(Step::Fragment("{}->'a?[$1' = '{{}}' || {}", 2), [col(&SETTINGS), text("x")]);
    assert_snapshot!(condition(odd), @r#"
    "u0"."settings"->'a?[$1' = '{}' || $1::text
    -- ["x"]

    "u0"."settings"->'a?[$1' = '{}' || ?1
    -- ["x"]
    "#);
}

#[test]
fn a_fragment_with_another_number_of_operands_is_refused() {
    for step in [Step::Fragment("{} {}", 1), Step::Fragment("x", 1), Step::Fragment("{ }", 1)] {
        assert!(refusal(Dialect::Sqlite, &users_where(apply(step, [int(1)]))).to_string().contains("do not match"));
    }
    let error = refusal(Dialect::Sqlite, &users_where(vec![Step::Invalid("say it in other words")]));
    assert_eq!(error.to_string(), "say it in other words");
}

#[test]
fn a_statement_of_the_program_gets_numbered_placeholders() {
    let values = vec![Value::I64(1), Value::Enum("role", "admin".into()), Value::Array(&DataType::I64, vec![])];
    let raw = RawStatement { template: "select '{{}}' from t where a = {} and r = {} and i = any({})".into(), values };
    assert_snapshot!(both(&Operation::Raw(raw)), @r#"
    select '{}' from t where a = $1::int8 and r = $2::"role" and i = any($3::int8[])
    -- [1, "admin", []]

    select '{}' from t where a = ?1 and r = ?2 and i = any(?3)
    -- [1, "admin", []]
    "#);
}

#[test]
fn a_statement_with_another_number_of_values_is_refused() {
    for template in ["select {}", "select {}, {}, {}", "select {x}, {}"] {
        let raw = RawStatement { template: template.into(), values: vec![Value::I64(1), Value::I64(2)] };
        let error = refusal(Dialect::Postgres, &Operation::Raw(raw));
        assert!(error.to_string().contains("has 2 values, and its text needs a `{}` for each"), "{error}");
    }
}

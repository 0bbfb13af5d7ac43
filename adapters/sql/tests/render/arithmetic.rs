//! Arithmetic, functions and casts.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{BinaryOperator, Expression, Function, Step, UnaryOperator};
use peristyle_query::schema::FieldMeta;
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

fn plus(left: Expression, right: Expression) -> Expression {
    binary(left, BinaryOperator::Add(DataType::I32), right)
}

fn minus(left: Expression, right: Expression) -> Expression {
    binary(left, BinaryOperator::Subtract(DataType::I32), right)
}

fn times(left: Expression, right: Expression) -> Expression {
    binary(left, BinaryOperator::Multiply(DataType::I32), right)
}

fn negated(operand: Expression) -> Expression {
    apply(Step::Unary(UnaryOperator::Negate), [operand])
}

#[test]
fn parentheses_follow_precedence() {
    assert_snapshot!(selected(plus(col(&AGE), times(col(&AGE), int(2)))), @r#"
    "u0"."age" + "u0"."age" * $1
    -- [2]
    "u0"."age" + "u0"."age" * ?1
    -- [2]
    "#);
    assert_snapshot!(selected(times(plus(col(&AGE), int(1)), int(2))), @r#"
    ("u0"."age" + $1) * $2
    -- [1, 2]
    ("u0"."age" + ?1) * ?2
    -- [1, 2]
    "#);
    assert_snapshot!(selected(minus(minus(col(&AGE), int(1)), int(2))), @r#"
    "u0"."age" - $1 - $2
    -- [1, 2]
    "u0"."age" - ?1 - ?2
    -- [1, 2]
    "#);
    assert_snapshot!(selected(minus(col(&AGE), minus(int(1), col(&AGE)))), @r#"
    "u0"."age" - ($1 - "u0"."age")
    -- [1]
    "u0"."age" - (?1 - "u0"."age")
    -- [1]
    "#);
    assert_snapshot!(selected(negated(negated(col(&AGE)))), @r#"
    -(-"u0"."age")
    -(-"u0"."age")
    "#);
    assert_snapshot!(selected(minus(col(&AGE), negated(col(&AGE)))), @r#"
    "u0"."age" - -"u0"."age"
    "u0"."age" - -"u0"."age"
    "#);
    assert_snapshot!(selected(negated(vec![Step::Literal(Value::I32(-1))])), @"
    -(-1)
    -(-1)
    ");
    assert_snapshot!(condition(eq(plus(col(&AGE), int(1)), times(int(2), col(&AGE)))), @r#"
    "u0"."age" + $1 = $2 * "u0"."age"
    -- [1, 2]

    "u0"."age" + ?1 = ?2 * "u0"."age"
    -- [1, 2]
    "#);
}

#[test]
fn texts_are_joined() {
    let concat = |left, right| binary(left, BinaryOperator::Concat, right);
    assert_snapshot!(selected(concat(concat(col(&EMAIL), text("@")), col(&TITLE))), @r#"
    "u0"."email" || $1 || "u0"."title"
    -- ["@"]
    "u0"."email" || ?1 || "u0"."title"
    -- ["@"]
    "#);
}

#[test]
fn decimals_are_exact_on_sqlite() {
    let each = |operator: fn(DataType) -> BinaryOperator| {
        selected(binary(col(&BALANCE), operator(DataType::Decimal), decimal("1.10")))
    };
    assert_snapshot!(each(BinaryOperator::Add), @r#"
    "u0"."balance" + $1
    -- [1.10]
    decimal_add("u0"."balance", ?1)
    -- [1.10]
    "#);
    assert_snapshot!(each(BinaryOperator::Subtract), @r#"
    "u0"."balance" - $1
    -- [1.10]
    decimal_sub("u0"."balance", ?1)
    -- [1.10]
    "#);
    assert_snapshot!(each(BinaryOperator::Multiply), @r#"
    "u0"."balance" * $1
    -- [1.10]
    decimal_mul("u0"."balance", ?1)
    -- [1.10]
    "#);
    assert_snapshot!(each(BinaryOperator::Divide), @r#"
    "u0"."balance" / $1
    -- [1.10]
    decimal_div("u0"."balance", ?1)
    -- [1.10]
    "#);
    assert_snapshot!(each(BinaryOperator::Remainder), @r#"
    "u0"."balance" % $1
    -- [1.10]
    decimal_rem("u0"."balance", ?1)
    -- [1.10]
    "#);
    assert_snapshot!(selected(negated(col(&BALANCE))), @r#"
    -"u0"."balance"
    decimal_sub('0', "u0"."balance")
    "#);
    assert_snapshot!(selected(apply(Step::Function(Function::Abs, 1), [col(&BALANCE)])), @r#"
    ABS("u0"."balance")
    LTRIM("u0"."balance", '-')
    "#);
}

#[test]
fn each_function() {
    let each = |function, field: &'static FieldMeta| selected(apply(Step::Function(function, 1), [col(field)]));
    assert_snapshot!(each(Function::Lower, &EMAIL), @r#"
    LOWER("u0"."email")
    LOWER("u0"."email")
    "#);
    assert_snapshot!(each(Function::Upper, &EMAIL), @r#"
    UPPER("u0"."email")
    UPPER("u0"."email")
    "#);
    assert_snapshot!(each(Function::Length, &EMAIL), @r#"
    LENGTH("u0"."email")
    LENGTH("u0"."email")
    "#);
    assert_snapshot!(each(Function::Abs, &AGE), @r#"
    ABS("u0"."age")
    ABS("u0"."age")
    "#);
    assert_snapshot!(each(Function::Coalesce, &AGE), @r#"
    "u0"."age"
    "u0"."age"
    "#);
    assert_snapshot!(selected(apply(Step::Function(Function::Coalesce, 2), [col(&AGE), int(0)])), @r#"
    COALESCE("u0"."age", $1)
    -- [0]
    COALESCE("u0"."age", ?1)
    -- [0]
    "#);
    assert_snapshot!(selected(apply(Step::Function(Function::Coalesce, 2), [int(1), int(0)])), @"
    COALESCE($1::int4, $2::int4)
    -- [1, 0]
    COALESCE(?1, ?2)
    -- [1, 0]
    ");
}

#[test]
fn each_cast() {
    let each = |field: &'static FieldMeta, to| selected(apply(Step::Cast(to), [col(field)]));
    assert_snapshot!(each(&AGE, DataType::Text), @r#"
    CAST("u0"."age" AS text)
    CAST("u0"."age" AS TEXT)
    "#);
    assert_snapshot!(each(&EMAIL, DataType::I64), @r#"
    CAST("u0"."email" AS int8)
    CAST("u0"."email" AS INTEGER)
    "#);
    assert_snapshot!(each(&SCORE, DataType::I32), @r#"
    CAST("u0"."score" AS int4)
    CAST(ROUND("u0"."score") AS INTEGER)
    "#);
    assert_snapshot!(each(&BALANCE, DataType::I64), @r#"
    CAST("u0"."balance" AS int8)
    CAST(ROUND("u0"."balance") AS INTEGER)
    "#);
    assert_snapshot!(each(&AGE, DataType::F64), @r#"
    CAST("u0"."age" AS float8)
    CAST("u0"."age" AS REAL)
    "#);
    assert_snapshot!(each(&AGE, DataType::Decimal), @r#"
    CAST("u0"."age" AS numeric)
    CAST("u0"."age" AS TEXT)
    "#);
    assert_snapshot!(each(&AGE, DataType::Bool), @r#"
    "u0"."age" <> 0
    "u0"."age" <> 0
    "#);
    assert_snapshot!(each(&BALANCE, DataType::Bool), @r#"
    "u0"."balance" <> 0
    CAST("u0"."balance" AS REAL) <> 0
    "#);
    assert_snapshot!(each(&EMAIL, DataType::Bool), @r#"
    CAST("u0"."email" AS bool)
    LOWER(TRIM("u0"."email")) IN ('t', 'true', 'y', 'yes', 'on', '1')
    "#);
    assert_snapshot!(each(&ACTIVE, DataType::Text), @r#"
    CAST("u0"."active" AS text)
    CASE "u0"."active" WHEN 1 THEN 'true' WHEN 0 THEN 'false' END
    "#);
    assert_snapshot!(each(&ACTIVE, DataType::I64), @r#"
    CAST(CAST("u0"."active" AS int4) AS int8)
    CAST("u0"."active" AS INTEGER)
    "#);
    assert_snapshot!(each(&EMAIL, DataType::Bytes), @r#"
    CONVERT_TO("u0"."email", 'UTF8')
    CAST("u0"."email" AS BLOB)
    "#);
    assert_snapshot!(each(&PHOTO, DataType::Text), @r#"
    CONVERT_FROM("u0"."photo", 'UTF8')
    CAST("u0"."photo" AS TEXT)
    "#);
    assert_snapshot!(each(&EMAIL, DataType::Enum("role")), @r#"
    CAST("u0"."email" AS "role")
    CAST("u0"."email" AS TEXT)
    "#);
    assert_snapshot!(each(&SEEN, DataType::Date), @r#"
    CAST("u0"."seen_at" AS date)
    DATE("u0"."seen_at")
    "#);
    assert_snapshot!(each(&AGE, DataType::Uuid), @r#"
    CAST("u0"."age" AS uuid)
    sqlite has no cast of the type i32 to uuid: select the value as it is and convert it in Rust
    "#);
    assert_snapshot!(selected(apply(Step::Cast(DataType::Text), [int(1)])), @"
    CAST($1::int4 AS text)
    -- [1]
    CAST(?1 AS TEXT)
    -- [1]
    ");
}

#[test]
fn a_selected_parameter_has_a_type_on_postgres() {
    assert_snapshot!(selected(int(1)), @"
    $1::int4
    -- [1]
    ?1
    -- [1]
    ");
    assert_snapshot!(selected(value(Value::Null(DataType::Array(&DataType::Uuid)))), @"
    $1::uuid[]
    -- [NULL]
    ?1
    -- [NULL]
    ");
}

#[test]
fn what_a_store_cannot_compute_is_refused() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let remainder = binary(col(&SCORE), BinaryOperator::Remainder(DataType::F64), col(&SCORE));
        assert!(refusal(dialect, &users_where(eq(remainder, col(&SCORE)))).is_unsupported());
        let sum = binary(col(&EMAIL), BinaryOperator::Add(DataType::Text), col(&EMAIL));
        assert!(refusal(dialect, &users_where(sum)).to_string().contains("arithmetic of the type text"));
    }
    let sum = binary(col(&SPAN), BinaryOperator::Add(DataType::Interval), col(&SPAN));
    assert_snapshot!(selected(sum), @r#"
    "u0"."span" + "u0"."span"
    sqlite has no arithmetic of the type interval: read the values and compute in Rust, or write it with sql::<T>("..")
    "#);
}

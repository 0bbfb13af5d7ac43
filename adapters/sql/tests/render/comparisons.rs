//! Comparison, logic, lists and patterns.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{BinaryOperator, Step, UnaryOperator};
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

#[test]
fn each_comparison() {
    let each = |operator| condition(binary(col(&AGE), operator, int(1)));
    assert_snapshot!(each(BinaryOperator::Equal), @r#"
    "u0"."age" = $1
    -- [1]

    "u0"."age" = ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::NotEqual), @r#"
    "u0"."age" <> $1
    -- [1]

    "u0"."age" <> ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::Less), @r#"
    "u0"."age" < $1
    -- [1]

    "u0"."age" < ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::LessOrEqual), @r#"
    "u0"."age" <= $1
    -- [1]

    "u0"."age" <= ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::Greater), @r#"
    "u0"."age" > $1
    -- [1]

    "u0"."age" > ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::GreaterOrEqual), @r#"
    "u0"."age" >= $1
    -- [1]

    "u0"."age" >= ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::IsNotDistinctFrom), @r#"
    "u0"."age" IS NOT DISTINCT FROM $1
    -- [1]

    "u0"."age" IS ?1
    -- [1]
    "#);
    assert_snapshot!(each(BinaryOperator::IsDistinctFrom), @r#"
    "u0"."age" IS DISTINCT FROM $1
    -- [1]

    "u0"."age" IS NOT ?1
    -- [1]
    "#);
}

#[test]
fn decimals_are_compared_by_value_on_sqlite() {
    assert_snapshot!(condition(binary(col(&BALANCE), BinaryOperator::GreaterOrEqual, decimal("12.50"))), @r#"
    "u0"."balance" >= $1
    -- [12.50]

    "u0"."balance" COLLATE "decimal" >= ?1
    -- [12.50]
    "#);
    assert_snapshot!(condition(eq(decimal("1"), col(&BALANCE))), @r#"
    $1 = "u0"."balance"
    -- [1]

    ?1 COLLATE "decimal" = "u0"."balance"
    -- [1]
    "#);
    assert_snapshot!(condition(apply(Step::Between(true), [col(&BALANCE), decimal("1.0"), decimal("2.00")])), @r#"
    "u0"."balance" NOT BETWEEN $1 AND $2
    -- [1.0, 2.00]

    "u0"."balance" COLLATE "decimal" NOT BETWEEN ?1 AND ?2
    -- [1.0, 2.00]
    "#);
    let values = vec![Value::Decimal("1.50".parse().unwrap())];
    assert_snapshot!(condition(is_in(col(&BALANCE), &DataType::Decimal, values)), @r#"
    "u0"."balance" = ANY($1)
    -- [[1.50]]

    "u0"."balance" COLLATE "decimal" IN (SELECT "value" FROM json_each(?1))
    -- [[1.50]]
    "#);
}

#[test]
fn null_tests_and_between() {
    assert_snapshot!(condition(apply(Step::Unary(UnaryOperator::IsNull), [col(&AGE)])), @r#"
    "u0"."age" IS NULL

    "u0"."age" IS NULL
    "#);
    assert_snapshot!(condition(apply(Step::Unary(UnaryOperator::IsNotNull), [col(&AGE)])), @r#"
    "u0"."age" IS NOT NULL

    "u0"."age" IS NOT NULL
    "#);
    assert_snapshot!(condition(apply(Step::Between(false), [col(&AGE), int(1), int(9)])), @r#"
    "u0"."age" BETWEEN $1 AND $2
    -- [1, 9]

    "u0"."age" BETWEEN ?1 AND ?2
    -- [1, 9]
    "#);
    assert_snapshot!(condition(apply(Step::Unary(UnaryOperator::IsNull), [eq(col(&AGE), int(1))])), @r#"
    ("u0"."age" = $1) IS NULL
    -- [1]

    ("u0"."age" = ?1) IS NULL
    -- [1]
    "#);
}

#[test]
fn chains_are_flat_and_mixed_ones_are_in_parentheses() {
    let test = |number| eq(col(&AGE), int(number));
    assert_snapshot!(condition(and(and(test(1), test(2)), and(test(3), test(4)))), @r#"
    "u0"."age" = $1 AND "u0"."age" = $2 AND "u0"."age" = $3 AND "u0"."age" = $4
    -- [1, 2, 3, 4]

    "u0"."age" = ?1 AND "u0"."age" = ?2 AND "u0"."age" = ?3 AND "u0"."age" = ?4
    -- [1, 2, 3, 4]
    "#);
    assert_snapshot!(condition(or(test(1), or(and(test(2), test(3)), test(4)))), @r#"
    "u0"."age" = $1 OR ("u0"."age" = $2 AND "u0"."age" = $3) OR "u0"."age" = $4
    -- [1, 2, 3, 4]

    "u0"."age" = ?1 OR ("u0"."age" = ?2 AND "u0"."age" = ?3) OR "u0"."age" = ?4
    -- [1, 2, 3, 4]
    "#);
    assert_snapshot!(condition(and(or(test(1), test(2)), not(or(test(3), test(4))))), @r#"
    ("u0"."age" = $1 OR "u0"."age" = $2) AND NOT ("u0"."age" = $3 OR "u0"."age" = $4)
    -- [1, 2, 3, 4]

    ("u0"."age" = ?1 OR "u0"."age" = ?2) AND NOT ("u0"."age" = ?3 OR "u0"."age" = ?4)
    -- [1, 2, 3, 4]
    "#);
    assert_snapshot!(condition(apply(Step::All(3), [test(1), apply(Step::Any(2), [test(2), test(3)]), test(4)])), @r#"
    "u0"."age" = $1 AND ("u0"."age" = $2 OR "u0"."age" = $3) AND "u0"."age" = $4
    -- [1, 2, 3, 4]

    "u0"."age" = ?1 AND ("u0"."age" = ?2 OR "u0"."age" = ?3) AND "u0"."age" = ?4
    -- [1, 2, 3, 4]
    "#);
    assert_snapshot!(condition(apply(Step::All(1), [apply(Step::Any(1), [test(1)])])), @r#"
    "u0"."age" = $1
    -- [1]

    "u0"."age" = ?1
    -- [1]
    "#);
    assert_snapshot!(condition(and(vec![Step::All(0)], vec![Step::Any(0)])), @"
    TRUE AND FALSE

    TRUE AND FALSE
    ");
}

#[test]
fn not_binds_what_it_turns_round() {
    assert_snapshot!(condition(not(col(&ACTIVE))), @r#"
    NOT "u0"."active"

    NOT "u0"."active"
    "#);
    assert_snapshot!(condition(not(not(eq(col(&AGE), int(1))))), @r#"
    NOT (NOT ("u0"."age" = $1))
    -- [1]

    NOT (NOT ("u0"."age" = ?1))
    -- [1]
    "#);
    assert_snapshot!(condition(eq(not(col(&ACTIVE)), eq(col(&AGE), int(1)))), @r#"
    (NOT "u0"."active") = ("u0"."age" = $1)
    -- [1]

    (NOT "u0"."active") = ("u0"."age" = ?1)
    -- [1]
    "#);
}

#[test]
fn a_list_is_one_parameter() {
    let integers = || vec![Value::I64(1), Value::I64(2), Value::I64(3)];
    assert_snapshot!(condition(is_in(col(&ID), &DataType::I64, integers())), @r#"
    "u0"."id" = ANY($1)
    -- [[1, 2, 3]]

    "u0"."id" IN (SELECT "value" FROM json_each(?1))
    -- [[1, 2, 3]]
    "#);
    let not_in = Step::In { item: &DataType::I64, values: integers(), negated: true, redact: false };
    assert_snapshot!(condition(apply(not_in, [col(&ID)])), @r#"
    "u0"."id" <> ALL($1)
    -- [[1, 2, 3]]

    "u0"."id" NOT IN (SELECT "value" FROM json_each(?1))
    -- [[1, 2, 3]]
    "#);
    assert_snapshot!(condition(is_in(col(&ID), &DataType::I64, Vec::new())), @r#"
    "u0"."id" = ANY($1)
    -- [[]]

    "u0"."id" IN (SELECT "value" FROM json_each(?1))
    -- [[]]
    "#);
    let bytes = vec![Value::Bytes(vec![1, 2]), Value::Bytes(vec![])];
    assert_snapshot!(condition(is_in(col(&PHOTO), &DataType::Bytes, bytes)), @r#"
    "u0"."photo" = ANY($1)
    -- [[x'0102', x'']]

    "u0"."photo" IN (SELECT UNHEX("value") FROM json_each(?1))
    -- [[x'0102', x'']]
    "#);
    let roles = vec![Value::Enum("role", "admin".into())];
    assert_snapshot!(condition(is_in(col(&ROLE), &DataType::Enum("role"), roles)), @r#"
    "u0"."role" = ANY($1::"role"[])
    -- [["admin"]]

    "u0"."role" IN (SELECT "value" FROM json_each(?1))
    -- [["admin"]]
    "#);
}

#[test]
fn a_list_without_an_exact_form_in_json_is_padded_to_a_power_of_two_on_sqlite() {
    let floats = [1.5, 2.5, 3.5].map(Value::F64).to_vec();
    assert_snapshot!(condition(is_in(col(&SCORE), &DataType::F64, floats)), @r#"
    "u0"."score" = ANY($1)
    -- [[1.5, 2.5, 3.5]]

    "u0"."score" IN (?1, ?2, ?3, ?4)
    -- [1.5, 2.5, 3.5, 3.5]
    "#);
    let texts = vec![Value::Text("a\0b".into()), Value::Text("c".into())];
    assert_snapshot!(condition(is_in(col(&EMAIL), &DataType::Text, texts)), @r#"
    "u0"."email" = ANY($1)
    -- [["a\0b", "c"]]

    "u0"."email" IN (?1, ?2)
    -- ["a\0b", "c"]
    "#);
    assert_snapshot!(condition(is_in(col(&SCORE), &DataType::F64, Vec::new())), @r#"
    "u0"."score" = ANY($1)
    -- [[]]

    FALSE
    "#);
}

#[test]
fn a_list_of_lists_is_no_array_on_postgres() {
    static ITEM: DataType = DataType::Array(&DataType::Text);
    let list = |text: &str| Value::Array(&DataType::Text, vec![Value::Text(text.into())]);
    assert_snapshot!(condition(is_in(col(&TAGS), &ITEM, vec![list("a"), list("b")])), @r#"
    "u0"."tags" IN ($1, $2)
    -- [["a"], ["b"]]

    "u0"."tags" IN (?1, ?2)
    -- [["a"], ["b"]]
    "#);
    let not_in = Step::In { item: &ITEM, values: Vec::new(), negated: true, redact: false };
    assert_snapshot!(condition(apply(not_in, [col(&TAGS)])), @"
    TRUE

    TRUE
    ");
}

#[test]
fn patterns_have_the_same_escape_and_heed_case_on_both() {
    let like =
        |negated, ignore_case| condition(apply(Step::Like { negated, ignore_case }, [col(&EMAIL), text("a\\_b%")]));
    assert_snapshot!(like(false, false), @r#"
    "u0"."email" LIKE $1 ESCAPE '\'
    -- ["a\\_b%"]

    "u0"."email" LIKE ?1 ESCAPE '\'
    -- ["a\\_b%"]
    "#);
    assert_snapshot!(like(true, false), @r#"
    "u0"."email" NOT LIKE $1 ESCAPE '\'
    -- ["a\\_b%"]

    "u0"."email" NOT LIKE ?1 ESCAPE '\'
    -- ["a\\_b%"]
    "#);
    assert_snapshot!(like(false, true), @r#"
    "u0"."email" ILIKE $1 ESCAPE '\'
    -- ["a\\_b%"]

    LOWER("u0"."email") LIKE LOWER(?1) ESCAPE '\'
    -- ["a\\_b%"]
    "#);
    assert_snapshot!(like(true, true), @r#"
    "u0"."email" NOT ILIKE $1 ESCAPE '\'
    -- ["a\\_b%"]

    LOWER("u0"."email") NOT LIKE LOWER(?1) ESCAPE '\'
    -- ["a\\_b%"]
    "#);
}

#[test]
fn parameters_of_enums_are_cast_on_postgres() {
    assert_snapshot!(condition(eq(col(&ROLE), value(Value::Enum("role", "admin".into())))), @r#"
    "u0"."role" = $1::"role"
    -- ["admin"]

    "u0"."role" = ?1
    -- ["admin"]
    "#);
}

#[test]
fn a_parameter_is_cast_where_nothing_else_tells_its_type_on_postgres() {
    assert_snapshot!(condition(eq(int(1), int(2))), @"
    $1::int4 = $2::int4
    -- [1, 2]

    ?1 = ?2
    -- [1, 2]
    ");
    assert_snapshot!(condition(apply(Step::Unary(UnaryOperator::IsNull), [text("a")])), @r#"
    $1::text IS NULL
    -- ["a"]

    ?1 IS NULL
    -- ["a"]
    "#);
    assert_snapshot!(condition(is_in(int(1), &DataType::I32, vec![Value::I32(1)])), @r#"
    $1::int4 = ANY($2::int4[])
    -- [1, [1]]

    ?1 IN (SELECT "value" FROM json_each(?2))
    -- [1, [1]]
    "#);
    assert_snapshot!(condition(apply(Step::Between(false), [int(1), col(&AGE), int(3)])), @r#"
    $1 BETWEEN "u0"."age" AND $2
    -- [1, 3]

    ?1 BETWEEN "u0"."age" AND ?2
    -- [1, 3]
    "#);
    assert_snapshot!(condition(value(Value::Bool(true))), @"
    $1
    -- [true]

    ?1
    -- [true]
    ");
}

#[test]
fn redacted_values_are_not_shown() {
    let secret = vec![Step::Value { value: Value::Text("s3cret".into()), redact: true }];
    let list =
        Step::In { item: &DataType::Text, values: vec![Value::Text("s3cret".into())], negated: false, redact: true };
    let shown = condition(and(eq(col(&PASSWORD), secret), apply(list, [col(&PASSWORD)])));
    assert!(!shown.contains("s3cret"));
    assert_snapshot!(shown, @r#"
    "u0"."pw_hash" = $1 AND "u0"."pw_hash" = ANY($2)
    -- [[redacted], [redacted]]

    "u0"."pw_hash" = ?1 AND "u0"."pw_hash" IN (SELECT "value" FROM json_each(?2))
    -- [[redacted], [redacted]]
    "#);
}

#[test]
fn intervals_have_no_order_on_sqlite() {
    let span = value(Value::Null(DataType::Interval));
    let error = refusal(Dialect::Sqlite, &users_where(binary(col(&SPAN), BinaryOperator::Less, span)));
    assert!(error.is_unsupported());
    assert_snapshot!(error, @"sqlite has no order of intervals: keep the length as an integer, of seconds say, where it is compared or sorted");
}

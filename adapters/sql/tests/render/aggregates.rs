//! Aggregates.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::Aggregate::{Average, Count, Max, Min, Sum};
use peristyle_query::query::ast::{BinaryOperator, Step};
use peristyle_query::value::DataType;

#[test]
fn counts() {
    assert_snapshot!(selected(count_rows()), @"
    COUNT(*)
    COUNT(*)
    ");
    assert_snapshot!(selected(aggregate(Count, &AGE, DataType::I64)), @r#"
    COUNT("u0"."age")
    COUNT("u0"."age")
    "#);
    let distinct = Step::Aggregate {
        function: Count,
        distinct: true,
        filter: false,
        operand: DataType::Decimal,
        result: DataType::I64,
    };
    assert_snapshot!(selected(apply(distinct, [col(&BALANCE)])), @r#"
    COUNT(DISTINCT "u0"."balance")
    COUNT(DISTINCT "u0"."balance" COLLATE "decimal")
    "#);
}

#[test]
fn sums_have_room() {
    assert_snapshot!(selected(aggregate(Sum, &SMALL, DataType::I64)), @r#"
    SUM("u0"."small")
    SUM("u0"."small")
    "#);
    assert_snapshot!(selected(aggregate(Sum, &AGE, DataType::I64)), @r#"
    SUM("u0"."age")
    SUM("u0"."age")
    "#);
    assert_snapshot!(selected(aggregate(Sum, &ID, DataType::Decimal)), @r#"
    SUM("u0"."id")
    decimal_sum("u0"."id")
    "#);
    assert_snapshot!(selected(aggregate(Sum, &RATIO, DataType::F32)), @r#"
    SUM("u0"."ratio")
    SUM("u0"."ratio")
    "#);
    assert_snapshot!(selected(aggregate(Sum, &SCORE, DataType::F64)), @r#"
    SUM("u0"."score")
    SUM("u0"."score")
    "#);
    assert_snapshot!(selected(aggregate(Sum, &BALANCE, DataType::Decimal)), @r#"
    SUM("u0"."balance")
    decimal_sum("u0"."balance")
    "#);
}

#[test]
fn averages_of_integers_are_floats() {
    assert_snapshot!(selected(aggregate(Average, &AGE, DataType::F64)), @r#"
    AVG("u0"."age")::float8
    AVG("u0"."age")
    "#);
    assert_snapshot!(selected(aggregate(Average, &ID, DataType::F64)), @r#"
    AVG("u0"."id")::float8
    AVG("u0"."id")
    "#);
    assert_snapshot!(selected(aggregate(Average, &RATIO, DataType::F64)), @r#"
    AVG("u0"."ratio")
    AVG("u0"."ratio")
    "#);
    assert_snapshot!(selected(aggregate(Average, &BALANCE, DataType::Decimal)), @r#"
    AVG("u0"."balance")
    decimal_avg("u0"."balance")
    "#);
}

#[test]
fn extremes_keep_the_type() {
    assert_snapshot!(selected(aggregate(Min, &AGE, DataType::I32)), @r#"
    MIN("u0"."age")
    MIN("u0"."age")
    "#);
    assert_snapshot!(selected(aggregate(Max, &BALANCE, DataType::Decimal)), @r#"
    MAX("u0"."balance")
    decimal_max("u0"."balance")
    "#);
    assert_snapshot!(selected(aggregate(Min, &ACTIVE, DataType::Bool)), @r#"
    BOOL_AND("u0"."active")
    MIN("u0"."active")
    "#);
    assert_snapshot!(selected(aggregate(Max, &ACTIVE, DataType::Bool)), @r#"
    BOOL_OR("u0"."active")
    MAX("u0"."active")
    "#);
    assert_snapshot!(selected(aggregate(Max, &TOKEN, DataType::Uuid)), @r#"
    MAX("u0"."token"::text COLLATE "C")::uuid
    MAX("u0"."token")
    "#);
    assert_snapshot!(selected(aggregate(Max, &ROLE, DataType::Enum("role"))), @r#"
    MAX("u0"."role")
    MAX("u0"."role")
    "#);
    assert_snapshot!(selected(aggregate(Min, &PHOTO, DataType::Bytes)), @r#"
    postgres has no least or greatest value of the type bytes: order by the column and take the first row with .first()
    MIN("u0"."photo")
    "#);
    assert_snapshot!(selected(aggregate(Min, &SPAN, DataType::Interval)), @r#"
    MIN("u0"."span")
    sqlite has no aggregates of intervals: keep the length as an integer, of seconds say, where it is aggregated
    "#);
}

#[test]
fn an_aggregate_may_leave_rows_out() {
    let step = Step::Aggregate {
        function: Sum,
        distinct: true,
        filter: true,
        operand: DataType::I64,
        result: DataType::Decimal,
    };
    let adult = binary(col(&AGE), BinaryOperator::GreaterOrEqual, int(18));
    assert_snapshot!(selected(apply(step, [col(&ID), adult])), @r#"
    SUM(DISTINCT "u0"."id") FILTER (WHERE "u0"."age" >= $1)
    -- [18]
    decimal_sum(DISTINCT "u0"."id") FILTER (WHERE "u0"."age" >= ?1)
    -- [18]
    "#);
}

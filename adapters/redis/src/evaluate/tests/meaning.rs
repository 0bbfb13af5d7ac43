//! What is the same on Postgres, or nowhere else, and so not compared with SQLite.

use super::{Collected, FIELDS, SCHEMA, stored};
use crate::evaluate::{
    Computed, Done, Scope, Source, check, check_returning, check_select, collect, evaluate, holds, returning, run,
};
use crate::layout::StoredRow;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{
    self, Aggregate, BinaryOperator, Binding, Expression, Function, OrderTerm, OutputColumn, Select, Step,
    UnaryOperator,
};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Interval, Value};
use rust_decimal::Decimal;
use serde_json::json;

fn value(value: Value) -> Expression {
    vec![Step::Value { value, redact: false }]
}

fn binary(left: Value, operator: BinaryOperator, right: Value) -> Result<Value, Error> {
    evaluate(&[value(left), value(right), vec![Step::Binary(operator)]].concat(), &Scope::new(&[]))
}

fn column(name: &str) -> Step {
    Step::Column(Binding::of(0, 0), SCHEMA.field(name).unwrap())
}

fn row(json: &str) -> StoredRow {
    StoredRow::parse(&SCHEMA, json).unwrap()
}

fn select(columns: Vec<Expression>) -> Select {
    let mut select = Select::new(ast::Source::Table { schema: &SCHEMA, prefix: None });
    let output = |expression| OutputColumn::Expression { expression, alias: None };
    select.columns = columns.into_iter().map(output).collect();
    select
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_has_no_result_is_an_error_that_says_so() {
    let zero = "redis: division by zero: leave such rows out with a condition before it";
    for (left, right, data_type) in [
        (Value::I32(1), Value::I32(0), DataType::I32),
        (Value::F64(1.0), Value::F64(-0.0), DataType::F64),
        (Value::Decimal(Decimal::ONE), Value::Decimal(Decimal::ZERO), DataType::Decimal),
    ] {
        assert_eq!(message(binary(left, BinaryOperator::Divide(data_type), right)), zero);
    }
    for (left, operator, right) in [
        (Value::I16(i16::MAX), BinaryOperator::Add(DataType::I16), Value::I16(1)),
        (Value::I64(i64::MIN), BinaryOperator::Divide(DataType::I64), Value::I64(-1)),
        (Value::F64(f64::MAX), BinaryOperator::Multiply(DataType::F64), Value::F64(2.0)),
        (Value::F32(f32::MAX), BinaryOperator::Add(DataType::F32), Value::F32(f32::MAX)),
        (Value::Decimal(Decimal::MAX), BinaryOperator::Add(DataType::Decimal), Value::Decimal(Decimal::ONE)),
    ] {
        let data_type = left.data_type();
        let expected =
            format!("redis: a result is out of the range of the type {data_type}: cast the operands to a wider one");
        assert_eq!(message(binary(left, operator, right)), expected);
    }
    let remainder = binary(Value::I64(i64::MIN), BinaryOperator::Remainder(DataType::I64), Value::I64(-1));
    assert_eq!(remainder.unwrap(), Value::I64(0));
    // Infinity is a number like others.
    let sum = binary(Value::F64(f64::INFINITY), BinaryOperator::Add(DataType::F64), Value::F64(1.0));
    assert_eq!(sum.unwrap(), Value::F64(f64::INFINITY));
}

#[test]
fn an_error_counts_only_where_its_value_is_needed() {
    let divided =
        [value(Value::I32(1)), value(Value::I32(0)), vec![Step::Binary(BinaryOperator::Divide(DataType::I32))]];
    let above = [divided.concat(), value(Value::I32(1)), vec![Step::Binary(BinaryOperator::Greater)]].concat();
    let with = |first: bool, connective: Step| {
        evaluate(&[value(Value::Bool(first)), above.clone(), vec![connective]].concat(), &Scope::new(&[]))
    };
    assert_eq!(with(false, Step::Binary(BinaryOperator::And)).unwrap(), Value::Bool(false));
    assert_eq!(with(true, Step::Any(2)).unwrap(), Value::Bool(true));
    assert!(with(true, Step::All(2)).is_err());
    let coalesced = [value(Value::I32(7)), divided.concat(), vec![Step::Function(Function::Coalesce, 2)]].concat();
    assert_eq!(evaluate(&coalesced, &Scope::new(&[])).unwrap(), Value::I32(7));
}

#[test]
fn values_compare_as_on_postgres() {
    let holds = |left, operator, right| binary(left, operator, right).unwrap() == Value::Bool(true);
    use BinaryOperator::{Equal, Greater, Less};
    assert!(holds(Value::F64(f64::NAN), Equal, Value::F64(f64::NAN)));
    assert!(holds(Value::F64(f64::NAN), Greater, Value::F64(f64::INFINITY)));
    assert!(holds(Value::Json(json!({"a": [1, null]})), Equal, Value::Json(json!({"a": [1.0, null]}))));
    assert!(!holds(Value::Json(json!([1, 2])), Equal, Value::Json(json!([2, 1]))));
    let interval = |months, days, micros| Value::Interval(Interval { months, days, micros });
    assert!(holds(interval(1, 0, 0), Equal, interval(0, 30, 0)));
    assert!(holds(interval(0, 1, 0), Less, interval(0, 0, 86_400_000_001)));
    let list = |items: &[i32]| Value::Array(&DataType::I32, items.iter().map(|item| Value::I32(*item)).collect());
    assert!(holds(list(&[1, 2]), Less, list(&[1, 2, 0])));
    assert!(holds(list(&[1, 2]), Equal, list(&[1, 2])));
    let order = binary(Value::Json(json!(1)), Less, Value::Json(json!(2)));
    assert_eq!(message(order), "redis has no order of JSON documents: keep what is sorted in a column of its own");
}

#[test]
fn letters_beyond_ascii_have_a_case() {
    let of = |function| {
        evaluate(&[value(Value::Text("Äß".into())), vec![Step::Function(function, 1)]].concat(), &Scope::new(&[]))
            .unwrap()
    };
    assert_eq!(of(Function::Lower), Value::Text("äß".into()));
    assert_eq!(of(Function::Upper), Value::Text("ÄSS".into()));
    assert_eq!(of(Function::Length), Value::I32(2));
}

#[test]
fn only_sql_has_subqueries_and_raw_parts() {
    let inner = || Box::new(select(vec![vec![Step::Literal(Value::I32(1))]]));
    for (steps, expected) in [
        (
            vec![column("id"), Step::InQuery(inner(), false)],
            "redis has no IN over a query: run the inner query first and pass its values: `.in_(values)`",
        ),
        (
            vec![Step::Exists(inner(), false)],
            "redis has no EXISTS, nor conditions on rows of other schemas: run the inner query first, or preload the association and look at its rows",
        ),
        (
            vec![Step::Scalar(inner())],
            "redis has no query as a value: run the inner query first and pass what it gives",
        ),
        (
            vec![Step::Fragment("now()", 0)],
            "redis has no SQL, and so no raw parts of queries: use the typed methods, or compute in Rust what they lack",
        ),
        (
            vec![Step::Column(Binding::of(1, 0), &FIELDS[0])],
            "redis has no columns of other queries in a query: run the queries one after the other, or preload the association",
        ),
        (
            vec![column("ratio"), column("ratio"), Step::Binary(BinaryOperator::Remainder(DataType::F64))],
            "redis has no remainder of floats: cast both sides to a decimal or an integer",
        ),
        (vec![Step::Invalid("write it so")], "write it so"),
    ] {
        assert_eq!(message(check(&steps)), expected);
    }
    let mut counted = select(vec![vec![column("id")]]);
    let count = Step::Aggregate {
        function: Aggregate::Count,
        distinct: false,
        filter: false,
        operand: DataType::I64,
        result: DataType::I64,
    };
    counted.filter = vec![vec![Step::Star, count, Step::Literal(Value::I64(1)), Step::Binary(BinaryOperator::Greater)]];
    assert!(message(check_select(&counted)).starts_with("an aggregate has no value in a condition on rows"));
}

#[test]
fn an_upsert_sees_the_row_that_is_there_and_the_one_that_came() {
    let (old, new) = (row(r#"{"id":1,"number":40}"#), row(r#"{"id":1,"number":2}"#));
    let excluded = Step::Column(Binding::of(0, 1), SCHEMA.field("number").unwrap());
    let sum = [column("number"), excluded, Step::Binary(BinaryOperator::Add(DataType::I32))];
    let sources: [&dyn Source; 2] = [&old, &new];
    assert_eq!(evaluate(&sum, &Scope::new(&sources)).unwrap(), Value::I32(42));
    let only_one: [&dyn Source; 1] = [&old];
    assert!(evaluate(&sum, &Scope::new(&only_one)).is_err());
}

#[test]
fn a_condition_of_null_does_not_hold() {
    let row = row(r#"{"id":1}"#);
    let sources: [&dyn Source; 1] = [&row];
    let is_one = vec![column("number"), Step::Literal(Value::I32(1)), Step::Binary(BinaryOperator::Equal)];
    let mut is_not_one = is_one.clone();
    is_not_one.push(Step::Unary(UnaryOperator::Not));
    assert!(!holds(&[is_one], &Scope::new(&sources)).unwrap());
    assert!(!holds(&[is_not_one], &Scope::new(&sources)).unwrap());
    assert!(holds(&[], &Scope::new(&sources)).unwrap());
}

#[test]
fn a_write_gives_back_columns_and_whether_it_inserted() {
    let rows = [row(r#"{"id":1,"name":"Ann"}"#), row(r#"{"id":2}"#)];
    let output = |expression| OutputColumn::Expression { expression, alias: None };
    let columns = [output(vec![column("name")]), output(vec![Step::Inserted])];
    let given = rows.iter().zip([Some(true), Some(false)]);
    let sink = returning(&columns, given, Collected::sink(&[DataType::Text, DataType::Bool])).unwrap();
    let sink: Box<dyn std::any::Any> = sink;
    let rows = sink.downcast::<Collected>().unwrap().rows;
    let expected = [[Value::Text("Ann".into()), Value::Bool(true)], [Value::Null(DataType::Text), Value::Bool(false)]];
    assert_eq!(rows, expected);
    let unknown = returning(&columns[1..], [(&row("{}"), None)], Collected::sink(&[DataType::Bool])).err().unwrap();
    assert!(unknown.to_string().contains("whether a row was inserted"), "{unknown}");
}

#[test]
fn what_a_write_cannot_give_back_is_refused_before_it() {
    let rows = [row(r#"{"id":1,"number":0}"#)];
    let output = |expression| OutputColumn::Expression { expression, alias: None };
    let check =
        |expression| check_returning(&[output(vec![column("id")]), output(expression)], rows.iter().zip([None]));
    let divided = vec![column("number"), column("number"), Step::Binary(BinaryOperator::Divide(DataType::I32))];
    assert!(message(check(divided)).starts_with("redis: division by zero"));
    assert!(message(check(vec![Step::Fragment("now()", 0)])).starts_with("redis has no SQL"));
    let sum = vec![column("number"), column("number"), Step::Binary(BinaryOperator::Add(DataType::I32))];
    assert!(check(sum).is_ok());
}

#[test]
fn a_query_goes_over_the_rows_of_another_one() {
    let rows = stored(&(1..=5).map(numbered).collect::<Vec<_>>());
    let mut inner = select(vec![vec![column("id")], vec![column("number")]]);
    inner.order_by = vec![OrderTerm { expression: vec![column("id")], descending: true, nulls: None }];
    inner.limit = Some(3);
    let inner: Vec<Computed> = collect(&inner, &rows, Done::default()).unwrap();
    let sum = Step::Aggregate {
        function: Aggregate::Sum,
        distinct: false,
        filter: false,
        operand: DataType::I32,
        result: DataType::I64,
    };
    let outer = select(vec![vec![column("number"), sum]]);
    let outcome = run(&outer, &inner, Done::default(), Collected::sink(&[DataType::I64])).unwrap();
    assert_eq!(Collected::rows(outcome), [[Value::I64(120)]]);
    let missing = select(vec![vec![column("name")]]);
    let refused = run(&missing, &inner, Done::default(), Collected::sink(&[DataType::Text])).err().unwrap();
    assert!(refused.to_string().contains("no such column in the inner query"), "{refused}");
}

/// A row whose number is ten times its key.
fn numbered(id: i64) -> Vec<Value> {
    let value = |field: &FieldMeta| match field.column {
        "id" => Value::I64(id),
        "number" => Value::I32(id as i32 * 10),
        _ => Value::Null(field.data_type),
    };
    FIELDS.iter().map(value).collect()
}

#[test]
fn what_the_server_has_done_is_not_done_again() {
    let rows = stored(&(1..=4).map(numbered).collect::<Vec<_>>());
    let mut query = select(vec![vec![column("id")]]);
    query.filter = vec![vec![column("number"), Step::Literal(Value::I32(20)), Step::Binary(BinaryOperator::Greater)]];
    query.order_by = vec![OrderTerm { expression: vec![column("id")], descending: true, nulls: None }];
    (query.limit, query.offset) = (Some(1), Some(1));
    let ids = |done| {
        let outcome = run(&query, &rows, done, Collected::sink(&[DataType::I64])).unwrap();
        Collected::rows(outcome).into_iter().flatten().collect::<Vec<_>>()
    };
    assert_eq!(ids(Done::default()), [Value::I64(3)]);
    let (filtered, ordered, limited) = (true, true, true);
    assert_eq!(ids(Done { filtered, ordered, limited }), [1, 2, 3, 4].map(Value::I64));
    assert_eq!(ids(Done { filtered: false, ordered, limited: false }), [Value::I64(4)]);
}

#[test]
fn an_aggregate_over_no_rows_is_null_and_a_count_zero() {
    let aggregate =
        |function, operand, result| Step::Aggregate { function, distinct: false, filter: false, operand, result };
    let query = select(vec![
        vec![Step::Star, aggregate(Aggregate::Count, DataType::I64, DataType::I64)],
        vec![column("number"), aggregate(Aggregate::Sum, DataType::I32, DataType::I64)],
        vec![column("ratio"), aggregate(Aggregate::Average, DataType::F64, DataType::F64)],
    ]);
    let none: [StoredRow; 0] = [];
    let types = [DataType::I64, DataType::I64, DataType::F64];
    let outcome = run(&query, &none, Done::default(), Collected::sink(&types)).unwrap();
    let expected = [Value::I64(0), Value::Null(DataType::I64), Value::Null(DataType::F64)];
    assert_eq!(Collected::rows(outcome), [expected]);
    let mut grouped = query;
    grouped.group_by = vec![vec![column("name")]];
    let outcome = run(&grouped, &none, Done::default(), Collected::sink(&types)).unwrap();
    assert_eq!(outcome.rows, 0);
}

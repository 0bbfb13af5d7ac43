//! Literals, which are written into the SQL.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::Step;
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Interval, Value};

fn literal(value: Value) -> String {
    selected(vec![Step::Literal(value)])
}

fn text(text: &str) -> String {
    literal(Value::Text(text.to_owned()))
}

#[test]
fn text_cannot_leave_its_quotes() {
    assert_snapshot!(text("active"), @"
    'active'
    'active'
    ");
    assert_snapshot!(text("it's '; DROP TABLE users; --"), @"
    'it''s ''; DROP TABLE users; --'
    'it''s ''; DROP TABLE users; --'
    ");
    assert_snapshot!(text(r"back\slash\' OR 1=1"), @r"
    E'back\\slash\\'' OR 1=1'
    'back\slash\'' OR 1=1'
    ");
    assert_snapshot!(text("\"double\" $1 ?"), @r#"
    '"double" $1 ?'
    '"double" $1 ?'
    "#);
}

#[test]
fn a_nul_is_refused() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        for value in [Value::Text("a\0".into()), Value::Enum("role", "\0".into())] {
            let error = refusal(dialect, &users_where(vec![Step::Literal(value)]));
            assert!(error.to_string().contains("NUL"), "{error}");
        }
    }
}

#[test]
fn each_type_of_literal() {
    assert_snapshot!(literal(Value::Null(DataType::I64)), @"
    NULL
    NULL
    ");
    assert_snapshot!(literal(Value::Bool(true)), @"
    TRUE
    TRUE
    ");
    assert_snapshot!(literal(Value::I64(-5)), @"
    -5
    -5
    ");
    assert_snapshot!(literal(Value::I64(i64::MIN)), @"
    '-9223372036854775808'::int8
    -9223372036854775808
    ");
    assert_snapshot!(literal(Value::F64(1e300)), @"
    1e300
    1e300
    ");
    assert_snapshot!(literal(Value::F64(f64::NEG_INFINITY)), @"
    '-Infinity'::float8
    sqlite has no literal of a float that is not finite: bind the value instead of writing it as a constant
    ");
    assert_snapshot!(literal(Value::F32(f32::NAN)), @"
    'NaN'::float4
    sqlite has no literal of a float that is not finite: bind the value instead of writing it as a constant
    ");
    assert_snapshot!(literal(Value::Decimal("12.50".parse().unwrap())), @"
    12.50
    '12.50'
    ");
    assert_snapshot!(literal(Value::Bytes(vec![0, 171])), @r"
    E'\\x00ab'::bytea
    x'00ab'
    ");
    assert_snapshot!(literal(Value::Uuid(uuid::Uuid::nil())), @"
    '00000000-0000-0000-0000-000000000000'::uuid
    '00000000-0000-0000-0000-000000000000'
    ");
    assert_snapshot!(literal(Value::Enum("role", "o'ne".into())), @r#"
    'o''ne'::"role"
    'o''ne'
    "#);
    assert_snapshot!(literal(Value::Interval(Interval { months: 1, days: -2, micros: 3_500_000 })), @"
    'P1M-2DT3.5S'::interval
    'P1M-2DT3.5S'
    ");
    assert_snapshot!(literal(Value::Date(chrono::NaiveDate::default())), @"
    postgres has no literal of the type date: bind the value instead of writing it as a constant
    sqlite has no literal of the type date: bind the value instead of writing it as a constant
    ");
}

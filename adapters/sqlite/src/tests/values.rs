//! What is written is read back, or refused.

use super::*;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use peristyle_query::value::Interval;
use rust_decimal::Decimal;

async fn stored(value: Value) -> Result<(Value, Value), Error> {
    let database = Database::open(|options| options);
    database.script("CREATE TABLE t (v)").await.unwrap();
    let data_type = value.data_type();
    database.execute("INSERT INTO t VALUES ({})", vec![value]).await?;
    let read = database.one("SELECT v FROM t", vec![], data_type).await.unwrap();
    let form = "SELECT CASE typeof(v) WHEN 'blob' THEN hex(v) ELSE typeof(v) || ':' || v END FROM t";
    Ok((read, database.one(form, vec![], DataType::Text).await.unwrap()))
}

fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_type_is_read_back_from_its_stored_form() {
    let time = NaiveTime::from_hms_micro_opt(13, 5, 0, 250_000).unwrap();
    let list = |item, items| Value::Array(item, items);
    for (value, form) in [
        (Value::Bool(true), "integer:1"),
        (Value::I16(i16::MIN), "integer:-32768"),
        (Value::I32(i32::MAX), "integer:2147483647"),
        (Value::I64(i64::MIN), "integer:-9223372036854775808"),
        (Value::F32(-2.5), "real:-2.5"),
        (Value::F64(0.1), "real:0.1"),
        (Value::F64(f64::INFINITY), "real:Inf"),
        (text("it's \"quoted\"; --"), "text:it's \"quoted\"; --"),
        (text(""), "text:"),
        (Value::Bytes(vec![]), ""),
        (Value::Bytes(vec![0, 255]), "00FF"),
        (Value::Uuid(uuid::Uuid::from_u128(1)), "text:00000000-0000-0000-0000-000000000001"),
        (Value::Date(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()), "text:2024-02-29"),
        (Value::Time(time), "text:13:05:00.25"),
        (Value::DateTime(moment("2024-02-29T13:05:00")), "text:2024-02-29 13:05:00"),
        (Value::Timestamp(moment("0001-01-01T00:00:00.000001").and_utc()), "text:0001-01-01 00:00:00.000001"),
        (Value::Decimal(Decimal::new(1250, 2)), "text:12.50"),
        (Value::Json(serde_json::json!({"a": [1, null]})), "text:{\"a\":[1,null]}"),
        (Value::Interval(Interval { months: 1, days: -2, micros: 3_500_000 }), "text:P1M-2DT3.5S"),
        (Value::Enum("role", "admin".into()), "text:admin"),
        (
            list(&DataType::I64, vec![Value::I64(i64::MAX), Value::Null(DataType::I64)]),
            "text:[9223372036854775807,null]",
        ),
        (list(&DataType::Time, vec![Value::Time(time)]), "text:[\"13:05:00.25\"]"),
        (list(&DataType::F64, vec![Value::F64(0.1 + 0.2)]), "text:[0.30000000000000004]"),
        (list(&DataType::Bytes, vec![Value::Bytes(vec![255])]), "text:[\"ff\"]"),
        (
            list(&DataType::Timestamp, vec![Value::Timestamp(moment("2024-02-29T13:05:00.5").and_utc())]),
            "text:[\"2024-02-29 13:05:00.5\"]",
        ),
        (list(&DataType::Text, vec![]), "text:[]"),
    ] {
        assert_eq!(stored(value.clone()).await.unwrap(), (value, text(form)));
    }
}

#[tokio::test]
async fn null_is_null_of_every_type() {
    let database = Database::open(|options| options);
    for data_type in [DataType::Bool, DataType::Decimal, DataType::Timestamp, DataType::Array(&DataType::I64)] {
        let read = database.one("SELECT {}", vec![Value::Null(data_type)], data_type).await.unwrap();
        assert_eq!(read, Value::Null(data_type));
    }
}

#[tokio::test]
async fn text_with_nul_and_text_of_ten_megabytes_are_kept_intact() {
    let database = Database::with_table(|options| options).await;
    let mut long = "long \0 'text' é🦀 ".repeat(500_000);
    long.truncate(10_000_000);
    for hostile in ["\0", "a\0b", "\0\0'", "'; DROP TABLE t; --", "\u{feff}", "{}", &long] {
        database.execute("INSERT INTO t (v) VALUES ({})", vec![text(hostile)]).await.unwrap();
        let read = database.one("SELECT v FROM t WHERE v = {}", vec![text(hostile)], DataType::Text).await.unwrap();
        assert!(read == text(hostile), "{:?}", hostile.get(..20));
    }
    assert_eq!(database.count().await, 7);
}

#[tokio::test]
async fn what_has_no_stored_form_is_refused_before_it_is_sent() {
    let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_000_000_000).unwrap();
    for value in [
        Value::F64(f64::NAN),
        Value::F32(f32::NAN),
        Value::Date(year(10_000)),
        Value::Timestamp(year(-1).and_time(NaiveTime::MIN).and_utc()),
        Value::Time(leap),
        Value::Array(&DataType::F64, vec![Value::F64(f64::INFINITY)]),
        Value::Array(&DataType::Date, vec![Value::Date(year(12_345))]),
    ] {
        let error = stored(value.clone()).await.unwrap_err();
        assert!(matches!(error, Error::Encode(_)), "{value}: {error}");
    }
}

#[tokio::test]
async fn nanoseconds_are_cut_to_microseconds() {
    let value = Value::DateTime(moment("1969-12-31T23:59:59.999999999"));
    let (read, form) = stored(value).await.unwrap();
    assert_eq!(read, Value::DateTime(moment("1969-12-31T23:59:59.999999")));
    assert_eq!(form, text("text:1969-12-31 23:59:59.999999"));
    let list = Value::Array(&DataType::DateTime, vec![Value::DateTime(moment("2024-01-01T00:00:00.000000999"))]);
    let (read, _) = stored(list).await.unwrap();
    assert_eq!(read, Value::Array(&DataType::DateTime, vec![Value::DateTime(moment("2024-01-01T00:00:00"))]));
}

#[tokio::test]
async fn times_sort_as_text_among_sqlites_own() {
    let database = Database::with_table(|options| options).await;
    let times = [
        "1969-12-31T23:59:59.9",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.000001",
        "2024-01-01T00:00:00.5",
        "2024-01-01T00:00:01",
    ];
    for (id, time) in times.iter().enumerate().rev() {
        let values = vec![Value::I64(id as i64), Value::Timestamp(moment(time).and_utc())];
        database.execute("INSERT INTO t VALUES ({}, {})", values).await.unwrap();
    }
    database.script("INSERT INTO t VALUES (9, CURRENT_TIMESTAMP)").await.unwrap();
    let ids = database.rows("SELECT id FROM t ORDER BY v", vec![], &[DataType::I64]).await.unwrap();
    assert_eq!(ids, [0, 1, 2, 3, 4, 9].map(|id| vec![Value::I64(id)]));
    let now = database.one("SELECT v FROM t WHERE id = 9", vec![], DataType::Timestamp).await.unwrap();
    assert!(matches!(now, Value::Timestamp(_)));
}

#[tokio::test]
async fn counts_are_those_of_the_statement_itself() {
    let database = Database::with_table(|options| options).await;
    assert_eq!(database.execute("INSERT INTO t VALUES (1, 1), (2, 2)", vec![]).await.unwrap(), 2);
    assert_eq!(database.execute("CREATE TABLE u (a)", vec![]).await.unwrap(), 0);
    assert_eq!(database.execute("UPDATE t SET v = 3 WHERE id > 5", vec![]).await.unwrap(), 0);
    assert_eq!(database.execute("UPDATE t SET v = 3 RETURNING id", vec![]).await.unwrap(), 2);
    assert_eq!(database.execute("SELECT 1 UNION ALL SELECT 2", vec![]).await.unwrap(), 2);
    assert_eq!(database.execute("DELETE FROM t", vec![]).await.unwrap(), 2);
}

#[tokio::test]
async fn like_minds_the_case_and_an_unknown_quoted_name_is_no_text() {
    let database = Database::open(|options| options);
    assert_eq!(database.one("SELECT 'Abc' LIKE 'a%'", vec![], DataType::Bool).await.unwrap(), Value::Bool(false));
    assert_eq!(database.one("SELECT 'Abc' LIKE 'A%'", vec![], DataType::Bool).await.unwrap(), Value::Bool(true));
    assert!(database.rows("SELECT \"no_such_name\"", vec![], &[]).await.is_err());
}

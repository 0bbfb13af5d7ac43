use crate::support::in_database;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle_query::error::Error;
use peristyle_query::query::FromRow;
use peristyle_query::repo::{RawValues, Repo};
use peristyle_query::row::AnyRow;
use peristyle_query::value::{DbType, Interval, ListItem, Value};
use rust_decimal::Decimal;
use serde_json::json;
use std::fmt::Debug;
use uuid::Uuid;

/// Stores a value, a NULL, and a list with a NULL in it in a column of `sql_type`, and reads them back.
async fn round_trip<T>(repo: &Repo, create: &'static str, values: Vec<T>)
where
    T: DbType + ListItem + Clone + PartialEq + Debug,
{
    repo.script(format!("DROP TABLE IF EXISTS kept; {create}")).await.unwrap();
    for value in &values {
        let insert = "insert into kept (one, many) values ({}, {}) returning one, many";
        let many: Vec<Option<T>> = vec![Some(value.clone()), None, Some(value.clone())];
        let bound = vec![value.to_value(), many.to_value()];
        let rows: Vec<(T, Vec<Option<T>>)> = run(repo, insert, bound).await.unwrap();
        assert_eq!(rows, [(value.clone(), many)]);
    }
    let nulls = vec![Value::Null(T::DATA_TYPE), Value::Null(T::LIST_TYPE)];
    let rows: Vec<(Option<T>, Option<Vec<T>>)> =
        run(repo, "insert into kept (one, many) values ({}, {}) returning one, many", nulls).await.unwrap();
    assert_eq!(rows, [(None, None)]);
    let empty: Vec<Vec<T>> = run(repo, "select {}", vec![Vec::<T>::new().to_value()]).await.unwrap();
    assert_eq!(empty, [Vec::new()]);
}

async fn run<T: FromRow>(repo: &Repo, sql: &'static str, values: Vec<Value>) -> Result<Vec<T>, Error> {
    repo.sql(sql).bind(Values(values)).await
}

/// Values of any types.
pub struct Values(pub Vec<Value>);

impl RawValues for Values {
    fn into_values(self) -> Vec<Value> {
        self.0
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn time(micros: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(86_399, micros * 1_000).unwrap()
}

#[test]
fn every_type_comes_back_as_it_was_with_nulls_and_in_lists() {
    in_database(async |database| {
        let repo = &database.repo;
        round_trip(repo, "CREATE TABLE kept (one bool, many bool[])", vec![true, false]).await;
        round_trip(repo, "CREATE TABLE kept (one int2, many int2[])", vec![0, i16::MIN, i16::MAX]).await;
        round_trip(repo, "CREATE TABLE kept (one int4, many int4[])", vec![0, i32::MIN, i32::MAX]).await;
        round_trip(repo, "CREATE TABLE kept (one int8, many int8[])", vec![0, i64::MIN, i64::MAX]).await;
        round_trip(repo, "CREATE TABLE kept (one float4, many float4[])", vec![0.1, f32::MIN, f32::INFINITY]).await;
        round_trip(repo, "CREATE TABLE kept (one float8, many float8[])", vec![0.1, f64::MAX, f64::NEG_INFINITY]).await;
        let texts = ["", "a'b\"c\\d", "{NULL,\"x\"}", "NULL", "日本語 🦀", "a\nb\tc"].map(str::to_owned).to_vec();
        round_trip(repo, "CREATE TABLE kept (one text, many text[])", texts.clone()).await;
        round_trip(repo, "CREATE TABLE kept (one varchar(20), many varchar(20)[])", texts).await;
        round_trip(repo, "CREATE TABLE kept (one bytea, many bytea[])", vec![vec![], vec![0, 255, 92, 39]]).await;
        round_trip(repo, "CREATE TABLE kept (one uuid, many uuid[])", vec![Uuid::nil(), Uuid::now_v7()]).await;
        let documents =
            vec![json!(null), json!({"a": [1, 2.5, "x", null, {"b": "\\u0000"}]}), json!("text"), json!([])];
        round_trip(repo, "CREATE TABLE kept (one jsonb, many jsonb[])", documents).await;
        let intervals = [(0, 0, 0), (13, -2, 1_500_000), (i32::MIN, i32::MAX, i64::MIN), (1, 1, i64::MAX)]
            .map(|(months, days, micros)| Interval { months, days, micros });
        round_trip(repo, "CREATE TABLE kept (one interval, many interval[])", intervals.to_vec()).await;
    });
}

#[test]
fn dates_and_times_come_back_to_the_microsecond() {
    in_database(async |database| {
        let repo = &database.repo;
        let dates = [(1, 1, 1), (1969, 12, 31), (2000, 1, 1), (2000, 2, 29), (262142, 12, 31), (-4713, 11, 24)]
            .map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap());
        round_trip(repo, "CREATE TABLE kept (one date, many date[])", dates.to_vec()).await;
        round_trip(repo, "CREATE TABLE kept (one time, many time[])", vec![NaiveTime::MIN, time(0), time(999_999)])
            .await;
        let moments: Vec<NaiveDateTime> = dates.iter().map(|date| date.and_time(time(1))).collect();
        round_trip(repo, "CREATE TABLE kept (one timestamp, many timestamp[])", moments.clone()).await;
        let moments: Vec<DateTime<Utc>> = moments.iter().map(NaiveDateTime::and_utc).collect();
        round_trip(repo, "CREATE TABLE kept (one timestamptz, many timestamptz[])", moments.clone()).await;
        // A column without a zone holds UTC.
        round_trip(repo, "CREATE TABLE kept (one timestamp, many timestamp[])", moments).await;

        let finer = DateTime::from_timestamp(-1, 999_999_999).unwrap();
        let cut: Option<DateTime<Utc>> = repo.sql("select {}").bind((finer,)).one().await.unwrap();
        assert_eq!(cut, DateTime::from_timestamp(-1, 999_999_000));
    });
}

#[test]
fn decimals_come_back_exact_with_their_scale() {
    in_database(async |database| {
        let values: Vec<Decimal> = [
            "0",
            "0.00",
            "-0.10",
            "1.000",
            "12345.6789",
            "79228162514264337593543950335",
            "-79228162514264337593543950335",
            "7.9228162514264337593543950335",
            "0.0000000000000000000000000001",
            "10000000000000000",
        ]
        .map(decimal)
        .to_vec();
        round_trip(&database.repo, "CREATE TABLE kept (one numeric, many numeric[])", values.clone()).await;
        for value in values {
            let (text, back): (String, Decimal) =
                database.repo.sql("select {}::text, {}").bind((value, value)).one().await.unwrap().unwrap();
            assert_eq!((text, back.scale()), (value.to_string(), value.scale()));
        }
        let sum: Option<Decimal> =
            database.repo.sql("select sum(n) from unnest(array[9223372036854775807, 1]) n").one().await.unwrap();
        assert_eq!(sum, Some(decimal("9223372036854775808")));
        let mean: Option<f64> = database.repo.sql("select avg(n) from unnest(array[1, 2, 4]) n").one().await.unwrap();
        assert_eq!(mean, Some(7.0 / 3.0));
    });
}

#[test]
fn integers_are_read_wherever_they_fit_and_refused_where_they_do_not() {
    in_database(async |database| {
        let repo = &database.repo;
        let row: Option<(i64, i64, i16, Decimal)> =
            repo.sql("select 1::int2, 2::int4, 3::int8, 4::int8").one().await.unwrap();
        assert_eq!(row, Some((1, 2, 3, decimal("4"))));
        let error = repo.sql::<i16>("select 40000 as big").one().await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{error}");
        assert!(error.to_string().contains("40000") && error.to_string().contains("\"big\""), "{error}");
    });
}

#[test]
fn what_a_rust_type_cannot_hold_is_an_error_that_says_what_was_found() {
    in_database(async |database| {
        let repo = &database.repo;
        let wrong = |error: Error, found: &str| {
            assert!(matches!(error, Error::Decode(_)), "{error}");
            assert!(error.to_string().contains(found), "{error}");
        };
        wrong(repo.sql::<Decimal>("select 'NaN'::numeric").one().await.unwrap_err(), "NaN");
        wrong(repo.sql::<Decimal>("select '-Infinity'::numeric").one().await.unwrap_err(), "-Infinity");
        wrong(repo.sql::<Decimal>("select 1e40::numeric").one().await.unwrap_err(), "round or cast it in SQL");
        wrong(
            repo.sql::<Decimal>("select 0.12345678901234567890123456789012::numeric").one().await.unwrap_err(),
            "28 digits",
        );
        wrong(repo.sql::<NaiveDate>("select 'infinity'::date").one().await.unwrap_err(), "infinity");
        wrong(repo.sql::<NaiveDate>("select '5874897-12-31'::date").one().await.unwrap_err(), "chrono");
        wrong(repo.sql::<DateTime<Utc>>("select '-infinity'::timestamptz").one().await.unwrap_err(), "-infinity");
        wrong(repo.sql::<NaiveTime>("select '24:00'::time").one().await.unwrap_err(), "24:00:00");
        wrong(repo.sql::<i64>("select 'a'::text").one().await.unwrap_err(), "text");
        wrong(repo.sql::<String>("select '10.0.0.1'::inet").one().await.unwrap_err(), "inet");
        wrong(repo.sql::<Vec<i32>>("select array[[1, 2], [3, 4]]").one().await.unwrap_err(), "2 dimensions");
        wrong(repo.sql::<NaiveDateTime>("select now()").one().await.unwrap_err(), "with time zone");
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        let trailing: Option<Decimal> =
            repo.sql("select 1.5000000000000000000000000000000000000000::numeric").one().await.unwrap();
        assert_eq!(trailing, Some(decimal("1.5")));
    });
}

#[test]
fn values_that_the_server_cannot_hold_are_refused_before_they_are_sent() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).acquire_timeout(std::time::Duration::ZERO).connect().await.unwrap();
        let refused: Vec<Value> = vec![
            Value::Text("a\0b".into()),
            Value::Json(json!({"key": ["\0"]})),
            vec!["a".to_owned(), "\0".to_owned()].to_value(),
            Value::Date(NaiveDate::MIN),
            Value::Timestamp(DateTime::<Utc>::MIN_UTC),
        ];
        // The only connection is taken, so that a statement that is sent would fail for want of one.
        repo.transaction(async |_tx| {
            for value in refused {
                let error = run::<AnyRow>(&repo, "select {}, {}", vec![Value::I32(1), value]).await.unwrap_err();
                assert!(matches!(error, Error::Encode(_)), "{error}");
                assert!(error.to_string().contains("parameter $2"), "{error}");
            }
            Ok(())
        })
        .await
        .unwrap();
        repo.close().await;
    });
}

#[test]
fn enums_domains_and_types_of_extensions_are_read_as_what_they_are_made_of() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN positive AS int CHECK (value > 0)")
            .await
            .unwrap();
        let row: Option<(String, Vec<Option<String>>, i32)> = repo
            .sql("select {}::text::mood, array['sad', null]::mood[], 7::positive")
            .bind(("ok".to_owned(),))
            .one()
            .await
            .unwrap();
        assert_eq!(row, Some(("ok".into(), vec![Some("sad".into()), None], 7)));
        let row = repo
            .sql::<AnyRow>("select 'ok'::mood, '{{a}}'::name[], 'x'::char(3), null::inet")
            .one()
            .await
            .unwrap()
            .unwrap();
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(row.values()[..3], [text("ok"), vec!["a".to_owned()].to_value(), text("x  ")]);
        assert!(row.values()[3].is_null());
    });
}

#[test]
fn ten_megabytes_of_text_and_a_list_of_100_000_items_come_back() {
    in_database(async |database| {
        let text = "ab\"'\\ ü".repeat(1_250_000);
        let back: Option<String> = database.repo.sql("select {}").bind((text.clone(),)).one().await.unwrap();
        assert!(back == Some(text));
        let list: Vec<i64> = (0..100_000).collect();
        let back: Option<Vec<i64>> = database.repo.sql("select {}").bind((list.clone(),)).one().await.unwrap();
        assert!(back == Some(list));
    });
}

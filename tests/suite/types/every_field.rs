//! A schema with a field of every type at once.

use super::*;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "everything")]
struct Everything {
    id: i64,
    #[schema(index)]
    bool: Option<bool>,
    #[schema(index)]
    i16: Option<i16>,
    #[schema(index)]
    i32: Option<i32>,
    #[schema(index)]
    i64: Option<i64>,
    #[schema(index)]
    f32: Option<f32>,
    #[schema(index)]
    f64: Option<f64>,
    #[schema(index)]
    text: Option<String>,
    #[schema(index)]
    bytes: Option<Vec<u8>>,
    #[schema(index)]
    uuid: Option<Uuid>,
    #[schema(index)]
    date: Option<NaiveDate>,
    #[schema(index)]
    time: Option<NaiveTime>,
    #[schema(index)]
    datetime: Option<NaiveDateTime>,
    #[schema(index)]
    timestamp: Option<DateTime<Utc>>,
    #[schema(index)]
    decimal: Option<Decimal>,
    json: Option<Json>,
    interval: Option<Interval>,
    bools: Option<Vec<bool>>,
    texts: Option<Vec<String>>,
    decimals: Option<Vec<Option<Decimal>>>,
    times: Option<Vec<DateTime<Utc>>>,
}

const TABLE: &str = "create table everything (
    {id}, bool {bool}, i16 {i16}, i32 {i32}, i64 {i64}, f32 {f32}, f64 {f64}, text {text}, bytes {bytes},
    uuid {uuid}, date {date},
    time {time}, datetime {datetime}, timestamp {timestamp}, decimal {decimal}, json {json}, interval {interval},
    bools {list bool},
    texts {list text}, decimals {list decimal}, times {list timestamp}
)";

fn full() -> Everything {
    let moment: DateTime<Utc> = "2024-02-29T23:59:59.123456Z".parse().unwrap();
    Everything {
        id: 0,
        bool: Some(true),
        i16: Some(-16),
        i32: Some(32),
        i64: Some(-64),
        f32: Some(0.1),
        f64: Some(0.1),
        text: Some("O'Neill".into()),
        bytes: Some(vec![0, 255]),
        uuid: Some(Uuid::from_u128(1)),
        date: Some(moment.date_naive()),
        time: Some(moment.time()),
        datetime: Some(moment.naive_utc()),
        timestamp: Some(moment),
        decimal: Some("12.50".parse().unwrap()),
        json: Some(json!({"a": [1, null, "b"]})),
        interval: Some(Interval { months: 1, days: 2, micros: 3 }),
        bools: Some(vec![true, false]),
        texts: Some(vec!["".into(), "a,\"b\"".into()]),
        decimals: Some(vec![Some("1.0".parse().unwrap()), None]),
        times: Some(vec![moment]),
    }
}

on_sql_stores! {
    async fn a_row_of_every_type_and_a_row_of_nulls_survive(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let full = repo.insert(full()).await.unwrap();
        let empty = repo.insert(Everything::default()).await.unwrap();
        assert_eq!(repo.all(Everything::query().order_by(|e| e.id)).await.unwrap(), [full.clone(), empty.clone()]);
        assert_eq!(full.decimal.unwrap().to_string(), "12.50");
        let nulls = Everything::query()
            .filter(|e| e.bool.is_null() & e.uuid.is_null() & e.decimals.is_null() & e.json.is_null());
        assert_eq!(repo.only(nulls).await.unwrap(), empty);
    }
}

on_every_store! {
    async fn every_field_can_become_null_and_a_value_again(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let row = repo.insert(full()).await.unwrap();
        let erased = row.clone().change(|e| {
            (
                (e.bool.set(None), e.i16.set(None), e.i32.set(None), e.i64.set(None), e.f32.set(None), e.f64.set(None)),
                (e.text.set(None), e.bytes.set(None), e.uuid.set(None), e.date.set(None), e.time.set(None)),
                (
                    e.datetime.set(None),
                    e.timestamp.set(None),
                    e.decimal.set(None),
                    e.json.set(None),
                    e.interval.set(None),
                ),
                (e.bools.set(None), e.texts.set(None), e.decimals.set(None), e.times.set(None)),
            )
        });
        let erased = repo.update(erased).await.unwrap();
        assert_eq!(erased, Everything { id: row.id, ..Everything::default() });
        assert_eq!(repo.find::<Everything>(row.id).await.unwrap(), erased);
        let restored = erased.change(|e| {
            let full = full();
            (
                (
                    e.bool.set(full.bool),
                    e.i16.set(full.i16),
                    e.i32.set(full.i32),
                    e.i64.set(full.i64),
                    e.f32.set(full.f32),
                    e.f64.set(full.f64),
                ),
                (
                    e.text.set(full.text),
                    e.bytes.set(full.bytes),
                    e.uuid.set(full.uuid),
                    e.date.set(full.date),
                    e.time.set(full.time),
                ),
                (e.datetime.set(full.datetime), e.timestamp.set(full.timestamp), e.decimal.set(full.decimal)),
                (
                    e.json.set(full.json),
                    e.interval.set(full.interval),
                    e.bools.set(full.bools),
                    e.texts.set(full.texts),
                ),
                (e.decimals.set(full.decimals), e.times.set(full.times)),
            )
        });
        assert_eq!(repo.update(restored).await.unwrap(), row);
        assert_eq!(repo.find::<Everything>(row.id).await.unwrap(), row);
    }
}

on_sql_stores! {
    async fn a_whole_row_that_a_left_join_did_not_find_is_none(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let row = repo.insert(full()).await.unwrap();
        let pairs = Everything::query()
            .left_join_on::<Everything>(|(e, next)| next.id.gt(e.id))
            .select(|(e, next)| (e, next, next.decimals));
        assert_eq!(repo.all(pairs).await.unwrap(), [(row, None, None)]);
    }
}

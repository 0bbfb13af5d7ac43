//! Columns that an insert leaves out, and columns of every type.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use peristyle::prelude::*;
use peristyle::value::Interval;
use peristyle_tests::{Store, layout, on_both_redis};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, Default, PartialEq, DbEnum)]
enum Role {
    #[default]
    Guest,
    #[db_enum(rename = "full")]
    Member,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, DbEnum)]
#[db_enum(integer)]
#[repr(i16)]
enum Level {
    #[default]
    Low = -10,
    High = 10,
}

#[derive(Clone, Debug, Default, PartialEq, Embedded)]
struct Address {
    city: String,
    lines: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "accounts")]
struct Account {
    id: i64,
    name: String,
    #[schema(default = "Role::Member", index)]
    role: Option<Role>,
    #[schema(default = "Role::Guest")]
    maybe: Option<Role>,
    #[schema(default = "Level::High", index)]
    level: Option<Level>,
    #[schema(default = "Uuid::nil()", index)]
    token: Option<Uuid>,
    #[schema(default = "vec![1, 2]")]
    list: Option<Vec<i64>>,
    #[schema(default = "Decimal::new(15, 1)")]
    cost: Option<Decimal>,
    #[schema(default = "2.50")]
    price: Option<Decimal>,
    #[schema(default = "json!({\"a\": [null]})")]
    meta: Option<serde_json::Value>,
    #[schema(default = "i64::MAX", index)]
    most: Option<i64>,
    #[schema(default = -7)]
    less: Option<i32>,
    #[schema(default = 1.5)]
    rate: Option<f64>,
    #[schema(default = true)]
    open: Option<bool>,
    #[schema(default = "a \"b\" \\ ü")]
    text: Option<String>,
    #[schema(default = "NaiveDate::MIN")]
    day: Option<NaiveDate>,
    #[schema(default = String::from("x"))]
    code: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "wides", index(day, hour), index(amount, bytes))]
struct Wide {
    #[schema(primary_key)]
    key: String,
    #[schema(primary_key)]
    part: Vec<u8>,
    #[schema(embed)]
    address: Address,
    #[schema(embed)]
    others: Vec<Address>,
    #[schema(embed)]
    nothing: Option<Address>,
    json: serde_json::Value,
    span: Option<Interval>,
    words: Vec<Option<String>>,
    day: Option<NaiveDate>,
    hour: Option<NaiveTime>,
    #[schema(unique)]
    moment: Option<DateTime<Utc>>,
    amount: Option<Decimal>,
    bytes: Option<Vec<u8>>,
    #[schema(column = "real name", index)]
    single: f32,
}

on_both_redis! {
    async fn a_default_is_applied_whatever_expression_it_is(store: Store) {
        let repo = &store.repo;
        let row = repo.insert(Changeset::<Account>::new().change(|a| a.name.set("ann"))).await.unwrap();
        let expected = Account {
            id: 1, name: "ann".into(), role: Some(Role::Member), maybe: Some(Role::Guest), level: Some(Level::High), token: Some(Uuid::nil()),
            list: Some(vec![1, 2]), cost: Some(Decimal::new(15, 1)), price: Some(Decimal::new(250, 2)), meta: Some(json!({"a": [null]})),
            most: Some(i64::MAX), less: Some(-7), rate: Some(1.5), open: Some(true), text: Some("a \"b\" \\ ü".into()), day: Some(NaiveDate::MIN),
            code: Some("x".into()),
        };
        assert_eq!(row, expected);
        assert_eq!(repo.find::<Account>(1).await.unwrap(), expected);
        assert_eq!(repo.count(Account::query().filter(|a| a.role.eq(Role::Member) & a.most.gte(i64::MAX))).await.unwrap(), 1);
        assert_eq!(repo.count(Account::query().filter(|a| a.most.lt(i64::MAX))).await.unwrap(), 0);
        assert_eq!(repo.count(Account::query().filter(|a| a.level.in_([Level::High, Level::Low]))).await.unwrap(), 1);
        layout::check(&store, &[Account::META]);
    }

    async fn rows_of_all_types_are_what_was_written(store: Store) {
        let repo = &store.repo;
        let address = |city: &str| Address { city: city.into(), lines: vec!["\0\"".into(), "ü%:{}".into()] };
        let full = Wide {
            key: "a:b%\0c}".into(), part: vec![0, 255, 1], address: address("Rome"), others: vec![address(""), address("x")], nothing: None,
            json: json!(null), span: Some(Interval { months: 1, days: -2, micros: 3 }), words: vec![None, Some(String::new())],
            day: NaiveDate::from_ymd_opt(-1, 2, 3), hour: NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999),
            moment: DateTime::from_timestamp_micros(-1), amount: Some("-0.000".parse().unwrap()), bytes: Some(vec![0, 0]), single: 0.1,
        };
        let empty = Wide { part: Vec::new(), ..Wide::default() };
        repo.insert_all(vec![full.clone(), empty.clone()]).await.unwrap();
        layout::check(&store, &[Wide::META]);
        let rows = repo.all(Wide::query().order_by(|w| (w.day.asc(), w.hour.asc()))).await.unwrap();
        assert_eq!(rows, [empty.clone(), full.clone()]);
        assert_eq!(repo.all(Wide::query().filter(|w| w.amount.eq(Decimal::ZERO))).await.unwrap(), std::slice::from_ref(&full));
        assert_eq!(repo.all(Wide::query().filter(|w| w.single.eq(0.1_f32))).await.unwrap(), std::slice::from_ref(&full));
        assert_eq!(repo.count(Wide::query().filter(|w| w.key.starts_with("a:b%\0"))).await.unwrap(), 1);
        assert_eq!(repo.count(Wide::query().filter(|w| w.key.eq("a:b%\0c}") & w.part.gt(vec![0_u8, 254]))).await.unwrap(), 1);
        let again = Wide { key: "other".into(), ..full.clone() };
        assert!(repo.insert(again).await.is_err());
        let changed = repo.update(full.clone().change(|w| (w.key.set("a:b%"), w.moment.set(None::<DateTime<Utc>>)))).await;
        let keys = repo.all(Wide::query().order_by(|w| w.key.asc()).select(|w| w.key)).await.unwrap();
        match changed {
            Ok(_) => assert_eq!(keys, ["", "a:b%"]),
            Err(_) => assert_eq!(keys, ["", "a:b%\0c}"]),
        }
        layout::check(&store, &[Wide::META]);
        let by_key: BTreeMap<_, _> = repo.all(Wide::query()).await.unwrap().into_iter().map(|w| (w.key.clone(), w)).collect();
        assert_eq!(by_key[""], empty);
    }
}

//! Stored values that are not of their field's type, as other programs can write them: errors that name schema and
//! field.

use super::*;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, Default, PartialEq, DbEnum)]
enum Level {
    #[default]
    Low,
    High,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, DbEnum)]
#[db_enum(integer)]
#[repr(i16)]
enum Weight {
    #[default]
    Light = 1,
    Heavy = 2,
}

#[derive(Clone, Debug, Default, PartialEq, Embedded)]
struct Address {
    street: String,
    number: i16,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Account {
    id: i64,
    name: String,
    age: Option<i32>,
    level: Option<Level>,
    weight: Option<Weight>,
    active: Option<bool>,
    since: Option<NaiveDate>,
    opens: Option<NaiveTime>,
    seen: Option<DateTime<Utc>>,
    token: Option<Uuid>,
    balance: Option<Decimal>,
    meta: Option<Json>,
    spare: Option<Interval>,
    ratio: Option<f32>,
    picture: Option<Vec<u8>>,
    scores: Option<Vec<i16>>,
    #[schema(embed)]
    address: Option<Address>,
}

/// The error of reading the only account after `insert into accounts (column) values (value)`.
async fn error_of(repo: &Repo, column: &str, value: &str) -> Error {
    repo.script(format!("delete from accounts; insert into accounts ({column}) values ({value})")).await.unwrap();
    match repo.all(Account::query()).await {
        Ok(rows) => panic!("{column} = {value} was read as {rows:?}"),
        Err(error) => error,
    }
}

async fn refuses(repo: &Repo, column: &str, value: &str, says: &str) {
    let error = error_of(repo, column, value).await;
    assert!(matches!(error, Error::Decode(_)), "{column} = {value}: {error}");
    let message = error.to_string();
    assert!(message.contains(&format!("Account.{column}")) && message.contains(says), "{column} = {value}: {message}");
    assert!(message.contains("hostile.rs"), "no place: {message}");
}

on_sqlite! {
    async fn texts_that_are_not_of_their_type(store: Store) {
        store.script(SQLITE, "").await;
        let repo = &store.repo;
        for (column, value, says) in [
            ("since", "'2023-02-29'", "2023-02-29"),
            ("since", "'yesterday'", "expected date"),
            ("since", "20230228", "20230228"),
            ("opens", "'25:00:00'", "25:00:00"),
            ("seen", "'2024-02-29 13:05:61'", "13:05:61"),
            ("seen", "1709211900", "1709211900"),
            ("token", "'67e55044-10b1'", "expected uuid"),
            ("balance", "'12,50'", "12,50"),
            ("balance", "1e300", "expected decimal"),
            ("balance", "'123456789012345678901234567890'", "expected decimal"),
            ("meta", "'{\"a\":'", "expected JSON"),
            ("spare", "'1 month'", "expected interval"),
            ("scores", "'[1, 2'", "list of i16"),
            ("scores", "'{\"a\": 1}'", "list of i16"),
            ("scores", "'[1, 40000]'", "40000"),
            ("scores", "'[1, null]'", "expected i16"),
        ] {
            refuses(repo, column, value, says).await;
        }
    }

    async fn numbers_out_of_range_and_of_another_type(store: Store) {
        store.script(SQLITE, "").await;
        let repo = &store.repo;
        for (column, value, says) in [
            ("age", "2147483648", "2147483648"),
            ("age", "-2147483649", "-2147483649"),
            ("age", "1.5", "1.5"),
            ("age", "'ten'", "ten"),
            ("active", "2", "2"),
            ("active", "'true'", "true"),
            ("ratio", "1e300", "1e300"),
            ("ratio", "'much'", "much"),
            ("picture", "'text'", "expected bytes"),
            ("name", "12", "expected text"),
            ("name", "x'00'", "blob"),
        ] {
            refuses(repo, column, value, says).await;
        }
    }

    async fn text_that_is_not_utf_8(store: Store) {
        store.script(SQLITE, "").await;
        let error = error_of(&store.repo, "name", "cast(x'ff41' as text)").await;
        assert!(error.to_string().contains("Account.name") && error.to_string().contains("UTF-8"), "{error}");
    }
}

on_postgres! {
    async fn values_of_columns_that_hold_more_than_the_field(store: Store) {
        store.script("", POSTGRES).await;
        let repo = &store.repo;
        for (column, value, says) in [
            ("age", "2147483648", "2147483648"),
            ("age", "-2147483649", "-2147483649"),
            ("scores", "'{1,40000}'", "40000"),
            ("scores", "'{1,null}'", "expected i16"),
            ("scores", "'{{1,2},{3,4}}'", "list of i16"),
            ("since", "'infinity'", "infinity"),
            ("seen", "'-infinity'", "-infinity"),
            ("opens", "'24:00:00'", "24:00:00"),
            ("balance", "'NaN'", "NaN"),
        ] {
            refuses(repo, column, value, says).await;
        }
    }

    async fn columns_of_another_type(store: Store) {
        store.script("", POSTGRES).await;
        let repo = &store.repo;
        for (change, column, value) in [
            ("alter column since type text", "since", "'2024-02-29'"),
            ("alter column active type integer using 1", "active", "1"),
            ("alter column picture type text", "picture", "'x'"),
            ("alter column ratio type text", "ratio", "'1'"),
            ("alter column token type text", "token", "'x'"),
            ("alter column seen type date", "seen", "'2024-02-29'"),
        ] {
            repo.script(format!("alter table accounts {change}")).await.unwrap();
            refuses(repo, column, value, "expected").await;
            repo.script("delete from accounts").await.unwrap();
            repo.script(format!(
                "alter table accounts drop column {column}; alter table accounts add column {column} text"
            ))
            .await
            .unwrap();
        }
    }
}

on_sql_stores! {
    async fn unknown_variants_name_what_is_known(store: Store) {
        store.script(SQLITE, POSTGRES).await;
        refuses(&store.repo, "level", "'medium'", "medium").await;
        refuses(&store.repo, "level", "'Low'", "low, high").await;
        refuses(&store.repo, "weight", "3", "Light, Heavy").await;
        refuses(&store.repo, "weight", "-32769", "-32769").await;
    }

    async fn null_in_a_field_that_is_no_option(store: Store) {
        store.script(SQLITE, POSTGRES).await;
        refuses(&store.repo, "name", "null", "Option").await;
    }

    async fn documents_that_do_not_fit_name_the_path(store: Store) {
        store.script(SQLITE, POSTGRES).await;
        for (document, says) in [
            (r#"'{"street": 1, "number": 2}'"#, "street"),
            (r#"'{"street": "a", "number": 70000}'"#, "number"),
            (r#"'{"street": "a"}'"#, "number"),
            ("'[]'", "Account.address"),
            ("'\"x\"'", "Account.address"),
        ] {
            refuses(&store.repo, "address", document, says).await;
        }
    }

    async fn the_rows_after_a_hostile_one_can_still_be_read(store: Store) {
        store.script(SQLITE, POSTGRES).await;
        let repo = &store.repo;
        error_of(repo, "level", "'medium'").await;
        let account = repo
            .insert(Account { level: Some(Level::High), weight: Some(Weight::Heavy), ..Default::default() })
            .await
            .unwrap();
        assert_eq!(repo.find::<Account>(account.id).await.unwrap(), account);
        assert_eq!(repo.count(Account::query()).await.unwrap(), 2);
        let ids = repo.all(Account::query().filter(|a| a.level.eq(Level::High)).select(|a| a.id)).await.unwrap();
        assert_eq!(ids, [account.id]);
    }

    async fn a_hostile_value_in_a_selection_names_its_column_or_the_type(store: Store) {
        store.script(SQLITE, POSTGRES).await;
        let repo = &store.repo;
        error_of(repo, "age", "2147483648").await;
        let error = repo.all(Account::query().select(|a| (a.id, a.age))).await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{error}");
        assert!(error.to_string().contains("age") && error.to_string().contains("2147483648"), "{error}");
        let error = repo.sql::<(i64, i16)>("select id, age from accounts").await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)) && error.to_string().contains("2147483648"), "{error}");
    }

    async fn a_stream_gives_the_error_in_its_place(store: Store) {
        store.script(SQLITE, POSTGRES).await;
        let repo = &store.repo;
        repo.script("insert into accounts (name, age) values ('a', 1), ('b', 2147483648)").await.unwrap();
        let mut rows = repo.stream(Account::query().order_by(|a| a.name));
        let mut outcomes = Vec::new();
        while let Some(row) = rows.next().await {
            outcomes.push(row);
        }
        let last = outcomes.pop().unwrap().unwrap_err();
        assert!(matches!(last, Error::Decode(_)) && last.to_string().contains("Account.age"), "{last}");
        assert!(outcomes.iter().all(Result::is_ok));
    }
}

const SQLITE: &str = "create table accounts (
    id integer primary key, name default '', age, level, weight, active, since, opens, seen, token, balance,
        meta, spare, ratio, picture,
    scores, address
)";

const POSTGRES: &str = "create table accounts (
    id bigserial primary key, name text default '', age bigint, level text, weight integer, active boolean,
        since date, opens time,
    seen timestamptz, token uuid, balance numeric, meta jsonb, spare interval, ratio real, picture bytea,
        scores integer[], address jsonb
)";

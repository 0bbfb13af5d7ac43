//! Dates and times at their edges: microseconds, leap seconds, far years.

use super::*;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use peristyle::Error;
use peristyle::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Moment {
    id: i64,
    #[schema(index)]
    date: Option<NaiveDate>,
    #[schema(index)]
    time: Option<NaiveTime>,
    #[schema(index)]
    naive: Option<NaiveDateTime>,
    #[schema(index)]
    utc: Option<DateTime<Utc>>,
    all: Option<Vec<DateTime<Utc>>>,
}

const TABLE: &str = "create table moments ({id}, date {date}, time {time}, naive {datetime}, utc {timestamp},
all_of_them {list timestamp})";

fn table() -> String {
    TABLE.replace("all_of_them", "\"all\"")
}

/// The same moment in every field.
fn moment(utc: DateTime<Utc>) -> Moment {
    Moment {
        id: 0,
        date: Some(utc.date_naive()),
        time: Some(utc.time()),
        naive: Some(utc.naive_utc()),
        utc: Some(utc),
        all: Some(vec![utc]),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn kept(repo: &Repo, written: Moment, expected: Moment) {
    let inserted = repo.insert(written).await.unwrap();
    let expected = Moment { id: inserted.id, ..expected };
    assert_eq!(inserted, expected);
    assert_eq!(repo.find::<Moment>(inserted.id).await.unwrap(), expected);
}

on_every_store! {
    async fn nanoseconds_are_cut_off_also_in_the_row_that_insert_gives(store: Store) {
        store.create(&table()).await;
        for (nanos, micros) in [
            ("2024-02-29T23:59:59.999999999Z", "2024-02-29T23:59:59.999999Z"),
            ("1969-12-31T23:59:59.000000999Z", "1969-12-31T23:59:59Z"),
            ("0001-01-01T00:00:00.123456789Z", "0001-01-01T00:00:00.123456Z"),
        ] {
            kept(&store.repo, Moment { all: None, ..moment(at(nanos)) }, Moment { all: None, ..moment(at(micros)) })
                .await;
        }
    }

    async fn nanoseconds_are_cut_off_also_in_the_row_that_update_gives_and_in_lists(store: Store) {
        store.create(&table()).await;
        let repo = &store.repo;
        let row = repo.insert(Moment::default()).await.unwrap();
        let (nanos, micros) = (at("2024-02-29T12:00:00.000001999Z"), at("2024-02-29T12:00:00.000001Z"));
        let row = repo
            .update(row.change(|m| (m.utc.set(nanos), m.time.set(nanos.time()), m.all.set(vec![nanos]))))
            .await
            .unwrap();
        assert_eq!((row.utc, row.time, row.all.clone()), (Some(micros), Some(micros.time()), Some(vec![micros])));
        assert_eq!(repo.find::<Moment>(row.id).await.unwrap(), row);
    }

    async fn a_list_of_times_comes_back_from_insert_as_it_was_stored(store: Store) {
        store.create(&table()).await;
        let (nanos, micros) = (at("2024-02-29T12:00:00.000001999Z"), at("2024-02-29T12:00:00.000001Z"));
        let inserted = store.repo.insert(Moment { all: Some(vec![nanos]), ..Default::default() }).await.unwrap();
        assert_eq!(inserted.all, Some(vec![micros]));
        assert_eq!(store.repo.find::<Moment>(inserted.id).await.unwrap(), inserted);
    }

    async fn a_time_with_nanoseconds_finds_the_time_that_was_stored(store: Store) {
        store.create(&table()).await;
        let repo = &store.repo;
        let nanos = at("2024-02-29T12:00:00.000001999Z");
        repo.insert(moment(nanos)).await.unwrap();
        let found = Moment::query().filter(|m| {
            m.utc.eq(nanos) & m.naive.eq(nanos.naive_utc()) & m.time.in_([nanos.time()]) & m.utc.lte(nanos)
        });
        assert_eq!(repo.count(found).await.unwrap(), 1);
    }

    async fn a_leap_second_becomes_the_last_microsecond_before_it_ends(store: Store) {
        store.create(&table()).await;
        let second = at("2016-12-31T23:59:59Z");
        let leap = second.with_nanosecond(1_500_000_000).unwrap();
        let last = second.with_nanosecond(999_999_000).unwrap();
        kept(&store.repo, moment(leap), moment(last)).await;
    }

    async fn the_first_and_the_last_year_of_four_digits_survive(store: Store) {
        store.create(&table()).await;
        for text in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00.000001Z",
            "9999-12-31T23:59:59.999999Z",
            "0000-01-01T00:00:00Z",
        ] {
            kept(&store.repo, moment(at(text)), moment(at(text))).await;
        }
        let years = store.repo.all(Moment::query().order_by(|m| m.utc).select(|m| m.date)).await.unwrap();
        assert!(years.is_sorted(), "{years:?}");
    }

    async fn times_order_as_time_does_whatever_their_fractions(store: Store) {
        store.create(&table()).await;
        let start = at("2024-01-01T00:00:00Z");
        let mut moments = Vec::new();
        for micros in [0, 1, 10, 100_000, 999_999, 1_000_000, 1_000_001, 59_999_999, 60_000_000] {
            moments.push(start + TimeDelta::microseconds(micros));
        }
        for utc in moments.iter().rev() {
            store.repo.insert(moment(*utc)).await.unwrap();
        }
        let by_utc = store.repo.all(Moment::query().order_by(|m| m.utc).select(|m| m.utc)).await.unwrap();
        let by_naive = store.repo.all(Moment::query().order_by(|m| m.naive).select(|m| m.naive)).await.unwrap();
        let by_time = store.repo.all(Moment::query().order_by(|m| m.time).select(|m| m.time)).await.unwrap();
        for (index, utc) in moments.iter().enumerate() {
            assert_eq!(
                (by_utc[index], by_naive[index], by_time[index]),
                (Some(*utc), Some(utc.naive_utc()), Some(utc.time()))
            );
        }
        let (min, max) = store.repo.aggregate(Moment::query(), |m| (m.utc.min(), m.time.max())).await.unwrap();
        assert_eq!((min, max), (Some(moments[0]), Some(moments[8].time())));
    }

    async fn repo_023_an_explicit_timestamp_wins_over_the_clock(store: Store) {
        store.create(schemas::TABLES).await;
        let given = at("2014-01-16T20:26:51Z");
        let user = schemas::User { inserted_at: given, ..schemas::User::named("Ann") };
        let inserted = store.repo.insert(user).await.unwrap();
        assert_eq!(inserted.inserted_at, given);
        assert_ne!(inserted.updated_at, DateTime::<Utc>::default());
        assert_eq!(store.repo.find::<schemas::User>(inserted.id).await.unwrap(), inserted);
    }
}

on_postgres! {
    async fn dates_far_before_and_after_survive(store: Store) {
        store.create(&table()).await;
        for (year, month, day) in [(-4712, 11, 25), (-1, 2, 28), (10_000, 1, 1), (262_142, 12, 31)] {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            let utc = date.and_time(NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap()).and_utc();
            kept(&store.repo, moment(utc), moment(utc)).await;
        }
    }

    async fn dates_that_postgres_does_not_have_are_refused(store: Store) {
        store.create(&table()).await;
        for refused in [
            Moment { date: Some(NaiveDate::MIN), ..Default::default() },
            Moment { naive: Some(NaiveDateTime::MIN), ..Default::default() },
            Moment { utc: Some(DateTime::<Utc>::MIN_UTC), ..Default::default() },
            Moment { date: NaiveDate::from_ymd_opt(-4713, 1, 1), ..Default::default() },
        ] {
            let shown = format!("{refused:?}");
            let error = store.repo.insert(refused).await.expect_err(&shown);
            assert!(matches!(error, Error::Encode(_)), "{shown}: {error}");
        }
    }
}

on_sqlite! {
    async fn years_without_a_text_of_four_digits_are_refused(store: Store) {
        store.create(&table()).await;
        for year in [-1, 10_000] {
            let date = NaiveDate::from_ymd_opt(year, 1, 1);
            let error = store.repo.insert(Moment { date, ..Default::default() }).await.unwrap_err();
            assert!(matches!(error, Error::Encode(_)) && error.to_string().contains("9999"), "{error}");
            let utc = date.unwrap().and_time(NaiveTime::MIN).and_utc();
            let error = store.repo.insert(Moment { all: Some(vec![utc]), ..Default::default() }).await.unwrap_err();
            assert!(matches!(error, Error::Encode(_)), "{error}");
        }
    }

    async fn what_other_programs_write_is_read_in_utc(store: Store) {
        store.create(&table()).await;
        let repo = &store.repo;
        repo.script(
            "insert into moments (utc, naive) values (datetime('2024-02-29 13:05:00'), '2024-02-29T13:05'),
             ('2024-02-29T15:05:00+02:00', '2024-02-29 13:05:00.000000000')",
        )
        .await
        .unwrap();
        let expected = at("2024-02-29T13:05:00Z");
        for row in repo.all(Moment::query()).await.unwrap() {
            assert_eq!((row.utc, row.naive), (Some(expected), Some(expected.naive_utc())));
        }
    }
}

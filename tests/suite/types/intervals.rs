//! Spans of time: what each store can do with them.

use super::*;
use peristyle::prelude::*;

fn span(months: i32, days: i32, micros: i64) -> Interval {
    Interval { months, days, micros }
}

on_sql_stores! {
    async fn type_003_an_interval_keeps_months_days_and_microseconds(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let dur = span(13, 0, 1_000_100);
        let inserted = repo.insert(schemas::Span { dur: Some(dur), ..Default::default() }).await.unwrap();
        assert_eq!(inserted.dur, Some(dur));
        assert_eq!(inserted.dur_with_default, Some(span(10, 0, 0)));
        assert_eq!(repo.only(schemas::Span::query().filter(|s| s.dur.eq(dur))).await.unwrap(), inserted);
    }
}

on_every_store! {
    async fn huge_and_mixed_intervals_survive(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        for dur in [
            span(i32::MAX, i32::MAX, i64::MAX - 1),
            span(i32::MIN + 1, i32::MIN, i64::MIN),
            span(-1, 1, -1),
            span(0, 0, i64::MIN),
            span(0, -1, 0),
        ] {
            let inserted = repo.insert(schemas::Span { dur: Some(dur), ..Default::default() }).await.unwrap();
            assert_eq!(repo.find::<schemas::Span>(inserted.id).await.unwrap().dur, Some(dur));
        }
    }
}

on_postgres! {
    async fn columns_with_fields_or_a_precision_keep_less(store: Store) {
        store
            .script(
                "",
                "create table durations (id bigserial primary key, dur interval(4),
            dur_with_default interval year to month)",
            )
            .await;
        store
            .repo
            .script("insert into durations (dur, dur_with_default) values ('13 months 1.0001 s', '13 months 1 s')")
            .await
            .unwrap();
        let span_of = |row: &schemas::Span| (row.dur.unwrap(), row.dur_with_default.unwrap());
        let row = store.repo.only(schemas::Span::query()).await.unwrap();
        assert_eq!(span_of(&row), (span(13, 0, 1_000_100), span(13, 0, 0)));
        let row =
            store.repo.insert(schemas::Span { dur: Some(span(0, 0, 123_456)), ..Default::default() }).await.unwrap();
        let read = store.repo.find::<schemas::Span>(row.id).await.unwrap();
        assert_eq!(read.dur, Some(span(0, 0, 123_500)));
    }

    async fn intervals_add_up_in_sql(store: Store) {
        let repo = &store.repo;
        let sum = repo
            .sql::<Interval>("select {}::interval + interval '1 day 2 seconds'")
            .bind(span(1, 0, 5))
            .one()
            .await
            .unwrap();
        assert_eq!(sum, Some(span(1, 1, 2_000_005)));
    }
}

//! Streams: rows in parts, at the pace of who reads them.

use super::*;
use futures_util::TryStreamExt;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Post, TABLES};
use std::collections::HashSet;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Number {
    id: i64,
    text: String,
}

const COUNT: i64 = 200_000;

async fn numbers(store: &Store) {
    store.create("create table numbers ({id}, text {text} not null)").await;
    store
        .script(
            "with recursive n(n) as (select 1 union all select n + 1 from n where n < 200000)
             insert into numbers (id, text) select n, 'number ' || n from n",
            "insert into numbers (id, text) select n, 'number ' || n from generate_series(1, 200000) n",
        )
        .await;
}

on_every_store! {
    async fn stream_001_a_stream_of_an_empty_table_ends_at_once(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                let posts: Vec<Post> = tx.stream(Post::query()).try_collect().await?;
                assert_eq!(posts, []);
                let ids: Vec<i64> =
                    tx.stream(Post::query().filter(|p| p.visits.gt(1)).select(|p| p.id)).try_collect().await?;
                assert!(ids.is_empty());
                Ok(())
            })
            .await
            .unwrap();
        assert!(store.repo.stream(Post::query()).next().await.is_none());
    }
}

on_sql_stores! {
    async fn two_hundred_thousand_rows_come_in_order_and_once(store: Store) {
        numbers(&store).await;
        let mut expected = 0;
        let mut rows = store.repo.stream(Number::query().order_by(|n| n.id));
        while let Some(row) = rows.try_next().await.unwrap() {
            expected += 1;
            assert_eq!(row.id, expected);
        }
        assert_eq!(expected, COUNT);
        assert!(rows.next().await.is_none(), "a stream that has ended gave another row");
    }

    async fn a_stream_that_is_dropped_gives_its_connection_back(store: Store) {
        numbers(&store).await;
        let repo = &store.repo;
        for _ in 0..20 {
            let mut rows = repo.stream(Number::query().order_by(|n| n.id));
            for expected in 1..=10 {
                assert_eq!(rows.next().await.unwrap().unwrap().id, expected);
            }
        }
        assert_eq!(repo.count(Number::query()).await.unwrap(), COUNT as u64);
        repo.insert(Number { id: COUNT + 1, text: "new".into() }).await.unwrap();
        let row = repo.transaction(async |tx| tx.find::<Number>(COUNT).await).await.unwrap();
        assert_eq!(row.text, format!("number {COUNT}"));
    }
}

on_every_store! {
    async fn a_stream_that_was_never_polled_costs_nothing(store: Store) {
        store.create(TABLES).await;
        let streams: Vec<_> = (0..50).map(|_| store.repo.stream(Post::query())).collect();
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 0);
        drop(streams);
    }
}

on_sql_stores! {
    async fn streams_are_sent_to_other_tasks_and_read_side_by_side(store: Store) {
        numbers(&store).await;
        let mut tasks = Vec::new();
        for remainder in 0..2i64 {
            let rows = store.repo.stream(Number::query().filter(|n| (n.id % 2i64).eq(remainder)).select(|n| n.id));
            tasks.push(tokio::spawn(rows.try_collect::<Vec<i64>>()));
        }
        let mut seen = HashSet::new();
        for task in tasks {
            seen.extend(task.await.unwrap().unwrap());
        }
        assert_eq!(seen.len(), COUNT as usize);
    }

    async fn a_stream_inside_a_transaction_sees_its_writes_and_others_may_go_on(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let titles = repo
            .transaction(async |tx| {
                for title in ["a", "b", "c"] {
                    tx.insert(Post::titled(title)).await?;
                }
                let mut titles = Vec::new();
                let mut rows = tx.stream(Post::query().order_by(|p| p.id).select(|p| (p.id, p.title)));
                while let Some((id, title)) = rows.try_next().await? {
                    titles.extend(title);
                    let post = tx.find::<Post>(id).await?;
                    tx.update(post.change(|p| p.visits.set(1))).await?;
                }
                Ok(titles)
            })
            .await
            .unwrap();
        assert_eq!(titles, ["a", "b", "c"]);
        assert_eq!(repo.count(Post::query().filter(|p| p.visits.eq(1))).await.unwrap(), 3);
    }

    async fn an_error_of_the_statement_is_the_stream_s_only_item(store: Store) {
        let mut rows = store.repo.stream(Post::query());
        let error = rows.next().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("posts") && error.to_string().contains("streams.rs"), "{error}");
        assert!(rows.next().await.is_none());
    }
}

on_postgres! {
    async fn rows_are_fetched_in_parts_only_when_they_are_asked_for(store: Store) {
        numbers(&store).await;
        let repo = &store.repo;
        // Every row that the server computes leaves a lock that other sessions see.
        let locking = Number::query().select(|n| {
            (n.id, sql::<bool>("pg_try_advisory_xact_lock(hashtext(current_schema()), {}::integer)").bind(n.id))
        });
        let computed = async || {
            let locks = "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and
                classid::bigint = (hashtext(current_schema())::bigint & 4294967295)";
            repo.sql::<i64>(locks).one().await.unwrap().unwrap()
        };
        let mut rows = repo.stream(locking);
        for _ in 0..10 {
            rows.next().await.unwrap().unwrap();
        }
        assert_eq!(computed().await, 500);
        for _ in 10..1_010 {
            rows.next().await.unwrap().unwrap();
        }
        assert_eq!(computed().await, 1_500);
        drop(rows);
        while computed().await > 0 {
            tokio::task::yield_now().await;
        }
    }
}

on_sqlite! {
    async fn a_stream_that_is_read_slowly_does_not_stop_writers(store: Store) {
        numbers(&store).await;
        let repo = &store.repo;
        let mut rows = repo.stream(Number::query().order_by(|n| n.id));
        rows.next().await.unwrap().unwrap();
        repo.insert(Number { id: COUNT + 1, text: "new".into() }).await.unwrap();
        let rest: Vec<Number> = rows.try_collect().await.unwrap();
        assert_eq!(rest.len() as i64, COUNT - 1, "the stream reads the rows as they were when it began");
    }
}

use crate::support::{Database, in_database};
use futures_util::future::{Either, select};
use peristyle_query::error::Error;
use std::pin::pin;
use std::time::Duration;

/// Starts a statement that sleeps for a minute, and drops its future when the server runs it.
async fn drop_in_the_middle(database: &Database, sleep: impl Future<Output = ()>) {
    match select(pin!(sleep), pin!(database.wait_for_sleep())).await {
        Either::Left(_) => panic!("it slept for a minute"),
        Either::Right(_) => {}
    }
}

#[test]
fn a_dropped_future_is_cancelled_on_the_server_and_its_connection_used_again() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).acquire_timeout(Duration::from_secs(20)).connect().await.unwrap();
        let process = "select pg_backend_pid()";
        let before: Option<i32> = repo.sql(process).one().await.unwrap();
        for _ in 0..5 {
            drop_in_the_middle(&database, async {
                repo.sql::<String>("select pg_sleep(60)::text").one().await.unwrap();
            })
            .await;
            let after: Option<i32> = repo.sql(process).one().await.unwrap();
            assert_eq!(after, before);
            database
                .wait_for(
                    "select not exists(select from pg_stat_activity where datname = {} and wait_event = 'PgSleep')",
                )
                .await;
        }
        repo.close().await;
    });
}

#[test]
fn a_future_dropped_among_many_rows_leaves_nothing_for_the_next_user() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).acquire_timeout(Duration::from_secs(20)).connect().await.unwrap();
        for _ in 0..20 {
            let rows = repo
                .sql::<(i32, String)>("select n, repeat('x', 1000) from generate_series(1, 2000000) n")
                .into_future();
            let cut = tokio::time::timeout(Duration::from_millis(3), rows).await;
            assert!(cut.is_err());
            let next: Option<String> = repo.sql("select {}").bind(("mine".to_owned(),)).one().await.unwrap();
            assert_eq!(next.as_deref(), Some("mine"));
        }
        repo.close().await;
    });
}

#[test]
fn futures_dropped_at_any_moment_never_mix_up_answers() {
    in_database(async |database| {
        let repo = database.options().pool_size(3).acquire_timeout(Duration::from_secs(30)).connect().await.unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|task| {
                let repo = repo.clone();
                tokio::spawn(async move {
                    for n in 0..60i32 {
                        let value = task * 1_000 + n;
                        let query =
                            repo.sql::<i32>("select {} from generate_series(1, 50)").bind((value,)).into_future();
                        let limit = Duration::from_micros(u64::from((value * 7919 % 1500).unsigned_abs()));
                        if let Ok(rows) = tokio::time::timeout(limit, query).await {
                            assert_eq!(rows.unwrap(), [value; 50]);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let last: Option<i32> = repo.sql("select {}").bind((7,)).one().await.unwrap();
        assert_eq!(last, Some(7));
        assert!(database.connections().await <= 4 + 3 + 1);
        repo.close().await;
    });
}

#[test]
fn a_row_that_cannot_be_read_leaves_nothing_for_the_next_user() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).acquire_timeout(Duration::from_secs(20)).connect().await.unwrap();
        let error = repo.sql::<i16>("select n from generate_series(32767, 3000000) n").await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{error}");
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        repo.transaction(async |tx| {
            tx.sql::<i16>("select n from generate_series(32767, 40000) n").await.unwrap_err();
            assert_eq!(tx.sql::<i32>("select 2").one().await?, Some(2));
            Ok(())
        })
        .await
        .unwrap();
        repo.close().await;
    });
}

#[test]
fn a_statement_dropped_inside_a_transaction_is_over_before_the_next_one() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        repo.script("CREATE TABLE notes (text text)").await.unwrap();
        let ended = repo
            .transaction(async |tx| {
                tx.sql::<()>("insert into notes values ('a')").execute().await?;
                drop_in_the_middle(&database, async {
                    tx.sql::<String>("select pg_sleep(60)::text").one().await.unwrap();
                })
                .await;
                Ok(())
            })
            .await;
        // The cancelled statement failed, and so did the transaction.
        assert!(matches!(ended, Err(Error::TransactionAborted(_))), "{ended:?}");
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(0));
        repo.close().await;
    });
}

#[test]
fn a_transaction_that_is_dropped_rolls_back_and_frees_its_connection() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).acquire_timeout(Duration::from_secs(20)).connect().await.unwrap();
        repo.script("CREATE TABLE notes (text text)").await.unwrap();
        drop_in_the_middle(&database, async {
            repo.transaction(async |tx| {
                tx.sql::<()>("insert into notes values ('a')").execute().await?;
                tx.sql::<String>("select pg_sleep(60)::text").one().await?;
                Ok(())
            })
            .await
            .unwrap();
        })
        .await;
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(0));
        repo.close().await;
    });
}

use crate::support::in_database;
use peristyle_query::error::Error;
use std::time::Duration;

#[test]
fn connections_killed_while_idle_are_replaced_without_an_error() {
    in_database(async |database| {
        let repo = database.options().pool_size(3).connect().await.unwrap();
        repo.script("CREATE TABLE notes (id bigserial, text text)").await.unwrap();
        for round in 0..5 {
            let (a, b, c) = tokio::join!(
                repo.sql::<i32>("select 1").one(),
                repo.sql::<i32>("select 2").one(),
                repo.sql::<i32>("select 3").one(),
            );
            assert_eq!((a.unwrap(), b.unwrap(), c.unwrap()), (Some(1), Some(2), Some(3)));
            database.kill_connections().await;
            match round % 3 {
                0 => assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1)),
                1 => {
                    repo.transaction(async |tx| tx.sql::<()>("insert into notes (text) values ('a')").execute().await)
                        .await
                        .unwrap();
                }
                _ => repo.script("select 1; select 2").await.unwrap(),
            }
        }
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(2));
        repo.close().await;
    });
}

#[test]
fn a_write_on_a_connection_killed_while_idle_happens_once_or_says_that_it_may_have() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE notes (n int)").await.unwrap();
        let mut certain = Vec::new();
        let mut unsure = Vec::new();
        for n in 0..10 {
            repo.sql::<i32>("select 1").one().await.unwrap();
            database.kill_connections().await;
            match repo.sql::<()>("insert into notes values ({})").bind((n,)).execute().await {
                Ok(rows) => {
                    assert_eq!(rows, 1);
                    certain.push(n);
                }
                Err(error) => {
                    assert!(
                        matches!(error, Error::Connect(_)) && error.to_string().contains("may have run"),
                        "{error}"
                    );
                    unsure.push(n);
                }
            }
        }
        let kept: Vec<i32> = repo.sql("select n from notes order by n").await.unwrap();
        let distinct: Vec<i32> = repo.sql("select distinct n from notes order by n").await.unwrap();
        assert_eq!(kept, distinct, "a write was repeated");
        assert!(certain.iter().all(|n| kept.contains(n)));
        assert!(kept.iter().all(|n| certain.contains(n) || unsure.contains(n)));
    });
}

#[test]
fn a_statement_killed_while_it_runs_is_an_error_or_its_whole_result() {
    in_database(async |database| {
        let repo = database.options().pool_size(2).connect().await.unwrap();
        let running = {
            let repo = repo.clone();
            tokio::spawn(async move { repo.sql::<i32>("select n from generate_series(1, 3) n, pg_sleep(1)").await })
        };
        database.wait_for_sleep().await;
        database.kill_connections().await;
        match running.await.unwrap() {
            Ok(rows) => assert_eq!(rows, [1, 2, 3]),
            Err(error) => assert!(matches!(error, Error::Connect(_)), "{error}"),
        }
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        repo.close().await;
    });
}

#[test]
fn a_transaction_whose_connection_is_killed_fails_and_keeps_nothing() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        repo.script("CREATE TABLE notes (text text)").await.unwrap();
        let lost = repo
            .transaction(async |tx| {
                tx.sql::<()>("insert into notes values ('a')").execute().await?;
                database.kill_connections().await;
                tx.sql::<i32>("select 1").one().await.map(|_| ())
            })
            .await
            .unwrap_err();
        assert!(matches!(lost, Error::Connect(_)) && lost.to_string().contains("rolled back"), "{lost}");

        let at_commit = repo
            .transaction(async |tx| {
                tx.sql::<()>("insert into notes values ('b')").execute().await?;
                database.kill_connections().await;
                Ok(())
            })
            .await
            .unwrap_err();
        assert!(matches!(at_commit, Error::Connect(_) | Error::CommitUnknown(_)), "{at_commit}");
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(0));
        repo.close().await;
    });
}

#[test]
fn a_connection_lost_during_commit_leaves_it_unknown() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        repo.script(
            "CREATE TABLE notes (text text);
             CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION wait()",
        )
        .await
        .unwrap();
        let transaction = repo.transaction(async |tx| tx.sql::<()>("insert into notes values ('a')").execute().await);
        let killed = async {
            database.wait_for_sleep().await;
            database.kill_connections().await;
        };
        let (result, ()) = tokio::join!(transaction, killed);
        let error = result.unwrap_err();
        assert!(matches!(error, Error::CommitUnknown(_)), "{error}");
        repo.close().await;
    });
}

#[test]
fn the_pool_survives_connections_killed_at_random() {
    in_database(async |database| {
        let repo = database.options().pool_size(3).acquire_timeout(Duration::from_secs(30)).connect().await.unwrap();
        let tasks: Vec<_> = (0..4i32)
            .map(|task| {
                let repo = repo.clone();
                tokio::spawn(async move {
                    for n in 0..50 {
                        let value = task * 1_000 + n;
                        match repo.sql::<i32>("select {} from pg_sleep(0.001)").bind((value,)).one().await {
                            Ok(found) => assert_eq!(found, Some(value)),
                            Err(error) => assert!(error.is_connection(), "{error}"),
                        }
                    }
                })
            })
            .collect();
        for _ in 0..10 {
            database.kill_connections().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap_or(Some(1)), Some(1));
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        repo.close().await;
    });
}

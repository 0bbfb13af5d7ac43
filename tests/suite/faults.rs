//! Killed connections and dropped futures: never a wrong result, a half transaction, or a disturbed next caller.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::{count, on_postgres_database};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "entries")]
struct Entry {
    id: i64,
    worker: i32,
    number: i32,
}

const ENTRIES: &str = "create table entries ({id}, worker {i32} not null, number {i32} not null);";

const SLOW: &str = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000) select count(*) from n where i > {}";

fn entry(worker: i32, number: i32) -> Entry {
    Entry { worker, number, ..Entry::default() }
}

/// Numbers that look random and are the same in every run.
struct Scatter(u64);

impl Scatter {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// How often each entry is stored.
async fn stored(repo: &Repo) -> HashMap<(i32, i32), usize> {
    let mut stored = HashMap::new();
    for pair in repo.all(Entry::query().select(|e| (e.worker, e.number))).await.unwrap() {
        *stored.entry(pair).or_default() += 1;
    }
    stored
}

fn is_lost_connection(error: &Error) -> bool {
    matches!(error, Error::Connect(_) | Error::Pool(_) | Error::CommitUnknown(_) | Error::TransactionAborted(_))
}

on_postgres_database! {
    async fn killed_connections_give_an_error_or_a_retry_and_never_a_wrong_result(store: Store) {
        store.create(ENTRIES).await;
        let stop = Arc::new(AtomicBool::new(false));
        let killer = {
            let (stop, repo) = (stop.clone(), peristyle::connect(store.url()).await.unwrap());
            tokio::spawn(async move {
                let mut scatter = Scatter(7);
                let mut killed = 0;
                while !stop.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(2 + scatter.below(20))).await;
                    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                                where datname = current_database() and pid <> pg_backend_pid()";
                    killed += repo.sql::<i64>(kill).one().await.unwrap().unwrap();
                }
                repo.close().await;
                killed
            })
        };
        let rounds = count(60, 3_000) as i32;
        let workers: Vec<_> = (0..3)
            .map(|worker| {
                let repo = store.repo.clone();
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for number in 0..rounds {
                        let written = match number % 3 {
                            0 => repo.insert(entry(worker, number)).await.map(|_| ()),
                            1 => {
                                repo.transaction(async |tx| {
                                    tx.insert(entry(worker, number)).await?;
                                    tx.insert(entry(worker, -number)).await?;
                                    Ok(())
                                })
                                .await
                            }
                            _ => repo.sql::<i64>(SLOW).bind(number).one().await.map(|n| {
                                assert_eq!(n, Some(i64::from(20_000 - number)));
                            }),
                        };
                        match written {
                            Ok(()) if number % 3 < 2 => acknowledged.push((worker, number)),
                            Ok(()) => {}
                            Err(error) => assert!(is_lost_connection(&error), "{error}"),
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let mut acknowledged = Vec::new();
        for worker in workers {
            acknowledged.extend(worker.await.unwrap());
        }
        stop.store(true, Ordering::Relaxed);
        assert!(killer.await.unwrap() > 0);

        let stored = stored(&store.repo).await;
        assert!(stored.values().all(|&times| times == 1), "written twice: {stored:?}");
        assert!(!acknowledged.is_empty());
        for (worker, number) in acknowledged {
            assert!(stored.contains_key(&(worker, number)), "lost: {worker} {number}");
        }
        for &(worker, number) in stored.keys().filter(|(_, number)| number.rem_euclid(3) == 1 && *number > 0) {
            assert!(stored.contains_key(&(worker, -number)), "half a transaction: {worker} {number}");
        }
    }
}

on_sql_stores! {
    async fn futures_dropped_at_any_moment_leave_the_next_caller_undisturbed(store: Store) {
        store.create(ENTRIES).await;
        let rounds = count(120, 6_000) as i32;
        let workers: Vec<_> = (0..3)
            .map(|worker| {
                let repo = store.repo.clone();
                tokio::spawn(async move {
                    let mut scatter = Scatter(worker as u64);
                    for number in 1..=rounds {
                        let moment = Duration::from_micros(scatter.below(4_000));
                        // Whether the time was enough does not matter: what is left behind does.
                        let _ = match number % 3 {
                            0 => tokio::time::timeout(moment, repo.insert(entry(worker, number))).await.map(|_| ()),
                            1 => {
                                let pair = repo.transaction(async |tx| {
                                    tx.insert(entry(worker, number)).await?;
                                    tx.transaction(async |tx| tx.insert(entry(worker, -number)).await).await?;
                                    Ok(())
                                });
                                tokio::time::timeout(moment, pair).await.map(|_| ())
                            }
                            _ => tokio::time::timeout(moment, repo.sql::<i64>(SLOW).bind(0).one()).await.map(|_| ()),
                        };
                        let echo = repo.sql::<(i32, i32)>("select {} + 0, {} + 0").bind((worker, number)).one().await;
                        assert_eq!(echo.unwrap(), Some((worker, number)));
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let stored = stored(&store.repo).await;
        assert!(stored.values().all(|&times| times == 1), "{stored:?}");
        for &(worker, number) in stored.keys().filter(|(_, number)| number.rem_euclid(3) == 1 && *number > 0) {
            assert!(stored.contains_key(&(worker, -number)), "half a transaction: {worker} {number}");
        }
        for &(worker, number) in stored.keys().filter(|(_, number)| *number < 0) {
            assert!(stored.contains_key(&(worker, -number)), "half a transaction: {worker} {number}");
        }
    }
}

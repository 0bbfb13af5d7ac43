//! Transactions that run again, and those that wait.

use super::*;
use schemas::LockCounter;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// An error that says that the same may succeed later.
fn conflict() -> Error {
    peristyle::error::DatabaseError { retryable: true, message: "a conflict".into(), ..Default::default() }.into()
}

on_sql_stores! {
    async fn a_transaction_runs_again_as_often_as_it_may(store: Store) {
        store.create(TABLES).await;
        let runs = AtomicU32::new(0);
        let run = async |tx: Repo, conflicts: u32| {
            tx.insert(Permalink::to("a")).await?;
            let run = runs.fetch_add(1, Ordering::Relaxed);
            if run < conflicts { Err(conflict()) } else { Ok(run) }
        };
        let options = TransactionOptions::serializable().retries(2);
        let failed = store.repo.transaction_with(options, async |tx| run(tx, 9).await).await;
        assert!(failed.unwrap_err().is_retryable());
        assert_eq!((runs.load(Ordering::Relaxed), count(&store.repo).await), (3, 0));
        runs.store(0, Ordering::Relaxed);
        assert_eq!(store.repo.transaction_with(options, async |tx| run(tx, 2).await).await.unwrap(), 2);
        assert_eq!(count(&store.repo).await, 1);
    }
}

on_every_store! {
    async fn what_fails_for_another_reason_does_not_run_again(store: Store) {
        let runs = AtomicU32::new(0);
        let options = TransactionOptions::default().retries(5);
        let result: Result<(), Error> = store
            .repo
            .transaction_with(options, async |_| {
                runs.fetch_add(1, Ordering::Relaxed);
                Err(Error::rollback("no"))
            })
            .await;
        assert!(result.is_err());
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }
}

on_sql_stores! {
    async fn a_nested_transaction_leaves_retries_to_the_outer_one(store: Store) {
        let (outer, inner) = (AtomicU32::new(0), AtomicU32::new(0));
        let options = TransactionOptions::default().retries(2);
        let result: Result<(), Error> = store
            .repo
            .transaction_with(options, async |tx| {
                outer.fetch_add(1, Ordering::Relaxed);
                tx.transaction_with(options, async |_| {
                    inner.fetch_add(1, Ordering::Relaxed);
                    Err(conflict())
                })
                .await
            })
            .await;
        assert!(result.is_err());
        assert_eq!((outer.into_inner(), inner.into_inner()), (3, 3));
    }

    async fn a_deferrable_transaction_reads(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Permalink::to("a")).await.unwrap();
        let options = TransactionOptions::deferrable();
        let read = store.repo.transaction_with(options, async |tx| {
            if tx.dialect() == Some(Dialect::Postgres) {
                assert_eq!(tx.sql::<String>("show transaction_deferrable").one().await?.as_deref(), Some("on"));
            }
            tx.count(Permalink::query()).await
        });
        assert_eq!(read.await.unwrap(), 1);
        let written = store.repo.transaction_with(options, async |tx| tx.insert(Permalink::to("b")).await).await;
        assert!(matches!(written, Err(Error::Database(_))), "{written:?}");
    }
}

on_postgres! {
    async fn a_deadlock_runs_one_of_the_two_again(store: Store) {
        store.create(TABLES).await;
        let [a, b] = [1, 2].map(|id| LockCounter { id, count: 0 });
        store.repo.insert(a).await.unwrap();
        store.repo.insert(b).await.unwrap();
        let runs = AtomicU32::new(0);
        let add = async |repo: Repo, first: i64, second: i64| {
            repo.transaction_with(TransactionOptions::default().retries(5), async |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                for id in [first, second] {
                    let counter = tx.find::<LockCounter>(id).await?;
                    tx.update(counter.change(|c| c.count.set(c.count + 1))).await?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(())
            })
            .await
        };
        let (one, other) = tokio::join!(add(store.repo.clone(), 1, 2), add(store.repo.clone(), 2, 1));
        one.unwrap();
        other.unwrap();
        assert!(runs.into_inner() >= 3);
        let counts = store.repo.all(LockCounter::query().select(|c| c.count)).await.unwrap();
        assert_eq!(counts, [2, 2]);
    }
}

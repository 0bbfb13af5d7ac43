//! Transactions: kept, rolled back, nested, doomed and misused.

mod after_commit;
mod checkout;
mod locks;
mod retries;
mod rollback;

use super::*;
use peristyle::Error;
use peristyle::error::TransactionMisuse;
use peristyle::prelude::*;
use schemas::{Permalink, TABLES};
use std::sync::{Arc, Mutex};

async fn count(repo: &Repo) -> u64 {
    repo.count(Permalink::query()).await.unwrap()
}

on_every_store! {
    async fn repo_145_ok_keeps_the_transaction_and_gives_its_value(store: Store) {
        store.create(TABLES).await;
        let id = store.repo.transaction(async |tx| Ok(tx.insert(Permalink::to("a")).await?.id)).await.unwrap();
        assert_eq!(store.repo.find::<Permalink>(id).await.unwrap().url.as_deref(), Some("a"));
    }
}

on_sql_stores! {
    async fn repo_146_err_rolls_the_transaction_back(store: Store) {
        store.create(TABLES).await;
        let result: Result<(), Error> = store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                assert_eq!(count(&tx).await, 1);
                Err(Error::rollback("too poor"))
            })
            .await;
        assert!(matches!(&result, Err(Error::Rollback(reason)) if reason.text() == Some("too poor")));
        assert_eq!(result.unwrap_err().to_string(), "rolled back: too poor");
        assert_eq!(count(&store.repo).await, 0);
    }
}

on_every_store! {
    async fn repo_148_a_panic_reaches_the_caller_and_rolls_the_transaction_back(store: Store) {
        store.create(TABLES).await;
        let repo = store.repo.clone();
        let panicked = tokio::spawn(async move {
            repo.transaction(async |tx| -> Result<(), Error> {
                tx.insert(Permalink::to("a")).await?;
                panic!("a bug in the program");
            })
            .await
        })
        .await;
        assert!(panicked.unwrap_err().is_panic());
        assert_eq!(count(&store.repo).await, 0);
        store.repo.insert(Permalink::to("a")).await.unwrap();
    }

    async fn repo_147_a_rollback_stops_the_function_at_once(store: Store) {
        store.create(TABLES).await;
        let result: Result<(), Error> = store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                Err(Error::rollback("oops"))?;
                panic!("the function goes on after a rollback");
            })
            .await;
        assert!(matches!(result, Err(Error::Rollback(reason)) if reason.text() == Some("oops")));
        assert_eq!(count(&store.repo).await, 0);
    }
}

on_sql_stores! {
    async fn transaction_002_a_panic_in_a_nested_transaction_reaches_the_caller(store: Store) {
        store.create(TABLES).await;
        let repo = store.repo.clone();
        let panicked = tokio::spawn(async move {
            repo.transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                tx.transaction(async |_| -> Result<(), Error> { panic!("a bug in the program") }).await
            })
            .await
        })
        .await;
        assert!(panicked.unwrap_err().is_panic());
        assert_eq!(count(&store.repo).await, 0);
    }

    async fn transaction_003_rows_are_seen_inside_at_once_and_outside_after_the_commit(store: Store) {
        store.create(TABLES).await;
        let other = peristyle::connect(store.url()).await.unwrap();
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                assert_eq!((count(&tx).await, count(&other).await), (1, 0));
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&other).await, 1);
        other.close().await;
    }

    async fn transaction_004_rows_of_a_transaction_that_is_rolled_back_are_never_seen_outside(store: Store) {
        store.create(TABLES).await;
        let other = peristyle::connect(store.url()).await.unwrap();
        let result: Result<(), Error> = store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                assert_eq!((count(&tx).await, count(&other).await), (1, 0));
                Err(Error::rollback("no"))
            })
            .await;
        assert!(result.is_err());
        assert_eq!((count(&store.repo).await, count(&other).await), (0, 0));
        other.close().await;
    }
}

on_every_store! {
    async fn transaction_006_a_constraint_s_refusal_comes_out_of_the_transaction(store: Store) {
        store.create(TABLES).await;
        let result = store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("same")).await?;
                tx.insert(Permalink::to("same")).await
            })
            .await;
        assert!(result.unwrap_err().is_unique_violation());
        assert_eq!(count(&store.repo).await, 0);
    }
}

on_sql_stores! {
    async fn transaction_008_an_inner_rollback_gives_its_reason_and_keeps_the_outer_transaction(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("kept")).await?;
                let inner: Result<(), Error> = tx.transaction(async |_| Err(Error::rollback("oops"))).await;
                assert!(matches!(inner, Err(Error::Rollback(reason)) if reason.text() == Some("oops")));
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }

    async fn transaction_012_a_handle_says_whether_it_belongs_to_a_transaction(store: Store) {
        assert!(!store.repo.in_transaction());
        store
            .repo
            .transaction(async |tx| {
                assert!(tx.in_transaction());
                tx.transaction(async |tx| {
                    assert!(tx.in_transaction());
                    Ok(())
                })
                .await
            })
            .await
            .unwrap();
        assert!(!store.repo.in_transaction());
    }

    async fn transaction_013_a_raw_begin_is_refused(store: Store) {
        store.create(TABLES).await;
        for statement in [store.repo.sql::<()>("begin"), store.repo.sql::<()>("commit")] {
            let error = statement.execute().await.unwrap_err();
            assert!(error.to_string().contains("transaction"), "{error}");
        }
        store.repo.insert(Permalink::to("a")).await.unwrap();
        let other = peristyle::connect(store.url()).await.unwrap();
        assert_eq!(count(&other).await, 1);
        other.close().await;
    }

    async fn pg_transaction_001_after_a_failed_raw_statement_the_next_one_says_that_the_transaction_is_aborted(store: Store) {
        store.create(TABLES).await;
        let result = store
            .repo
            .transaction(async |tx| {
                assert!(tx.sql::<()>("invalid query").execute().await.is_err());
                let error = tx.all(Permalink::query()).await.unwrap_err();
                assert!(matches!(error, Error::TransactionAborted(_)), "{error}");
                Err::<(), _>(error)
            })
            .await;
        assert!(matches!(result, Err(Error::TransactionAborted(_))));
    }
}

on_every_store! {
    async fn a_dropped_future_rolls_the_transaction_back(store: Store) {
        store.create(TABLES).await;
        let (inserted, waiting) = tokio::sync::oneshot::channel();
        let repo = store.repo.clone();
        let task = tokio::spawn(async move {
            repo.transaction(async |tx| -> Result<(), Error> {
                tx.insert(Permalink::to("a")).await?;
                inserted.send(()).unwrap();
                std::future::pending().await
            })
            .await
        });
        waiting.await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(count(&store.repo).await, 0);
        store.repo.insert(Permalink::to("a")).await.unwrap();
    }
}

on_sql_stores! {
    async fn a_nested_transaction_is_a_savepoint(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("kept")).await?;
                let refused: Result<(), Error> = tx
                    .transaction(async |tx| {
                        tx.insert(Permalink::to("undone")).await?;
                        Err(Error::rollback("no"))
                    })
                    .await;
                assert!(refused.is_err());
                tx.transaction(async |tx| tx.insert(Permalink::to("kept too")).await).await?;
                Ok(())
            })
            .await
            .unwrap();
        let urls = store.repo.all(Permalink::query().order_by(|p| p.id).select(|p| p.url)).await.unwrap();
        assert_eq!(urls, [Some("kept".to_owned()), Some("kept too".to_owned())]);
    }

    async fn a_dropped_nested_transaction_is_undone_before_the_next_statement(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("kept")).await?;
                {
                    let nested = tx.transaction(async |tx| -> Result<(), Error> {
                        tx.insert(Permalink::to("undone")).await?;
                        std::future::pending().await
                    });
                    let timeout = tokio::time::timeout(std::time::Duration::from_millis(200), nested).await;
                    assert!(timeout.is_err());
                }
                tx.insert(Permalink::to("kept too")).await?;
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 2);
    }
}

on_every_store! {
    async fn a_failed_statement_dooms_the_transaction_even_if_its_function_returns_ok(store: Store) {
        store.create(TABLES).await;
        let result = store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("same")).await?;
                assert!(tx.insert(Permalink::to("same")).await.unwrap_err().is_unique_violation());
                let refused = tx.insert(Permalink::to("other")).await.unwrap_err();
                assert!(matches!(refused, Error::TransactionAborted(_)), "{refused}");
                Ok(())
            })
            .await;
        let Err(Error::TransactionAborted(aborted)) = &result else { panic!("{result:?}") };
        assert!(aborted.cause.as_ref().unwrap().is_unique_violation());
        assert_eq!(count(&store.repo).await, 0);
    }
}

on_sql_stores! {
    async fn a_statement_that_failed_in_a_nested_transaction_leaves_the_outer_one_usable(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("same")).await?;
                let nested = tx.transaction(async |tx| tx.insert(Permalink::to("same")).await).await;
                assert!(nested.unwrap_err().is_unique_violation());
                tx.insert(Permalink::to("other")).await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 2);
    }

    async fn a_nested_transaction_whose_failure_is_swallowed_is_aborted_alone(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("same")).await?;
                let nested = tx
                    .transaction(async |tx| {
                        assert!(tx.insert(Permalink::to("same")).await.is_err());
                        Ok(())
                    })
                    .await;
                assert!(matches!(nested, Err(Error::TransactionAborted(_))));
                tx.insert(Permalink::to("other")).await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 2);
    }

    async fn a_handle_used_after_its_end_is_an_error(store: Store) {
        store.create(TABLES).await;
        let escaped = Arc::new(Mutex::new(None));
        let keep = escaped.clone();
        store
            .repo
            .transaction(async |tx| {
                *keep.lock().unwrap() = Some(tx.clone());
                Ok(())
            })
            .await
            .unwrap();
        let tx = escaped.lock().unwrap().take().unwrap();
        let error = tx.all(Permalink::query()).await.unwrap_err();
        assert!(matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::Ended), "{error}");
        assert!(error.to_string().contains("transactions.rs"), "{error}");
        let nested = tx.transaction(async |tx| tx.insert(Permalink::to("late")).await).await;
        assert!(matches!(nested, Err(Error::Transaction(_))));
        assert_eq!(count(&store.repo).await, 0);
    }

    async fn the_outer_handle_inside_a_nested_transaction_is_an_error(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                let outer = tx.clone();
                tx.transaction(async move |tx| {
                    let error = outer.insert(Permalink::to("a")).await.unwrap_err();
                    assert!(
                        matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::NestedOpen),
                        "{error}"
                    );
                    tx.insert(Permalink::to("b")).await
                })
                .await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }

    async fn two_nested_transactions_side_by_side_are_an_error(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                let slow = async |url: &'static str| {
                    tx.transaction(async |tx| {
                        tokio::task::yield_now().await;
                        tx.insert(Permalink::to(url)).await
                    })
                    .await
                };
                let (first, second) = tokio::join!(slow("a"), slow("b"));
                assert!(first.is_ok(), "{first:?}");
                assert!(matches!(second, Err(Error::Transaction(_))), "{second:?}");
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }
}

on_every_store! {
    async fn errors_of_the_program_s_own_type_pass_through(store: Store) {
        #[derive(Debug)]
        enum AppError {
            Poor,
            Store(#[allow(dead_code)] Error),
        }
        impl From<Error> for AppError {
            fn from(error: Error) -> Self {
                AppError::Store(error)
            }
        }
        store.create(TABLES).await;
        let result = store
            .repo
            .transaction_as(async |tx| -> Result<i64, AppError> {
                tx.insert(Permalink::to("a")).await?;
                Err(AppError::Poor)
            })
            .await;
        assert!(matches!(result, Err(AppError::Poor)));
        let result = store.repo.transaction_as(async |tx| -> Result<_, AppError> { Ok(tx.find::<Permalink>(7).await?) }).await;
        assert!(matches!(result, Err(AppError::Store(error)) if error.is_not_found()));
        assert_eq!(count(&store.repo).await, 0);
    }
}

on_sql_stores! {
    async fn options_run_a_serializable_or_read_only_transaction(store: Store) {
        store.create(TABLES).await;
        let options = TransactionOptions::serializable().retries(3);
        let id = store.repo.transaction_with(options, async |tx| Ok(tx.insert(Permalink::to("a")).await?.id)).await.unwrap();
        let options = TransactionOptions::read_only();
        let read = store.repo.transaction_with(options, async |tx| tx.find::<Permalink>(id).await).await.unwrap();
        assert_eq!(read.url.as_deref(), Some("a"));
        let written = store.repo.transaction_with(options, async |tx| tx.insert(Permalink::to("b")).await).await;
        assert!(written.is_err());
        assert_eq!(count(&store.repo).await, 1);
    }
}

on_every_store! {
    async fn a_transaction_borrows_from_its_surroundings(store: Store) {
        store.create(TABLES).await;
        let urls = vec!["a".to_owned(), "b".to_owned()];
        store
            .repo
            .transaction(async |tx| {
                for url in &urls {
                    tx.insert(Permalink::to(url)).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, urls.len() as u64);
    }
}

on_sql_stores! {
    async fn a_stream_inside_a_transaction_leaves_the_connection_free_between_two_fetches(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                for url in 0..1_200 {
                    tx.insert(Permalink::to(&url.to_string())).await?;
                }
                let mut rows = tx.stream(Permalink::query().order_by(|p| p.id));
                let mut seen = 0;
                while let Some(row) = rows.next().await {
                    let row = row?;
                    if seen % 400 == 0 {
                        assert_eq!(tx.find::<Permalink>(row.id).await?, row);
                    }
                    seen += 1;
                }
                assert_eq!(seen, 1_200);
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1_200);
    }
}

on_sqlite! {
    async fn the_outer_repo_inside_its_own_transaction_is_an_error_and_not_a_wait(store: Store) {
        store.create(TABLES).await;
        let outer = store.repo.clone();
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                for error in [
                    outer.insert(Permalink::to("b")).await.unwrap_err(),
                    outer.all(Permalink::query()).await.unwrap_err(),
                    outer.transaction(async |tx| tx.insert(Permalink::to("c")).await).await.unwrap_err(),
                ] {
                    assert!(
                        matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::OuterRepo),
                        "{error}"
                    );
                }
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }
}

on_postgres! {
    async fn the_outer_repo_inside_a_transaction_uses_a_connection_of_its_own(store: Store) {
        store.create(TABLES).await;
        let outer = store.repo.clone();
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                assert_eq!(outer.count(Permalink::query()).await?, 0);
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }

    async fn a_serialization_failure_runs_the_transaction_again(store: Store) {
        store.create(TABLES).await;
        let row = store.repo.insert(schemas::LockCounter { count: 0, ..Default::default() }).await.unwrap();
        let add = async |repo: Repo| {
            let id = row.id;
            repo.transaction_with(TransactionOptions::serializable().retries(20), async |tx| {
                let counter = tx.find::<schemas::LockCounter>(id).await?;
                tokio::task::yield_now().await;
                let next = counter.count + 1;
                tx.update(counter.change(|c| c.count.set(next))).await?;
                Ok(())
            })
            .await
        };
        let repo = &store.repo;
        let (a, b) = tokio::join!(add(repo.clone()), add(repo.clone()));
        a.unwrap();
        b.unwrap();
        assert_eq!(store.repo.find::<schemas::LockCounter>(row.id).await.unwrap().count, 2);
    }
}

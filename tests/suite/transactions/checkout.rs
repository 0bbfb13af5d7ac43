//! One connection for several calls, without a transaction.

use super::*;
use std::time::Duration;

on_sql_stores! {
    async fn transaction_011_a_checkout_is_no_transaction(store: Store) {
        store.create(TABLES).await;
        let other = peristyle::connect(store.url()).await.unwrap();
        store
            .repo
            .checkout(async |repo| {
                assert!(!repo.in_transaction());
                repo.insert(Permalink::to("kept at once")).await?;
                assert_eq!(count(&other).await, 1);
                repo.transaction(async |tx| {
                    assert!(tx.in_transaction());
                    tx.insert(Permalink::to("kept with its transaction")).await?;
                    assert_eq!((count(&tx).await, count(&other).await), (2, 1));
                    Ok(())
                })
                .await?;
                assert!(!repo.in_transaction());
                assert_eq!(count(&other).await, 2);
                Ok(())
            })
            .await
            .unwrap();
        other.close().await;
    }
}

on_every_store! {
    async fn sandbox_019_checked_out_in_transactions_and_in_checkouts(store: Store) {
        let repo = &store.repo;
        assert_eq!((repo.checked_out(), repo.in_transaction()), (false, false));
        repo.transaction(async |tx| {
            assert_eq!((tx.checked_out(), tx.in_transaction()), (true, true));
            tx.checkout(async |tx| {
                assert_eq!((tx.checked_out(), tx.in_transaction()), (true, true));
                Ok(())
            })
            .await
        })
        .await
        .unwrap();
        assert_eq!((repo.checked_out(), repo.in_transaction()), (false, false));
        repo.checkout(async |repo| {
            assert_eq!((repo.checked_out(), repo.in_transaction()), (true, false));
            repo.checkout(async |repo| {
                assert_eq!((repo.checked_out(), repo.in_transaction()), (true, false));
                Ok(())
            })
            .await
        })
        .await
        .unwrap();
    }
}

on_sql_stores! {
    async fn a_checkout_keeps_its_connection(store: Store) {
        store
            .repo
            .checkout(async |repo| {
                repo.script("create temporary table here (n integer)").await?;
                for _ in 0..3 {
                    repo.sql::<()>("insert into here values (1)").execute().await?;
                }
                assert_eq!(repo.sql::<i64>("select count(*) from here").one().await?, Some(3));
                Ok(())
            })
            .await
            .unwrap();
    }

    async fn a_failed_statement_dooms_nothing_in_a_checkout(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .checkout(async |repo| {
                repo.insert(Permalink::to("same")).await?;
                assert!(repo.insert(Permalink::to("same")).await.unwrap_err().is_unique_violation());
                repo.insert(Permalink::to("other")).await?;
                let aborted: Result<(), Error> = repo
                    .transaction(async |tx| {
                        tx.insert(Permalink::to("undone")).await?;
                        assert!(tx.insert(Permalink::to("same")).await.is_err());
                        Ok(())
                    })
                    .await;
                assert!(matches!(aborted, Err(Error::TransactionAborted(_))));
                repo.transaction(async |tx| {
                    let nested = tx.transaction(async |tx| tx.insert(Permalink::to("same")).await).await;
                    assert!(nested.unwrap_err().is_unique_violation());
                    tx.insert(Permalink::to("third")).await
                })
                .await?;
                assert_eq!(count(&repo).await, 3);
                Err::<(), _>(Error::rollback("undoes nothing"))
            })
            .await
            .unwrap_err();
        assert_eq!(count(&store.repo).await, 3);
    }

    async fn a_dropped_transaction_in_a_checkout_is_undone_before_the_next_statement(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .checkout(async |repo| {
                let slow = repo.transaction(async |tx| -> Result<(), Error> {
                    tx.insert(Permalink::to("undone")).await?;
                    tx.transaction(async |tx| {
                        tx.insert(Permalink::to("undone too")).await?;
                        std::future::pending().await
                    })
                    .await
                });
                assert!(tokio::time::timeout(Duration::from_millis(200), slow).await.is_err());
                assert_eq!(count(&repo).await, 0);
                repo.transaction(async |tx| tx.insert(Permalink::to("kept")).await).await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }
}

on_every_store! {
    async fn the_handle_of_a_checkout_beside_its_transaction_or_after_its_end_is_an_error(store: Store) {
        store.create(TABLES).await;
        let escaped = store
            .repo
            .checkout(async |repo| {
                let outer = repo.clone();
                repo.transaction(async move |_| {
                    let error = outer.count(Permalink::query()).await.unwrap_err();
                    assert!(
                        matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::NestedOpen),
                        "{error}"
                    );
                    Ok(())
                })
                .await?;
                Ok(repo)
            })
            .await
            .unwrap();
        let error = escaped.count(Permalink::query()).await.unwrap_err();
        assert!(matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::CheckoutEnded), "{error}");
        assert!(error.to_string().contains("checkout has ended"), "{error}");
    }
}

on_sql_stores! {
    async fn a_transaction_that_a_script_leaves_open_in_a_checkout_is_rolled_back_and_told(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .checkout(async |repo| {
                let script = "begin; insert into permalinks (title) values ('a')";
                let error = repo.script(script).await.unwrap_err();
                assert!(error.to_string().contains("left") && error.to_string().contains("open"), "{error}");
                assert_eq!(count(&repo).await, 0);
                repo.insert(Permalink::to("kept")).await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 1);
    }
}

on_every_store! {
    async fn a_stream_in_a_checkout_leaves_the_connection_free_between_two_fetches(store: Store) {
        store.create(TABLES).await;
        for number in 0..1_100 {
            store.repo.insert(Permalink { title: Some(number.to_string()), ..Permalink::default() }).await.unwrap();
        }
        store
            .repo
            .checkout(async |repo| {
                let mut rows = repo.stream(Permalink::query().order_by(|p| p.id).preload(|p| p.post()));
                let mut seen = 0;
                while let Some(row) = rows.next().await {
                    let row = row?;
                    assert!(row.post.get()?.is_none());
                    if seen == 10 {
                        repo.transaction(async |tx| tx.insert(Permalink::to("meanwhile")).await).await?;
                        let undone: Result<(), Error> =
                            repo.transaction(async |tx| Err(tx.insert(Permalink::to("meanwhile")).await.unwrap_err())).await;
                        assert!(undone.unwrap_err().is_unique_violation());
                    }
                    seen += 1;
                }
                assert!((1_100..=1_101).contains(&seen), "{seen}");
                let mut cut = repo.stream(Permalink::query());
                assert!(cut.next().await.is_some());
                drop(cut);
                assert_eq!(count(&repo).await, 1_101);
                let mut first = repo.stream(Permalink::query());
                assert!(first.next().await.is_some());
                std::mem::forget(first);
                Ok(())
            })
            .await
            .unwrap();
        // Whoever gets the connection next may have cursors of its own.
        let again = store.repo.checkout(async |repo| Ok(repo.stream(Permalink::query()).next().await.is_some())).await;
        assert!(again.unwrap());
    }

    async fn a_read_only_transaction_in_a_checkout_cannot_write_and_the_next_can(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .checkout(async |repo| {
                let options = TransactionOptions::read_only();
                let written = repo.transaction_with(options, async |tx| tx.insert(Permalink::to("a")).await).await;
                assert!(matches!(written, Err(Error::Database(_))), "{written:?}");
                repo.insert(Permalink::to("b")).await?;
                repo.transaction(async |tx| tx.insert(Permalink::to("c")).await).await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 2);
    }
}

on_postgres! {
    async fn what_a_checkout_sets_holds_for_its_calls_alone(store: Store) {
        let repo = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        let process = "select pg_backend_pid()";
        repo.checkout(async |repo| {
            repo.script("set work_mem = '7MB'").await?;
            assert_eq!(repo.sql::<String>("show work_mem").await?, ["7MB"]);
            let one = repo.sql::<i32>(process).await?;
            assert_eq!(repo.transaction(async |tx| tx.sql::<i32>(process).await).await?, one);
            assert_eq!(repo.sql::<String>("show work_mem").await?, ["7MB"]);
            repo.sql::<()>("select pg_advisory_lock(4711)").execute().await?;
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(repo.sql::<i64>("select count(*) from pg_locks where objid = 4711").one().await.unwrap(), Some(0));
        assert_ne!(repo.sql::<String>("show work_mem").await.unwrap(), ["7MB"]);
    }

    async fn a_connection_that_breaks_ends_its_checkout(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .checkout(async |repo| {
                let pid = repo.sql::<i32>("select pg_backend_pid()").one().await?.unwrap();
                store.repo.sql::<bool>("select pg_terminate_backend({})").bind(pid).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                assert!(repo.insert(Permalink::to("a")).await.unwrap_err().is_connection());
                let error = repo.insert(Permalink::to("a")).await.unwrap_err();
                assert!(error.is_connection() && error.to_string().contains("checkout is over"), "{error}");
                Ok(())
            })
            .await
            .unwrap();
        store.repo.insert(Permalink::to("a")).await.unwrap();
    }
}

on_sqlite! {
    async fn the_outer_repo_inside_its_own_checkout_is_an_error_and_not_a_wait(store: Store) {
        store.create(TABLES).await;
        let outer = store.repo.clone();
        store
            .repo
            .checkout(async |_| {
                let error = outer.insert(Permalink::to("b")).await.unwrap_err();
                assert!(
                    matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::OuterRepo),
                    "{error}"
                );
                Ok(())
            })
            .await
            .unwrap();
    }
}

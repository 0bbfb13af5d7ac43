//! What runs after a commit.

use super::*;

type Log = Arc<Mutex<Vec<&'static str>>>;

fn log(log: &Log, text: &'static str) {
    log.lock().unwrap().push(text);
}

/// Registers a hook that notes a text.
async fn note(repo: &Repo, seen: &Log, text: &'static str) -> Result<(), Error> {
    let seen = seen.clone();
    repo.after_commit(async move |_| {
        log(&seen, text);
        Ok(())
    })
    .await
}

on_sql_stores! {
    async fn hooks_run_in_order_after_the_outermost_commit_and_see_what_was_kept(store: Store) {
        store.create(TABLES).await;
        let seen = Log::default();
        store
            .repo
            .transaction(async |tx| {
                note(&tx, &seen, "first").await?;
                tx.transaction(async |tx| {
                    tx.insert(Permalink::to("a")).await?;
                    note(&tx, &seen, "nested").await
                })
                .await?;
                let hook = seen.clone();
                tx.after_commit(async move |repo| {
                    assert!(!repo.in_transaction() && !repo.checked_out());
                    assert_eq!(count(&repo).await, 1);
                    repo.insert(Permalink::to("by a hook")).await?;
                    log(&hook, "last");
                    Ok(())
                })
                .await?;
                assert!(seen.lock().unwrap().is_empty());
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(*seen.lock().unwrap(), ["first", "nested", "last"]);
        assert_eq!(count(&store.repo).await, 2);
    }

    async fn hooks_never_run_after_a_rollback_and_go_with_their_savepoint(store: Store) {
        store.create(TABLES).await;
        let seen = Log::default();
        let result: Result<(), Error> = store
            .repo
            .transaction(async |tx| {
                note(&tx, &seen, "rolled back").await?;
                Err(Error::rollback("no"))
            })
            .await;
        assert!(result.is_err());
        store
            .repo
            .transaction(async |tx| {
                let nested: Result<(), Error> = tx
                    .transaction(async |tx| {
                        note(&tx, &seen, "rolled back inside").await?;
                        tx.transaction(async |tx| note(&tx, &seen, "further inside").await).await?;
                        Err(Error::rollback("no"))
                    })
                    .await;
                assert!(nested.is_err());
                let slow = tx.transaction(async |tx| -> Result<(), Error> {
                    note(&tx, &seen, "dropped").await?;
                    std::future::pending().await
                });
                assert!(tokio::time::timeout(std::time::Duration::from_millis(50), slow).await.is_err());
                note(&tx, &seen, "kept").await
            })
            .await
            .unwrap();
        let doomed = store
            .repo
            .transaction(async |tx| {
                note(&tx, &seen, "doomed").await?;
                assert!(tx.sql::<()>("invalid query").execute().await.is_err());
                let refused = note(&tx, &seen, "too late").await.unwrap_err();
                assert!(matches!(refused, Error::TransactionAborted(_)), "{refused}");
                Ok(())
            })
            .await;
        assert!(matches!(doomed, Err(Error::TransactionAborted(_))));
        assert_eq!(*seen.lock().unwrap(), ["kept"]);
    }
}

on_every_store! {
    async fn a_hook_that_fails_leaves_the_transaction_kept_and_is_told(store: Store) {
        store.create(TABLES).await;
        let seen = Log::default();
        let result = store
            .repo
            .transaction_with(TransactionOptions::default().retries(3), async |tx| {
                tx.insert(Permalink::to("a")).await?;
                tx.after_commit(async |repo| repo.find::<Permalink>(77).await.map(|_| ())).await?;
                note(&tx, &seen, "the next one").await
            })
            .await;
        let error = result.unwrap_err();
        let Error::AfterCommit(failed) = &error else { panic!("{error}") };
        assert!(failed.causes.len() == 1 && failed.causes[0].is_not_found(), "{error}");
        assert!(error.to_string().contains("was kept") && error.to_string().contains("after_commit.rs"), "{error}");
        assert!(std::error::Error::source(&error).is_some() && !error.is_retryable());
        assert_eq!(*seen.lock().unwrap(), ["the next one"]);
        assert_eq!(count(&store.repo).await, 1);
    }

    async fn outside_of_a_transaction_a_hook_runs_at_once(store: Store) {
        store.create(TABLES).await;
        store.repo.after_commit(async |repo| repo.insert(Permalink::to("a")).await.map(|_| ())).await.unwrap();
        assert_eq!(count(&store.repo).await, 1);
        let error = store.repo.after_commit(async |_| Err(Error::rollback("no"))).await.unwrap_err();
        assert_eq!(error.rollback_value::<&str>(), Some(&"no"));
        store
            .repo
            .checkout(async |repo| {
                repo.after_commit(async |repo| repo.insert(Permalink::to("b")).await.map(|_| ())).await?;
                assert_eq!(count(&repo).await, 2);
                Ok(())
            })
            .await
            .unwrap();
    }
}

on_sql_stores! {
    async fn a_hook_keeps_the_prefix_of_its_handle_and_not_the_transaction(store: Store) {
        store.create(TABLES).await;
        let error = store
            .repo
            .transaction(async |tx| {
                let oops = tx.with_prefix("oops");
                oops.after_commit(async |repo| repo.count(Permalink::query()).await.map(|_| ())).await
            })
            .await
            .unwrap_err();
        assert!(matches!(&error, Error::AfterCommit(failed) if matches!(failed.causes[0], Error::Database(_))), "{error}");
    }
}

on_every_store! {
    async fn an_ended_transaction_takes_no_hook(store: Store) {
        store.create(TABLES).await;
        let tx = store.repo.transaction(async |tx| Ok(tx)).await.unwrap();
        let error = note(&tx, &Log::default(), "late").await.unwrap_err();
        assert!(matches!(&error, Error::Transaction(misuse) if ***misuse == TransactionMisuse::Ended), "{error}");
    }
}

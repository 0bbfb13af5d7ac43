//! What a rollback takes back: the typed reason, and, of nested transactions, no more than themselves.

use super::*;

#[derive(Debug, PartialEq)]
struct TooPoor {
    missing: i64,
}

on_sql_stores! {
    async fn a_rollback_gives_its_value_back_with_its_type(store: Store) {
        store.create(TABLES).await;
        let result: Result<(), Error> = store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("a")).await?;
                tx.transaction(async |_| Err(Error::rollback(TooPoor { missing: 3 }))).await
            })
            .await;
        let error = result.unwrap_err();
        assert_eq!(error.rollback_value::<TooPoor>(), Some(&TooPoor { missing: 3 }));
        assert_eq!(error.rollback_value::<String>(), None);
        assert!(error.to_string().contains("TooPoor") && !error.to_string().contains('3'), "{error}");
        let clone = error.clone();
        let error = error.into_rollback_value::<TooPoor>().unwrap_err();
        drop(clone);
        let error = error.into_rollback_value::<i64>().unwrap_err();
        assert_eq!(error.into_rollback_value::<TooPoor>().unwrap(), TooPoor { missing: 3 });
        assert_eq!(count(&store.repo).await, 0);
        let other = store.repo.find::<Permalink>(1).await.unwrap_err().into_rollback_value::<TooPoor>();
        assert!(other.unwrap_err().is_not_found());
    }

    // In Ecto a failure inside dooms what is around; here each nested transaction is a savepoint.
    async fn transaction_007_a_panic_in_a_nested_transaction_that_is_caught_leaves_the_outer_one_usable(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                let nested = tx.clone();
                let panicked = tokio::spawn(async move {
                    nested
                        .transaction(async |tx| -> Result<(), Error> {
                            tx.insert(Permalink::to("undone")).await?;
                            panic!("a bug in the program");
                        })
                        .await
                });
                assert!(panicked.await.unwrap_err().is_panic());
                tx.insert(Permalink::to("kept")).await
            })
            .await
            .unwrap();
        let urls = store.repo.all(Permalink::query().select(|p| p.url)).await.unwrap();
        assert_eq!(urls, [Some("kept".to_owned())]);
    }

    async fn transaction_009_an_inner_rollback_undoes_the_inner_transaction_alone(store: Store) {
        store.create(TABLES).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(Permalink::to("before")).await?;
                let inner: Result<(), Error> = tx
                    .transaction(async |tx| {
                        tx.insert(Permalink::to("undone")).await?;
                        Err(Error::rollback("oops"))
                    })
                    .await;
                assert_eq!(inner.unwrap_err().rollback_value::<&str>(), Some(&"oops"));
                tx.insert(Permalink::to("after")).await
            })
            .await
            .unwrap();
        assert_eq!(count(&store.repo).await, 2);
    }

    async fn pg_transaction_002_transactions_inside_of_one_that_is_never_kept(store: Store) {
        store.create(TABLES).await;
        let result: Result<(), Error> = store
            .repo
            .transaction(async |sandbox| {
                let first = sandbox.transaction(async |tx| tx.sql::<()>("invalid query").execute().await).await;
                assert!(matches!(first, Err(Error::Database(_))), "{first:?}");
                let second = sandbox
                    .transaction(async |tx| {
                        assert!(tx.sql::<()>("invalid query").execute().await.is_err());
                        let refused = tx.insert(Permalink::to("late")).await.unwrap_err();
                        assert!(matches!(refused, Error::TransactionAborted(_)), "{refused}");
                        Ok(())
                    })
                    .await;
                assert!(matches!(second, Err(Error::TransactionAborted(_))), "{second:?}");
                sandbox.transaction(async |tx| tx.insert(Permalink::to("third")).await).await?;
                assert_eq!(count(&sandbox).await, 1);
                Err(Error::rollback("the sandbox ends"))
            })
            .await;
        assert_eq!(result.unwrap_err().rollback_value::<&str>(), Some(&"the sandbox ends"));
        assert_eq!(count(&store.repo).await, 0);
    }
}

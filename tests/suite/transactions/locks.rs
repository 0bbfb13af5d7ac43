//! Rows that are locked until the end of a transaction.

use super::*;
use peristyle::Error;

async fn account(store: &Store) -> i64 {
    store.create(TABLES).await;
    store.repo.insert(Permalink::to("a")).await.unwrap().id
}

on_sql_stores! {
    async fn a_row_is_read_and_locked_in_a_transaction(store: Store) {
        let id = account(&store).await;
        let title = store
            .repo
            .transaction(async |tx| {
                let found = tx.find_locked::<Permalink>(id, Lock::ForUpdate).await?;
                let updated = tx.update(found.change(|p| p.title.set("locked"))).await?;
                assert!(tx.find_locked::<Permalink>(id + 1, Lock::ForShare).await.unwrap_err().is_not_found());
                Ok(updated.title)
            })
            .await
            .unwrap();
        assert_eq!(title.as_deref(), Some("locked"));
    }
}

on_every_store! {
    async fn a_lock_outside_of_a_transaction_is_refused(store: Store) {
        let error = store.repo.find_locked::<Permalink>(1, Lock::ForUpdate).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)));
        assert!(error.to_string().starts_with("a lock on a row ends with the transaction, and there is none"), "{error}");
    }
}

on_sql_stores! {
    async fn no_change_of_a_locked_row_is_lost(store: Store) {
        store.create(TABLES).await;
        let post = store.repo.insert(crate::schemas::Post::visited("a", 0)).await.unwrap();
        let one = |repo: Repo, id| async move {
            repo.transaction(async move |tx| {
                let post = tx.find_locked::<crate::schemas::Post>(id, Lock::ForUpdate).await?;
                let visits = post.visits.unwrap_or(0);
                tx.update(post.change(|p| p.visits.set(visits + 1))).await
            })
            .await
        };
        let writers: Vec<_> = (0..8).map(|_| tokio::spawn(one(store.repo.clone(), post.id))).collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(store.repo.find::<crate::schemas::Post>(post.id).await.unwrap().visits, Some(8));
    }
}

on_postgres! {
    async fn a_locked_row_is_waited_for_passed_over_or_refused(store: Store) {
        let id = account(&store).await;
        let repo = &store.repo;
        repo.transaction(async |tx| {
            let (_, statements) =
                tx.capture(async |tx| tx.find_locked::<Permalink>(id, Lock::ForNoKeyUpdate).await).await?;
            assert!(statements[0].to_string().contains("FOR NO KEY UPDATE"), "{}", statements[0]);
            let other = repo.transaction(async |tx| tx.find_locked::<Permalink>(id, Lock::ForUpdate.nowait()).await);
            assert!(other.await.unwrap_err().to_string().contains("55P03"));
            let other = repo.transaction(async |tx| tx.find_locked::<Permalink>(id, Lock::ForUpdate.skip_locked()).await);
            assert!(other.await.unwrap_err().is_not_found());
            // A weaker lock goes beside it.
            repo.transaction(async |tx| tx.find_locked::<Permalink>(id, Lock::ForKeyShare.nowait()).await).await
        })
        .await
        .unwrap();
    }
}

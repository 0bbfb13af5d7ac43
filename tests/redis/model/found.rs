//! What the model has found: the least sequences of each.

use super::schemas::User;
use peristyle::prelude::*;
use peristyle_tests::{Store, on_both_redis};

fn user(id: i64, email: &str) -> User {
    User { id, email: email.to_owned(), ..User::default() }
}

on_both_redis! {
    async fn a_row_that_conflicts_with_itself_by_key_and_by_a_unique_column_is_updated_by_either(store: Store) {
        let repo = &store.repo;
        repo.insert(user(4, "a")).await.unwrap();
        let again = User { age: Some(1), ..user(4, "a") };
        let updated = repo.insert(again.clone()).on_conflict(|c| c.target(|u| u.email).update(|u| u.age)).await.unwrap();
        assert_eq!(updated.stored().map(|row| (row.id, row.age)), Some((4, Some(1))));
        let updated = repo.insert(again).on_conflict(|c| c.target(|u| u.id).update(|u| u.age)).await.unwrap();
        assert_eq!(updated.stored().map(|row| row.revision), Some(2));
        let updated = repo.transaction(async |tx| {
            tx.insert(user(5, "b")).await?;
            tx.insert(user(5, "b")).on_conflict(|c| c.target(|u| u.email).set(|u, _| u.age.set(7))).await
        });
        assert_eq!(updated.await.unwrap().stored().map(|row| (row.id, row.age)), Some((5, Some(7))));
    }

    async fn a_row_that_gets_another_key_in_a_transaction_takes_its_claims_along(store: Store) {
        let repo = &store.repo;
        repo.insert(user(7, "a")).await.unwrap();
        let moved = |from: i64| User::query().filter(move |u| u.id.eq(from));
        let count = repo.transaction(async |tx| tx.update_all(moved(7), |u| u.id.set(1)).await);
        assert_eq!(count.await.unwrap(), 1);
        let count = repo.transaction(async |tx| {
            tx.insert(user(8, "b")).await?;
            tx.update_all(moved(8), |u| u.id.set(9)).await?;
            tx.update_all(moved(9), |u| u.id.set(10)).await
        });
        assert_eq!(count.await.unwrap(), 1);
        let rows = repo.all(User::query().order_by(|u| u.id).select(|u| (u.id, u.email))).await.unwrap();
        assert_eq!(rows, [(1, "a".to_owned()), (10, "b".to_owned())]);
        let refused = repo.insert(user(0, "b")).await.unwrap_err();
        assert!(matches!(&refused, peristyle::Error::Constraint(error) if error.columns == ["email"]), "{refused}");
    }

    async fn an_upsert_is_about_its_target_whatever_else_is_in_the_way(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![user(1, "a"), user(2, "b")]).await.unwrap();
        let update = |repo: &Repo, new: User| repo.insert(new).on_conflict(|c| c.target(|u| u.email).set(|u, _| u.age.set(3)));
        let updated = update(repo, user(2, "a")).await.unwrap();
        assert_eq!(updated.stored().map(|row| row.id), Some(1));
        let updated = repo.transaction(async |tx| {
            tx.insert(user(6, "c")).await?;
            update(&tx, user(6, "b")).await
        });
        assert_eq!(updated.await.unwrap().stored().map(|row| row.id), Some(2));
    }
}

//! Keys of two columns, and keys that the database does not enforce.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{CompositePk, CorruptedPk, TABLES};

on_every_store! {
    async fn repo_012_a_key_of_two_columns_works_wherever_a_single_one_does(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let second = repo.insert(CompositePk::new(1, 3, "two")).await.unwrap();
        let first = repo.insert(CompositePk::new(1, 2, "one")).await.unwrap();
        assert_eq!(repo.only(CompositePk::query().first()).await.unwrap(), first);
        assert_eq!(repo.only(CompositePk::query().last()).await.unwrap(), second);
        let renamed = repo.update(first.change(|c| c.name.set("uno"))).await.unwrap();
        assert_eq!(renamed, CompositePk::new(1, 2, "uno"));
        let all = repo.all(CompositePk::query().order_by(|c| (c.a, c.b))).await.unwrap();
        assert_eq!(all, [renamed.clone(), second.clone()]);
        assert_eq!(repo.get_by::<CompositePk>(|c| c.a.eq(1) & c.b.eq(2)).await.unwrap(), Some(renamed.clone()));
        assert_eq!(repo.get::<CompositePk>((1, 3)).await.unwrap(), Some(second.clone()));
        assert_eq!(
            repo.reload(&vec![second.clone(), renamed.clone()]).await.unwrap(),
            [Some(second.clone()), Some(renamed.clone())]
        );
        let error = repo.find::<CompositePk>((3, 1)).await.unwrap_err();
        assert!(error.is_not_found() && error.to_string().contains("a = 3, b = 1"), "{error}");
        repo.delete(second).await.unwrap();
        assert_eq!(repo.all(CompositePk::query()).await.unwrap(), [renamed]);
    }

    async fn the_values_of_a_key_of_two_columns_are_never_generated(store: Store) {
        store.create(TABLES).await;
        let zero = store.repo.insert(CompositePk::new(0, 0, "zero")).await.unwrap();
        assert_eq!((zero.a, zero.b), (0, 0));
        assert_eq!(store.repo.find::<CompositePk>((0, 0)).await.unwrap(), zero);
        let error = store.repo.insert(CompositePk::new(0, 0, "again")).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
    }
}

on_sql_stores! {
    async fn sql_011_a_write_that_hits_several_rows_is_an_error(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        for _ in 0..3 {
            repo.insert(CorruptedPk { a: 1 }).await.unwrap();
        }
        let error = repo.delete(CorruptedPk { a: 1 }).await.unwrap_err();
        assert!(matches!(error, Error::MultipleRows(_)), "{error}");
        assert!(error.to_string().contains("CorruptedPk"), "{error}");
    }
}

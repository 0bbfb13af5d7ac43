//! Lists: arrays on Postgres, JSON on SQLite.

use super::*;
use peristyle::prelude::*;
use peristyle_tests::schemas::Tag;
use uuid::Uuid;

/// All tags, for conditions on lists, which have no index on Redis.
fn tags() -> Query<Tag> {
    Tag::query().filter(|t| t.id.gt(0)).allow_filtering(100)
}

on_every_store! {
    async fn type_015_a_list_of_uuids_is_found_by_its_value_and_becomes_null(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let uuids: Vec<Uuid> = vec!["6b1a1d5e-6a35-4a6f-8e0b-0d6b8a2a4f55".parse().unwrap()];
        let tag = repo.insert(Tag { uuids: Some(uuids.clone()), ..Default::default() }).await.unwrap();
        assert_eq!(
            repo.all(tags().filter(|t| t.uuids.eq(Vec::<Uuid>::new())).select(|t| t.uuids)).await.unwrap(),
            []
        );
        assert_eq!(
            repo.all(tags().filter(|t| t.uuids.eq(&uuids)).select(|t| t.uuids)).await.unwrap(),
            [Some(uuids)]
        );
        repo.update(tag.change(|t| t.uuids.set(None))).await.unwrap();
        assert_eq!(repo.all(Tag::query().select(|t| t.uuids)).await.unwrap(), [None]);
    }

    async fn an_empty_list_is_not_null(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        repo.insert(Tag { ints: Some(vec![]), ..Default::default() }).await.unwrap();
        repo.insert(Tag::default()).await.unwrap();
        assert_eq!(repo.all(Tag::query().order_by(|t| t.id).select(|t| t.ints)).await.unwrap(), [Some(vec![]), None]);
        assert_eq!(repo.count(tags().filter(|t| t.ints.is_null())).await.unwrap(), 1);
    }

    async fn a_list_of_a_hundred_thousand_items_survives(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let ints: Vec<i32> = (0..100_000).map(|n| n * 7 - 350_000).collect();
        let tag = repo.insert(Tag { ints: Some(ints.clone()), ..Default::default() }).await.unwrap();
        assert_eq!(repo.find::<Tag>(tag.id).await.unwrap().ints, Some(ints.clone()));
        assert_eq!(repo.count(tags().filter(|t| t.ints.eq(&ints))).await.unwrap(), 1);
    }

    async fn lists_of_lists_as_values_of_in_are_compared_whole(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        for ints in [vec![1, 2], vec![3], vec![], vec![2, 1]] {
            repo.insert(Tag { ints: Some(ints), ..Default::default() }).await.unwrap();
        }
        let found =
            tags().filter(|t| t.ints.in_([vec![3], vec![1, 2], vec![9]])).order_by(|t| t.id).select(|t| t.ints);
        assert_eq!(repo.all(found).await.unwrap(), [Some(vec![1, 2]), Some(vec![3])]);
    }
}

on_postgres! {
    async fn sql_004_a_list_is_one_parameter_of_a_statement(store: Store) {
        let words = vec!["foo".to_owned(), "bar".to_owned()];
        let rows = store.repo.sql::<Vec<String>>("SELECT {}::text[]").bind(words.clone()).await.unwrap();
        assert_eq!(rows, [words]);
    }

    async fn an_array_that_does_not_start_at_one_is_read(store: Store) {
        let rows = store.repo.sql::<Vec<i32>>("select '[5:6]={{7,8}}'::int[]").await.unwrap();
        assert_eq!(rows, [vec![7, 8]]);
    }
}

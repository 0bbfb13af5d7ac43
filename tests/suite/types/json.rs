//! JSON columns.

use super::*;
use peristyle::prelude::*;
use peristyle_tests::schemas::Post;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

fn post(meta: Json) -> Post {
    Post { meta: Some(meta), ..Post::default() }
}

on_every_store! {
    async fn documents_of_every_kind_survive_and_null_is_not_json_null(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let documents = [
            json!(null),
            json!(true),
            json!(""),
            json!("a \" \\ \n 🦀"),
            json!(0),
            json!(-1.5),
            json!(u64::MAX),
            json!(i64::MIN),
            json!([]),
            json!({}),
            json!({"": [[], {}, [null]], "b": {"c": {"d": 1}}}),
        ];
        for document in documents {
            let inserted = repo.insert(post(document.clone())).await.unwrap();
            assert_eq!(inserted.meta, Some(document.clone()));
            assert_eq!(repo.find::<Post>(inserted.id).await.unwrap().meta, Some(document.clone()));
            let found =
                repo.exists(Post::query().filter(|p| p.id.eq(inserted.id) & p.meta.eq(&document))).await.unwrap();
            assert!(found, "{document} is not found by its value");
        }
        let missing = repo.insert(Post::default()).await.unwrap();
        assert_eq!(repo.all(Post::query().filter(|p| p.id.gt(0) & p.meta.is_null()).allow_filtering(100).select(|p| p.id)).await.unwrap(), [missing.id]);
    }

    async fn type_017_keys_are_text_wherever_the_map_came_from(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let typed = BTreeMap::from([("foo", "bar"), ("baz", "bat")]);
        repo.insert(post(json!({"foo": "bar", "baz": "bat"}))).await.unwrap();
        repo.insert(post(json!(typed))).await.unwrap();
        let metas = repo.all(Post::query().select(|p| p.meta)).await.unwrap();
        assert_eq!(metas, [Some(json!({"foo": "bar", "baz": "bat"})), Some(json!({"foo": "bar", "baz": "bat"}))]);
    }

    async fn type_020_an_update_replaces_the_whole_map(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let row = repo.insert(post(json!({"world": "hello"}))).await.unwrap();
        let row = repo.update(row.change(|p| p.meta.set(json!({"hello": "world"})))).await.unwrap();
        assert_eq!(repo.find::<Post>(row.id).await.unwrap().meta, Some(json!({"hello": "world"})));
        let row = repo.update(row.change(|p| p.meta.set(json!({"world": "hello"})))).await.unwrap();
        assert_eq!(repo.find::<Post>(row.id).await.unwrap().meta, Some(json!({"world": "hello"})));
    }

    async fn floats_in_documents_keep_every_digit(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        for number in
            [0.1, 1.0 / 3.0, 5e-324, f64::MIN_POSITIVE, f64::EPSILON, 123_456_789.123_456_79, 2.225073858507201e-308]
        {
            let inserted = repo.insert(post(json!([number]))).await.unwrap();
            let read = repo.find::<Post>(inserted.id).await.unwrap().meta.unwrap();
            assert_eq!(read[0].as_f64(), Some(number), "{number:?} became {read}");
        }
    }
}

//! A prefix that does not exist is the database's error, and costs nobody a connection.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Post, TABLES};

on_sql_stores! {
    async fn repo_008_reading_from_a_prefix_that_does_not_exist(store: Store) {
        store.create(TABLES).await;
        for query in [Post::query().prefix("oops"), Post::query().prefix("oops").filter(|p| p.id.eq(1i64))] {
            let error = store.repo.all(query).await.unwrap_err();
            assert!(matches!(error, Error::Database(_)) && error.to_string().contains("oops"), "{error}");
        }
        let error = store.repo.with_prefix("oops").all(Post::query()).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)), "{error}");
        assert_eq!(store.repo.all(Post::query()).await.unwrap(), []);
    }

    async fn repo_014_writing_to_a_prefix_that_does_not_exist(store: Store) {
        store.create(TABLES).await;
        let oops = store.repo.with_prefix("oops");
        let error = oops.insert(Post::titled("a")).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)) && error.to_string().contains("oops"), "{error}");
        let post = store.repo.insert(Post::titled("a")).await.unwrap();
        let error = oops.update(post.clone().change(|p| p.title.set("b"))).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)), "{error}");
        let error = oops.delete(post.clone()).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)), "{error}");
        assert_eq!(store.repo.find::<Post>(post.id).await.unwrap(), post);
        store.repo.insert(Post::titled("c")).await.unwrap();
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 2);
    }
}

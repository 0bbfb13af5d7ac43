//! Optimistic locks and stale rows.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use serde_json::json;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "comments")]
struct Comment {
    id: i64,
    text: Option<String>,
    lock_version: Option<i32>,
}

const COMMENTS: &str = "create table comments ({id}, text {text}, lock_version {i32} default 1);";

fn locking(comment: &Comment, text: &str) -> Changeset<Comment> {
    comment.clone().change(|c| c.text.set(text)).optimistic_lock(|c| c.lock_version)
}

on_sql_stores! {
    async fn repo_024_the_second_of_two_writers_is_stale(store: Store) {
        store.create(COMMENTS).await;
        let comment = store.repo.insert(Comment::default()).await.unwrap();
        let updated = store.repo.update(locking(&comment, "first")).await.unwrap();
        assert_eq!(updated.lock_version, Some(2));
        let stale = store.repo.update(locking(&comment, "second")).await.unwrap_err();
        assert!(matches!(stale, Error::Stale(_)), "{stale}");
        let stale = store.repo.delete(locking(&comment, "second")).await.unwrap_err();
        assert!(matches!(stale, Error::Stale(_)), "{stale}");
        let shown = store.repo.update(locking(&comment, "second")).stale_error("text").await.unwrap_err();
        assert_eq!(serde_json::to_value(shown.invalid().unwrap().errors()).unwrap(), json!({"text": ["is stale"]}));
        store.repo.delete(locking(&comment, "second")).allow_stale().await.unwrap();
        assert_eq!(store.repo.find::<Comment>(comment.id).await.unwrap().text.as_deref(), Some("first"));
    }
}

on_every_store! {
    async fn repo_025_a_null_is_not_compared_and_becomes_the_first_version(store: Store) {
        store.create(COMMENTS).await;
        let null = Changeset::<Comment>::new().cast(&json!({"lock_version": null}), |c| c.lock_version);
        let comment = store.repo.insert(null).await.unwrap();
        let changeset = comment
            .change(|c| c.text.set("a"))
            .optimistic_lock_with(|c| c.lock_version, |current| current.map_or(1, |version| version + 1));
        assert_eq!(store.repo.update(changeset).await.unwrap().lock_version, Some(1));
    }

    async fn repo_026_a_row_whose_lock_is_null_is_deleted(store: Store) {
        store.create(COMMENTS).await;
        let null = Changeset::<Comment>::new().cast(&json!({"lock_version": null}), |c| c.lock_version);
        let comment = store.repo.insert(null).await.unwrap();
        let changeset = Changeset::of(comment).optimistic_lock_with(|c| c.lock_version, |_| 1);
        store.repo.delete(changeset).await.unwrap();
        assert_eq!(store.repo.count(Comment::query()).await.unwrap(), 0);
    }
}

//! Changes that are trusted, and writing them.

use super::schemas::{Permalink, Post, TABLES};
use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use serde_json::json;

#[test]
fn changes_are_put_updated_and_deleted() {
    let changeset = Post::titled("a").change(|p| (p.title.set("b"), p.visits.set(3), p.temp.set("warm")));
    assert_eq!(changeset.changed(), ["title", "visits", "temp"]);
    let changeset = changeset
        .update_change(|p| p.visits, |visits| visits + 1)
        .update_change(|p| p.counter, |counter| counter + 1)
        .put_change(|p| p.title, None)
        .delete_change(|p| p.temp);
    assert_eq!(changeset.changed(), ["visits", "title"]);
    assert_eq!(changeset.get_change(|p| p.visits), Some(Some(4)));
    assert_eq!(changeset.get_change(|p| p.title), Some(None));
    assert_eq!(changeset.apply().unwrap().visits, Some(4));
}

#[test]
fn debug_shows_changes_and_errors() {
    let changeset = Post::titled("a").change(|p| p.visits.set(3)).add_error("title", "is dull");
    assert_eq!(
        format!("{changeset:?}"),
        r#"Changeset<Post> { action: None, changes: {visits: 3}, errors: Errors { fields: [("title", "is dull")], nested: [] }, valid: false }"#
    );
}

on_every_store! {
    async fn an_explicit_null_is_null_where_a_row_would_leave_it_to_the_default(store: Store) {
        store.create(TABLES).await;
        let by_default = store.repo.insert(Post::titled("a")).await.unwrap();
        assert_eq!(by_default.public, Some(true));
        let changeset = Changeset::<Post>::new().cast(&json!({"public": null}), |p| p.public);
        let explicit = store.repo.insert(changeset).await.unwrap();
        assert_eq!(explicit.public, None);
        assert_eq!(store.repo.find::<Post>(explicit.id).await.unwrap().public, None);
    }

    async fn repo_016_empty_changesets_insert_a_row_and_update_nothing(store: Store) {
        store.create(TABLES).await;
        let empty = json!({});
        let permalink = Changeset::<Permalink>::new().cast(&empty, |p| p.url);
        let permalink = store.repo.insert(permalink).await.unwrap();
        for _ in 0..2 {
            let (same, statements) = store
                .repo
                .capture(async |repo| {
                    repo.update(Changeset::of(permalink.clone()).cast(&empty, |p| p.url)).await
                })
                .await
                .unwrap();
            assert_eq!(same, permalink);
            assert_eq!(statements.len(), 0);
        }
    }

    async fn repo_022_a_key_that_is_given_is_stored_and_can_be_changed(store: Store) {
        store.create(TABLES).await;
        let changeset = Changeset::build(Post { id: 11, ..Post::default() }).cast(&json!({"id": "13"}), |p| p.id);
        let post = store.repo.insert(changeset).await.unwrap();
        assert_eq!(post.id, 13);
        let post = store.repo.update(Changeset::of(post).cast(&json!({"id": "15"}), |p| p.id)).await.unwrap();
        assert_eq!(post.id, 15);
        assert!(store.repo.get::<Post>(13).await.unwrap().is_none());
        assert!(store.repo.get::<Post>(15).await.unwrap().is_some());
    }

    async fn an_invalid_changeset_reaches_no_store(store: Store) {
        let changeset = Changeset::<Post>::new().cast(&json!({"visits": "x"}), |p| p.visits);
        let error = store.repo.insert(changeset).await.unwrap_err();
        let Error::Invalid(invalid) = error else { panic!("{error}") };
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), json!({"visits": ["is invalid"]}));
        assert_eq!(invalid.changeset::<Post>().unwrap().action(), invalid.action());
    }

    async fn a_changeset_is_refused_by_the_write_that_it_was_not_made_for(store: Store) {
        let error = store.repo.insert(Post::titled("a").change(|p| p.visits.set(1))).await.unwrap_err();
        assert!(error.to_string().starts_with("this changeset is of a Post that exists: write it with repo.update(..)"));
        let error = store.repo.update(Changeset::<Post>::new()).await.unwrap_err();
        assert!(error.to_string().starts_with("this changeset is of a Post to come: write it with repo.insert(..)"));
    }

    async fn insert_or_update_does_what_the_changeset_was_made_for(store: Store) {
        store.create(TABLES).await;
        let title = json!({"title": "a"});
        let post = store.repo.insert_or_update(Changeset::<Post>::new().cast(&title, |p| p.title)).await.unwrap();
        let post = store.repo.insert_or_update(post.change(|p| p.title.set("b"))).await.unwrap();
        assert_eq!(store.repo.find::<Post>(post.id).await.unwrap().title.as_deref(), Some("b"));
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 1);
    }

    async fn force_writes_although_nothing_is_changed(store: Store) {
        store.create(TABLES).await;
        let clock = std::sync::Arc::new(FixedClock::at("2026-01-02T12:00:00Z".parse().unwrap()));
        let post = store.repo.with_clock(clock).insert(Post::titled("a")).await.unwrap();
        let later = FixedClock::at("2026-01-03T12:00:00Z".parse().unwrap());
        let repo = store.repo.with_clock(later);
        let same = repo.update(Changeset::of(post.clone())).await.unwrap();
        assert_eq!(same.updated_at, post.updated_at);
        let touched = repo.update(Changeset::of(post)).force().await.unwrap();
        assert_eq!(touched.updated_at.to_string(), "2026-01-03 12:00:00");
    }
}

on_every_store_but_clusters! {
    async fn prepared_changes_run_in_the_transaction_of_the_write(store: Store) {
        store.create(TABLES).await;
        let changeset = Changeset::<Post>::new().cast(&json!({"title": "a"}), |p| p.title).prepare_changes(
            async |changeset: Changeset<Post>, tx: Repo| {
                assert!(tx.in_transaction());
                let permalink = tx.insert(Permalink { url: Some("a".into()), ..Permalink::default() }).await?;
                Ok(changeset.change(|p| p.counter.set(permalink.id as i32)))
            },
        );
        let post = store.repo.insert(changeset).await.unwrap();
        assert_eq!(post.counter, Some(1));
        let failing = post.change(|p| p.title.set("b")).prepare_changes(async |changeset: Changeset<Post>, tx: Repo| {
            tx.insert(Permalink { url: Some("b".into()), ..Permalink::default() }).await?;
            Ok(changeset.add_error("title", "is dull"))
        });
        assert!(store.repo.update(failing).await.unwrap_err().invalid().is_some());
        assert_eq!(store.repo.count(Permalink::query()).await.unwrap(), 1);
    }
}

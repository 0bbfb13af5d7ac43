//! One row inserted, updated and deleted.

use super::*;
use chrono::NaiveDateTime;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Barebone, Comment, Permalink, Post, TABLES};
use uuid::Uuid;

on_every_store! {
    async fn repo_010_insert_update_and_delete(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let original = Post::visited("insert, update, delete", 1);
        let inserted = repo.insert(original.clone()).await.unwrap();
        assert_ne!(inserted.id, 0);
        let updated = repo.update(inserted.clone().change(|p| p.visits.set(2))).await.unwrap();
        assert_eq!((updated.id, updated.visits), (inserted.id, Some(2)));
        let deleted = repo.delete(updated.clone()).await.unwrap();
        assert_eq!(deleted, updated);
        assert_eq!(repo.count(Post::query()).await.unwrap(), 0);
        let again = repo.insert(original).await.unwrap();
        assert_ne!(again.id, inserted.id);
        let read = repo.one(Post::query()).await.unwrap().unwrap();
        assert_eq!(read, again);
        assert_ne!(read.inserted_at, NaiveDateTime::default());
    }
}

on_sql_stores! {
    async fn repo_011_a_field_in_a_column_of_another_name(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let link = repo.insert(Permalink::to("url")).await.unwrap();
        assert_eq!(link.url.as_deref(), Some("url"));
        let link = repo.update(link.change(|l| l.url.set("new"))).await.unwrap();
        assert_eq!(link.url.as_deref(), Some("new"));
        let stored = repo.sql::<String>("select uniform_resource_locator from permalinks").await.unwrap();
        assert_eq!(stored, ["new"]);
        let link = repo.delete(link).await.unwrap();
        assert_eq!(link.url.as_deref(), Some("new"));
        assert_eq!(repo.count(Permalink::query()).await.unwrap(), 0);
    }

    async fn repo_017_a_schema_without_a_key_is_inserted(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        assert_eq!(repo.insert(Barebone::default()).await.unwrap(), Barebone { num: None });
        assert_eq!(repo.insert(Barebone { num: Some(13) }).await.unwrap(), Barebone { num: Some(13) });
        let stored =
            repo.all(Barebone::query().order_by(|b| b.num.asc().nulls_first()).select(|b| b.num)).await.unwrap();
        assert_eq!(stored, [None, Some(13)]);
    }

    async fn repo_018_a_generated_field_is_read_back_after_writes(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let comment = repo.insert(Comment { text: Some("a".into()), ..Default::default() }).await.unwrap();
        assert_eq!(comment.lock_version, Some(1));
        repo.script("update comments set lock_version = 11").await.unwrap();
        let (comment, statements) =
            repo.capture(async |repo| repo.update(comment.change(|c| c.text.set("b"))).await).await.unwrap();
        assert_eq!((comment.lock_version, comment.text.as_deref()), (Some(11), Some("b")));
        assert_eq!(statements.len(), 1, "{statements:?}");
        assert!(statements[0].sql().contains("RETURNING"), "{}", statements[0]);
        let unchanged = repo.update(comment.clone().change(|c| c.text.set("b"))).await.unwrap();
        assert_eq!(unchanged, comment);
    }

    async fn repo_019_a_generated_uuid_that_is_no_key_comes_back(store: Store) {
        let default = store.pick(
            "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' ||
              substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))",
            "gen_random_uuid()",
        );
        store.create(&format!("create table articles ({{id}}, uuid {{uuid}} default {default})")).await;
        let repo = &store.repo;
        let article = repo.insert(Article::default()).await.unwrap();
        let uuid = article.uuid.unwrap();
        assert_eq!(uuid.to_string().len(), 36);
        assert_eq!(repo.get_by::<Article>(|a| a.uuid.eq(uuid)).await.unwrap(), Some(article));
        let given = repo.insert(Article { uuid: Some(Uuid::from_u128(9)), ..Default::default() }).await.unwrap();
        assert_eq!(repo.find::<Article>(given.id).await.unwrap().uuid, Some(Uuid::from_u128(9)));
    }
}

on_every_store! {
    async fn repo_021_a_key_that_is_given_is_kept(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post { id: 1, ..Post::titled("given") }).await.unwrap();
        assert_eq!(post.id, 1);
        assert_eq!(repo.find::<Post>(1).await.unwrap(), post);
        let error = repo.insert(Post { id: 1, ..Post::titled("again") }).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
    }
}

on_sql_stores! {
    async fn a_write_that_the_database_refuses_changes_nothing(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let comment = repo.insert(Comment::default()).await.unwrap();
        let error = repo.insert(Comment { post_id: Some(-1), ..Default::default() }).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        let error = repo.update(comment.clone().change(|c| c.post_id.set(-1i64))).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(repo.all(Comment::query()).await.unwrap(), [comment]);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Article {
    id: i64,
    #[schema(generated)]
    uuid: Option<Uuid>,
}

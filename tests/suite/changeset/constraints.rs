//! Constraints of the database as errors of fields.

use super::schemas::{Comment, Custom, Post, TABLES};
use super::*;
use peristyle::Error;
use peristyle::error::ConstraintKind;
use peristyle::prelude::*;
use serde_json::json;
use uuid::Uuid;

fn with_uuid(uuid: Uuid) -> Changeset<Post> {
    Changeset::<Post>::new().cast(&json!({"uuid": uuid.to_string()}), |p| p.uuid)
}

on_every_store! {
    async fn repo_027_a_unique_violation_is_an_error_of_the_field(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::from_u128(1);
        store.repo.insert(with_uuid(uuid)).await.unwrap();
        // A plain row has no fields to show errors at.
        let error = store.repo.insert(Post { uuid: Some(uuid), ..Post::default() }).await.unwrap_err();
        let Error::Constraint(constraint) = &error else { panic!("{error}") };
        assert_eq!((constraint.kind, constraint.name.as_str()), (ConstraintKind::Unique, "posts_uuid_index"));
        // The schema says `unique`; a declared constraint gives its own message.
        for (changeset, message) in [
            (with_uuid(uuid), "has already been taken"),
            (with_uuid(uuid).unique_constraint(|p| p.uuid), "has already been taken"),
            (with_uuid(uuid).unique_constraint(|p| p.uuid).with_message("is theirs"), "is theirs"),
            (with_uuid(uuid).unique_constraint(|p| p.title).with_name("posts_uuid_index").with_error_on("uuid"), "has already been taken"),
            (with_uuid(uuid).unique_constraint(|p| p.uuid).with_name_suffix("uuid_index"), "has already been taken"),
        ] {
            let error = store.repo.insert(changeset).await.unwrap_err();
            assert!(error.is_unique_violation());
            let Error::Invalid(invalid) = &error else { panic!("{error}") };
            assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), json!({"uuid": [message]}));
            let field = invalid.errors().on("uuid").next().unwrap();
            assert_eq!(field.metadata()["constraint"], "unique");
            assert_eq!(field.metadata()["constraint_name"], "posts_uuid_index");
        }
    }

    async fn repo_029_a_unique_violation_beside_a_uuid_key(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::from_u128(2);
        let changeset = || {
            Changeset::<Custom>::new().cast(&json!({"uuid": uuid.to_string()}), |c| c.uuid).unique_constraint(|c| c.uuid)
        };
        store.repo.insert(changeset()).await.unwrap();
        let error = store.repo.insert(changeset()).await.unwrap_err();
        let field = error.invalid().unwrap().errors().on("uuid").next().unwrap().clone();
        assert_eq!(field.to_string(), "has already been taken");
        assert_eq!(field.metadata()["constraint_name"], "customs_uuid_index");
    }

    async fn an_undeclared_foreign_key_of_a_schema_is_an_error_of_its_field(store: Store) {
        store.create(TABLES).await;
        let changeset = Changeset::<Comment>::new().cast(&json!({"post_id": 0}), |c| c.post_id);
        let error = store.repo.insert(changeset).await.unwrap_err();
        assert!(error.is_foreign_key_violation());
        let invalid = error.invalid().unwrap();
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), json!({"post_id": ["does not exist"]}));
    }

    async fn a_savepoint_keeps_the_transaction_usable(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::from_u128(3);
        store
            .repo
            .transaction(async |tx| {
                tx.insert(with_uuid(uuid)).await?;
                assert!(tx.insert(with_uuid(uuid)).savepoint().await.unwrap_err().is_unique_violation());
                tx.insert(with_uuid(Uuid::from_u128(4))).await
            })
            .await
            .unwrap();
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 2);
    }
}

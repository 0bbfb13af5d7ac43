//! Constraints of the database as errors of fields.

use super::schemas::{Comment, Custom, Permalink, Post, TABLES, User};
use super::*;
use peristyle::Error;
use peristyle::error::ConstraintKind;
use peristyle::prelude::*;
use serde_json::json;
use uuid::Uuid;

/// Posts of a schema that says nothing of their unique index.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts")]
struct Draft {
    id: i64,
    title: Option<String>,
    uuid: Option<Uuid>,
}

fn draft(uuid: Uuid) -> Changeset<Draft> {
    Changeset::<Draft>::new().cast(&json!({"uuid": uuid.to_string()}), |d| d.uuid)
}

/// Comments of a schema that says nothing of their foreign keys.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "comments")]
struct Remark {
    id: i64,
    text: Option<String>,
    post_id: Option<i64>,
}

fn errors(error: &Error) -> serde_json::Value {
    let Error::Invalid(invalid) = error else { panic!("{error}") };
    serde_json::to_value(invalid.errors()).unwrap()
}

#[track_caller]
fn shows(error: &Error, parts: &[&str]) {
    let Error::Constraint(_) = error else { panic!("{error}") };
    for part in parts {
        assert!(error.to_string().contains(part), "{part:?} is not in: {error}");
    }
}

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
}

on_sql_stores! {
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

    async fn repo_027_an_undeclared_unique_violation_says_what_to_declare(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::from_u128(5);
        store.repo.insert(draft(uuid)).await.unwrap();
        let error = store.repo.insert(draft(uuid)).await.unwrap_err();
        let name = "refused by unique constraint \"posts_uuid_index\" of table \"posts\" (uuid) when attempting to insert: ";
        let hint = "hint: the changeset declares no constraint: add .unique_constraint(|d| d.uuid) to it, or #[schema(unique)] to Draft.uuid, to make it an error of the field";
        shows(&error, &[name, hint]);

        let other = draft(uuid).unique_constraint(|d| d.title).unique_constraint(|d| d.uuid).with_name("hello");
        let error = store.repo.insert(other).await.unwrap_err();
        shows(&error, &["declared: unique_constraint(title), unique_constraint(uuid) named \"hello\"", "none that is declared is this one: add .unique_constraint(|d| d.uuid)"]);
        assert_eq!(error.constraint().unwrap().declared.len(), 2);

        let error = store.repo.insert(Draft { uuid: Some(uuid), ..Draft::default() }).await.unwrap_err();
        shows(&error, &["Changeset::build(row).unique_constraint(|d| d.uuid)"]);
        let error = store.repo.insert(Post { uuid: Some(uuid), ..Post::default() }).await.unwrap_err();
        shows(&error, &["with Changeset::build(row) it is an error of the field"]);

        let error = store.repo.insert(draft(uuid).unique_constraint(|d| d.uuid)).await.unwrap_err();
        assert_eq!(errors(&error), json!({"uuid": ["has already been taken"]}));
        let field = error.invalid().unwrap().errors().on("uuid").next().unwrap();
        assert_eq!((&field.metadata()["constraint"], &field.metadata()["constraint_name"]), (&json!("unique"), &json!("posts_uuid_index")));
    }

    async fn repo_034_a_missing_row_is_an_error_of_the_association(store: Store) {
        store.create(TABLES).await;
        let comment = || Changeset::<Comment>::new().cast(&json!({"post_id": 0}), |c| c.post_id);
        let remark = Changeset::<Remark>::new().cast(&json!({"post_id": 0}), |r| r.post_id);
        let error = store.repo.insert(remark.clone()).await.unwrap_err();
        shows(&error, &["foreign key \"comments_post_id_fkey\" of table \"comments\" (post_id) when attempting to insert", "add .foreign_key_constraint(|r| r.post_id)"]);
        let error = store.repo.insert(remark.foreign_key_constraint(|r| r.post_id)).await.unwrap_err();
        assert_eq!(errors(&error), json!({"post_id": ["does not exist"]}));

        let error = store.repo.insert(comment().assoc_constraint(|c| c.post())).await.unwrap_err();
        assert_eq!(errors(&error), json!({"post": ["does not exist"]}));
        let field = error.invalid().unwrap().errors().on("post").next().unwrap();
        assert_eq!((&field.metadata()["constraint"], &field.metadata()["constraint_name"]), (&json!("assoc"), &json!("comments_post_id_fkey")));
        // Under another name it is not this one, and the schema still knows the key of its association.
        let named = comment().assoc_constraint(|c| c.post()).with_name("other");
        assert_eq!(errors(&store.repo.insert(named).await.unwrap_err()), json!({"post_id": ["does not exist"]}));
        // So it is for an update.
        let saved = store.repo.insert(Comment::default()).await.unwrap();
        let moved = saved.change(|c| (c.author_id.set(None), c.post_id.set(9))).assoc_constraint(|c| c.post());
        assert_eq!(errors(&store.repo.update(moved).await.unwrap_err()), json!({"post": ["does not exist"]}));
    }

    async fn repo_034_a_constraint_of_another_name_is_listed(store: Store) {
        store.create(TABLES).await;
        let remark = Changeset::<Remark>::new().cast(&json!({"post_id": 0}), |r| r.post_id);
        let error = store.repo.insert(remark.foreign_key_constraint(|r| r.post_id).with_name("other")).await.unwrap_err();
        shows(&error, &["declared: foreign_key_constraint(post_id) named \"other\"", "comments_post_id_fkey"]);
    }

    async fn repo_035_a_row_that_others_point_at_stays(store: Store) {
        store.create(TABLES).await;
        let user = store.repo.insert(User::default()).await.unwrap();
        store.repo.insert(Permalink { user_id: Some(user.id), ..Permalink::default() }).await.unwrap();
        let error = store.repo.delete(user.clone()).await.unwrap_err();
        shows(&error, &[
            "foreign key \"permalinks_user_id_fkey\" of table \"permalinks\" (user_id) when attempting to delete",
            "Changeset::of(row).no_assoc_constraint(|u| u.permalink())",
        ]);
        let constraint = error.constraint().unwrap();
        assert!(constraint.still_referenced && error.is_foreign_key_violation());
        let error = store.repo.delete(Changeset::of(user)).await.unwrap_err();
        shows(&error, &["the changeset declares no constraint: add .no_assoc_constraint(|u| u.permalink()) to it"]);
    }

    async fn repo_036_a_no_assoc_constraint_of_another_name_is_listed(store: Store) {
        store.create(TABLES).await;
        let user = store.repo.insert(User::default()).await.unwrap();
        store.repo.insert(Permalink { user_id: Some(user.id), ..Permalink::default() }).await.unwrap();
        let changeset = Changeset::of(user).no_assoc_constraint(|u| u.permalink()).with_name("permalinks_user_id_pther");
        let error = store.repo.delete(changeset).await.unwrap_err();
        shows(&error, &["permalinks_user_id_fkey", "declared: no_assoc_constraint(permalink) named \"permalinks_user_id_pther\""]);
    }

    async fn repo_037_a_row_that_others_point_at_is_an_error_of_the_association(store: Store) {
        store.create(TABLES).await;
        let user = store.repo.insert(User::default()).await.unwrap();
        store.repo.insert(Permalink { user_id: Some(user.id), ..Permalink::default() }).await.unwrap();
        let error = store.repo.delete(Changeset::of(user.clone()).no_assoc_constraint(|u| u.permalink())).await.unwrap_err();
        assert_eq!(errors(&error), json!({"permalink": ["is still associated with this entry"]}));
        let field = error.invalid().unwrap().errors().on("permalink").next().unwrap();
        assert_eq!((&field.metadata()["constraint"], &field.metadata()["constraint_name"]), (&json!("no_assoc"), &json!("permalinks_user_id_fkey")));
        // By its name, under any field.
        let named = Changeset::of(user.clone()).foreign_key_constraint(|u| u.id).with_name("permalinks_user_id_fkey").with_message("has links");
        assert_eq!(errors(&store.repo.delete(named).await.unwrap_err()), json!({"id": ["has links"]}));
        // Inside of a transaction too.
        let error = store
            .repo
            .transaction(async |tx| tx.delete(Changeset::of(user).no_assoc_constraint(|u| u.permalink())).await)
            .await
            .unwrap_err();
        assert_eq!(errors(&error), json!({"permalink": ["is still associated with this entry"]}));
    }

    async fn pg_constraints_002_a_check_is_an_error_of_a_field_by_its_name(store: Store) {
        store.create(PRICES).await;
        let price = |price: i32| Changeset::<Price>::new().cast(&json!({"price": price}), |p| p.price);
        let error = store.repo.insert(price(-10)).await.unwrap_err();
        shows(&error, &["check constraint \"positive_price\" of table \"prices\"", "add .check_constraint(|p| p.price, \"positive_price\")"]);
        let declared = || price(-10).check_constraint(|p| p.price, "positive_price");
        let error = store.repo.insert(declared()).await.unwrap_err();
        assert_eq!(errors(&error), json!({"price": ["is invalid"]}));
        let field = error.invalid().unwrap().errors().on("price").next().unwrap();
        assert_eq!((&field.metadata()["constraint"], &field.metadata()["constraint_name"]), (&json!("check"), &json!("positive_price")));
        let error = store.repo.insert(declared().with_message("price must be greater than 0")).await.unwrap_err();
        assert_eq!(errors(&error), json!({"price": ["price must be greater than 0"]}));
        let other = price(-10).check_constraint(|p| p.price, "other");
        shows(&store.repo.insert(other).await.unwrap_err(), &["declared: check_constraint(price) named \"other\""]);
        assert_eq!(store.repo.insert(price(10).check_constraint(|p| p.price, "positive_price")).await.unwrap().price, Some(10));
    }

    async fn a_column_without_a_field_that_must_not_be_null_is_named(store: Store) {
        store.create("create table prices ({id}, price {i32}, currency {text} not null);").await;
        let error = store.repo.insert(Changeset::<Price>::new()).await.unwrap_err();
        shows(&error, &["refused by NOT NULL of table \"prices\" (currency)", "Price has no field for it"]);
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "prices")]
struct Price {
    id: i64,
    price: Option<i32>,
}

const PRICES: &str = "create table prices ({id}, price {i32}, constraint positive_price check (price > 0));";

//! One row inserted, or the one that is there updated.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle::repo::Upserted;
use peristyle_tests::schemas::{Comment, Post, TABLES};
use uuid::Uuid;

fn post(title: &str, uuid: Uuid) -> Post {
    Post { uuid: Some(uuid), ..Post::titled(title) }
}

fn is_unique<T>(result: Result<T, Error>) -> bool {
    result.is_err_and(|error| error.is_unique_violation())
}

on_every_store! {
    async fn repo_115_insert_ignores_a_row_that_is_there(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let first = repo.insert(post("first", Uuid::now_v7())).await.unwrap();
        let again = post("again", first.uuid.unwrap());
        let outcome = repo.insert(again.clone()).on_conflict(|c| c.target(|p| p.uuid).ignore()).await.unwrap();
        assert_eq!(outcome, Upserted::Skipped(again.clone()));
        assert_eq!(outcome.stored(), None);
        assert!(is_unique(repo.insert(again).on_conflict(|c| c.target(|p| p.id).ignore()).await));
        let new = repo.insert(post("new", Uuid::now_v7())).on_conflict(|c| c.ignore()).await.unwrap();
        assert!(new.is_inserted() && new.into_row().id > first.id);
        assert_eq!(repo.count(Post::query()).await.unwrap(), 2);
    }

    async fn repo_117_insert_sets_columns_of_the_row_that_is_there(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let row = post("first", Uuid::now_v7());
        let upsert = || repo.insert(row.clone()).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.title.set("second")));
        let Upserted::Inserted(first) = upsert().await.unwrap() else { panic!("it was not there") };
        let wrong = repo.insert(row.clone()).on_conflict(|c| c.target(|p| p.id).set(|p, _| p.title.set("second")));
        assert!(is_unique(wrong.await));
        let Upserted::Updated(second) = upsert().await.unwrap() else { panic!("it was there") };
        assert_eq!((second.id, second.title.as_deref()), (first.id, Some("second")));
        assert_eq!(repo.find::<Post>(first.id).await.unwrap(), second);
    }

    async fn repo_118_an_upsert_gives_the_row_as_the_store_holds_it(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let first = repo.insert(Post { visits: Some(9), ..post("first", Uuid::now_v7()) }).await.unwrap();
        let next = Post { id: first.id, ..post("next", Uuid::now_v7()) };
        let outcome = repo.insert(next).on_conflict(|c| c.target(|p| p.id).update(|p| p.title)).await.unwrap();
        let Upserted::Updated(updated) = outcome else { panic!("{outcome:?}") };
        assert_eq!((updated.uuid, updated.visits, updated.title.as_deref()), (first.uuid, Some(9), Some("next")));
        assert_eq!(updated.inserted_at, first.inserted_at);
        assert_eq!(repo.find::<Post>(first.id).await.unwrap(), updated);
    }

    async fn repo_120_a_row_that_is_ignored_comes_back_without_a_key(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let first = repo.insert(post("first", Uuid::now_v7())).await.unwrap();
        let again = repo.insert(Post { id: 0, ..first }).on_conflict(|c| c.ignore()).await.unwrap();
        assert!(matches!(&again, Upserted::Skipped(row) if row.id == 0), "{again:?}");
    }

    async fn repo_123_an_upsert_whose_condition_does_not_hold(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let first = repo.insert(post("first", Uuid::now_v7())).await.unwrap();
        let upsert = || {
            repo.insert(post("second", first.uuid.unwrap())).on_conflict(|c| {
                c.target(|p| p.uuid).update(|p| p.title).filter(|p, _| p.title.ne("first"))
            })
        };
        let outcome = upsert().await.unwrap();
        assert!(matches!(&outcome, Upserted::Skipped(row) if row.title.as_deref() == Some("second")), "{outcome:?}");
        let error = upsert().stale_error("counter").await.unwrap_err();
        let Error::Invalid(invalid) = &error else { panic!("{error}") };
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({ "counter": ["is stale"] }));
        assert_eq!(repo.find::<Post>(first.id).await.unwrap(), first);
    }

    async fn repo_125_insert_replaces_all_of_the_row_that_is_there(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = Uuid::now_v7();
        let upsert = |title, visits| {
            repo.insert(Post { visits: Some(visits), ..post(title, uuid) })
                .on_conflict(|c| c.target(|p| p.uuid).replace_all())
        };
        let first = upsert("first", 13).await.unwrap().into_row();
        let second = upsert("updated", 17).await.unwrap();
        let Upserted::Updated(second) = second else { panic!("{second:?}") };
        assert_ne!(second.id, first.id);
        assert_eq!((second.title.as_deref(), second.visits, second.uuid), (Some("updated"), Some(17), Some(uuid)));
        assert_eq!(repo.all(Post::query()).await.unwrap(), [second]);
    }
}

on_every_store_but_clusters! {
    async fn repo_113_an_upsert_along_an_association(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = Uuid::now_v7();
        let upsert = |text: &'static str| {
            let changeset = Changeset::<Post>::new()
                .change(|p| (p.title.set("first"), p.uuid.set(uuid)))
                .put_assoc(|p| p.comments(), vec![Comment { text: Some(text.into()), ..Default::default() }]);
            repo.insert(changeset).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.title.set("second")))
        };
        let Upserted::Inserted(first) = upsert("a").await.unwrap() else { panic!("it was not there") };
        assert_eq!(first.comments.get().unwrap()[0].post_id, Some(first.id));
        let Upserted::Updated(second) = upsert("b").await.unwrap() else { panic!("it was there") };
        assert_eq!((second.id, second.title.as_deref()), (first.id, Some("second")));
        let texts = Comment::query().filter(|c| c.post_id.eq(first.id)).order_by(|c| c.id).select(|c| c.text);
        assert_eq!(repo.all(texts).await.unwrap(), [Some("a".to_owned()), Some("b".to_owned())]);
    }
}

on_every_store! {
    async fn an_upsert_inside_of_a_transaction_and_of_a_changeset(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::now_v7();
        let outcomes = store
            .repo
            .transaction(async |tx| {
                let mut outcomes = Vec::new();
                for title in ["a", "b"] {
                    let changeset = Changeset::<Post>::new().change(|p| (p.title.set(title), p.uuid.set(uuid)));
                    let upsert = tx.insert(changeset).on_conflict(|c| c.target(|p| p.uuid).update(|p| p.title));
                    outcomes.push(upsert.await?);
                }
                Ok(outcomes)
            })
            .await
            .unwrap();
        assert!(matches!(&outcomes[..], [Upserted::Inserted(_), Upserted::Updated(_)]), "{outcomes:?}");
        let stored = store.repo.all(Post::query()).await.unwrap();
        assert_eq!(stored, [outcomes[1].clone().into_row()]);
    }

    async fn concurrent_upserts_say_once_that_they_inserted(store: Store) {
        store.create(TABLES).await;
        contend(&store.repo).await;
    }
}

/// Many tasks upsert a few rows: each row is inserted once, and counts all of them.
async fn contend(repo: &Repo) {
    let uuids: Vec<Uuid> = (0..3).map(|n| Uuid::from_u128(n + 1)).collect();
    let tasks: Vec<_> = (0..24)
        .map(|task| {
            let (repo, uuid) = (repo.clone(), uuids[task % 3]);
            tokio::spawn(async move {
                let row = Post { visits: Some(1), ..post("x", uuid) };
                let upsert = repo
                    .insert(row)
                    .on_conflict(|c| c.target(|p| p.uuid).set(|p, excluded| p.visits.set(p.visits + excluded.visits)));
                upsert.await.unwrap()
            })
        })
        .collect();
    let mut inserted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Upserted::Inserted(_) => inserted += 1,
            Upserted::Updated(row) => assert!(row.visits > Some(1)),
            Upserted::Skipped(row) => panic!("{row:?}"),
        }
    }
    assert_eq!(inserted, 3);
    let visits = repo.all(Post::query().select(|p| p.visits)).await.unwrap();
    assert_eq!(visits, [Some(8); 3]);
}

on_sqlite! {
    async fn repo_124_insert_replaces_all_without_a_target(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = Uuid::now_v7();
        let upsert = |title, visits| {
            repo.insert(Post { visits: Some(visits), ..post(title, uuid) }).on_conflict(|c| c.replace_all())
        };
        let first = upsert("first", 13).await.unwrap().into_row();
        let second = upsert("updated", 17).await.unwrap().into_row();
        assert_ne!(second.id, first.id);
        assert_eq!(repo.all(Post::query()).await.unwrap(), [second]);
    }
}

on_postgres! {
    async fn upserts_of_partitioned_tables_say_what_they_did(store: Store) {
        store.create(
            "create table posts (
                id bigint generated by default as identity, title {text}, counter {i32}, blob {bytes}, public {bool} default true,
                cost {decimal}, visits {i32}, wrapped_visits {i32}, intensity {f64}, bid {uuid}, uuid {uuid} unique, meta {json},
                links {json}, intensities {json}, posted {date}, author_id {i64}, read_only {text}, inserted_at {datetime},
                updated_at {datetime}
            ) partition by hash (uuid);
            create table posts_0 partition of posts for values with (modulus 2, remainder 0);
            create table posts_1 partition of posts for values with (modulus 2, remainder 1)",
        )
        .await;
        contend(&store.repo).await;
        let repo = &store.repo;
        let again = || Post { visits: Some(100), ..post("x", Uuid::from_u128(1)) };
        let filtered = repo.insert(again()).on_conflict(|c| {
            c.target(|p| p.uuid).update(|p| p.visits).filter(|p, excluded| p.visits.gt(excluded.visits))
        });
        assert!(matches!(filtered.await.unwrap(), Upserted::Skipped(_)));
        let updated = repo.insert(again()).on_conflict(|c| c.target_constraint("posts_uuid_key").update(|p| p.visits));
        let message = updated.await.unwrap_err().to_string();
        assert!(message.contains("add .target(|u| u.column)"), "{message}");
        let updated = repo.insert(again()).on_conflict(|c| c.target(|p| p.uuid).update(|p| p.visits)).await.unwrap();
        assert!(matches!(&updated, Upserted::Updated(row) if row.visits == Some(100)), "{updated:?}");
        let missing = repo.insert(again()).on_conflict(|c| c.target(|p| p.uuid).update(|p| p.counter)).await;
        let message = missing.unwrap_err().to_string();
        assert!(message.contains("give Post.counter a value"), "{message}");
    }
}

//! Writing one row: what is filled in, what is left out, and what comes back.

use super::*;
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Document {
    #[schema(primary_key)]
    key: Uuid,
    title: Option<String>,
    #[schema(default = "untitled")]
    kind: Option<String>,
    #[schema(version)]
    revision: i32,
    #[schema(writable = insert)]
    origin: Option<String>,
    #[schema(writable = never, default = 7)]
    words: Option<i64>,
    #[schema(load = false)]
    body: Option<String>,
    #[schema(virtual)]
    open: bool,
    inserted_at: DateTime<Utc>,
    updated_at: NaiveDateTime,
}

const DOCUMENTS: &str = "create table documents (
    key {uuid} primary key, title {text}, kind {text} default 'untitled', revision {i32} not null, origin {text},
    words {i64} default 7, body {text}, inserted_at {timestamp} not null, updated_at {datetime} not null
);";

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 2, 12, 0, 0).unwrap()
}

on_every_store! {
    async fn insert_fills_key_and_timestamps_and_reads_back_what_was_left_out(store: Store) {
        store.create(DOCUMENTS).await;
        let clock = Arc::new(FixedClock::at(noon()));
        let repo = store.repo.with_clock(clock.clone());
        let document = Document { body: Some("text".into()), ..Default::default() };
        let inserted = repo.insert(document).await.unwrap();
        assert!(!inserted.key.is_nil());
        assert_eq!(inserted.key.get_version_num(), 7);
        assert_eq!(inserted.inserted_at, noon());
        assert_eq!(inserted.updated_at, noon().naive_utc());
        assert_eq!(inserted.kind.as_deref(), Some("untitled"));
        assert_eq!(inserted.words, Some(7));
        assert_eq!(inserted.body.as_deref(), Some("text"));
        let read = repo.find::<Document>(inserted.key).await.unwrap();
        assert_eq!(read, Document { body: None, ..inserted.clone() });
        let bodies = repo.all(Document::query().select(|d| d.body)).await.unwrap();
        assert_eq!(bodies, [Some("text".to_owned())]);
    }

    async fn update_writes_only_what_differs_and_nothing_runs_if_nothing_does(store: Store) {
        store.create(DOCUMENTS).await;
        let clock = Arc::new(FixedClock::at(noon()));
        let repo = store.repo.with_clock(clock.clone());
        let document = repo.insert(Document { title: Some("a".into()), ..Default::default() }).await.unwrap();
        clock.advance(TimeDelta::seconds(5));
        let (document, statements) = repo
            .capture(async |repo| repo.update(document.change(|d| (d.title.set("a"), d.words.set(7i64)))).await)
            .await
            .unwrap();
        assert_eq!(statements, []);
        assert_eq!(document.revision, 0);
        let (document, statements) = repo
            .capture(async |repo| repo.update(document.change(|d| (d.title.set("b"), d.kind.set(None)))).await)
            .await
            .unwrap();
        let [statement] = statements.as_slice() else { panic!("{statements:?}") };
        assert!(!statement.sql().contains("origin"), "{statement}");
        assert_eq!((document.title.as_deref(), document.kind.as_deref(), document.revision), (Some("b"), None, 1));
        assert_eq!(document.updated_at, (noon() + TimeDelta::seconds(5)).naive_utc());
        assert_eq!(document.inserted_at, noon());
        assert_eq!(repo.find::<Document>(document.key).await.unwrap(), document);
    }

    async fn update_with_an_expression_gives_what_the_store_computed(store: Store) {
        store.create(DOCUMENTS).await;
        let document = store.repo.insert(Document { title: Some("Ab".into()), ..Default::default() }).await.unwrap();
        let document = store.repo.update(document.change(|d| d.title.set(d.title.lower().concat("!")))).await.unwrap();
        assert_eq!(document.title.as_deref(), Some("ab!"));
    }

    async fn a_row_that_was_changed_meanwhile_is_stale(store: Store) {
        store.create(DOCUMENTS).await;
        let mine = store.repo.insert(Document::default()).await.unwrap();
        let theirs = store.repo.find::<Document>(mine.key).await.unwrap();
        store.repo.update(theirs.change(|d| d.title.set("theirs"))).await.unwrap();
        let error = store.repo.update(mine.clone().change(|d| d.title.set("mine"))).await.unwrap_err();
        assert!(matches!(error, Error::Stale(_)), "{error}");
        assert!(error.to_string().contains("Document") && error.to_string().contains("revision = 0"), "{error}");
        assert!(matches!(store.repo.delete(mine).await, Err(Error::Stale(_))));
        assert_eq!(store.repo.count(Document::query()).await.unwrap(), 1);
    }

    async fn a_field_that_updates_may_not_write_is_refused(store: Store) {
        store.create(DOCUMENTS).await;
        let document = store.repo.insert(Document { origin: Some("here".into()), ..Default::default() }).await.unwrap();
        assert_eq!(document.origin.as_deref(), Some("here"));
        let error = store.repo.update(document.clone().change(|d| d.origin.set("there"))).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("Document.origin"), "{error}");
        let error = store.repo.update(document.change(|d| d.words.set(8i64))).await.unwrap_err();
        assert!(error.to_string().contains("Document.words"), "{error}");
    }

    async fn delete_gives_the_row_back_and_a_second_one_is_stale(store: Store) {
        store.create(DOCUMENTS).await;
        let document = store.repo.insert(Document::default()).await.unwrap();
        let deleted = store.repo.delete(document.clone()).await.unwrap();
        assert_eq!(deleted, document);
        let error = store.repo.delete(document).await.unwrap_err();
        assert!(matches!(error, Error::Stale(_)), "{error}");
        assert!(error.to_string().contains("writes.rs"), "{error}");
    }

    async fn a_second_row_of_a_unique_value_names_its_constraint(store: Store) {
        store.create(schemas::TABLES).await;
        store.repo.insert(schemas::Permalink::to("a")).await.unwrap();
        let error = store.repo.insert(schemas::Permalink::to("a")).await.unwrap_err();
        let constraint = error.constraint().unwrap();
        assert_eq!(constraint.name, "permalinks_uniform_resource_locator_index");
        assert!(error.is_unique_violation());
        let statement = if store.is_redis() { "INSERT (" } else { "INSERT INTO" };
        assert!(error.to_string().contains(statement), "{error}");
    }
}

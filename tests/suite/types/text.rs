//! Text and bytes that are long, or that a store might take for something else.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Document {
    id: i64,
    #[schema(index)]
    body: String,
    attachment: Option<Vec<u8>>,
    tags: Vec<String>,
}

const TABLE: &str =
    "create table documents ({id}, body {text} not null, attachment {bytes}, tags {list text} not null)";

fn document(body: &str) -> Document {
    Document { body: body.to_owned(), ..Document::default() }
}

on_every_store! {
    async fn ten_megabytes_of_text_and_of_bytes_survive(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let body: String = "Zażółć gęślą jaźń 🦀 ".chars().cycle().take(6_000_000).collect();
        assert!(body.len() > 8_000_000);
        let attachment: Vec<u8> = (0..10_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let large = Document { body, attachment: Some(attachment), ..Default::default() };
        let inserted = repo.insert(large.clone()).await.unwrap();
        let found = repo.find::<Document>(inserted.id).await.unwrap();
        assert!(found.body == large.body && found.attachment == large.attachment, "not the same after a round trip");
        let by_value =
            Document::query().filter(|d| d.body.eq(&large.body) & d.attachment.is_not_null()).allow_filtering(100).select(|d| d.id);
        assert_eq!(repo.all(by_value).await.unwrap(), [inserted.id]);
    }
}

on_sql_stores! {
    async fn an_error_about_a_long_value_is_short(store: Store) {
        store
            .create(
                "create table documents ({id}, body {text} not null unique, attachment {bytes},
            tags {list text} not null)",
            )
            .await;
        let repo = &store.repo;
        let body: String = "x".repeat(2_000);
        repo.insert(document(&body)).await.unwrap();
        let error = repo.insert(document(&body)).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert!(error.to_string().len() < 1_500, "{} bytes: {error}", error.to_string().len());
        let shown = Document::query().filter(|d| d.body.eq(&body)).to_sql(store.dialect).unwrap().to_string();
        assert!(shown.len() < 500, "{shown}");
    }
}

on_every_store! {
    async fn sql_012_a_single_quote_is_stored_as_it_is(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(schemas::Post::titled("'")).await.unwrap();
        assert_eq!(repo.find::<schemas::Post>(post.id).await.unwrap().title.as_deref(), Some("'"));
        assert_eq!(repo.all(schemas::Post::query().select(|p| p.title)).await.unwrap(), [Some("'".to_owned())]);
    }
}

on_sqlite! {
    async fn nul_characters_are_kept_and_found(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let inserted =
            repo.insert(Document { tags: vec!["\0".into(), "b\0".into()], ..document("a\0b") }).await.unwrap();
        assert_eq!(repo.find::<Document>(inserted.id).await.unwrap(), inserted);
        assert!(repo.exists(Document::query().filter(|d| d.body.eq("a\0b"))).await.unwrap());
        assert!(!repo.exists(Document::query().filter(|d| d.body.eq("a") | d.body.eq("a\0c"))).await.unwrap());
    }
}

on_postgres! {
    async fn nul_characters_are_refused_with_the_reason(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        for refused in [document("a\0b"), Document { tags: vec!["a".into(), "\0".into()], ..document("") }] {
            let error = repo.insert(refused).await.unwrap_err();
            assert!(matches!(error, Error::Encode(_)), "{error}");
            assert!(error.to_string().contains("NUL"), "{error}");
        }
        let error = repo.all(Document::query().filter(|d| d.body.eq("\0"))).await.unwrap_err();
        assert!(matches!(error, Error::Encode(_)), "{error}");
        repo.insert(Document { attachment: Some(vec![0]), ..document("") }).await.unwrap();
        assert_eq!(repo.count(Document::query()).await.unwrap(), 1);
    }
}

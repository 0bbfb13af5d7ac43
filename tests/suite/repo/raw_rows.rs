//! Rows of statements of the program's own, as schemas, projections and tuples.

use super::*;
use chrono::NaiveDateTime;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Comment, TABLES};

#[derive(Debug, PartialEq, Projection)]
struct Loaded {
    title: Option<String>,
    inserted_at: NaiveDateTime,
    public: bool,
}

on_sql_stores! {
    async fn sql_017_the_columns_of_a_statement_become_typed_fields(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        store
            .script(
                "insert into posts (title, inserted_at, updated_at, public) values ('hello',
                    '2014-01-16 20:26:51', '2014-01-16 20:26:51', 0)",
                "insert into posts (title, inserted_at, updated_at, public) values ('hello',
                    '2014-01-16 20:26:51', '2014-01-16 20:26:51', false)",
            )
            .await;
        let rows = repo.sql::<Loaded>("select title, inserted_at, public from posts").await.unwrap();
        let inserted_at = "2014-01-16T20:26:51".parse().unwrap();
        assert_eq!(rows, [Loaded { title: Some("hello".into()), inserted_at, public: false }]);
    }

    async fn a_whole_schema_is_read_from_a_statement(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let comment = repo.insert(Comment { text: Some("a".into()), ..Default::default() }).await.unwrap();
        let rows = repo
            .sql::<Comment>("select id, text, lock_version, post_id, author_id from comments where id = {}")
            .bind(comment.id)
            .await;
        assert_eq!(rows.unwrap(), [comment]);
    }

    async fn a_statement_with_too_few_columns_or_of_another_type_is_an_error(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        for error in [
            repo.sql::<(i32, i32)>("select 1").await.unwrap_err(),
            repo.sql::<bool>("select 'text'").await.unwrap_err(),
            repo.sql::<i32>("select cast(null as integer)").await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Decode(_)), "{error}");
            assert!(error.to_string().contains("raw_rows.rs"), "{error}");
        }
        assert_eq!(repo.sql::<Option<i32>>("select cast(null as integer)").await.unwrap(), [None]);
    }
}

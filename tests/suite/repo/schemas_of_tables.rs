//! Several schemas of one table, and fields whose columns have other names.

use super::*;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Permalink, Post, TABLES};
use uuid::Uuid;

/// Another view of the table of posts.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "posts")]
struct Binary {
    #[schema(primary_key)]
    bid: Uuid,
    uuid: Option<Uuid>,
}

on_sql_stores! {
    async fn repo_042_a_schema_is_stored_in_the_table_that_it_names(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        assert_eq!(Binary::META.table, "posts");
        let time = store.pick("'2024-01-01 00:00:00'", "now()");
        repo.script(format!("insert into posts (title, inserted_at, updated_at) values ('other', {time}, {time})"))
            .await
            .unwrap();
        let inserted = repo.insert(Binary { uuid: Some(Uuid::from_u128(3)), ..Default::default() }).await.unwrap();
        assert_eq!(repo.get::<Binary>(inserted.bid).await.unwrap(), Some(inserted.clone()));
        let stored = repo.all(Post::query().filter(|p| p.title.is_null()).select(|p| (p.bid, p.uuid))).await.unwrap();
        assert_eq!(stored, [(Some(inserted.bid), inserted.uuid)]);
    }
}

on_every_store! {
    async fn repo_100_a_field_in_a_column_of_another_name_is_selected_and_counted(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Permalink::to("a")).await.unwrap();
        repo.insert(Permalink::default()).await.unwrap();
        let urls = Permalink::query().order_by(|l| l.id).select(|l| l.url);
        assert_eq!(repo.all(&urls).await.unwrap(), [Some("a".to_owned()), None]);
        assert_eq!(repo.aggregate(Permalink::query(), |l| l.url.count()).await.unwrap(), 1);
        assert!(urls.to_sql(store.dialect).unwrap().sql().contains(r#""p0"."uniform_resource_locator""#));
    }
}

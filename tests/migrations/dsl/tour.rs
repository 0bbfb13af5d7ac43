//! The tour's migrations, as they are written there.

use super::{catalog, down, table, up};
use peristyle::migrate::dsl::RustMigration;
use peristyle::migration;
use peristyle_tests::{Store, on_sql_stores};
use std::time::Duration;

migration!(20261122142900, CreateUsers, |m| {
    m.create_table("users", |t| {
        t.id();
        t.text("email").unique();
    });
});
migration!(20261122143000, CreatePosts, |m| {
    m.create_table("posts", |t| {
        t.id();
        t.string("title").size(160).not_null();
        t.references("users").column("author_id").not_null().on_delete(Cascade);
        t.timestamps();
    });
});
migration!(20261122143100, IndexPosts, no_transaction, |m| {
    m.create_index("posts", ["author_id"]).concurrently();
});

on_sql_stores! {
    async fn the_migrations_of_the_tour_work_and_are_undone(store: Store) {
        up(&store, &CreateUsers).await;
        up(&store, &CreatePosts).await;
        up(&store, &IndexPosts).await;
        let posts = table(&store, "posts").await;
        assert_eq!(posts.indexes[0].name, "posts_author_id_index");
        let columns: Vec<&str> = posts.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(columns, ["id", "title", "author_id", "inserted_at", "updated_at"]);
        assert!(posts.columns.iter().all(|column| !column.nullable || column.name == "id"), "{posts:?}");
        store.repo.script("insert into users (email) values ('a'); \
            insert into posts (title, author_id, inserted_at, updated_at) values ('t', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'); \
            delete from users").await.unwrap();
        assert_eq!(store.repo.sql::<i64>("select count(*) from posts").one().await.unwrap(), Some(0));
        down(&store, &IndexPosts).await;
        assert_eq!(table(&store, "posts").await.indexes, []);
        down(&store, &CreatePosts).await;
        down(&store, &CreateUsers).await;
        assert!(catalog(&store).await.tables.is_empty());
    }
}

migration!(20261122143200, Slow, no_transaction, lock_timeout = Duration::from_secs(5), up: |m| {
    m.execute("select 1");
}, down: |m| m.nothing());

#[test]
fn a_migration_knows_its_version_name_and_settings() {
    assert_eq!(
        (CreatePosts.version(), CreatePosts.name(), CreatePosts.transaction()),
        (20261122143000, "CreatePosts", true)
    );
    assert_eq!(CreatePosts.lock_timeout(), None);
    assert_eq!((Slow.transaction(), Slow.lock_timeout()), (false, Some(Duration::from_secs(5))));
    let recorded = Slow.record().unwrap();
    assert_eq!((recorded.up.len(), recorded.down.map(|steps| steps.len())), (1, Ok(0)));
}

//! What a write of one row reads back, and what the store computes for it.

use super::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Shout {
    id: i64,
    name: Option<String>,
    count: Option<i32>,
    #[schema(writable = never)]
    loud: Option<String>,
    #[schema(virtual)]
    open: Option<bool>,
}

const SHOUTS: &str = "create table shouts (
    {id}, name {text}, count {i32} default 3, loud {text} generated always as (upper(name)) stored
);";

on_sql_stores! {
    async fn fields_are_read_back_where_they_are_asked_for(store: Store) {
        store.create(SHOUTS).await;
        let repo = &store.repo;
        let shout = repo.insert(Shout { name: Some("a".into()), ..Shout::default() }).await.unwrap();
        assert_eq!((shout.loud.as_deref(), shout.count), (Some("A"), Some(3)));
        let kept = repo.update(shout.clone().change(|s| s.name.set("b"))).await.unwrap();
        assert_eq!(kept.loud.as_deref(), Some("A"));
        let read = repo.update(shout.change(|s| s.name.set("c"))).returning(|s| s.loud).await.unwrap();
        assert_eq!(read.loud.as_deref(), Some("C"));
        repo.update(read.clone().change(|s| s.name.set("d"))).await.unwrap();
        let gone = repo.delete(read).returning(|s| (s.name, s.loud)).await.unwrap();
        assert_eq!((gone.name.as_deref(), gone.loud.as_deref()), (Some("d"), Some("D")));
    }
}

on_every_store! {
    async fn a_virtual_field_cannot_be_read_back(store: Store) {
        let error = store.repo.insert(Shout::default()).returning(|s| s.open).await.unwrap_err();
        assert_eq!(
            error.to_string().lines().next().unwrap(),
            "Shout.open is a virtual field, which the store does not have: leave it out of .returning(..)"
        );
    }
}

on_sql_stores! {
    async fn an_insert_takes_what_the_store_computes(store: Store) {
        store.create(SHOUTS).await;
        let repo = &store.repo;
        let first = repo.insert(Shout { count: Some(4), ..Shout::default() }).await.unwrap();
        let changeset = Changeset::<Shout>::new()
            .change(|s| (s.name.set("x"), s.count.set(sql::<i32>("(select max(count) + 1 from shouts)"))));
        let second = repo.insert(changeset).await.unwrap();
        assert_eq!((second.name.as_deref(), second.count), (Some("x"), Some(5)));
        assert_eq!(repo.find::<Shout>(second.id).await.unwrap(), second);
        let error = repo.insert(Changeset::<Shout>::new().change(|s| s.count.set(s.count + 1))).await.unwrap_err();
        assert!(error.to_string().starts_with("Shout.count of a new row cannot be computed from count"), "{error}");
        assert_eq!(repo.count(Shout::query()).await.unwrap(), 2);
        assert_eq!(first.count, Some(4));
    }
}

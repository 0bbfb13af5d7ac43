//! Values that no other row has yet.

use super::schemas::{CompositePk, Post, TABLES};
use super::*;
use uuid::Uuid;

fn titled(title: &str) -> Changeset<Post> {
    Changeset::<Post>::new().cast(&json!({"title": title}), |p| p.title)
}

on_every_store! {
    async fn repo_039_a_value_is_taken_by_another_row_and_not_by_its_own(store: Store) {
        store.create(TABLES).await;
        let post = store.repo.insert(Post::titled("hello")).await.unwrap();
        let changeset = titled("hello").unsafe_validate_unique(|p| p.title, &store.repo).await.unwrap();
        assert_eq!(messages(&changeset), json!({"title": ["has already been taken"]}));
        assert_eq!(metadata(&changeset, "title"), json!({"validation": "unsafe_unique", "fields": ["title"]}));
        // A field that is NULL differs from every other.
        let changeset = titled("hello").unsafe_validate_unique(|p| (p.title, p.counter), &store.repo).await.unwrap();
        assert!(changeset.is_valid());
        // Its own row does not count.
        let own = Changeset::of(post).force_change(|p| p.title.set("hello"));
        assert!(own.unsafe_validate_unique(|p| p.title, &store.repo).await.unwrap().is_valid());
        let changeset = titled("hello").unsafe_validate_unique(|p| p.title, &store.repo).await.unwrap().with_message("is theirs");
        assert_eq!(messages(&changeset), json!({"title": ["is theirs"]}));
    }

    async fn the_store_is_asked_only_where_it_can_matter(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Post { uuid: Some(Uuid::nil()), ..Post::titled("hello") }).await.unwrap();
        let ((), statements) = store.repo.capture(async |repo| {
            let unchanged = Changeset::build(Post::titled("hello"));
            assert!(unchanged.unsafe_validate_unique(|p| p.title, &repo).await?.is_valid());
            let invalid = titled("hello").add_error("title", "is dull");
            assert_eq!(invalid.unsafe_validate_unique(|p| p.title, &repo).await?.errors().iter().count(), 1);
            let null = Changeset::<Post>::new().cast(&json!({"title": null}), |p| p.title);
            assert!(null.unsafe_validate_unique(|p| p.title, &repo).await?.is_valid());
            let mistaken = titled("hello").validate_format(|p| p.title, "(");
            assert!(mistaken.unsafe_validate_unique(|p| p.title, &repo).await?.is_valid());
            Ok(())
        }).await.unwrap();
        assert_eq!(statements.len(), 0);
    }

    async fn a_check_is_narrowed_takes_nulls_for_equal_and_names_another_field(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Post::titled("hello")).await.unwrap();
        let visited = Post::query().filter(|p| p.visits.gt(0)).order_by(|p| p.id.asc());
        let changeset = titled("hello").unsafe_validate_unique(|p| p.title, &store.repo).among(visited).await.unwrap();
        assert!(changeset.is_valid());
        let both = titled("hello").unsafe_validate_unique(|p| (p.title, p.counter), &store.repo).nulls_not_distinct();
        assert_eq!(messages(&both.error_on("base").await.unwrap()), json!({"base": ["has already been taken"]}));
    }
}

on_sql_stores! {
    async fn a_row_of_a_composite_key_does_not_count_itself(store: Store) {
        store.create(TABLES).await;
        let row = store.repo.insert(CompositePk::new(1, 2, "x")).await.unwrap();
        store.repo.insert(CompositePk::new(1, 3, "y")).await.unwrap();
        let own = Changeset::of(row.clone()).force_change(|c| c.name.set("x"));
        assert!(own.unsafe_validate_unique(|c| c.name, &store.repo).await.unwrap().is_valid());
        let other = Changeset::of(row).change(|c| c.name.set("y"));
        assert!(!other.unsafe_validate_unique(|c| c.name, &store.repo).await.unwrap().is_valid());
    }
}

on_every_store! {
    async fn a_virtual_field_is_in_no_row(store: Store) {
        let changeset = Changeset::<Post>::new().cast(&json!({"temp": "x"}), |p| p.temp);
        let checked = changeset.unsafe_validate_unique(|p| p.temp, &store.repo).await.unwrap();
        let error = checked.apply().unwrap_err();
        assert!(error.to_string().contains("Post.temp is virtual"), "{error}");
    }
}

//! All rows of a query deleted.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Barebone, Comment, CompositePk, Post, TABLES, User};

async fn three(store: &Store) -> Vec<Post> {
    store.create(TABLES).await;
    let mut posts = Vec::new();
    for title in ["1", "2", "3"] {
        posts.push(store.repo.insert(Post::titled(title)).await.unwrap());
    }
    posts
}

on_every_store! {
    async fn repo_081_delete_all(store: Store) {
        three(&store).await;
        assert_eq!(store.repo.delete_all(Post::query()).await.unwrap(), 3);
        assert_eq!(store.repo.all(Post::query()).await.unwrap(), []);
    }

    async fn repo_083_delete_all_returns_the_rows(store: Store) {
        let posts = three(&store).await;
        let mut gone = store.repo.delete_all(&Post::query()).returning(|p| p).await.unwrap();
        gone.sort_by_key(|post| post.id);
        assert_eq!(gone, posts);
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 0);
    }

    async fn repo_084_delete_all_returns_values(store: Store) {
        let posts = three(&store).await;
        let mut gone = store.repo.delete_all(Post::query()).returning(|p| (p.id, p.title)).await.unwrap();
        gone.sort();
        let expected: Vec<_> = posts.into_iter().map(|p| (p.id, p.title)).collect();
        assert_eq!(gone, expected);
    }

    async fn repo_085_delete_all_with_filter(store: Store) {
        three(&store).await;
        let query = Post::query().filter(|p| p.title.eq("1") | p.title.eq("2"));
        assert_eq!(store.repo.delete_all(query).await.unwrap(), 2);
        assert_eq!(store.repo.all(Post::query().select(|p| p.title)).await.unwrap(), [Some("3".to_owned())]);
        assert_eq!(store.repo.delete_all(Post::query().filter(|p| p.title.eq("4"))).await.unwrap(), 0);
    }
}

on_sql_stores! {
    async fn joins_paths_limits_and_associations_find_what_is_deleted(store: Store) {
        let posts = three(&store).await;
        let repo = &store.repo;
        let ann = repo.insert(User::named("Ann")).await.unwrap();
        let own = Post::query().filter(|p| p.id.ne(posts[2].id));
        repo.update_all(own, |p| p.author_id.set(Some(ann.id))).await.unwrap();
        for text in ["a", "b", "c"] {
            repo.insert(Comment::on(&posts[2], text)).await.unwrap();
        }
        let third = posts[2].id;
        let comments = Comment::query().join(|c| c.post()).filter(|(_, p)| p.id.eq(third));
        let newest = comments.order_by(|(c, _)| c.id.desc()).limit(1);
        assert_eq!(repo.delete_all(newest).returning(|c| c.text).await.unwrap(), [Some("c".to_owned())]);
        assert_eq!(repo.delete_all(association_query(&posts[2], |p| p.comments())).await.unwrap(), 2);
        assert_eq!(repo.delete_all(Post::query().filter(|p| p.author().name.eq("Ann"))).await.unwrap(), 2);
        let lonely = Post::query().left_join(|p| p.author()).filter(|(_, a)| a.id.is_null());
        assert_eq!(repo.delete_all(lonely).returning(|p| p.id).await.unwrap(), [third]);
        for b in 1..=3 {
            repo.insert(CompositePk::new(1, b, "x")).await.unwrap();
        }
        let two = CompositePk::query().order_by(|c| c.b.desc()).limit(2);
        assert_eq!(repo.delete_all(two).await.unwrap(), 2);
        assert_eq!(repo.all(CompositePk::query().select(|c| c.b)).await.unwrap(), [1]);
        repo.insert(Barebone { num: Some(1) }).await.unwrap();
        let error = repo.delete_all(Barebone::query().limit(1)).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("no primary key"), "{error}");
        assert_eq!(repo.delete_all(Barebone::query().filter(|b| b.num.eq(1))).await.unwrap(), 1);
    }

    async fn joins_002_delete_all_with_joins(store: Store) {
        let posts = three(&store).await;
        let repo = &store.repo;
        let ann = repo.insert(User::named("Ann")).await.unwrap();
        let alone = Comment { author_id: Some(ann.id), ..Default::default() };
        let rows = [alone, Comment::on(&posts[0], "a").by(&ann), Comment::on(&posts[0], "b").by(&ann)];
        repo.insert_all(&rows).await.unwrap();
        let orphans = Comment::query().join(|c| c.author()).filter(|(c, _)| c.post_id.is_null());
        assert_eq!(repo.delete_all(orphans).await.unwrap(), 1);
        let of_post = Comment::query().join(|c| c.author()).join(|(c, _)| c.post());
        let of_post = of_post.filter(|(_, _, p)| p.id.in_([posts[0].id]));
        assert_eq!(repo.delete_all(of_post).await.unwrap(), 2);
        assert_eq!(repo.count(Comment::query()).await.unwrap(), 0);
    }

    async fn sql_016_delete_all_with_a_literal_quote(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Post::titled("x")).await.unwrap();
        let quoted = Post::query().filter(|_| constant("'").eq(constant("'")));
        assert_eq!(store.repo.delete_all(quoted).await.unwrap(), 1);
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 0);
    }

    async fn a_foreign_key_keeps_its_row(store: Store) {
        let posts = three(&store).await;
        store.repo.insert(Comment::on(&posts[0], "a")).await.unwrap();
        let error = store.repo.delete_all(Post::query()).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 3);
    }
}

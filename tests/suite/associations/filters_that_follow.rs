//! Filters of associations that follow an association themselves.

use super::schemas::{Permalink, Post, TABLES, User};
use super::*;
use peristyle::prelude::*;

/// A user whose posts count only if their link has a certain title; posts have a title too.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
struct Linked {
    id: i64,
    name: Option<String>,
    #[schema(foreign_key = author_id, filter = |p| p.permalink().title.eq("linked"))]
    posts: HasMany<Post>,
}

on_sql_stores! {
    async fn a_filter_along_an_association_is_of_that_association_everywhere(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let user = repo.insert(User::named("a")).await.unwrap();
        for (title, link) in [("linked", "other"), ("other", "linked")] {
            let post = repo.insert(Post { author_id: Some(user.id), ..Post::titled(title) }).await.unwrap();
            let permalink = Permalink { title: Some(link.into()), post_id: Some(post.id), ..Permalink::to(title) };
            repo.insert(permalink).await.unwrap();
        }
        let counts = repo.all(Linked::query().select(|u| u.posts().count())).await.unwrap();
        assert_eq!(counts, [1]);
        let titles = |user: &Linked| user.posts.get().unwrap().iter().map(|p| p.title.clone().unwrap()).collect::<Vec<_>>();
        let mut users = repo.all(Linked::query().filter(|u| u.posts().exists()).preload(|u| u.posts())).await.unwrap();
        assert_eq!(titles(&users[0]), ["other"]);
        repo.preload(&mut users, |u| u.posts().limit(1)).force().await.unwrap();
        assert_eq!(titles(&users[0]), ["other"]);
        let lists = repo.all(Linked::query().select(|u| u.posts().select(|p| p.title).collect())).await.unwrap();
        assert_eq!(lists, [[Some("other".to_owned())]]);
        let children = repo.all(association_query(&users, |u| u.posts())).await.unwrap();
        assert_eq!(children.len(), 1);
        let error = repo.all(Linked::query().join(|u| u.posts())).await.unwrap_err();
        assert!(error.to_string().contains("the condition of a join cannot follow an association"), "{error}");
    }
}

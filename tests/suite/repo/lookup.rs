//! Rows by key, by condition, all of them, or read again.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Custom, Post, TABLES};

async fn titled(repo: &Repo, titles: &[&str]) -> Vec<Post> {
    let mut posts = Vec::new();
    for title in titles {
        posts.push(repo.insert(Post::titled(title)).await.unwrap());
    }
    posts
}

on_sql_stores! {
    async fn repo_002_a_repo_without_a_name_is_queried_through_its_handle(store: Store) {
        store.create(TABLES).await;
        let repo = peristyle::connect(store.url()).await.unwrap();
        assert_eq!(repo.all(Post::query()).await.unwrap(), []);
        let clone = repo.clone();
        clone.insert(Post::titled("a")).await.unwrap();
        assert_eq!(repo.count(Post::query()).await.unwrap(), 1);
        repo.close().await;
    }
}

on_every_store! {
    async fn repo_041_get_and_find_by_key(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let posts = titled(repo, &["1", "2"]).await;
        for post in &posts {
            assert_eq!(repo.get::<Post>(post.id).await.unwrap().as_ref(), Some(post));
            assert_eq!(&repo.find::<Post>(post.id).await.unwrap(), post);
        }
        let gone = repo.delete(posts[0].clone()).await.unwrap();
        assert_eq!(repo.get::<Post>(gone.id).await.unwrap(), None);
        let error = repo.find::<Post>(gone.id).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert!(error.to_string().contains(&format!("no Post found (id = {})", gone.id)), "{error}");
    }

    async fn repo_043_get_by_a_generated_binary_key(store: Store) {
        store.create(TABLES).await;
        let custom = store.repo.insert(Custom::default()).await.unwrap();
        assert!(!custom.bid.is_nil());
        let found = store.repo.get::<Custom>(custom.bid).await.unwrap().unwrap();
        assert_eq!(found.bid, custom.bid);
    }

    async fn repo_044_get_by_one_or_several_conditions(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let posts = titled(repo, &["1", "2"]).await;
        assert_eq!(repo.get_by::<Post>(|p| p.id.eq(posts[0].id)).await.unwrap().as_ref(), Some(&posts[0]));
        assert_eq!(repo.get_by::<Post>(|p| p.title.eq("2")).await.unwrap().as_ref(), Some(&posts[1]));
        assert_eq!(
            repo.get_by::<Post>(|p| p.title.eq("2") & p.id.eq(posts[1].id)).await.unwrap().as_ref(),
            Some(&posts[1])
        );
        assert_eq!(repo.get_by::<Post>(|p| p.title.eq("2") & p.id.eq(posts[0].id)).await.unwrap(), None);
        assert_eq!(repo.get_by::<Post>(|p| p.title.eq("hey")).await.unwrap(), None);
        assert_eq!(
            repo.only(Post::query().filter(|p| p.title.eq("1") & p.id.eq(posts[0].id))).await.unwrap(),
            posts[0]
        );
        let error = repo.only(Post::query().filter(|p| p.title.eq("hey"))).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        repo.insert(Post::titled("2")).await.unwrap();
        let error = repo.get_by::<Post>(|p| p.title.eq("2")).await.unwrap_err();
        assert!(matches!(error, Error::MultipleRows(_)), "{error}");
    }
}

on_sql_stores! {
    async fn repo_045_reload_keeps_the_order_and_gives_none_for_rows_that_are_gone(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let first = repo.insert(Post::visited("1", 10)).await.unwrap();
        let second = repo.insert(Post::visited("2", 20)).await.unwrap();
        let missing = Post { id: -1, ..Post::default() };
        assert_eq!(repo.reload(&first).await.unwrap().as_ref(), Some(&first));
        assert_eq!(repo.reload(&missing).await.unwrap(), None);
        let reversed = repo.reload(&vec![second.clone(), first.clone()]).await.unwrap();
        assert_eq!(reversed, [Some(second.clone()), Some(first.clone())]);
        let with_missing = repo.reload(&[first.clone(), missing, second.clone(), first.clone()][..]).await.unwrap();
        assert_eq!(with_missing, [Some(first.clone()), None, Some(second.clone()), Some(first.clone())]);
        repo.script("update posts set visits = visits + 1").await.unwrap();
        assert_eq!(repo.reload(&first).await.unwrap().unwrap().visits, Some(11));
        let visits: Vec<_> =
            repo.reload(&vec![first, second]).await.unwrap().into_iter().map(|post| post.unwrap().visits).collect();
        assert_eq!(visits, [Some(11), Some(21)]);
    }

    async fn reload_of_thousands_of_rows_keeps_their_order(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let many = store.pick(
            "with recursive n(n) as (select 1 union all select n + 1
                from n where n < 2500) insert into posts (title, inserted_at, updated_at)
             select cast(n as text), '2024-01-01 00:00:00', '2024-01-01 00:00:00' from n",
            "insert into posts (title, inserted_at, updated_at) select n::text, '2024-01-01', '2024-01-01'
                from generate_series(1, 2500) n",
        );
        repo.script(many).await.unwrap();
        let mut posts = repo.all(Post::query().order_by(|p| p.id.desc())).await.unwrap();
        posts.rotate_left(700);
        let reloaded = repo.reload(&posts).await.unwrap();
        assert!(reloaded.into_iter().eq(posts.into_iter().map(Some)), "not the same rows in the same order");
    }
}

on_every_store! {
    async fn repo_051_exists_asks_whether_there_is_a_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        assert!(!repo.exists(Post::query()).await.unwrap());
        for (title, visits) in [("1", 2), ("2", 1)] {
            repo.insert(Post::visited(title, visits)).await.unwrap();
        }
        assert!(repo.exists(Post::query()).await.unwrap());
        assert!(repo.exists(Post::query().filter(|p| p.visits.gt(1)).limit(2)).await.unwrap());
        assert!(repo.exists(Post::query().select(|p| p.id)).await.unwrap());
        assert!(!repo.exists(Post::query().filter(|p| p.visits.gt(2))).await.unwrap());
        let groups = |least: f64| {
            Post::query()
                .group_by(|p| p.visits)
                .having(move |p| p.visits.avg().gt(least))
                .select(|p| (p.visits, p.visits.avg()))
        };
        assert!(repo.exists(groups(1.0)).await.unwrap());
        assert!(!repo.exists(groups(2.0)).await.unwrap());
        assert!(!repo.exists(Post::query().limit(0)).await.unwrap());
    }

    async fn repo_098_a_row_whose_only_column_is_null_is_a_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post { title: Some("a".into()), counter: None, ..Default::default() }).await.unwrap();
        assert_eq!(repo.one(Post::query().select(|p| p.counter)).await.unwrap(), Some(None));
        let projected = repo.one(Post::query().select(|p| CounterSelect { counter: p.counter })).await.unwrap();
        assert_eq!(projected, Some(Counter { counter: None }));
    }
}

#[derive(Debug, PartialEq, Projection)]
struct Counter {
    counter: Option<i32>,
}

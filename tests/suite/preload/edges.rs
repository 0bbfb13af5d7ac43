//! Where associations meet: filters of filters, joins of joins, limits of roots.

use super::*;
use crate::tour_associations::{Comment, Post, Profile, User, fill};
use peristyle::prelude::*;

fn texts(comments: &[Comment]) -> Vec<&str> {
    comments.iter().map(|comment| comment.text.as_str()).collect()
}

on_sql_stores! {
    async fn the_filter_of_a_through_adds_to_that_of_its_last_step(store: Store) {
        fill(&store).await;
        let mut ann = store.repo.find::<User>(1).await.unwrap();
        store.repo.preload(&mut ann, |u| u.answers()).await.unwrap();
        assert_eq!(texts(ann.answers.get().unwrap()), ["ah"]);
        let counts = User::query().order_by(|u| u.id).select(|u| u.answers().count());
        assert_eq!(store.repo.all(counts).await.unwrap(), [1, 1, 0]);
        let found = store.repo.all(association_query(&ann, |u| u.answers())).await.unwrap();
        assert_eq!(texts(&found), ["ah"]);
    }

    async fn a_joined_preload_keeps_roots_without_rows_whatever_is_inside_of_it(store: Store) {
        fill(&store).await;
        let plain = User::query().join_preload(|u| u.posts().join_preload(|p| p.author()));
        let more = User::query().join_preload(|u| u.posts().join_preload(|p| p.author().preload(|a| a.tags())));
        for query in [plain, more] {
            let users = store.repo.all(query.order_by(|u| u.id)).await.unwrap();
            let counts: Vec<usize> = users.iter().map(|user| user.posts.get().unwrap().len()).collect();
            assert_eq!(counts, [5, 1, 0]);
            assert_eq!(users[0].posts.get().unwrap()[0].author.get().unwrap().id, 1);
        }
    }

    async fn a_separate_preload_inside_of_a_joined_one_is_one_statement(store: Store) {
        fill(&store).await;
        let query = User::query().order_by(|u| u.id).join_preload(|u| u.posts().preload(|p| p.comments()));
        let (users, statements) = store.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
        assert_eq!(statements.len(), 2);
        assert_eq!(users[0].posts.get().unwrap().iter().map(|post| post.comments.get().unwrap().len()).sum::<usize>(), 3);
    }

    async fn a_joined_preload_inside_of_a_separate_one_is_part_of_its_statement(store: Store) {
        fill(&store).await;
        let query = User::query().order_by(|u| u.id).preload(|u| u.posts().join_preload(|p| p.comments()));
        let (users, statements) = store.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
        assert_eq!(statements.len(), 2);
        let posts = users[0].posts.get().unwrap();
        assert_eq!(posts.len(), 5);
        assert_eq!(posts.iter().map(|post| post.comments.get().unwrap().len()).sum::<usize>(), 3);
    }

    async fn a_limit_counts_roots_also_where_a_has_one_has_two_rows(store: Store) {
        fill(&store).await;
        store.repo.insert(Profile { bio: "again".into(), user_id: 1, ..Profile::default() }).await.unwrap();
        let query = User::query().order_by(|u| u.id).limit(2).join_preload(|u| u.profile());
        let users = store.repo.all(query).await.unwrap();
        assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [1, 2]);
        assert!(users[0].profile.get().unwrap().is_some() && users[1].profile.get().unwrap().is_none());
    }
}

on_every_store! {
    async fn counts_are_those_of_roots_whatever_is_preloaded(store: Store) {
        fill(&store).await;
        let query = User::query().join_preload(|u| u.posts()).preload(|u| u.tags());
        assert_eq!(store.repo.count(&query).await.unwrap(), 3);
        assert!(store.repo.exists(&query).await.unwrap());
        assert_eq!(store.repo.aggregate(&query, |u| u.id.max()).await.unwrap(), Some(3));
    }

    async fn preloads_of_a_root_that_is_not_selected_are_refused(store: Store) {
        fill(&store).await;
        let query = User::query().preload(|u| u.posts()).select(|u| u.id);
        let error = store.repo.all(query).await.unwrap_err();
        assert!(error.to_string().contains("does not select the whole row"), "{error}");
        let query = User::query().preload(|u| u.posts()).order_by(|u| u.id).select(|u| (u.id, u));
        let rows = store.repo.all(query).await.unwrap();
        assert_eq!(rows[0].1.posts.get().unwrap().len(), 5);
    }
}

on_sql_stores! {
    async fn an_update_refuses_a_column_behind_an_association_and_takes_a_count(store: Store) {
        fill(&store).await;
        let ann = store.repo.find::<User>(1).await.unwrap();
        let error = store.repo.update(ann.clone().change(|u| u.name.set(u.org().name))).await.unwrap_err();
        assert!(error.to_string().contains("behind an association cannot be part of an update"), "{error}");
        let change = ann.change(|u| u.age.set(u.posts().filter(|p| p.author().age.gt(1)).count().cast::<i32>()));
        assert_eq!(store.repo.update(change).await.unwrap().age, Some(5));
    }
}

on_every_store! {
    async fn a_filter_beside_a_function_is_refused(store: Store) {
        fill(&store).await;
        let none = async |_: Vec<i64>| Ok(Vec::<Comment>::new());
        let query = Post::query().preload(|p| p.comments().filter(|c| c.text.eq("hm")).with(none));
        let error = store.repo.all(query).await.unwrap_err();
        assert!(error.to_string().contains("the rows of Post.comments come from a function"), "{error}");
        let posts = store.repo.all(Post::query().preload(|p| p.comments().with(none))).await.unwrap();
        assert!(posts.iter().all(|post| post.comments.get().unwrap().is_empty()));
    }
}

//! The direct associations, loaded into rows in hand.

use super::*;
use schemas::{Custom, TABLES};

on_every_store! {
    async fn preload_002_has_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, p3] = posts(repo, ["1", "2", "3"]).await;
        for (post, text) in [(&p1, "1"), (&p2, "2"), (&p2, "2"), (&p1, "1")] {
            comment(repo, post, text).await;
        }
        let mut rows = [p3, p1, p2];
        assert!(rows.iter().all(|post| post.comments.is_unloaded() && post.comments.get().is_err()));
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments()), 1);
        assert_eq!(titles(&rows), ["3", "1", "2"]);
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap())).collect();
        assert_eq!(of_rows, [vec![], vec!["1", "1"], vec!["2", "2"]]);
        assert!(rows.iter().all(|post| post.comments.is_complete()));
        for post in &rows {
            assert!(post.comments.get().unwrap().iter().all(|comment| comment.post_id == Some(post.id)));
        }
    }

    async fn what_is_not_loaded_names_the_preload_to_add(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let made = post(repo, "1").await;
        let read = repo.find::<Post>(made.id).await.unwrap();
        for error in [read.comments.get().unwrap_err(), read.author.get().unwrap_err(), read.permalink.get().unwrap_err()] {
            assert!(matches!(error, peristyle::Error::NotLoaded(_)) && error.to_string().contains("preload"), "{error}");
        }
        let error = read.clone().comments.into_inner().unwrap_err().to_string();
        assert!(error.contains("comments"), "{error}");
    }

    async fn preload_004_has_one(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2", "3"]).await;
        permalink(repo, "1", Some(rows[0].id)).await;
        permalink(repo, "none", None).await;
        permalink(repo, "3", Some(rows[2].id)).await;
        assert_eq!(preloading!(repo, &mut rows, |p| p.permalink()), 1);
        let url = |post: &Post| post.permalink.get().unwrap().map(|permalink| permalink.url.clone().unwrap());
        assert_eq!(rows.each_ref().map(url), [Some("1".to_owned()), None, Some("3".to_owned())]);
        assert!(rows.iter().all(|post| post.permalink.is_complete()));
    }

    async fn preload_005_belongs_to(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, _, p3] = posts(repo, ["1", "2", "3"]).await;
        let one = permalink(repo, "1", Some(p1.id)).await;
        let none = permalink(repo, "2", None).await;
        let three = permalink(repo, "3", Some(p3.id)).await;
        let mut rows = vec![three, one, none];
        assert_eq!(preloading!(repo, &mut rows, |l| l.post()), 1);
        assert_eq!(urls(&rows), ["3", "1", "2"]);
        let of_rows: Vec<_> = rows.iter().map(|permalink| permalink.post.get().unwrap().map(|post| post.id)).collect();
        assert_eq!(of_rows, [Some(p3.id), Some(p1.id), None]);
    }

    async fn preload_006_two_belongs_to_of_one_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (author, on) = (user(repo, "ann").await, post(repo, "1").await);
        let made = comment_by(repo, &on, &author, "a").await;
        let mut row = repo.get::<Comment>(made.id).await.unwrap().unwrap();
        assert_eq!(preloading!(repo, &mut row, |c| (c.author(), c.post())), 2);
        assert_eq!(row.author.get().unwrap().unwrap().id, author.id);
        assert_eq!(row.post.get().unwrap().unwrap().id, on.id);
    }

    async fn preload_007_belongs_to_with_a_shared_parent(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        let c1 = comment(repo, &p1, "1").await;
        let c2 = comment(repo, &p1, "2").await;
        let c3 = comment(repo, &p2, "3").await;
        let mut rows = vec![c3, c1, c2];
        assert_eq!(preloading!(repo, &mut rows, |c| c.post()), 1);
        assert_eq!(texts(&rows), ["3", "1", "2"]);
        let of_rows: Vec<_> = rows.iter().map(|comment| comment.post.get().unwrap().unwrap().id).collect();
        assert_eq!(of_rows, [p2.id, p1.id, p1.id]);
        assert_eq!(rows[1].post, rows[2].post);
    }
}

on_sql_stores! {
    async fn preload_008_many_to_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2", "3"]).await;
        let mut users = Vec::new();
        for name in ["1", "2", "3", "3"] {
            users.push(user(repo, name).await);
        }
        let links = [[0, 1], [2, 3], [0, 3]];
        for (post, of_post) in rows.iter().zip(links) {
            for index in of_post {
                link(repo, post, &users[index]).await;
            }
        }
        assert_eq!(preloading!(repo, &mut rows, |p| p.users()), 1);
        for (post, of_post) in rows.iter().zip(links) {
            let found = post.users.get().unwrap().iter().map(|user| user.id).collect();
            assert_eq!(sorted(found), of_post.map(|index| users[index].id));
        }
    }

    async fn a_row_that_is_linked_twice_is_there_twice(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut row, ann) = (post(repo, "1").await, user(repo, "ann").await);
        link(repo, &row, &ann).await;
        link(repo, &row, &ann).await;
        assert_eq!(preloading!(repo, &mut row, |p| p.users()), 1);
        assert_eq!(names(row.users.get().unwrap()), ["ann", "ann"]);
    }
}

on_every_store! {
    async fn preload_016_has_many_without_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        assert_eq!(preloading!(repo, &mut row, |p| p.comments()), 1);
        assert_eq!(row.title.as_deref(), Some("1"));
        assert!(row.comments.is_complete());
        assert_eq!(row.comments.get().unwrap(), []);
    }

    async fn preload_018_belongs_to_of_a_null_key_costs_no_statement(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = repo.insert(Comment { text: Some("1".into()), ..Comment::default() }).await.unwrap();
        assert_eq!(preloading!(repo, &mut row, |c| c.post()), 0);
        assert_eq!(row.text.as_deref(), Some("1"));
        assert!(row.post.is_complete());
        assert_eq!(row.post.get().unwrap(), None);
    }
}

on_sql_stores! {
    async fn preload_030_many_associations_without_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        let mut rows = vec![p2, p1];
        assert_eq!(preloading!(repo, &mut rows, |p| (p.comments(), p.users())), 2);
        assert_eq!(titles(&rows), ["2", "1"]);
        for post in &rows {
            assert_eq!(post.comments.get().unwrap(), []);
            assert_eq!(post.users.get().unwrap(), []);
        }
    }

    async fn preload_033_the_order_of_the_association(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2"]).await;
        for text in ["2", "3", "1"] {
            comment(repo, &rows[0], text).await;
        }
        for name in ["b", "c", "a"] {
            let user = user(repo, name).await;
            link(repo, &rows[0], &user).await;
        }
        assert_eq!(preloading!(repo, &mut rows, |p| (p.ordered_comments(), p.ordered_users())), 2);
        assert_eq!(texts(rows[0].ordered_comments.get().unwrap()), ["1", "2", "3"]);
        assert_eq!(names(rows[0].ordered_users.get().unwrap()), ["c", "b", "a"]);
        assert_eq!(rows[1].ordered_comments.get().unwrap(), []);
        assert_eq!(rows[1].ordered_users.get().unwrap(), []);
    }

    async fn preload_037_the_prefix_of_the_repo_reaches_the_statement(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        let error = repo.with_prefix("oops").preload(&mut row, |p| p.comments()).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Database(_)) && error.to_string().contains("oops"), "{error}");
        assert!(row.comments.is_unloaded());
        repo.preload(&mut row, |p| p.comments()).await.unwrap();
        assert_eq!(row.comments.get().unwrap(), []);
    }
}

on_every_store! {
    async fn preload_038_a_uuid_key(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let custom = repo.insert(Custom::default()).await.unwrap();
        let other = repo.insert(Custom::default()).await.unwrap();
        assert_ne!(custom.bid, other.bid);
        let mut rows = Vec::new();
        for custom_id in [Some(custom.bid), None, Some(other.bid), Some(custom.bid)] {
            rows.push(repo.insert(User { custom_id, ..User::default() }).await.unwrap());
        }
        assert_eq!(preloading!(repo, &mut rows, |u| u.custom()), 1);
        let found: Vec<_> = rows.iter().map(|user| user.custom.get().unwrap().map(|custom| custom.bid)).collect();
        assert_eq!(found, [Some(custom.bid), None, Some(other.bid), Some(custom.bid)]);
    }

    async fn repo_046_reload_gives_rows_without_associations(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        repo.preload(&mut row, |p| p.comments()).await.unwrap();
        assert_eq!(row.comments.get().unwrap(), []);
        let reloaded = repo.reload(&row).await.unwrap().unwrap();
        assert_eq!(reloaded.id, row.id);
        assert!(reloaded.comments.is_unloaded());
    }

    async fn an_association_with_a_filter_of_its_own_keeps_to_it(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut ann, on) = (user(repo, "ann").await, post(repo, "1").await);
        let (kept, _) = (comment_by(repo, &on, &ann, "kept").await, comment_by(repo, &on, &ann, "other").await);
        repo.update(kept.change(|c| c.lock_version.set(2))).await.unwrap();
        assert_eq!(preloading!(repo, &mut ann, |u| (u.v2_comments(), u.comments())), 2);
        assert_eq!(texts(ann.v2_comments.get().unwrap()), ["kept"]);
        assert!(ann.v2_comments.is_complete());
        assert_eq!(ann.comments.get().unwrap().len(), 2);
    }
}

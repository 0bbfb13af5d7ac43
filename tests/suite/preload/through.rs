//! Associations that lead through others: each is one statement, and gives each row once.

use super::*;
use schemas::TABLES;

on_sql_stores! {
    async fn preload_009_has_many_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2"]).await;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        comment_by(repo, &rows[0], &ann, "1").await;
        comment_by(repo, &rows[0], &ann, "2").await;
        comment_by(repo, &rows[0], &bob, "3").await;
        comment_by(repo, &rows[1], &bob, "4").await;
        comment(repo, &rows[1], "of nobody").await;
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments_authors()), 1);
        assert_eq!(sorted(names(rows[0].comments_authors.get().unwrap())), ["ann", "bob"]);
        assert_eq!(names(rows[1].comments_authors.get().unwrap()), ["bob"]);
        assert!(rows.iter().all(|post| post.comments.is_unloaded() && post.comments_authors.is_complete()));

        // What lies between is loaded beside it, if it is asked for.
        let statements = preloading!(repo, &mut rows, |p| (p.comments().preload(|c| c.author()), p.comments_authors()));
        assert_eq!(statements, 2);
        let authors = rows[0].comments.get().unwrap().iter().map(|c| c.author.get().unwrap().unwrap().id);
        assert_eq!(sorted(authors.collect()), [ann.id, ann.id, bob.id]);
    }

    async fn preload_010_has_one_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        let links = [permalink(repo, "1", Some(p1.id)).await, permalink(repo, "2", Some(p2.id)).await];
        let mut rows =
            [comment(repo, &p1, "1").await, comment(repo, &p1, "2").await, comment(repo, &p2, "3").await];
        assert_eq!(preloading!(repo, &mut rows, |c| c.post_permalink()), 1);
        let of_row = |comment: &Comment| comment.post_permalink.get().unwrap().unwrap().id;
        assert_eq!(rows.each_ref().map(of_row), [links[0].id, links[0].id, links[1].id]);
        assert!(rows.iter().all(|comment| comment.post.is_unloaded()));

        let statements = preloading!(repo, &mut rows, |c| (c.post().preload(|p| p.permalink()), c.post_permalink()));
        assert_eq!(statements, 2);
        for (comment, link) in rows.iter().zip([&links[0], &links[0], &links[1]]) {
            let post = comment.post.get().unwrap().unwrap();
            assert_eq!(Some(post.id), link.post_id);
            assert_eq!(post.permalink.get().unwrap(), Some(link));
        }
    }

    async fn preload_011_through_a_row_that_is_missing(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = repo.insert(Comment { text: Some("1".into()), ..Comment::default() }).await.unwrap();
        for _ in 0..2 {
            assert_eq!(preloading!(repo, &mut row, |c| (c.post(), c.post_permalink())), 0);
            assert_eq!(row.post.get().unwrap(), None);
            assert_eq!(row.post_permalink.get().unwrap(), None);
        }
    }

    async fn a_chain_that_ends_half_way_gives_nothing(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "without a permalink").await;
        let mut row = comment(repo, &on, "1").await;
        assert_eq!(preloading!(repo, &mut row, |c| (c.post(), c.post_permalink(), c.author_permalink())), 2);
        assert_eq!(row.post.get().unwrap().unwrap().id, on.id);
        assert_eq!(row.post_permalink.get().unwrap(), None);
        assert_eq!(row.author_permalink.get().unwrap(), None);
        assert!(row.post_permalink.is_complete() && row.author_permalink.is_complete());
    }

    async fn preload_013_through_another_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        for (on, author) in [(&p1, &ann), (&p1, &ann), (&p1, &bob), (&p2, &bob)] {
            comment_by(repo, on, author, "x").await;
        }
        let mut rows = [
            permalink(repo, "1", Some(p1.id)).await,
            permalink(repo, "none", None).await,
            permalink(repo, "2", Some(p2.id)).await,
        ];
        assert_eq!(preloading!(repo, &mut rows, |l| l.post_comments_authors()), 1);
        let of_row = |permalink: &Permalink| {
            let users = permalink.post_comments_authors.get().unwrap();
            sorted(users.iter().map(|user| user.id).collect())
        };
        assert_eq!(rows.each_ref().map(of_row), [vec![ann.id, bob.id], vec![], vec![bob.id]]);
        assert!(rows.iter().all(|permalink| permalink.post.is_unloaded()));

        let between = preloading!(repo, &mut rows, |l| (l.post().preload(|p| p.comments()), l.post_comments_authors()));
        assert_eq!(between, 2);
        assert_eq!(rows[0].post.get().unwrap().unwrap().comments.get().unwrap().len(), 3);
        assert_eq!(rows[1].post.get().unwrap(), None);
    }

    async fn a_through_from_a_through_reaches_the_last_table(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut row, ann, bob) = (post(repo, "1").await, user(repo, "ann").await, user(repo, "bob").await);
        for author in [&ann, &bob, &ann] {
            comment_by(repo, &row, author, "x").await;
        }
        repo.insert(Permalink { user_id: Some(ann.id), ..Permalink::to("of ann") }).await.unwrap();
        assert_eq!(preloading!(repo, &mut row, |p| p.comments_authors_permalinks()), 1);
        assert_eq!(urls(row.comments_authors_permalinks.get().unwrap()), ["of ann"]);
    }

    async fn preload_014_through_a_many_to_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2", "3"]).await;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        link(repo, &rows[0], &ann).await;
        link(repo, &rows[0], &bob).await;
        link(repo, &rows[0], &bob).await;
        link(repo, &rows[1], &bob).await;
        for (author, text) in [(&ann, "1"), (&bob, "2"), (&bob, "3")] {
            comment_by(repo, &rows[2], author, text).await;
        }
        assert_eq!(preloading!(repo, &mut rows, |p| p.users_comments()), 1);
        let of_row = |post: &Post| sorted(post.users_comments.get().unwrap().iter().map(|c| c.text.clone().unwrap()).collect());
        assert_eq!(rows.each_ref().map(of_row).concat(), ["1", "2", "3", "2", "3"]);
        assert_eq!(rows[2].users_comments.get().unwrap(), []);

        assert_eq!(preloading!(repo, &mut rows, |p| (p.users(), p.users_comments())), 1);
        assert_eq!(rows[0].users.get().unwrap().len(), 3);
        assert_eq!(names(rows[1].users.get().unwrap()), ["bob"]);
    }

    async fn a_filter_inside_of_a_through_holds(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut ann, [p1, p2]) = (user(repo, "ann").await, posts(repo, ["1", "2"]).await);
        let (first, _) = (comment_by(repo, &p1, &ann, "1").await, comment_by(repo, &p2, &ann, "2").await);
        repo.update(first.change(|c| c.lock_version.set(2))).await.unwrap();
        assert_eq!(preloading!(repo, &mut ann, |u| u.v2_comments_posts()), 1);
        assert_eq!(titles(ann.v2_comments_posts.get().unwrap()), ["1"]);
    }

    async fn a_through_is_filtered_sorted_and_limited_per_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2"]).await;
        let mut users = Vec::new();
        for name in ["a", "b", "c", "d"] {
            users.push(user(repo, name).await);
        }
        for (post, of_post) in rows.iter().zip([vec![0, 2, 1, 2, 2, 0], vec![3, 3, 0]]) {
            for index in of_post {
                comment_by(repo, post, &users[index], "x").await;
            }
        }
        let statements = preloading!(repo, &mut rows, |p| p.comments_authors().order_by(|u| u.name.desc()).limit(2));
        assert_eq!(statements, 1);
        assert_eq!(names(rows[0].comments_authors.get().unwrap()), ["c", "b"]);
        assert_eq!(names(rows[1].comments_authors.get().unwrap()), ["d", "a"]);
        repo.preload(&mut rows, |p| p.comments_authors().filter(|u| u.name.ne("c")).order_by(|u| u.name)).await.unwrap();
        assert_eq!(names(rows[0].comments_authors.get().unwrap()), ["a", "b"]);
        assert!(!rows[0].comments_authors.is_complete());
    }

    async fn through_a_schema_and_back_again(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        let [p1, p2, p3] = posts(repo, ["1", "2", "3"]).await;
        for (on, author) in [(&p1, &ann), (&p1, &bob), (&p2, &bob), (&p3, &bob)] {
            comment_by(repo, on, author, "x").await;
        }
        let mut rows = [ann, bob, user(repo, "cleo").await];
        assert_eq!(preloading!(repo, &mut rows, |u| u.co_commenters()), 1);
        assert_eq!(sorted(names(rows[0].co_commenters.get().unwrap())), ["ann", "bob"]);
        assert_eq!(sorted(names(rows[1].co_commenters.get().unwrap())), ["ann", "bob"]);
        assert_eq!(rows[2].co_commenters.get().unwrap(), []);
    }
}

//! Associations that are loaded from the joins of the statement that reads their rows.

use super::*;
use schemas::TABLES;

on_sql_stores! {
    async fn joins_016_siblings_and_nested_ones_of_one_statement(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        let own = |title| Post { author_id: Some(ann.id), ..Post::titled(title) };
        let (p1, p2) = (repo.insert(own("1")).await.unwrap(), repo.insert(own("2")).await.unwrap());
        comment_by(repo, &p1, &ann, "a").await;
        comment_by(repo, &p1, &bob, "b").await;
        comment(repo, &p2, "c").await;
        comment_by(repo, &p2, &ann, "d").await;
        let query = User::query()
            .left_join(|u| u.posts())
            .left_join(|(u, _)| u.comments())
            .left_join(|(_, p, _)| p.comments())
            .order_by(|(u, p, uc, pc)| (u.id, p.id, uc.id, pc.id))
            .preload_from(|(u, p, _, pc)| (u.posts(), p, (p.comments().preload(|c| c.author()), pc)))
            .preload_from(|(u, _, uc, _)| (u.comments(), uc));
        let (users, statements) = counting!(repo, query.clone());
        assert_eq!(statements, 2);
        assert_eq!(names(&users), ["ann", "bob"]);
        assert_eq!(texts(users[0].comments.get().unwrap()), ["a", "d"]);
        assert_eq!(texts(users[1].comments.get().unwrap()), ["b"]);
        assert_eq!(users[1].posts.get().unwrap(), []);
        let found = users[0].posts.get().unwrap();
        assert_eq!(titles(found), ["1", "2"]);
        assert_eq!(texts(found[0].comments.get().unwrap()), ["a", "b"]);
        assert_eq!(texts(found[1].comments.get().unwrap()), ["c", "d"]);
        let comments = found.iter().flat_map(|post| post.comments.get().unwrap());
        let authors: Vec<_> = comments.map(|c| c.author.get().unwrap().map(|author| author.id)).collect();
        assert_eq!(authors, [Some(ann.id), Some(bob.id), None, Some(ann.id)]);

        let one = repo.one(query.filter(|(u, ..)| u.id.eq(ann.id))).await.unwrap().unwrap();
        assert_eq!(titles(one.posts.get().unwrap()), ["1", "2"]);
        assert_eq!(texts(one.comments.get().unwrap()), ["a", "d"]);
    }

    async fn joins_018_has_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, _] = posts(repo, ["1", "2", "3"]).await;
        for (post, text) in [(&p1, "1"), (&p2, "x"), (&p1, "y")] {
            comment(repo, post, text).await;
        }
        let inner = Post::query()
            .join(|p| p.comments())
            .order_by(|(p, c)| (p.id, c.id))
            .preload_from(|(p, c)| (p.comments(), c));
        let (rows, statements) = counting!(repo, inner);
        assert_eq!(statements, 1);
        assert_eq!(titles(&rows), ["1", "2"]);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["1", "y"]);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["x"]);

        let left = Post::query()
            .left_join(|p| p.comments().filter(|c| c.text.eq(p.title)))
            .order_by(|(p, _)| p.id)
            .preload_from(|(p, c)| (p.comments(), c));
        let (rows, statements) = counting!(repo, left);
        assert_eq!(statements, 1);
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["1", "", ""]);
        assert!(rows.iter().all(|post| !post.comments.is_complete()));
    }

    async fn joins_020_belongs_to(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        for (url, post) in [("1", Some(p1.id)), ("2", None), ("3", Some(p2.id))] {
            permalink(repo, url, post).await;
        }
        let joined = Permalink::query()
            .left_join(|l| l.post())
            .order_by(|(l, _)| l.id)
            .preload_from(|(l, p)| (l.post(), p));
        for (rows, statements) in
            [counting!(repo, joined), counting!(repo, Permalink::query().order_by(|l| l.id).join_preload(|l| l.post()))]
        {
            assert_eq!(statements, 1);
            let of_rows: Vec<_> = rows.iter().map(|l| l.post.get().unwrap().map(|post| post.id)).collect();
            assert_eq!(of_rows, [Some(p1.id), None, Some(p2.id)]);
            assert!(rows.iter().all(|permalink| permalink.post.is_complete()));
        }
    }

    async fn joins_021_many_to_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, p3] = posts(repo, ["1", "2", "3"]).await;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        for (post, user) in [(&p1, &ann), (&p1, &bob), (&p3, &bob)] {
            link(repo, post, user).await;
        }
        let of_rows = |rows: &[Post]| -> Vec<String> {
            rows.iter().map(|post| names(post.users.get().unwrap()).join(" ")).collect()
        };
        let joined = Post::query()
            .left_join(|p| p.users())
            .order_by(|(p, u)| (p.id, u.id))
            .preload_from(|(p, u)| (p.users(), u));
        let (rows, statements) = counting!(repo, joined);
        assert_eq!((of_rows(&rows), statements), (vec!["ann bob".into(), "".into(), "bob".into()], 1));
        let query = Post::query().order_by(|p| p.id).join_preload(|p| p.users().order_by(|u| u.id));
        let (rows, statements) = counting!(repo, query);
        assert_eq!((of_rows(&rows), statements), (vec!["ann bob".into(), "".into(), "bob".into()], 1));
        let query = Post::query().order_by(|p| p.id).join_preload(|p| p.users().filter(|u| u.name.eq("ann")));
        let (rows, statements) = counting!(repo, query);
        assert_eq!((of_rows(&rows), statements), (vec!["ann".into(), "".into(), "".into()], 1));
        assert_eq!(titles(&rows), [p1, p2, p3].each_ref().map(|post| post.title.as_deref().unwrap()));
        let extra = Post::query()
            .left_join(|p| p.users().filter(|u| u.name.eq("bob")))
            .order_by(|(p, _)| p.id)
            .preload_from(|(p, u)| (p.users(), u));
        let rows = repo.all(extra).await.unwrap();
        assert_eq!(of_rows(&rows), ["bob", "", "bob"]);
    }

    async fn joins_022_has_many_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        for (post, author) in [(&p1, &ann), (&p1, &ann), (&p1, &bob), (&p2, &bob)] {
            comment_by(repo, post, author, "x").await;
        }
        comment(repo, &p2, "of nobody").await;
        let of_rows = |rows: &[Post]| -> Vec<String> {
            rows.iter().map(|post| names(post.comments_authors.get().unwrap()).join(" ")).collect()
        };
        let joined = Post::query()
            .left_join(|p| p.comments_authors())
            .order_by(|(p, u)| (p.id, u.id))
            .preload_from(|(p, u)| (p.comments_authors(), u));
        let (rows, statements) = counting!(repo, joined);
        assert_eq!((of_rows(&rows), statements), (vec!["ann bob".to_owned(), "bob".into()], 1));
        assert!(rows.iter().all(|post| post.comments.is_unloaded()));
        let extra = Post::query()
            .left_join(|p| p.comments_authors().filter(|u| u.name.eq("ann")))
            .order_by(|(p, _)| p.id)
            .preload_from(|(p, u)| (p.comments_authors(), u));
        let rows = repo.all(extra).await.unwrap();
        assert_eq!(of_rows(&rows), ["ann", ""]);
        let query = Post::query().order_by(|p| p.id).join_preload(|p| p.comments_authors().order_by(|u| u.name.desc()));
        let (rows, statements) = counting!(repo, query);
        assert_eq!((of_rows(&rows), statements), (vec!["bob ann".to_owned(), "bob".into()], 1));
    }

    async fn joins_023_through_another_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        for (post, author) in [(&p1, &ann), (&p1, &ann), (&p1, &bob), (&p2, &bob)] {
            comment_by(repo, post, author, "x").await;
        }
        permalink(repo, "1", Some(p1.id)).await;
        permalink(repo, "2", Some(p2.id)).await;
        let alone = Permalink::query()
            .left_join(|l| l.post_comments_authors())
            .order_by(|(l, u)| (l.id, u.id))
            .preload_from(|(l, u)| (l.post_comments_authors(), u));
        let between = Permalink::query()
            .left_join(|l| l.user())
            .left_join(|(l, _)| l.post_comments_authors())
            .left_join(|(l, ..)| l.post())
            .order_by(|(l, _, u, _)| (l.id, u.id))
            .preload_from(|(l, _, u, _)| (l.post_comments_authors(), u));
        for (rows, statements) in [counting!(repo, alone), counting!(repo, between)] {
            assert_eq!(statements, 1);
            assert_eq!(urls(&rows), ["1", "2"]);
            assert_eq!(names(rows[0].post_comments_authors.get().unwrap()), ["ann", "bob"]);
            assert_eq!(names(rows[1].post_comments_authors.get().unwrap()), ["bob"]);
        }
    }

    async fn joins_025_missing_rows_at_both_levels(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, _] = posts(repo, ["1", "2", "3"]).await;
        let ann = user(repo, "ann").await;
        comment_by(repo, &p1, &ann, "a").await;
        comment(repo, &p2, "b").await;
        comment_by(repo, &p2, &ann, "c").await;
        let from = Post::query()
            .left_join(|p| p.comments())
            .left_join(|(_, c)| c.author())
            .order_by(|(p, c, _)| (p.id, c.id))
            .preload_from(|(p, c, a)| (p.comments(), c, (c.author(), a)));
        let by_joins =
            Post::query().order_by(|p| p.id).join_preload(|p| p.comments().order_by(|c| c.id).join_preload(|c| c.author()));
        for (rows, statements) in [counting!(repo, from), counting!(repo, by_joins)] {
            assert_eq!(statements, 1);
            let of_rows: Vec<Vec<_>> = rows
                .iter()
                .map(|post| post.comments.get().unwrap().iter().map(|c| c.author.get().unwrap().map(|a| a.id)).collect())
                .collect();
            assert_eq!(of_rows, [vec![Some(ann.id)], vec![None, Some(ann.id)], vec![]]);
            assert!(rows.iter().all(|post| post.comments.is_complete()));
        }
    }

    async fn joins_027_a_filter_of_the_joined_rows_beside_another_preload(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        for (post, text) in [(&p1, "a"), (&p1, "b"), (&p2, "c"), (&p2, "d"), (&p2, "e")] {
            comment(repo, post, text).await;
        }
        permalink(repo, "x", Some(p2.id)).await;
        let query = Post::query()
            .left_join(|p| p.comments())
            .filter(|(_, c)| c.text.in_(["a", "c", "e"]))
            .order_by(|(p, c)| (p.id, c.id));
        let from = query.clone().preload_from(|(p, c)| (p.comments(), c)).preload(|(p, _)| p.permalink());
        let (rows, statements) = counting!(repo, from);
        assert_eq!(statements, 2);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["a"]);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["c", "e"]);
        assert!(rows.iter().all(|post| !post.comments.is_complete()));
        assert_eq!(rows[0].permalink.get().unwrap(), None);
        assert_eq!(rows[1].permalink.get().unwrap().unwrap().url.as_deref(), Some("x"));

        // In a tuple, each row of the join has its root, and the root its other association.
        let tuples = query.preload(|(p, _)| p.permalink()).select(|(p, c)| (c.text, p));
        let (rows, statements) = counting!(repo, tuples);
        assert_eq!(statements, 2);
        let found: Vec<_> = rows.iter().map(|(text, p)| (text.as_deref().unwrap(), p.permalink.get().unwrap().is_some())).collect();
        assert_eq!(found, [("a", false), ("c", true), ("e", true)]);
    }

    async fn joins_028_a_row_for_each_joined_row_carries_its_association(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        for (post, url) in [(&p1, "1"), (&p2, "2")] {
            permalink(repo, url, Some(post.id)).await;
        }
        for (post, text) in [(&p1, "a"), (&p1, "b"), (&p2, "c")] {
            comment(repo, post, text).await;
        }
        let query = Post::query()
            .join(|p| p.comments())
            .order_by(|(_, c)| c.id)
            .preload(|(p, _)| p.permalink())
            .select(|(p, c)| (p, c));
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 2);
        let found: Vec<_> = rows
            .iter()
            .map(|(post, comment)| (post.permalink.get().unwrap().unwrap().url.as_deref().unwrap(), comment.text.as_deref().unwrap()))
            .collect();
        assert_eq!(found, [("1", "a"), ("1", "b"), ("2", "c")]);
        // What comes from a join makes one row of each root, which a selection per row contradicts.
        let query = Post::query().join(|p| p.comments()).join_preload(|(p, _)| p.permalink()).select(|(p, c)| (p, c));
        let error = repo.all(query).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains(".preload(..)"), "{error}");
    }

    async fn joins_030_has_one_through_with_nested_preloads(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, on) = (user(repo, "ann").await, post(repo, "1").await);
        let new = Permalink { post_id: Some(on.id), user_id: Some(ann.id), ..Permalink::to("x") };
        let link = repo.insert(new).await.unwrap();
        comment(repo, &on, "a").await;
        repo.insert(Comment { text: Some("of none".into()), ..Comment::default() }).await.unwrap();
        let from = Comment::query()
            .left_join(|c| c.post_permalink())
            .left_join(|(_, l)| l.user())
            .order_by(|(c, ..)| c.id)
            .preload_from(|(c, l, u)| (c.post_permalink().preload(|l| l.post()), l, (l.user(), u)));
        let by_joins = Comment::query().order_by(|c| c.id).join_preload(|c| {
            c.post_permalink().join_preload(|l| l.user()).preload(|l| l.post())
        });
        for (rows, statements) in [counting!(repo, from), counting!(repo, by_joins)] {
            assert_eq!(statements, 2);
            let found = rows[0].post_permalink.get().unwrap().unwrap();
            assert_eq!(found.id, link.id);
            assert_eq!(found.user.get().unwrap().unwrap().id, ann.id);
            assert_eq!(found.post.get().unwrap().unwrap().id, on.id);
            assert!(rows.iter().all(|comment| comment.post.is_unloaded()));
            assert_eq!(rows[1].post_permalink.get().unwrap(), None);
        }
    }
}

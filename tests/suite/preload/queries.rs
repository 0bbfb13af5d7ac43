//! Preloads that a query names: filters, orders and limits of their own, and lists that are decided at run time.

use super::*;
use schemas::TABLES;

/// Two posts with comments by two authors, and one without.
async fn filled(repo: &Repo) -> ([Post; 3], [User; 2]) {
    let posts = posts(repo, ["1", "2", "3"]).await;
    let users = [user(repo, "ann").await, user(repo, "bob").await];
    for (post, author, text) in [(0, 0, "b"), (1, 1, "e"), (0, 1, "c"), (0, 1, "a"), (1, 0, "d")] {
        comment_by(repo, &posts[post], &users[author], text).await;
    }
    (posts, users)
}

on_every_store! {
    async fn preload_023_a_filter_an_order_and_nested_preloads(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut rows, _) = filled(repo).await;
        let never = Comment::query().filter(|c| c.id.lt(0i64));
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().query(never)), 1);
        assert!(rows.iter().all(|post| post.comments.get().unwrap().is_empty() && !post.comments.is_complete()));

        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().order_by(|c| c.text.desc())), 1);
        let of_rows = rows.each_ref().map(|post| texts(post.comments.get().unwrap()).join(" "));
        assert_eq!(of_rows, ["c b a", "e d", ""]);

        let query = Comment::query().order_by(|c| c.text.desc());
        let statements = preloading!(repo, &mut rows, |p| p.comments().query(query).preload(|c| c.post()));
        assert_eq!(statements, 2);
        for post in &rows {
            assert!(post.comments.get().unwrap().iter().all(|c| c.post.get().unwrap().unwrap().id == post.id));
        }

        // Only the ids.
        let ids = Post::query().order_by(|p| p.id).select(|p| p.comments().order_by(|c| c.id).select(|c| c.id).collect());
        let (ids, statements) = counting!(repo, ids);
        assert_eq!(statements, 2);
        let in_store = repo.all(Comment::query().order_by(|c| (c.post_id, c.id)).select(|c| c.id)).await.unwrap();
        assert_eq!(ids.concat(), in_store);
        assert_eq!(ids[2], [] as [i64; 0]);
    }

    async fn preload_032_a_query_with_preloads_of_its_own(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ([p1, p2, _], _) = filled(repo).await;
        let query = Comment::query().order_by(|c| c.text.desc()).preload(|c| c.post());
        let mut rows = vec![p2, p1];
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().query(query)), 2);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["e", "d"]);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["c", "b", "a"]);
        for post in &rows {
            assert!(post.comments.get().unwrap().iter().all(|c| c.post.get().unwrap().unwrap().id == post.id));
        }
    }

    async fn a_query_keeps_the_filters_that_the_association_had(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut rows, _) = filled(repo).await;
        let not_a = Comment::query().filter(|c| c.text.ne("a")).order_by(|c| c.text);
        repo.preload(&mut rows, |p| p.comments().filter(|c| c.text.ne("b")).query(not_a)).await.unwrap();
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["c"]);
    }

    async fn preload_035_an_order_replaces_that_of_the_association(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        for text in ["2", "1", "3"] {
            comment(repo, &row, text).await;
        }
        assert_eq!(preloading!(repo, &mut row, |p| p.ordered_comments()), 1);
        assert_eq!(texts(row.ordered_comments.get().unwrap()), ["1", "2", "3"]);
        let query = Comment::query().order_by(|c| c.text.desc());
        assert_eq!(preloading!(repo, &mut row, |p| p.ordered_comments().query(query).force()), 1);
        assert_eq!(texts(row.ordered_comments.get().unwrap()), ["3", "2", "1"]);
    }

    async fn preload_042_preloads_decided_at_run_time(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (_, users) = filled(repo).await;
        let (rows, statements) = counting!(repo, Post::query().order_by(|p| p.id).preload(|p| p.comments()));
        assert_eq!(statements, 2);
        assert_eq!(rows.iter().map(|post| post.comments.get().unwrap().len()).collect::<Vec<_>>(), [3, 2, 0]);

        let never = Comment::query().filter(|c| c.id.lt(0i64));
        let (rows, statements) = counting!(repo, Post::query().preload(|p| p.comments().query(never)));
        assert_eq!(statements, 2);
        assert!(rows.iter().all(|post| post.comments.get().unwrap().is_empty()));

        for (authors, permalinks) in [(true, false), (false, true), (true, true), (false, false)] {
            let mut query = Post::query().order_by(|p| p.id);
            if authors {
                query = query.preload(|p| p.comments().preload(|c| c.author()));
            }
            let permalink = |p: schemas::PostColumns<Post, NotNull>| permalinks.then(|| p.permalink());
            let (rows, statements) = counting!(repo, query.preload(permalink).select(|p| (p.id + 0i64, p)));
            assert_eq!(statements, 1 + 2 * usize::from(authors) + usize::from(permalinks));
            for (id, post) in &rows {
                assert_eq!(post.id, *id);
                assert_eq!((post.comments.is_loaded(), post.permalink.is_loaded()), (authors, permalinks));
            }
            if authors {
                let of_first = rows[0].1.comments.get().unwrap().iter().map(|c| c.author.get().unwrap().unwrap().id);
                assert_eq!(sorted(of_first.collect()), [users[0].id, users[1].id, users[1].id]);
            }
        }
        let words: Vec<&str> = vec!["a", "d"];
        let each = |p: schemas::PostColumns<Post, NotNull>| {
            words.iter().map(|word| p.comments().filter(|c| c.text.eq(*word))).collect::<Vec<_>>()
        };
        let (rows, statements) = counting!(repo, Post::query().order_by(|p| p.id).preload(each));
        // The last one of the list stays.
        assert_eq!(statements, 3);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["d"]);
        assert_eq!(rows[0].comments.get().unwrap(), []);
    }
}

on_sql_stores! {
    async fn a_limit_is_one_per_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let newest = Post::query().order_by(|p| p.id).preload(|p| p.comments().order_by(|c| c.text.desc()).limit(2));
        let (rows, statements) = counting!(repo, newest);
        assert_eq!(statements, 2);
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["c b", "e d", ""]);
        assert!(rows.iter().all(|post| !post.comments.is_complete()));

        let after = Post::query().order_by(|p| p.id).preload(|p| p.comments().order_by(|c| c.text).limit(1).offset(1));
        let rows = repo.all(after).await.unwrap();
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["b", "e", ""]);

        // Without an order, the rows are in that of their keys, and each limit further in is one per row too.
        let nested = User::query().order_by(|u| u.id).preload(|u| u.comments().limit(2).preload(|c| c.post().preload(|p| p.comments().limit(1))));
        let (rows, statements) = counting!(repo, nested);
        assert_eq!(statements, 4);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["e", "c"]);
        for comment in rows[1].comments.get().unwrap() {
            assert_eq!(comment.post.get().unwrap().unwrap().comments.get().unwrap().len(), 1);
        }
    }

    async fn a_limit_of_a_many_to_many_is_one_per_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = posts(repo, ["1", "2"]).await;
        for name in ["a", "b", "c"] {
            let user = user(repo, name).await;
            for post in &rows {
                link(repo, post, &user).await;
            }
        }
        let query = Post::query().order_by(|p| p.id).preload(|p| p.users().order_by(|u| u.name.desc()).limit(2));
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 2);
        assert!(rows.iter().all(|post| names(post.users.get().unwrap()) == ["c", "b"]));
        let query = Post::query().order_by(|p| p.id).preload(|p| p.ordered_users().filter(|u| u.name.ne("b")));
        let rows = repo.all(query).await.unwrap();
        assert!(rows.iter().all(|post| names(post.ordered_users.get().unwrap()) == ["c", "a"]));
    }

    async fn a_filter_may_follow_a_path_and_use_the_row_above(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (rows, users) = filled(repo).await;
        repo.update(rows[0].clone().change(|p| p.author_id.set(users[1].id))).await.unwrap();
        let by_ann = Post::query().order_by(|p| p.id).preload(|p| p.comments().filter(|c| c.author().name.eq("ann")));
        let (rows, statements) = counting!(repo, by_ann);
        assert_eq!(statements, 2);
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["b", "d", ""]);
        let own = Post::query().order_by(|p| p.id).preload(|p| {
            p.comments().filter(|c| c.author_id.eq(p.author_id)).order_by(|c| c.text.desc()).limit(1)
        });
        let (rows, statements) = counting!(repo, own);
        assert_eq!(statements, 2);
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["c", "", ""]);
    }
}

on_every_store! {
    async fn preloads_of_one_row_of_a_stream_and_of_none(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (rows, _) = filled(repo).await;
        let query = Post::query().filter(|p| p.title.eq("1")).preload(|p| p.comments().preload(|c| c.author()));
        let one = repo.one(&query).await.unwrap().unwrap();
        assert_eq!(one.comments.get().unwrap().len(), 3);
        assert!(one.comments.get().unwrap().iter().all(|comment| comment.author.is_loaded()));
        assert_eq!(repo.only(&query).await.unwrap(), one);
        assert_eq!(repo.count(&query).await.unwrap(), 1);
        assert!(repo.exists(&query).await.unwrap());
        let mut stream = repo.stream(Post::query().order_by(|p| p.id).preload(|p| p.ordered_comments()));
        let mut counts = Vec::new();
        while let Some(post) = stream.next().await {
            counts.push(post.unwrap().ordered_comments.get().unwrap().len());
        }
        assert_eq!(counts, [3, 2, 0]);
        assert_eq!(rows.len(), counts.len());
    }

    async fn what_belongs_to_another_row_is_preloaded_inside_of_its_own(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        // It gives no row, and is a mistake all the same.
        let outside = User::query().join(|u| u.posts()).join(|(_, p)| p.author()).preload(|(_, _, a)| a.posts());
        let error = repo.all(outside).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)), "{error}");
        assert!(error.to_string().contains("preload it inside"), "{error}");
        let unselected = Post::query().preload(|p| p.comments()).select(|p| p.id);
        let error = repo.all(unselected).await.unwrap_err();
        assert!(error.to_string().contains("select it too"), "{error}");
    }
}

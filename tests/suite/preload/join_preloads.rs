//! What `join_preload` and `preload_from` promise beyond single associations: limits, paths, and where they may stand.

use super::*;
use schemas::TABLES;

/// Three posts of one author, the first with three comments, the last with one.
async fn filled(repo: &Repo) -> (User, Vec<Post>) {
    let ann = user(repo, "ann").await;
    let mut posts = Vec::new();
    for title in ["1", "2", "3"] {
        posts.push(repo.insert(Post { author_id: Some(ann.id), ..Post::titled(title) }).await.unwrap());
    }
    for (post, text) in [(0, "b"), (0, "c"), (2, "d"), (0, "a")] {
        comment_by(repo, &posts[post], &ann, text).await;
    }
    (ann, posts)
}

on_sql_stores! {
    async fn a_limit_is_one_of_roots(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let query = Post::query().order_by(|p| p.id.desc()).limit(2).offset(1).join_preload(|p| p.comments().order_by(|c| c.text));
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 1);
        assert_eq!(titles(&rows), ["2", "1"]);
        assert_eq!(rows[0].comments.get().unwrap(), []);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["a", "b", "c"]);
        let query = Post::query().left_join(|p| p.comments()).limit(2).preload_from(|(p, c)| (p.comments(), c));
        let error = repo.all(query).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains("limit"), "{error}");
        let one = repo.one(Post::query().filter(|p| p.title.eq("1")).join_preload(|p| p.comments())).await.unwrap();
        assert_eq!(one.unwrap().comments.get().unwrap().len(), 3);
        assert_eq!(repo.count(Post::query().join_preload(|p| p.comments())).await.unwrap(), 3);
    }

    async fn a_path_and_a_join_preload_share_one_join(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, _) = filled(repo).await;
        let query = Post::query().filter(|p| p.author().name.eq("ann")).order_by(|p| (p.author().name, p.id)).join_preload(|p| p.author());
        let sql = query.to_sql(store.dialect).unwrap();
        assert_eq!(sql.sql().matches("JOIN").count(), 1, "{sql}");
        let (rows, statements) = counting!(repo, query);
        assert_eq!((rows.len(), statements), (3, 1));
        assert!(rows.iter().all(|post| post.author.get().unwrap().unwrap().id == ann.id));
    }

    async fn a_filtered_row_of_a_join_is_not_the_whole(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let query = Post::query().order_by(|p| p.id).join_preload(|p| (p.author().filter(|u| u.name.eq("bob")), p.comments().filter(|c| c.text.ne("a"))));
        let (rows, statements) = counting!(repo, query);
        assert_eq!((rows.len(), statements), (3, 1));
        assert!(rows.iter().all(|post| post.author.get().unwrap().is_none() && !post.author.is_complete()));
        assert_eq!(sorted(texts(rows[0].comments.get().unwrap())), ["b", "c"]);
        assert!(!rows[0].comments.is_complete());
    }

    async fn the_order_of_the_association_holds_in_a_join(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let rows = repo.all(Post::query().order_by(|p| p.id).join_preload(|p| p.ordered_comments())).await.unwrap();
        assert_eq!(titles(&rows), ["1", "2", "3"]);
        assert_eq!(texts(rows[0].ordered_comments.get().unwrap()), ["a", "b", "c"]);
    }

    async fn a_join_inside_of_a_preload(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, mut rows) = filled(repo).await;
        let (users, statements) =
            counting!(repo, User::query().preload(|u| u.posts().order_by(|p| p.id).join_preload(|p| p.author())));
        assert_eq!(statements, 2);
        assert!(users[0].posts.get().unwrap().iter().all(|p| p.author.get().unwrap().unwrap().id == ann.id));
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().join_preload(|c| c.author())), 1);
        assert!(rows[0].comments.get().unwrap().iter().all(|c| c.author.get().unwrap().unwrap().id == ann.id));
    }

    async fn a_query_with_a_join_of_its_own_inside_of_a_preload(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, mut rows) = filled(repo).await;
        let query = Comment::query().order_by(|c| c.text).join_preload(|c| c.author());
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().query(query)), 1);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["a", "b", "c"]);
        assert!(rows[0].comments.get().unwrap().iter().all(|c| c.author.get().unwrap().unwrap().id == ann.id));
    }

    async fn a_to_many_join_inside_of_a_preload_repeats_nothing(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let query = User::query().preload(|u| u.posts().order_by(|p| p.id).join_preload(|p| p.comments().order_by(|c| c.text)));
        let (users, statements) = counting!(repo, query);
        assert_eq!(statements, 2);
        let found = users[0].posts.get().unwrap();
        assert_eq!(titles(found), ["1", "2", "3"]);
        assert_eq!(texts(found[0].comments.get().unwrap()), ["a", "b", "c"]);
    }
}

on_every_store! {
    async fn a_join_takes_no_limit_and_no_other_source(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let limited = Post::query().join_preload(|p| p.comments().limit(1));
        let elsewhere = Post::query().join_preload(|p| p.comments().from_repo(repo));
        let given = Post::query().join_preload(|p| p.comments().with(|_: Vec<i64>| async { Ok(Vec::<Comment>::new()) }));
        for query in [limited, elsewhere, given] {
            let error = repo.all(query).await.unwrap_err();
            assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains(".preload(..)"), "{error}");
        }
    }

    async fn a_stream_gives_rows_as_they_come_and_refuses_to_wait_for_more(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let mut stream = repo.stream(Post::query().join_preload(|p| p.comments()));
        let error = stream.next().await.unwrap().unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains(".preload(..)"), "{error}");
        assert!(stream.next().await.is_none());
    }
}

on_sql_stores! {
    async fn counting_counts_roots(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (_, posts) = filled(repo).await;
        let joined = Post::query().join_preload(|p| (p.comments(), p.author()));
        assert_eq!(repo.count(&joined).await.unwrap(), 3);
        assert_eq!(repo.count(joined.clone().limit(2)).await.unwrap(), 2);
        assert!(repo.exists(&joined).await.unwrap());
        assert_eq!(repo.aggregate(&joined, |p| p.id.max()).await.unwrap(), Some(posts[2].id));
        let from = Post::query()
            .join(|p| p.comments())
            .order_by(|(_, c)| c.text)
            .preload_from(|(p, c)| (p.comments(), c));
        assert_eq!(repo.all(&from).await.unwrap().len(), 2);
        assert_eq!(repo.count(&from).await.unwrap(), 2);
        assert!(repo.exists(&from).await.unwrap());
        assert!(!repo.exists(from.clone().filter(|(_, c)| c.text.eq("no such"))).await.unwrap());
        assert!(matches!(repo.one(&from).await.unwrap_err(), peristyle::Error::MultipleRows(_)));
    }

    async fn what_a_join_leaves_out_is_not_the_whole(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (_, posts) = filled(repo).await;
        comment(repo, &posts[0], "of nobody").await;
        let complete = |rows: Vec<Post>| rows.iter().all(|post| post.comments.is_complete());
        let left = Post::query().left_join(|p| p.comments()).preload_from(|(p, c)| (p.comments(), c));
        assert!(complete(repo.all(left).await.unwrap()));
        let inner = Post::query().join(|p| p.comments()).preload_from(|(p, c)| (p.comments(), c));
        assert!(complete(repo.all(inner).await.unwrap()));
        // The join of the authors leaves out the comment without one.
        let with_author = Post::query()
            .join(|p| p.comments())
            .join(|(_, c)| c.author())
            .preload_from(|(p, c, a)| (p.comments(), c, (c.author(), a)));
        let rows = repo.all(with_author).await.unwrap();
        assert_eq!(rows.iter().map(|post| post.comments.get().unwrap().len()).sum::<usize>(), 4);
        assert!(rows.iter().all(|post| !post.comments.is_complete()));
        let by_hand = Post::query()
            .left_join_on::<Comment>(|(p, c)| c.post_id.eq(p.id).and(c.text.ne("a")))
            .preload_from(|(p, c)| (p.comments(), c));
        let rows = repo.all(by_hand).await.unwrap();
        assert!(rows.iter().all(|post| !post.comments.is_complete()));
        let many = Post::query().left_join(|p| p.users()).preload_from(|(p, u)| (p.users(), u));
        assert!(repo.all(many).await.unwrap().iter().all(|post| post.users.is_complete()));
    }

    async fn joins_inside_of_limited_preloads_and_of_lists(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, mut rows) = filled(repo).await;
        let limited = |p: schemas::PostColumns<Post, NotNull>| {
            p.comments().order_by(|c| c.text).limit(2).join_preload(|c| c.author())
        };
        assert_eq!(preloading!(repo, &mut rows, limited), 1);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["a", "b"]);
        assert!(rows[0].comments.get().unwrap().iter().all(|c| c.author.get().unwrap().unwrap().id == ann.id));
        let cut = User::query().preload(|u| u.posts().limit(1).join_preload(|p| p.comments()));
        let error = repo.all(cut).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains(".preload(..)"), "{error}");

        let lists = Post::query().order_by(|p| p.id).select(|p| p.comments().order_by(|c| c.text).join_preload(|c| c.author()).collect());
        let (lists, statements) = counting!(repo, lists);
        assert_eq!(statements, 2);
        assert_eq!(texts(&lists[0]), ["a", "b", "c"]);
        assert!(lists.iter().flatten().all(|c| c.author.get().unwrap().unwrap().id == ann.id));
        let part = Post::query().select(|p| p.comments().join_preload(|c| c.author()).select(|c| c.text).collect());
        let error = repo.all(part).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains("whole rows"), "{error}");

        // Through other tables, and where a row belongs to two parents.
        repo.update(rows[1].clone().change(|p| p.title.set("second"))).await.unwrap();
        link(repo, &rows[0], &ann).await;
        link(repo, &rows[1], &ann).await;
        let shared = |p: schemas::PostColumns<Post, NotNull>| {
            (
                p.users().join_preload(|u| u.posts().order_by(|p| p.id)),
                p.comments_authors().join_preload(|u| u.posts().order_by(|p| p.id)),
            )
        };
        assert_eq!(preloading!(repo, &mut rows, shared), 2);
        for post in &rows[..2] {
            let users = post.users.get().unwrap();
            assert_eq!((users.len(), titles(users[0].posts.get().unwrap())), (1, vec!["1", "second", "3"]));
        }
        for post in [&rows[0], &rows[2]] {
            let users = post.comments_authors.get().unwrap();
            assert_eq!((users.len(), titles(users[0].posts.get().unwrap())), (1, vec!["1", "second", "3"]));
        }
    }
}

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

on_every_store! {
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

    async fn rows_of_a_stream_have_what_their_joins_gave(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let mut stream = repo.stream(Post::query().order_by(|p| p.id).join_preload(|p| p.author()));
        let mut authors = Vec::new();
        while let Some(post) = stream.next().await {
            authors.push(post.unwrap().author.get().unwrap().unwrap().name.clone().unwrap());
        }
        assert_eq!(authors, ["ann", "ann", "ann"]);
    }
}

//! Preloads into and from the rows of subqueries.

use super::*;
use schemas::TABLES;

on_sql_stores! {
    async fn preload_025_into_a_subquery_source(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let p1 = post(repo, "1").await;
        comment(repo, &p1, "a").await;
        comment(repo, &p1, "b").await;
        let q = Comment::query()
            .order_by(|c| c.id.desc())
            .limit(1)
            .subquery()
            .join(|c| c.post())
            .preload_from(|(c, p)| (c.post(), p));
        let (rows, statements) = counting!(repo, q);
        assert_eq!((texts(&rows), statements), (vec!["b"], 1));
        assert_eq!(rows[0].post.get().unwrap(), Some(&p1));
    }

    async fn joins_033_joining_and_preloading_through_a_subquery(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        for (post, text) in [(&p1, "a"), (&p1, "b"), (&p2, "c")] {
            comment(repo, post, text).await;
        }
        let q = Post::query()
            .left_join_query(Comment::query().filter(|c| c.text.ne("c")), |(p, c)| c.post_id.eq(p.id))
            .left_join(|(_, c)| c.post())
            .order_by(|(p, c, _)| (p.id, c.id))
            .preload_from(|(p, c, own)| (p.comments(), c, (c.post(), own)));
        let (rows, statements) = counting!(repo, q);
        assert_eq!((titles(&rows), statements), (vec!["1", "2"], 1));
        let comments = rows[0].comments.get().unwrap();
        assert_eq!(texts(comments), ["a", "b"]);
        assert!(comments.iter().all(|comment| comment.post.get().unwrap() == Some(&p1)));
        // A subquery may lack rows of the association.
        assert!(!rows[0].comments.is_complete());
        assert_eq!(rows[1].comments.get().unwrap(), []);

        let inner = Post::query()
            .join_query(Comment::query(), |(p, c)| c.post_id.eq(p.id))
            .order_by(|(_, c)| c.id)
            .preload_from(|(p, c)| (p.comments().preload(|c| c.post()), c));
        let (rows, statements) = counting!(repo, inner);
        assert_eq!((titles(&rows), statements), (vec!["1", "2"], 2));
        assert_eq!(rows[1].comments.get().unwrap()[0].post.get().unwrap(), Some(&p2));
    }

    async fn every_preload_works_on_a_subquery_source(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ann = user(repo, "ann").await;
        let [p1, p2, _] = posts(repo, ["1", "2", "3"]).await;
        for (post, text) in [(&p1, "a"), (&p1, "b"), (&p2, "c")] {
            comment_by(repo, post, &ann, text).await;
        }
        let q = || Post::query().order_by(|p| p.id).limit(2).subquery().order_by(|p| p.id.desc());
        let separate = q().preload(|p| p.comments().order_by(|c| c.id).preload(|c| c.author()));
        let joined = q().join_preload(|p| p.comments().order_by(|c| c.id).join_preload(|c| c.author()));
        for (query, expected) in [(separate, 3), (joined.clone(), 1)] {
            let (rows, statements) = counting!(repo, query);
            assert_eq!((titles(&rows), statements), (vec!["2", "1"], expected));
            assert_eq!(texts(rows[1].comments.get().unwrap()), ["a", "b"]);
            let author = rows[0].comments.get().unwrap()[0].author.get().unwrap().unwrap();
            assert_eq!(author.name.as_deref(), Some("ann"));
        }
        let (rows, _) = counting!(repo, joined.limit(1));
        assert_eq!(titles(&rows), ["2"]);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["c"]);
        let collected = q().select(|p| (p.title, p.comments().order_by(|c| c.id).select(|c| c.text).collect()));
        let rows = repo.all(collected).await.unwrap();
        assert_eq!(rows[1].1, [Some("a".to_owned()), Some("b".to_owned())]);
    }

    async fn an_association_is_loaded_from_a_subquery(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        for (post, text) in [(&p1, "a"), (&p1, "b"), (&p2, "c"), (&p2, "d")] {
            comment(repo, post, text).await;
        }
        let last = || Comment::query().order_by(|c| c.id.desc()).limit(3).subquery();
        let q = Post::query().order_by(|p| p.id);
        let rows = repo.all(q.clone().preload(|p| p.comments().query(last()).order_by(|c| c.id))).await.unwrap();
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["b"]);
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["c", "d"]);
        assert!(!rows[0].comments.is_complete());
        let limited = |p: schemas::PostColumns<Post, NotNull>| p.comments().query(last()).order_by(|c| c.id.desc()).limit(1);
        let rows = repo.all(q.clone().preload(limited)).await.unwrap();
        assert_eq!(texts(rows[1].comments.get().unwrap()), ["d"]);
        let counts = repo.all(q.clone().select(|p| p.comments().query(last()).count())).await.unwrap();
        assert_eq!(counts, [1, 2]);
        // What a query says after another is added to it, whichever has the subquery.
        let text = || Comment::query().filter(|c| c.text.ne("d"));
        let counts = repo.all(q.clone().select(|p| p.comments().query(last()).query(text()).count())).await.unwrap();
        assert_eq!(counts, [1, 1]);
        for (problem, says) in [
            (q.clone().select(|p| p.comments().query(last()).query(last()).count()).to_sql(Dialect::Sqlite), "one subquery"),
            (q.clone().join(|p| p.comments().query(last())).to_sql(Dialect::Sqlite), "takes filters only"),
            (q.join_preload(|p| p.comments().query(last())).to_sql(Dialect::Sqlite), "filters and an order only"),
        ] {
            let error = problem.unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}

on_every_store! {
    async fn preloads_inside_of_a_subquery_are_refused(store: Store) {
        store.create(TABLES).await;
        let preloading = Post::query().preload(|p| p.comments());
        let joining = Post::query().join_preload(|p| p.author());
        for error in [
            store.repo.all(preloading.clone().subquery()).await.unwrap_err(),
            store.repo.all(joining.subquery()).await.unwrap_err(),
            store.repo.count(Comment::query().join_query(preloading, |(c, p)| c.post_id.eq(p.id))).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains("preload in the query around it"), "{error}");
        }
    }
}

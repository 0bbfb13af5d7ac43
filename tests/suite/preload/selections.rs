//! Lists and rows inside of a selection: the typed form of a list of fields.

use super::*;
use schemas::TABLES;

#[derive(Debug, PartialEq, Projection)]
struct Listed {
    id: i64,
    title: Option<String>,
    comments: Vec<Said>,
}

#[derive(Debug, PartialEq, Projection)]
struct Said {
    text: Option<String>,
    post_id: Option<i64>,
}

on_sql_stores! {
    async fn preload_001_a_row_beside_a_part_of_the_row_that_it_belongs_to(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "1").await;
        comment(repo, &on, "a").await;
        repo.insert(Comment { text: Some("b".into()), ..Comment::default() }).await.unwrap();
        let query = Comment::query().order_by(|c| c.id).select(|c| (c.text, c.post_id, c.post()));
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 1);
        assert_eq!(rows[0], (Some("a".to_owned()), Some(on.id), Some(on)));
        assert_eq!(rows[1], (Some("b".to_owned()), None, None));
    }
}

on_every_store! {
    async fn repo_095_nested_fields(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2] = posts(repo, ["1", "2"]).await;
        comment(repo, &p1, "a").await;
        comment(repo, &p1, "b").await;
        let tuples = Post::query().order_by(|p| p.id).select(|p| {
            (p.id, p.title, p.comments().order_by(|c| c.text).select(|c| (c.text, c.post_id)).collect())
        });
        let (rows, statements) = counting!(repo, tuples);
        assert_eq!(statements, 2);
        let said = |text: &str| (Some(text.to_owned()), Some(p1.id));
        assert_eq!(rows[0], (p1.id, Some("1".to_owned()), vec![said("a"), said("b")]));
        assert_eq!(rows[1], (p2.id, Some("2".to_owned()), vec![]));

        let structs = Post::query().order_by(|p| p.id).select(|p| ListedSelect {
            id: p.id,
            title: p.title,
            comments: p
                .comments()
                .order_by(|c| c.text)
                .select(|c| SaidSelect { text: c.text, post_id: c.post_id })
                .collect(),
        });
        let (rows, statements) = counting!(repo, structs);
        assert_eq!(statements, 2);
        let said = |text: &str| Said { text: Some(text.to_owned()), post_id: Some(p1.id) };
        let comments = vec![said("a"), said("b")];
        assert_eq!(rows[0], Listed { id: p1.id, title: Some("1".to_owned()), comments });
        assert_eq!(rows[1].comments, []);
    }
}

on_sql_stores! {
    async fn repo_096_nested_fields_of_a_missing_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let made = repo.insert(Comment { text: Some("a".into()), ..Comment::default() }).await.unwrap();
        let text = Some("a".to_owned());
        let (rows, statements) = counting!(repo, Comment::query().select(|c| (c.id, c.text, c.post().title)));
        assert_eq!((rows, statements), (vec![(made.id, text.clone(), None)], 1));
        let (rows, statements) = counting!(repo, Comment::query().select(|c| (c.id, c.text, c.post())));
        assert_eq!((rows, statements), (vec![(made.id, text.clone(), None)], 1));
        let whole = Comment::query().preload(|c| c.post()).select(|c| (c.id, c));
        let (rows, statements) = counting!(repo, whole);
        // The key is NULL: there is nothing to ask for.
        assert_eq!(statements, 1);
        assert_eq!(rows[0].1.post.get().unwrap(), None);
    }

    async fn repo_097_nested_fields_from_a_join(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "1").await;
        let (a, b) = (comment(repo, &on, "a").await, comment(repo, &on, "b").await);
        let nested = Post::query().select(|p| {
            (p.id, p.title, p.comments().order_by(|c| c.text).select(|c| (c.text, c.post_id, c.id)).collect())
        });
        let (nested, statements) = counting!(repo, nested);
        assert_eq!(statements, 2);
        let joined = Post::query()
            .left_join(|p| p.comments())
            .order_by(|(_, c)| c.text)
            .select(|(p, c)| (p.id, p.title, c.text, c.post_id, c.id));
        let (joined, statements) = counting!(repo, joined);
        assert_eq!(statements, 1);
        let title = Some("1".to_owned());
        let said = |comment: &Comment| (comment.text.clone(), comment.post_id, comment.id);
        assert_eq!(nested, [(on.id, title.clone(), vec![said(&a), said(&b)])]);
        let row = |comment: &Comment| (on.id, title.clone(), comment.text.clone(), comment.post_id, Some(comment.id));
        assert_eq!(joined, [row(&a), row(&b)]);
        let whole = repo.all(Post::query().join_preload(|p| p.comments().order_by(|c| c.text))).await.unwrap();
        assert_eq!(whole[0].comments.get().unwrap().iter().map(said).collect::<Vec<_>>(), nested[0].2);
    }
}

on_every_store! {
    async fn preload_026_a_list_of_some_fields(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, p3] = posts(repo, ["1", "2", "3"]).await;
        let mut ids = Vec::new();
        for post in [&p1, &p1, &p2, &p2] {
            ids.push((comment(repo, post, "x").await.id, Some(post.id)));
        }
        let query = Post::query().order_by(|p| p.id).select(|p| {
            (p.id, p.comments().order_by(|c| c.id).select(|c| (c.id, c.post_id)).collect())
        });
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 2);
        let expected = [(p1.id, ids[..2].to_vec()), (p2.id, ids[2..].to_vec()), (p3.id, vec![])];
        assert_eq!(rows, expected);
    }
}

on_sql_stores! {
    async fn preload_029_a_list_of_some_fields_through_others(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (on, ann, bob) = (post(repo, "1").await, user(repo, "ann").await, user(repo, "bob").await);
        for author in [&ann, &ann, &bob] {
            comment_by(repo, &on, author, "x").await;
        }
        let query =
            Post::query().select(|p| (p.id, p.comments_authors().order_by(|u| u.id).select(|u| u.id).collect()));
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 2);
        assert_eq!(rows, [(on.id, vec![ann.id, bob.id])]);
    }
}

on_every_store! {
    async fn lists_in_lists_and_the_first_of_a_list(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ann = user(repo, "ann").await;
        let mut posts = posts(repo, ["1", "2"]).await.to_vec();
        for post in &mut posts {
            *post = repo.update(post.clone().change(|p| p.author_id.set(ann.id))).await.unwrap();
        }
        for text in ["a", "b"] {
            comment(repo, &posts[0], text).await;
        }
        let query = User::query().select(|u| {
            (
                u.name,
                u.posts()
                    .order_by(|p| p.id)
                    .select(|p| (p.title, p.comments().order_by(|c| c.text.desc()).select(|c| c.text).collect()))
                    .collect(),
                u.posts().order_by(|p| p.id.desc()).select(|p| p.title).first(),
                u.comments().first(),
            )
        });
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 5);
        let text = |text: &str| Some(text.to_owned());
        let listed = vec![(text("1"), vec![text("b"), text("a")]), (text("2"), vec![])];
        assert_eq!(rows, [(text("ann"), listed, Some(text("2")), None)]);
    }
}

on_sql_stores! {
    async fn a_list_of_whole_rows_has_preloads_of_its_own(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (on, ann) = (post(repo, "1").await, user(repo, "ann").await);
        comment_by(repo, &on, &ann, "a").await;
        let query = Post::query()
            .preload(|p| p.permalink())
            .select(|p| (p, p.comments().preload(|c| c.author()).collect(), p.users().collect()));
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 5);
        let (post, comments, users) = &rows[0];
        assert_eq!(post.permalink.get().unwrap(), None);
        assert!(post.comments.is_unloaded());
        assert_eq!(comments[0].author.get().unwrap().unwrap().id, ann.id);
        assert_eq!(*users, []);
    }
}

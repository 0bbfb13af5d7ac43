//! Rows in hand whose associations are loaded already, in part, or not: what is read again, and what is not.

use super::*;
use schemas::TABLES;

on_every_store! {
    async fn preload_003_a_row_listed_twice_has_its_rows_once(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let row = post(repo, "1").await;
        comment(repo, &row, "1").await;
        comment(repo, &row, "2").await;
        let mut rows = vec![row.clone(), row];
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().order_by(|c| c.text)), 1);
        for _ in 0..2 {
            for post in &rows {
                assert_eq!(texts(post.comments.get().unwrap()), ["1", "2"]);
            }
            repo.preload(&mut rows, |p| p.comments()).await.unwrap();
        }
        // Through the rows of a preload too, where two comments have the same post.
        let mut comments = repo.all(Comment::query()).await.unwrap();
        assert_eq!(preloading!(repo, &mut comments, |c| c.post().preload(|p| p.ordered_comments())), 2);
        for comment in &comments {
            let post = comment.post.get().unwrap().unwrap();
            assert_eq!(texts(post.ordered_comments.get().unwrap()), ["1", "2"]);
        }
    }
}

on_sql_stores! {
    async fn preload_012_options_and_nested_lists_keep_their_places(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "1").await;
        let link = permalink(repo, "1", Some(on.id)).await;
        let row = comment(repo, &on, "1").await;
        let mut rows = vec![Some(row.clone()), None];
        assert_eq!(preloading!(repo, &mut rows, |c| (c.post(), c.post_permalink())), 2);
        let loaded = rows[0].as_ref().unwrap();
        assert_eq!(loaded.post.get().unwrap().unwrap().id, on.id);
        assert_eq!(loaded.post_permalink.get().unwrap(), Some(&link));
        assert_eq!(rows[1], None);

        let mut nested = vec![Some(vec![None, Some(row.clone())]), None, Some(Vec::new())];
        assert_eq!(preloading!(repo, &mut nested, |c| c.post()), 1);
        let found = nested[0].as_ref().unwrap()[1].as_ref().unwrap();
        assert_eq!(found.post.get().unwrap().unwrap().id, on.id);
        assert!(nested[0].as_ref().unwrap()[0].is_none() && nested[1].is_none());

        let mut one = Some(row);
        assert_eq!(preloading!(repo, &mut one, |c| c.post()), 1);
        assert!(one.unwrap().post.is_loaded());
        let mut nothing: Option<Comment> = None;
        assert_eq!(preloading!(repo, &mut nothing, |c| c.post()), 0);
    }
}

on_every_store! {
    async fn preload_015_no_rows_cost_no_statement(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows: Vec<Post> = Vec::new();
        assert_eq!(preloading!(repo, &mut rows, |p| (p.comments().preload(|c| c.author()), p.users())), 0);
        assert_eq!(rows, []);
        let (found, statements) = counting!(repo, Post::query().preload(|p| p.comments().preload(|c| c.author())));
        assert_eq!((found, statements), (vec![], 1));
        // Where there is nothing to go on from, the nested ones cost nothing either.
        post(repo, "1").await;
        let (found, statements) = counting!(repo, Post::query().preload(|p| p.comments().preload(|c| c.author())));
        assert_eq!((found.len(), statements), (1, 2));
    }

    async fn preload_040_one_row_that_is_loaded(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, on) = (user(repo, "ann").await, post(repo, "1").await);
        let on = repo.update(on.change(|p| p.author_id.set(ann.id))).await.unwrap();
        let mut row = comment(repo, &on, "1").await;
        assert_eq!(preloading!(repo, &mut row, |c| (c.post().preload(|p| p.author()), c.author())), 2);
        repo.update(on.clone().change(|p| p.title.set("new"))).await.unwrap();

        assert_eq!(preloading!(repo, &mut row, |c| (c.post(), c.author())), 0);
        let kept = row.post.get().unwrap().unwrap();
        assert_eq!(kept.title.as_deref(), Some("1"));
        assert_eq!(kept.author.get().unwrap().unwrap().id, ann.id);
        assert_eq!(row.author.get().unwrap(), None);

        // What lies further in is loaded through the row that is there.
        assert_eq!(preloading!(repo, &mut row, |c| c.post().preload(|p| (p.author(), p.permalink()))), 1);
        let kept = row.post.get().unwrap().unwrap();
        assert_eq!(kept.title.as_deref(), Some("1"));
        assert!(kept.author.is_loaded() && kept.permalink.is_loaded());

        let forced = repo.capture(async |repo| repo.preload(&mut row, |c| c.post()).force().await).await.unwrap();
        assert_eq!(forced.1.len(), 1);
        let fresh = row.post.get().unwrap().unwrap();
        assert_eq!(fresh.title.as_deref(), Some("new"));
        assert!(fresh.author.is_unloaded() && fresh.permalink.is_unloaded());
    }

    async fn preload_041_rows_that_are_loaded(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, mut row) = (user(repo, "ann").await, post(repo, "1").await);
        let first = comment_by(repo, &row, &ann, "1").await;
        comment(repo, &row, "2").await;
        assert_eq!(preloading!(repo, &mut row, |p| p.comments().preload(|c| c.author())), 2);
        repo.update(first.change(|c| c.text.set("new"))).await.unwrap();
        comment(repo, &row, "3").await;

        assert_eq!(preloading!(repo, &mut row, |p| p.comments()), 0);
        let kept = row.comments.get().unwrap();
        assert_eq!(texts(kept), ["1", "2"]);
        assert_eq!(kept[0].author.get().unwrap().unwrap().id, ann.id);
        assert_eq!(kept[1].author.get().unwrap(), None);

        assert_eq!(preloading!(repo, &mut row, |p| p.comments().preload(|c| (c.author(), c.post()))), 1);
        let kept = row.comments.get().unwrap();
        assert_eq!(texts(kept), ["1", "2"]);
        assert!(kept.iter().all(|comment| comment.author.is_loaded() && comment.post.get().unwrap().is_some()));

        let forced = repo.capture(async |repo| repo.preload(&mut row, |p| p.comments()).force().await).await.unwrap();
        assert_eq!(forced.1.len(), 1);
        let fresh = row.comments.get().unwrap();
        assert_eq!(sorted(texts(fresh)), ["2", "3", "new"]);
        assert!(fresh.iter().all(|comment| comment.author.is_unloaded() && comment.post.is_unloaded()));
    }
}

on_sql_stores! {
    async fn force_of_one_association_leaves_the_others(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        repo.preload(&mut row, |p| (p.comments(), p.users(), p.author())).await.unwrap();
        comment(repo, &row, "new").await;
        let ann = user(repo, "ann").await;
        link(repo, &row, &ann).await;
        assert_eq!(preloading!(repo, &mut row, |p| (p.comments().force(), p.users())), 1);
        assert_eq!(texts(row.comments.get().unwrap()), ["new"]);
        assert_eq!(row.users.get().unwrap(), []);
        // A to-one association takes it too; that of a NULL key still costs nothing.
        assert_eq!(preloading!(repo, &mut row, |p| (p.permalink().force(), p.author().force())), 1);
        assert_eq!(row.permalink.get().unwrap(), None);
    }
}

on_every_store! {
    async fn force_of_the_whole_reaches_what_lies_further_in(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, mut row) = (user(repo, "ann").await, post(repo, "1").await);
        comment_by(repo, &row, &ann, "1").await;
        repo.preload(&mut row, |p| p.comments().preload(|c| c.author())).await.unwrap();
        repo.update(ann.change(|u| u.name.set("anna"))).await.unwrap();
        let nested = |repo: Repo, row: Post| async move {
            let mut row = row;
            let forced = async |repo: Repo| repo.preload(&mut row, |p| p.comments().preload(|c| c.author())).force().await;
            let statements = repo.capture(forced).await.unwrap().1.len();
            let comments = row.comments.into_inner().unwrap();
            (statements, comments[0].author.get().unwrap().unwrap().name.clone().unwrap())
        };
        assert_eq!(nested(repo.clone(), row).await, (2, "anna".to_owned()));
    }

    async fn only_what_is_missing_is_asked_for(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, p3] = posts(repo, ["1", "2", "3"]).await;
        for (post, text) in [(&p1, "1"), (&p2, "2"), (&p3, "3")] {
            comment(repo, post, text).await;
        }
        let mut rows = vec![p1, p2, p3];
        repo.preload(&mut rows[1], |p| p.comments()).await.unwrap();
        comment(repo, &rows[1], "new").await;
        let associations = async |repo: Repo| repo.preload(&mut rows, |p| p.comments().preload(|c| c.author())).await;
        let ((), statements) = repo.capture(associations).await.unwrap();
        assert_eq!(statements.len(), 1);
        let asked = format!("{:?}", statements[0].parameters());
        assert!(asked.contains(&format!("I64({})", rows[0].id)) && asked.contains(&format!("I64({})", rows[2].id)), "{asked}");
        assert!(!asked.contains(&format!("I64({})", rows[1].id)), "{asked}");
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["1", "2", "3"]);
        assert!(rows.iter().all(|post| post.comments.get().unwrap()[0].author.is_loaded()));
    }

    async fn old_and_new_rows_share_the_nested_statement(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, bob) = (user(repo, "ann").await, user(repo, "bob").await);
        let mut rows = posts(repo, ["1", "2"]).await;
        comment_by(repo, &rows[0], &ann, "1").await;
        comment_by(repo, &rows[1], &bob, "2").await;
        repo.preload(&mut rows[0], |p| p.comments()).await.unwrap();
        assert_eq!(preloading!(repo, &mut rows, |p| p.comments().preload(|c| c.author())), 2);
        let author = |post: &Post| post.comments.get().unwrap()[0].author.get().unwrap().unwrap().id;
        assert_eq!(rows.each_ref().map(author), [ann.id, bob.id]);
    }

    async fn a_part_is_not_taken_for_the_whole(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        for text in ["1", "2", "3"] {
            comment(repo, &row, text).await;
        }
        assert_eq!(preloading!(repo, &mut row, |p| p.comments().filter(|c| c.text.ne("2"))), 1);
        assert_eq!(sorted(texts(row.comments.get().unwrap())), ["1", "3"]);
        assert!(row.comments.is_loaded() && !row.comments.is_complete());

        assert_eq!(preloading!(repo, &mut row, |p| p.comments()), 1);
        assert_eq!(row.comments.get().unwrap().len(), 3);
        assert!(row.comments.is_complete());

        // A filter, an order or a limit of its own always runs.
        assert_eq!(preloading!(repo, &mut row, |p| p.comments().limit(1)), 1);
        assert_eq!(texts(row.comments.get().unwrap()), ["1"]);
        assert!(!row.comments.is_complete());
        assert_eq!(preloading!(repo, &mut row, |p| p.comments().order_by(|c| c.text.desc())), 1);
        assert_eq!(texts(row.comments.get().unwrap()), ["3", "2", "1"]);
        assert!(row.comments.is_complete());
        assert_eq!(preloading!(repo, &mut row, |p| p.comments().order_by(|c| c.text)), 1);
        assert_eq!(texts(row.comments.get().unwrap()), ["1", "2", "3"]);
        assert_eq!(preloading!(repo, &mut row, |p| p.comments().offset(1)), 1);
        assert_eq!(texts(row.comments.get().unwrap()), ["2", "3"]);
        assert!(!row.comments.is_complete());
    }

    async fn a_filter_of_one_row_gives_none_and_is_not_the_whole(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "1").await;
        let mut row = comment(repo, &on, "1").await;
        assert_eq!(preloading!(repo, &mut row, |c| c.post().filter(|p| p.title.eq("other"))), 1);
        assert_eq!(row.post.get().unwrap(), None);
        assert!(!row.post.is_complete());
        assert_eq!(preloading!(repo, &mut row, |c| c.post()), 1);
        assert_eq!(row.post.get().unwrap().unwrap().id, on.id);
        assert!(row.post.is_complete());
    }

    async fn rows_given_by_hand_count_as_loaded(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        comment(repo, &row, "stored").await;
        row.comments = vec![Comment { text: Some("given".into()), ..Comment::default() }].into();
        row.permalink = None.into();
        assert_eq!(preloading!(repo, &mut row, |p| (p.comments(), p.permalink())), 0);
        assert_eq!(texts(row.comments.get().unwrap()), ["given"]);
    }

    async fn null_keys_are_not_asked_for(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "1").await;
        let mut rows = vec![
            repo.insert(Comment::default()).await.unwrap(),
            comment(repo, &on, "1").await,
            repo.insert(Comment::default()).await.unwrap(),
        ];
        let load = async |repo: Repo| repo.preload(&mut rows, |c| c.post()).await;
        let ((), statements) = repo.capture(load).await.unwrap();
        assert_eq!(statements.len(), 1);
        let asked = format!("{:?}", statements[0].parameters());
        assert!(!asked.contains("Null"), "{asked}");
        let of_rows: Vec<_> = rows.iter().map(|comment| comment.post.get().unwrap().map(|post| post.id)).collect();
        assert_eq!(of_rows, [None, Some(on.id), None]);
    }
}

on_sql_stores! {
    async fn an_error_leaves_the_rows_as_they_were(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        comment(repo, &row, "1").await;
        repo.preload(&mut row, |p| p.comments()).await.unwrap();
        let before = row.clone();
        let broken = repo.with_prefix("oops");
        broken.preload(&mut row, |p| (p.comments(), p.permalink())).force().await.unwrap_err();
        assert_eq!(row, before);
    }

    async fn a_preload_inside_a_transaction_sees_what_it_wrote(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut row = post(repo, "1").await;
        let loaded = repo.transaction(async |tx| {
            tx.insert(Comment::on(&row, "inside")).await?;
            tx.preload(&mut row, |p| (p.comments(), p.users(), p.permalink())).await?;
            Ok(row)
        });
        let row = loaded.await.unwrap();
        assert_eq!(texts(row.comments.get().unwrap()), ["inside"]);
        assert!(row.users.is_loaded() && row.permalink.is_loaded());
    }
}

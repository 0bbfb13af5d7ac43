//! Finding N+1: what a guarded repo counts, and what it does then.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use schemas::{Comment, CompositePk, Post, TABLES};
use std::sync::{Arc, Mutex};

/// A repo that refuses the fourth read of a kind, with the keys of four posts.
async fn guarded(store: &Store) -> (Repo, Vec<i64>) {
    store.create(TABLES).await;
    let mut ids = Vec::new();
    for title in ["1", "2", "3", "4"] {
        ids.push(store.repo.insert(Post::titled(title)).await.unwrap().id);
    }
    (store.repo.guard_n_plus_one(Guard::error_after(3)), ids)
}

/// Reads posts one by one, always from the same line.
async fn one_by_one(repo: &Repo, ids: &[i64]) -> Result<(), Error> {
    for id in ids {
        repo.find::<Post>(*id).await?;
    }
    Ok(())
}

fn found(result: Result<(), Error>) -> NPlusOne {
    match result {
        Err(Error::NPlusOne(found)) => found.into_inner(),
        other => panic!("{other:?}"),
    }
}

on_every_store! {
    async fn the_fourth_read_of_a_loop_is_refused_and_the_error_says_what_to_write_instead(store: Store) {
        let (repo, ids) = guarded(&store).await;
        one_by_one(&repo, &ids[..3]).await.unwrap();
        let error = one_by_one(&repo, &ids[3..]).await.unwrap_err();
        let text = error.to_string();
        let expected = "N+1: 4 reads of Post by `id = …` from this line, one per row: preload it with the query that gives the \
                        rows (`.preload(|x| x.post())`), ask for all keys at once (`.filter(|p| p.id.in_(keys))`), or use a \
                        `Loader`\n  in: ";
        let statement = text.strip_prefix(expected).unwrap_or_else(|| panic!("{text}"));
        assert!(statement.starts_with(if store.is_redis() { "GET " } else { "SELECT " }), "{text}");
        assert!(text.contains("\n  at: tests/suite/guard.rs:") || text.contains("\n  at: suite/guard.rs:"), "{text}");
        let context = error.context().unwrap().clone();
        let found = found(Err(error));
        assert_eq!((found.schema, found.field, found.count), ("Post", Some("id"), 4));
        assert_eq!(Some(found.location), context.location());
        assert_eq!(Some(&*found.statement), context.statement());
    }

    async fn the_field_that_is_compared_is_named(store: Store) {
        let (repo, ids) = guarded(&store).await;
        let mut result = Ok(());
        for id in &ids {
            result = repo.all_by::<Comment>(|c| c.text.eq("a") & c.post_id.eq(*id)).await.map(drop);
        }
        let comments = found(result);
        assert_eq!((comments.schema, comments.field), ("Comment", Some("post_id")));
        for part in [".preload(|p| p.comments())", ".filter(|c| c.post_id.in_(keys))"] {
            assert!(comments.suggestion.contains(part), "{comments}");
        }
        let mut result = Ok(());
        for id in &ids {
            result = repo.count(Comment::query().filter(|c| c.post_id.eq(*id))).await.map(drop);
        }
        let counts = found(result);
        assert!(counts.suggestion.contains(".group_by(|c| c.post_id)"), "{counts}");
        let mut result = Ok(());
        for _ in &ids {
            result = repo.exists(Comment::query().filter(|c| c.post_id.eq(1) | c.author_id.eq(1))).await.map(drop);
        }
        let other = found(result);
        assert_eq!(other.field, None);
        assert!(other.to_string().contains("4 reads of Comment from this line, one per row: read it once"), "{other}");
    }

    async fn values_do_not_show(store: Store) {
        let (repo, _) = guarded(&store).await;
        let mut result = Ok(());
        for _ in 0..4 {
            result = repo.all_by::<Post>(|p| p.title.eq("a secret")).await.map(drop);
        }
        let error = result.unwrap_err();
        assert!(error.to_string().contains("by `title = …`"), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    async fn different_places_do_not_add_up(store: Store) {
        let (repo, ids) = guarded(&store).await;
        for id in &ids[..3] {
            repo.find::<Post>(*id).await.unwrap();
        }
        for id in &ids[..3] {
            repo.find::<Post>(*id).await.unwrap();
        }
        for id in &ids[..3] {
            repo.find::<Post>(*id).await.unwrap();
            repo.find::<Post>(*id).await.unwrap();
        }
    }

    async fn different_statements_of_a_place_do_not_add_up(store: Store) {
        let (repo, _) = guarded(&store).await;
        let visited = |least| Post::query().filter(move |p| p.visits.gt(least));
        let queries = [Post::query(), visited(1), visited(2), Post::query().order_by(|p| p.id), visited(3), Post::query()];
        for query in queries {
            repo.all(query).await.unwrap();
        }
    }

    async fn different_tasks_do_not_add_up(store: Store) {
        let (repo, ids) = guarded(&store).await;
        for _ in 0..3 {
            let (repo, ids) = (repo.clone(), ids.clone());
            tokio::spawn(async move { one_by_one(&repo, &ids[..3]).await }).await.unwrap().unwrap();
        }
        one_by_one(&repo, &ids[..3]).await.unwrap();
        found(one_by_one(&repo, &ids[..1]).await);
    }

    async fn clones_share_their_counts_and_another_guard_starts_anew(store: Store) {
        let (repo, ids) = guarded(&store).await;
        let clone = repo.clone();
        one_by_one(&repo, &ids[..2]).await.unwrap();
        one_by_one(&clone, &ids[..1]).await.unwrap();
        found(one_by_one(&clone, &ids[..1]).await);
        let again = repo.guard_n_plus_one(Guard::error_after(2));
        one_by_one(&again, &ids[..2]).await.unwrap();
        assert_eq!(found(one_by_one(&again, &ids[..1]).await).count, 3);
    }

    async fn one_call_with_many_keys_counts_once(store: Store) {
        let (repo, ids) = guarded(&store).await;
        for _ in 0..3 {
            assert_eq!(repo.all(Post::query().filter(|p| p.id.in_(ids.clone()))).await.unwrap().len(), 4);
        }
        // Keys of two columns are asked for in several statements.
        let rows: Vec<CompositePk> = (0..4_500).map(|a| CompositePk::new(a, a, "a")).collect();
        for _ in 0..3 {
            assert!(repo.reload(&rows).await.unwrap().iter().all(Option::is_none));
        }
    }
}

on_sql_stores! {
    async fn writes_raw_sql_and_explain_are_not_counted(store: Store) {
        let (repo, _) = guarded(&store).await;
        for number in 0..8 {
            let post = repo.insert(Post::titled("new")).await.unwrap();
            let post = repo.update(post.change(|p| p.visits.set(number))).await.unwrap();
            repo.delete(post).await.unwrap();
            assert_eq!(repo.sql::<(i64,)>("select count(*) from posts").await.unwrap(), [(4,)]);
            repo.explain(Post::query()).await.unwrap();
        }
    }
}

on_every_store! {
    async fn a_stream_counts_once(store: Store) {
        let (repo, _) = guarded(&store).await;
        let mut opened = Vec::new();
        for _ in 0..4 {
            let mut rows = repo.stream(Post::query());
            opened.push(rows.next().await.unwrap().map(drop));
        }
        let last = opened.pop().unwrap();
        assert!(opened.iter().all(Result::is_ok), "{opened:?}");
        assert_eq!(found(last).field, None);
    }

    async fn a_report_is_made_once_for_each_place_and_fails_nothing(store: Store) {
        let (_, ids) = guarded(&store).await;
        let reports = Arc::new(Mutex::new(Vec::new()));
        let keep = reports.clone();
        let repo = store.repo.guard_n_plus_one(Guard::report_after(3, move |found| keep.lock().unwrap().push(found.clone())));
        one_by_one(&repo, &ids[..3]).await.unwrap();
        assert_eq!(reports.lock().unwrap().len(), 0);
        for _ in 0..3 {
            one_by_one(&repo, &ids).await.unwrap();
        }
        let (other, keys) = (repo.clone(), ids.clone());
        tokio::spawn(async move { one_by_one(&other, &keys).await }).await.unwrap().unwrap();
        let first = {
            let reports = reports.lock().unwrap();
            assert_eq!(reports.len(), 1, "{reports:?}");
            reports[0].clone()
        };
        assert_eq!((first.schema, first.count, first.field), ("Post", 4, Some("id")));
        assert!(first.location.file().ends_with("guard.rs"));
        assert!(first.statement.starts_with(if store.is_redis() { "GET " } else { "SELECT " }), "{}", first.statement);
        for id in &ids {
            repo.get::<Post>(*id).await.unwrap();
        }
        assert_eq!(reports.lock().unwrap().len(), 2);
    }

    async fn a_capture_starts_anew_and_does_not_show_what_was_refused(store: Store) {
        let (repo, ids) = guarded(&store).await;
        one_by_one(&repo, &ids[..3]).await.unwrap();
        let keys = &ids;
        for _ in 0..2 {
            let ((), statements) = repo.capture(async |repo| one_by_one(&repo, &keys[..3]).await).await.unwrap();
            assert_eq!(statements.len(), 3);
        }
        let captured = repo.capture(async |repo| Ok(one_by_one(&repo, keys).await)).await.unwrap();
        assert_eq!(found(captured.0).count, 4);
        assert_eq!(captured.1.len(), 3);
        found(one_by_one(&repo, &ids[..1]).await);
    }
}

on_sql_stores! {
    async fn a_transaction_is_guarded_and_keeps_what_came_before_if_the_error_is_handled(store: Store) {
        let (repo, ids) = guarded(&store).await;
        one_by_one(&repo, &ids[..1]).await.unwrap();
        let keys = &ids;
        repo.transaction(async |tx| {
            tx.insert(Post::titled("before")).await?;
            found(one_by_one(&tx, keys).await);
            let nested = tx.transaction(async |tx| one_by_one(&tx, &keys[..1]).await).await;
            found(nested);
            tx.insert(Post::titled("after")).await?;
            Ok(())
        })
        .await
        .unwrap();
        let kept = store.repo.count(Post::query().filter(|p| p.title.in_(["before", "after"]))).await.unwrap();
        assert_eq!(kept, 2);
        let returned = repo.transaction(async |tx| {
            tx.insert(Post::titled("undone")).await?;
            one_by_one(&tx, keys).await
        });
        found(returned.await);
        assert!(!store.repo.exists(Post::query().filter(|p| p.title.eq("undone"))).await.unwrap());
    }
}

on_every_store! {
    async fn a_repo_without_a_guard_reads_as_often_as_it_likes(store: Store) {
        let (_, ids) = guarded(&store).await;
        for _ in 0..5 {
            one_by_one(&store.repo, &ids).await.unwrap();
        }
    }
}

on_postgres! {
    async fn a_transaction_that_runs_again_starts_anew(store: Store) {
        let (repo, ids) = guarded(&store).await;
        let (runs, keys) = (std::sync::atomic::AtomicU32::new(0), &ids);
        let fail = "do $$ begin raise exception 'again' using errcode = '40001'; end $$";
        repo.transaction_with(TransactionOptions::default().retries(3), async |tx| {
            one_by_one(&tx, &keys[..3]).await?;
            match runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0..3 => tx.script(fail).await,
                _ => Ok(()),
            }
        })
        .await
        .unwrap();
        assert_eq!(runs.into_inner(), 4);
    }
}

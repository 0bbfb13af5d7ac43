//! Several writes as a value: kept together or not at all.

use super::*;
use peristyle::Error;
use peristyle::error::MultiError;
use peristyle::prelude::*;
use peristyle::repo::StepKind;
use schemas::{Comment, Permalink, Post, TABLES};
use std::sync::{Arc, Mutex};

fn post(title: &str) -> Changeset<Post> {
    Changeset::<Post>::new().change(|p| p.title.set(title.to_owned()))
}

fn invalid(title: &str) -> Changeset<Post> {
    post(title).add_error("title", "is not to my taste")
}

async fn titles(repo: &Repo) -> Vec<Option<String>> {
    repo.all(Post::query().order_by(|p| p.id).select(|p| p.title)).await.unwrap()
}

#[track_caller]
fn failed(result: Result<Done, Error>) -> MultiError {
    match result {
        Err(Error::Multi(failed)) => {
            assert!(failed.context().location().is_some_and(|at| at.file().ends_with("suite/multi.rs")));
            failed.into_inner()
        }
        other => panic!("no step failed: {other:?}"),
    }
}

on_every_store_but_clusters! {
    async fn steps_see_what_those_before_them_gave_and_are_kept_together(store: Store) {
        store.create(TABLES).await;
        let old = store.repo.insert(Post::titled("old")).await.unwrap();
        let gone = store.repo.insert(Post::titled("gone")).await.unwrap();
        let mut multi = Multi::new();
        let first = multi.insert("post", post("new"));
        let comment = multi.insert_with("comment", move |done| Comment::on(&done[first], "hello"));
        let changed = multi.update("old", old.clone().change(|p| p.visits.set(1)));
        let again = multi.update_with("old again", move |done| done[changed].clone().change(|p| p.visits.set(p.visits + 1)));
        let upserted = multi.insert_or_update("either", post("either"));
        let updated = multi.insert_or_update_with("either again", move |done| {
            done[upserted].clone().change(|p| p.visits.set(7))
        });
        let deleted = multi.delete("gone", gone.clone());
        let removed = multi.delete_with("not for long", move |done| done[updated].clone());
        let mut done = store.repo.multi(multi).await.unwrap();
        assert_eq!(done[comment].post_id, Some(done[first].id));
        assert_eq!((done[changed].visits, done[again].visits), (Some(1), Some(2)));
        assert_eq!((done[updated].visits, done[removed].id), (Some(7), done[upserted].id));
        assert_eq!(done.get(deleted), Some(&gone));
        assert_eq!(done.named::<Post>("post").map(|post| post.id), Some(done[first].id));
        assert_eq!(done.named::<Comment>("post"), None);
        let names: Vec<_> = done.names().collect();
        assert_eq!(names, ["post", "comment", "old", "old again", "either", "either again", "gone", "not for long"]);
        let taken = done.take(first);
        assert_eq!(store.repo.find::<Post>(taken.id).await.unwrap(), taken);
        assert_eq!(done.remove(first), None);
        assert_eq!(done.get(first), None);
        assert_eq!(titles(&store.repo).await, [Some("old".to_owned()), Some("new".to_owned())]);
    }
}

on_every_store! {
    async fn repo_150_a_later_invalid_changeset_fails_by_name_and_keeps_nothing(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        let first = multi.insert("post1", post("1"));
        let second = multi.insert_with("post2", |_| invalid("2"));
        multi.insert("post3", post("3"));
        let mut failed = failed(store.repo.multi(multi).await);
        assert_eq!(failed.step, "post2");
        let Error::Invalid(invalid) = &failed.cause else { panic!("{}", failed.cause) };
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({"title": ["is not to my taste"]}));
        assert_eq!(failed.done[first].title.as_deref(), Some("1"));
        assert_eq!(failed.done.get(second), None);
        assert_eq!(failed.done.names().collect::<Vec<_>>(), ["post1"]);
        assert_eq!(failed.done.take(first).title.as_deref(), Some("1"));
        assert!(titles(&store.repo).await.is_empty());
    }

    async fn a_changeset_that_is_there_already_fails_before_the_transaction(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        multi.insert("post1", post("1"));
        multi.insert("post2", invalid("2"));
        multi.run("never", async |_, _| -> Result<(), Error> { panic!("a step runs") });
        multi.insert("post3", invalid("3"));
        let captured = Arc::new(Mutex::new(None));
        let keep = captured.clone();
        let ((), statements) = store
            .repo
            .capture(async move |repo| {
                *keep.lock().unwrap() = Some(repo.multi(multi).await);
                Ok(())
            })
            .await
            .unwrap();
        let failed = failed(captured.lock().unwrap().take().unwrap());
        assert_eq!(failed.step, "post2");
        assert!(failed.cause.invalid().is_some() && failed.done.names().next().is_none());
        assert!(statements.is_empty(), "{statements:?}");
    }

    async fn a_refusal_by_the_database_names_the_step(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        multi.insert("one", Permalink::to("same"));
        multi.insert("two", Permalink::to("same"));
        let result = store.repo.multi(multi).await;
        let text = result.as_ref().unwrap_err().to_string();
        assert!(text.contains("\"two\"") && text.contains("nothing of it was kept"), "{text}");
        assert!(std::error::Error::source(result.as_ref().unwrap_err()).is_some());
        let failed = failed(result);
        assert!(failed.cause.is_unique_violation());
        let line = failed.cause.context().and_then(|context| context.location()).unwrap();
        assert!(line.file().ends_with("suite/multi.rs"), "{line}");
        assert_eq!(store.repo.count(Permalink::query()).await.unwrap(), 0);
    }

    async fn functions_queries_and_values_are_steps(store: Store) {
        store.create(TABLES).await;
        for (title, visits) in [("a", 1), ("b", 2), ("c", 3)] {
            store.repo.insert(Post::visited(title, visits)).await.unwrap();
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let look = seen.clone();
        let mut multi = Multi::new();
        let least = multi.put("least", 2);
        let twice = multi.put_with("twice", move |done| done[least] * 2);
        let many = multi.all_with("many", move |done| {
            let least = done[least];
            Post::query().filter(|p| p.visits.gte(least)).order_by(|p| p.id).select(|p| p.title)
        });
        let all = multi.all("all", Post::query().select(|p| p.id));
        let one = multi.one("one", Post::query().filter(|p| p.title.eq("a")));
        let none = multi.one_with("none", move |done| {
            let twice = done[twice];
            Post::query().filter(|p| p.visits.eq(twice))
        });
        let there = multi.exists("there", Post::query().filter(|p| p.title.eq("b")));
        let not_there = multi.exists_with("not there", |_| Post::query().filter(|p| p.title.eq("z")));
        multi.inspect(move |done| look.lock().unwrap().extend(done.names().map(str::to_owned)));
        let sum = multi.run("sum", async move |tx, done| {
            assert!(tx.in_transaction());
            tx.insert(Post::visited("by a function", done[twice])).await?;
            Ok(done[many].len() + done[all].len())
        });
        let mut done = store.repo.multi(multi).await.unwrap();
        assert_eq!(done[many], [Some("b".to_owned()), Some("c".to_owned())]);
        assert_eq!((done[all].len(), done[sum], done[there], done[not_there]), (3, 5, true, false));
        assert_eq!(done.take(one).unwrap().title.as_deref(), Some("a"));
        assert_eq!(done[none], None);
        assert_eq!(seen.lock().unwrap().len(), 8);
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 4);
        let shown = format!("{done:?}");
        assert!(shown.contains("\"twice\": i32") && !shown.contains("one\": Some"), "{shown}");
    }
}

on_sql_stores! {
    async fn writes_of_many_rows_are_steps(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        let titles = vec![Post::visited("a", 1), Post::visited("b", 2)];
        let inserted = multi.insert_all("posts", &titles);
        let more = multi.insert_all_with("more", move |done| {
            (0..done[inserted]).map(|number| Post::titled(&format!("more {number}"))).collect::<Vec<_>>()
        });
        let updated = multi.update_all("updated", Post::query().filter(|p| p.visits.gt(1)), |p| p.visits.set(p.visits + 1));
        let by = multi.put("by", 10);
        let again = multi.update_all_with("again", |_| Post::query().filter(|p| p.visits.eq(3)), move |p, done| {
            p.visits.set(p.visits + done[by])
        });
        let deleted = multi.delete_all("deleted", Post::query().filter(|p| p.title.eq("a")));
        let rest = multi.delete_all_with("rest", move |done| {
            let (visits, _) = (done[by] + 2, done[deleted]);
            Post::query().filter(|p| p.visits.eq(visits))
        });
        let kinds: Vec<_> = multi.steps().map(|step| step.kind()).take(3).collect();
        assert_eq!(kinds, [StepKind::InsertAll, StepKind::InsertAll, StepKind::UpdateAll]);
        let done = store.repo.multi(multi).await.unwrap();
        let counts = [inserted, more, updated, again, deleted, rest].map(|step| done[step]);
        assert_eq!(counts, [2, 2, 1, 1, 1, 0]);
        let visits = store.repo.all(Post::query().filter(|p| p.visits.is_not_null()).select(|p| p.visits)).await.unwrap();
        assert_eq!(visits, [Some(13)]);

        let mut multi = Multi::new();
        multi.delete_all("gone", Post::query());
        multi.update_all("bad", Post::query().prefix("oops"), |p| p.visits.set(1));
        let failed = failed(store.repo.multi(multi).await);
        assert_eq!(failed.step, "bad");
        let line = failed.cause.context().and_then(|context| context.location()).unwrap();
        assert!(line.file().ends_with("suite/multi.rs"), "{line}");
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 3);
    }
}

on_every_store! {
    async fn an_error_of_a_function_and_an_error_step_keep_nothing(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        multi.insert("post", post("a"));
        multi.run("check", async |tx, _| {
            tx.insert(Post::titled("b")).await?;
            Err::<(), _>(Error::rollback(vec![1, 2]))
        });
        let result = failed(store.repo.multi(multi).await);
        assert_eq!((result.step.as_str(), result.cause.rollback_value::<Vec<i32>>()), ("check", Some(&vec![1, 2])));

        let mut multi = Multi::new();
        let first = multi.insert("post", post("a"));
        multi.error_with("stop", move |done| done[first].title.clone());
        let result = failed(store.repo.multi(multi).await);
        assert_eq!(result.step, "stop");
        assert_eq!(result.cause.rollback_value::<Option<String>>(), Some(&Some("a".to_owned())));
        let mut multi = Multi::new();
        multi.error("stop", "here");
        assert_eq!(failed(store.repo.multi(multi).await).cause.rollback_value::<&str>(), Some(&"here"));
        assert!(titles(&store.repo).await.is_empty());
    }

    async fn multis_are_joined_and_made_while_they_run(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        let middle = multi.insert("middle", post("2"));
        let mut before = Multi::new();
        let count = before.put("count", 2);
        before.insert("first", post("1"));
        multi.prepend(before);
        multi.merge_with(move |done| {
            let mut merged = Multi::new();
            for number in 0..done[count] {
                merged.insert(format_args!("made {number}"), post(&format!("3.{number}")));
            }
            merged
        });
        let mut after = Multi::new();
        let last = after.insert_with("last", move |done| post(&format!("after {}", done[middle].title.clone().unwrap())));
        multi.append(after);
        let kinds: Vec<_> = multi.steps().map(|step| step.kind()).collect();
        use StepKind::{Insert, Merge, Put};
        assert_eq!(kinds, [Put, Insert, Insert, Merge, Insert]);
        let done = store.repo.multi(multi).await.unwrap();
        assert_eq!(done[last].title.as_deref(), Some("after 2"));
        assert_eq!(done.named::<Post>("made 1").unwrap().title.as_deref(), Some("3.1"));
        let expected = ["1", "2", "3.0", "3.1", "after 2"].map(|title| Some(title.to_owned()));
        assert_eq!(titles(&store.repo).await, expected);
    }

    async fn a_name_stands_once(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        multi.insert("same", post("a"));
        multi.put("same", 1);
        let error = store.repo.multi(multi).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("\"same\""), "{error}");

        let mut multi = Multi::new();
        multi.insert("same", post("a"));
        multi.merge_with(|_| {
            let mut merged = Multi::new();
            merged.inspect(|_| {});
            merged.put("later", 1);
            merged
        });
        multi.inspect(|_| {});
        multi.put("later", 1);
        let result = failed(store.repo.multi(multi).await);
        assert!(result.step == "later" && result.cause.to_string().contains("\"later\""), "{}", result.cause);
        assert!(titles(&store.repo).await.is_empty());
    }
}

on_sql_stores! {
    async fn a_multi_inside_of_a_transaction_fails_alone(store: Store) {
        store.create(TABLES).await;
        let options = TransactionOptions::serializable().retries(2);
        store
            .repo
            .transaction_with(options, async |tx| {
                tx.insert(Post::titled("kept")).await?;
                let mut multi = Multi::new();
                multi.insert("one", Permalink::to("same"));
                multi.insert("two", Permalink::to("same"));
                assert_eq!(failed(tx.multi(multi).await).step, "two");
                let mut multi = Multi::new();
                multi.insert("post", post("kept too"));
                tx.multi(multi).await.map(|_| ())
            })
            .await
            .unwrap();
        assert_eq!(titles(&store.repo).await.len(), 2);
        assert_eq!(store.repo.count(Permalink::query()).await.unwrap(), 0);
    }

    async fn a_conflict_in_a_multi_runs_its_transaction_again(store: Store) {
        store.create(TABLES).await;
        let runs = std::sync::atomic::AtomicU32::new(0);
        let options = TransactionOptions::default().retries(1);
        let done = store.repo.transaction_with(options, async |tx| {
            let run = runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut multi = Multi::new();
            multi.insert("post", post("a"));
            multi.run("conflict", async move |_, _| {
                let conflict = peristyle::error::DatabaseError { retryable: true, ..Default::default() };
                if run == 0 { Err(conflict.into()) } else { Ok(run) }
            });
            tx.multi(multi).await
        });
        assert_eq!(done.await.unwrap().named::<u32>("conflict"), Some(&1));
        assert_eq!(titles(&store.repo).await.len(), 1);
    }

    async fn a_swallowed_failure_keeps_nothing(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        multi.insert("post", post("a"));
        multi.run("swallow", async |tx, _| {
            let _ = tx.sql::<()>("invalid query").execute().await;
            Ok(())
        });
        let error = store.repo.multi(multi).await.unwrap_err();
        assert!(matches!(error, Error::TransactionAborted(_)), "{error}");
        assert!(titles(&store.repo).await.is_empty());
    }
}

#[test]
fn a_multi_is_looked_at_without_a_store() {
    let mut multi = Multi::new();
    let mut rows = Vec::new();
    for number in 0..2 {
        rows.push(multi.insert(format_args!("item {number}"), post("a").change(|p| p.visits.set(number))));
    }
    multi.update("bad", Post::titled("b").change(|p| p.title.set("c")).add_error("title", "is wrong"));
    multi.insert_with("later", move |done| Comment::on(&done[rows[0]], "x"));
    multi.inspect(|_| {});
    let shown: Vec<_> = multi.steps().map(|step| (step.name().to_owned(), step.kind(), step.is_valid())).collect();
    let expected = [
        ("item 0", StepKind::Insert, true),
        ("item 1", StepKind::Insert, true),
        ("bad", StepKind::Update, false),
        ("later", StepKind::Insert, true),
        ("inspect", StepKind::Inspect, true),
    ];
    assert_eq!(shown, expected.map(|(name, kind, valid)| (name.to_owned(), kind, valid)));
    let item = multi.named("item 1").unwrap();
    assert_eq!((item.schema(), item.changed()), (Some("Post"), vec!["title", "visits"]));
    let changeset = item.changeset::<Post>().unwrap();
    assert_eq!(changeset.get_change(|p| p.visits), Some(Some(1)));
    assert!(item.changeset::<Comment>().is_none() && item.errors().unwrap().is_empty());
    let bad = multi.named("bad").unwrap();
    assert_eq!(bad.errors().unwrap().on("title").count(), 1);
    assert!(multi.named("later").unwrap().errors().is_none() && multi.named("nothing").is_none());
    assert_eq!(multi.steps().len(), 5);
    let text = format!("{multi:?}");
    assert!(text.contains("item 1") && text.contains("is wrong"), "{text}");
}

#[test]
#[should_panic(expected = "done.get(step)")]
fn indexing_by_a_step_of_another_multi_says_what_to_use() {
    let step = Multi::new().put("x", 1);
    let _ = Done::default()[step];
}

#[test]
#[should_panic(expected = "done.remove(step)")]
fn taking_a_step_of_another_multi_says_what_to_use() {
    let step = Multi::new().put("x", 1);
    Done::default().take(step);
}

/// What a multi shows of its changesets has no secrets.
#[test]
fn a_multi_shows_no_redacted_value() {
    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    struct Account {
        id: i64,
        #[schema(redact)]
        secret: String,
    }
    let mut multi = Multi::new();
    multi.insert("account", Changeset::<Account>::new().change(|a| a.secret.set("hush")));
    let shown = format!("{multi:?} {:?}", multi.steps().next());
    assert!(shown.contains("secret") && !shown.contains("hush"), "{shown}");
}

//! What many inserted rows do about those that are there already.

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Permalink, Post, TABLES};
use std::sync::Arc;
use uuid::Uuid;

fn post(title: &str, uuid: Uuid) -> Post {
    Post { uuid: Some(uuid), ..Post::titled(title) }
}

async fn titles(repo: &Repo) -> Vec<Option<String>> {
    repo.all(Post::query().order_by(|p| (p.title, p.id)).select(|p| p.title)).await.unwrap()
}

fn some(titles: &[&str]) -> Vec<Option<String>> {
    titles.iter().map(|title| Some((*title).to_owned())).collect()
}

fn is_unique<T>(result: Result<T, Error>) -> bool {
    result.is_err_and(|error| error.is_unique_violation())
}

on_sql_stores! {
    async fn repo_071_upserts_with_expressions_and_a_condition(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuids = [Uuid::now_v7(), Uuid::now_v7()];
        let upsert = async |title: &'static str| {
            let rows = Post::rows(uuids, |p, uuid| {
                let visits = sql::<Option<i32>>("(select {} + count(*) from posts where title <> {})").bind((1, "none"));
                (p.title.set(title), p.uuid.set(uuid), p.visits.set(visits))
            });
            repo.insert_all(rows)
                .on_conflict(|c| {
                    c.target(|p| p.uuid).set(|p, _| p.title.set("updated")).filter(|p, _| p.title.ne("kept"))
                })
                .await
                .unwrap()
        };
        assert_eq!(upsert("first").await, 2);
        let one = Post::query().filter(|p| p.uuid.eq(uuids[0]));
        repo.update_all(one, |p| p.title.set("kept")).await.unwrap();
        assert_eq!(upsert("second").await, 1);
        assert_eq!(titles(repo).await, some(&["kept", "updated"]));
    }
}

on_every_store! {
    async fn repo_114_on_conflict_increments(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = Uuid::now_v7();
        let kept = repo.insert(post("a", uuid)).await.unwrap();
        let again = || Post::rows([uuid], |p, uuid| p.uuid.set(uuid));
        for expected in [None, Some(7)] {
            let n = repo.insert_all(again()).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.visits.set(p.visits + 1)));
            assert_eq!(n.await.unwrap(), 1);
            assert_eq!(repo.find::<Post>(kept.id).await.unwrap().visits, expected);
            repo.update_all(Post::query(), |p| p.visits.set(6)).await.unwrap();
        }
    }
}

on_sql_stores! {
    async fn repo_126_insert_all_of_a_row_that_is_there_fails(store: Store) {
        store.create(TABLES).await;
        let rows = [post("first", Uuid::now_v7())];
        assert_eq!(store.repo.insert_all(&rows).await.unwrap(), 1);
        assert!(is_unique(store.repo.insert_all(&rows).await));
    }
}

on_every_store! {
    async fn repo_127_insert_all_ignores_rows_that_are_there(store: Store) {
        store.create(TABLES).await;
        let rows = [post("first", Uuid::now_v7())];
        assert_eq!(store.repo.insert_all(&rows).on_conflict(|c| c.ignore()).await.unwrap(), 1);
        assert_eq!(store.repo.insert_all(&rows).on_conflict(|c| c.ignore()).await.unwrap(), 0);
        let more = [rows[0].clone(), post("second", Uuid::now_v7()), rows[0].clone()];
        let new = store.repo.insert_all(&more).on_conflict(|c| c.ignore()).returning(|p| p.title).await.unwrap();
        assert_eq!(new, some(&["second"]));
        assert_eq!(titles(&store.repo).await, some(&["first", "second"]));
    }
}

on_sql_stores! {
    async fn repo_128_insert_all_ignores_what_the_target_says(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [post("first", Uuid::now_v7())];
        assert_eq!(repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).ignore()).await.unwrap(), 1);
        assert!(is_unique(repo.insert_all(&rows).on_conflict(|c| c.ignore().target(|p| p.id)).await));
        assert_eq!(repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).ignore()).await.unwrap(), 0);
    }

    async fn repo_129_insert_all_sets_columns_of_rows_that_are_there(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [post("first", Uuid::now_v7())];
        let upsert = || repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.title.set("second")));
        assert_eq!(upsert().await.unwrap(), 1);
        let wrong = repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.id).set(|p, _| p.title.set("second")));
        assert!(is_unique(wrong.await));
        assert_eq!(upsert().await.unwrap(), 1);
        assert_eq!(titles(repo).await, some(&["second"]));
    }
}

on_every_store! {
    async fn repo_130_an_upsert_returns_a_column_of_another_name(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let upsert = || {
            repo.insert_all([Permalink::to("old")])
                .on_conflict(|c| c.target(|l| l.url).set(|l, _| l.url.set("new")))
                .returning(|l| l.url)
        };
        assert_eq!(upsert().await.unwrap(), some(&["old"]));
        assert_eq!(upsert().await.unwrap(), some(&["new"]));
    }

    async fn repo_131_an_upsert_with_a_condition(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [post("first", Uuid::now_v7())];
        let upsert = |least: i64| {
            repo.insert_all(&rows).on_conflict(move |c| {
                c.target(|p| p.uuid).set(|p, _| p.title.set("second")).filter(|p, _| p.id.gt(least))
            })
        };
        assert_eq!(upsert(0).await.unwrap(), 1);
        assert_eq!(upsert(1_000_000).await.unwrap(), 0);
        assert_eq!(titles(repo).await, some(&["first"]));
        assert_eq!(upsert(0).await.unwrap(), 1);
        assert_eq!(titles(repo).await, some(&["second"]));
    }
}

on_sql_stores! {
    async fn repo_132_an_upsert_of_a_computed_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = Uuid::now_v7();
        let row = || {
            Post::row(|p| {
                let visits = sql::<Option<i32>>("(select {} + {} + count(*) from posts where id < {})").bind((3, 4, 0));
                (p.title.set("first"), p.uuid.set(uuid), p.visits.set(visits))
            })
        };
        let upsert = || {
            repo.insert_all([row()]).on_conflict(|c| {
                c.target(|p| p.uuid).set(|p, _| p.title.set("second")).filter(|p, _| p.id.gt(0i64))
            })
        };
        assert_eq!(upsert().await.unwrap(), 1);
        let wrong = repo.insert_all([row()]).on_conflict(|c| {
            c.target(|p| p.id).set(|p, _| p.title.set("second")).filter(|p, _| p.id.gt(0i64))
        });
        assert!(is_unique(wrong.await));
        assert_eq!(upsert().await.unwrap(), 1);
        let rows = repo.all(Post::query().select(|p| (p.title, p.visits))).await.unwrap();
        assert_eq!(rows, [(Some("second".to_owned()), Some(7))]);
    }

    async fn repo_133_an_upsert_returns_the_row_that_is_there(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [post("first", Uuid::now_v7())];
        let upsert = || repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.title.set("second")));
        let first = upsert().returning(|p| p.id).await.unwrap();
        let wrong = repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.id).set(|p, _| p.title.set("second")));
        assert!(is_unique(wrong.returning(|p| p.id).await));
        let second = upsert().returning(|p| (p.id, p.title)).await.unwrap();
        assert_eq!(second, [(first[0], Some("second".to_owned()))]);
    }

    async fn repo_134_an_upsert_of_assigned_rows(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::now_v7();
        let rows = || Post::rows(["first"], |p, title| (p.title.set(title), p.uuid.set(uuid)));
        for expected in ["first", "second"] {
            let upsert =
                store.repo.insert_all(rows()).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.title.set("second")));
            assert_eq!(upsert.raw().await.unwrap(), 1);
            assert_eq!(titles(&store.repo).await, some(&[expected]));
        }
    }
}

on_every_store! {
    async fn repo_136_insert_all_replaces_all(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuids = [Uuid::now_v7(), Uuid::now_v7()];
        repo.insert_all([post("a", uuids[0]), post("b", uuids[1])]).await.unwrap();
        let next = [
            Post { id: 1_001, visits: Some(11), ..post("c", uuids[0]) },
            Post { id: 1_002, visits: Some(12), ..post("d", uuids[1]) },
        ];
        assert_eq!(repo.insert_all(&next).on_conflict(|c| c.target(|p| p.uuid).replace_all()).await.unwrap(), 2);
        let stored = Post::query().order_by(|p| p.id).select(|p| (p.id, p.title, p.uuid, p.visits));
        let expected: Vec<_> = next.iter().map(|p| (p.id, p.title.clone(), p.uuid, p.visits)).collect();
        assert_eq!(repo.all(stored).await.unwrap(), expected);
    }

    async fn repo_138_insert_all_replaces_all_but_the_key(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuids = [Uuid::now_v7(), Uuid::now_v7()];
        let ids = repo.insert_all([post("a", uuids[0]), post("b", uuids[1])]).returning(|p| p.id).await.unwrap();
        let next = uuids.map(|uuid| Post { id: 1_000 + uuid.as_u128() as i64 % 9, visits: Some(9), ..post("x", uuid) });
        let upsert =
            repo.insert_all(&next).on_conflict(|c| c.target(|p| p.uuid).replace_all_except(|p| (p.id, p.inserted_at)));
        assert_eq!(upsert.await.unwrap(), 2);
        let stored = repo.all(Post::query().order_by(|p| p.id).select(|p| (p.id, p.title, p.visits))).await.unwrap();
        assert_eq!(stored, ids.iter().map(|id| (*id, Some("x".to_owned()), Some(9))).collect::<Vec<_>>());
    }

    async fn repo_139_insert_all_replaces_some_columns(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = Uuid::now_v7();
        repo.insert(Post { public: Some(false), ..post("a", uuid) }).await.unwrap();
        let next = Post { public: Some(true), visits: Some(13), ..post("b", uuid) };
        let upsert = repo.insert_all([next]).on_conflict(|c| c.target(|p| p.uuid).update(|p| (p.title, p.visits)));
        assert_eq!(upsert.await.unwrap(), 1);
        let stored = repo.all(Post::query().select(|p| (p.title, p.visits, p.public))).await.unwrap();
        assert_eq!(stored, [(Some("b".to_owned()), Some(13), Some(false))]);
    }

    async fn the_new_row_is_at_hand_and_time_and_version_move_on(store: Store) {
        store.create(WORDS).await;
        let start = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(3);
        let clock = Arc::new(FixedClock::at(start));
        let repo = &store.repo.with_clock(clock.clone());
        let words = |counts: &[(&str, i32)]| -> Vec<Word> {
            counts.iter().map(|(text, count)| Word { count: *count, ..Word::of(text) }).collect()
        };
        assert_eq!(repo.insert_all(words(&[("a", 1), ("b", 2)])).await.unwrap(), 2);
        clock.advance(TimeDelta::hours(1));
        let upsert = |raw: bool| {
            let insert = repo.insert_all(words(&[("b", 5), ("c", 7)])).on_conflict(|c| {
                c.target(|w| w.text).set(|w, excluded| w.count.set(w.count + excluded.count)).filter(|w, excluded| w.count.ne(excluded.count))
            });
            if raw { insert.raw() } else { insert }
        };
        assert_eq!(upsert(false).await.unwrap(), 2);
        let state = Word::query().order_by(|w| w.text).select(|w| (w.text, w.count, w.version, w.updated_at));
        let later = start + TimeDelta::hours(1);
        let row = |text: &str, count, version, at| (text.to_owned(), count, version, at);
        let expected = [row("a", 1, 0, start), row("b", 7, 1, later), row("c", 7, 0, later)];
        assert_eq!(repo.all(&state).await.unwrap(), expected);
        clock.advance(TimeDelta::hours(1));
        assert_eq!(upsert(true).await.unwrap(), 1);
        let expected = [row("a", 1, 0, start), row("b", 12, 1, later), row("c", 7, 0, later)];
        assert_eq!(repo.all(&state).await.unwrap(), expected);
    }
}

on_sql_stores! {
    async fn targets_are_columns_expressions_partial_indexes_and_constraints(store: Store) {
        store.create(WORDS).await;
        store.create("
            create unique index words_lower on words (lower(kind));
            create unique index words_open on words (\"group\") where state = 'open';
        ").await;
        let repo = &store.repo;
        let first = Word { kind: Some("Verb".into()), group: Some(1), state: "open".into(), ..Word::of("go") };
        repo.insert_all([first]).await.unwrap();
        let again = |change: fn(&mut Word)| {
            let mut word = Word::of("went");
            change(&mut word);
            word
        };
        let verb = again(|w| w.kind = Some("VERB".into()));
        let n = repo.insert_all([verb.clone()]).on_conflict(|c| c.target(|w| w.kind.lower()).update(|w| w.kind)).await.unwrap();
        assert_eq!(n, 1);
        let open = again(|w| { w.group = Some(1); w.state = "open".into() });
        let upsert = repo.insert_all([open.clone()]).on_conflict(|c| {
            c.target(|w| w.group).target_where(|w| w.state.eq(constant("open"))).update(|w| w.text)
        });
        assert_eq!(upsert.await.unwrap(), 1);
        let stored = repo.all(Word::query().select(|w| (w.text, w.kind))).await.unwrap();
        assert_eq!(stored, [("went".to_owned(), Some("VERB".to_owned()))]);
        let by_key = repo.insert_all([Word { id: 1, ..Word::of("gone") }]);
        let n = by_key.on_conflict(|c| c.target_constraint("words_pkey").update(|w| w.text)).await.unwrap();
        assert_eq!(n, 1);
        assert_eq!(repo.all(Word::query().select(|w| w.text)).await.unwrap(), ["gone"]);
        let bound = repo.insert_all([open]).on_conflict(|c| {
            c.target(|w| w.group).target_where(|w| w.state.eq("open")).update(|w| w.text)
        });
        assert!(message(bound.await).contains("write it as constant(..)"));
    }

    async fn an_upsert_of_the_rows_of_a_query(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert_all([post("a", Uuid::now_v7()), post("b", Uuid::now_v7())]).await.unwrap();
        let links = || Permalink::rows_from(Post::query().select(|p| (p.title, p.id)), |l| (l.url, l.post_id));
        let again = || repo.insert_all(links()).on_conflict(|c| c.target(|l| l.post_id).set(|l, e| l.title.set(e.url)));
        assert_eq!(again().await.unwrap(), 2);
        assert_eq!(again().returning(|l| l.title).await.unwrap().len(), 2);
        let stored = repo.all(Permalink::query().order_by(|l| l.url).select(|l| (l.url, l.title))).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(stored, [(text("a"), text("a")), (text("b"), text("b"))]);
    }
}

on_every_store! {
    async fn conflict_clauses_that_make_no_sense_are_refused_with_a_sentence(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [post("a", Uuid::now_v7())];
        let nothing = repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid)).await;
        assert!(message(nothing).starts_with("on_conflict says nothing of the row that is there: add .ignore()"));
        let both = repo.insert_all(&rows).on_conflict(|c| c.ignore().target(|p| p.uuid).update(|p| p.title)).await;
        assert_eq!(message(both), "on_conflict both ignores and updates: keep one");
        let twice = repo.insert_all(&rows).on_conflict(|c| {
            c.target(|p| p.uuid).update(|p| p.title).set(|p, _| p.title.set("b"))
        });
        assert_eq!(message(twice.await), "on_conflict sets Post.title twice: keep one of the assignments");
        let other = repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).set(|_, e| e.title.set("b"))).await;
        assert!(message(other).starts_with("on_conflict sets columns of the row that is there"));
        let filter = repo.insert_all(&rows).on_conflict(|c| c.ignore().filter(|p, _| p.id.gt(0i64))).await;
        assert!(message(filter).starts_with("the .filter(..) of on_conflict is for an update"));
        let two = repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).target_constraint("x").ignore()).await;
        assert!(message(two).starts_with("on_conflict has one target"));
        let path = repo.insert_all(&rows).on_conflict(|c| c.target(|p| p.uuid).set(|p, _| p.title.set(p.author().name)));
        assert!(message(path.await).starts_with("on_conflict cannot follow an association"));
        assert_eq!(repo.count(Post::query()).await.unwrap(), 0);
    }
}

on_postgres! {
    async fn an_update_needs_a_target_on_postgres(store: Store) {
        store.create(TABLES).await;
        let upsert = store.repo.insert_all([Post::titled("a")]).on_conflict(|c| c.replace_all());
        let message = message(upsert.await);
        assert!(message.contains("add .target(|u| u.column)"), "{message}");
    }
}

on_sqlite! {
    async fn repo_135_insert_all_replaces_all_without_a_target(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuids = [Uuid::now_v7(), Uuid::now_v7()];
        repo.insert_all([post("a", uuids[0]), post("b", uuids[1])]).await.unwrap();
        let next = [Post { id: 1_001, ..post("c", uuids[0]) }, Post { id: 1_002, ..post("d", uuids[1]) }];
        assert_eq!(repo.insert_all(&next).on_conflict(|c| c.replace_all()).await.unwrap(), 2);
        let stored = repo.all(Post::query().order_by(|p| p.id).select(|p| (p.id, p.title))).await.unwrap();
        assert_eq!(stored, [(1_001, Some("c".to_owned())), (1_002, Some("d".to_owned()))]);
    }

    async fn repo_137_insert_all_replaces_all_but_the_key_without_a_target(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuids = [Uuid::now_v7(), Uuid::now_v7()];
        let ids = repo.insert_all([post("a", uuids[0]), post("b", uuids[1])]).returning(|p| p.id).await.unwrap();
        let next = [Post { id: 1_001, ..post("c", uuids[0]) }, Post { id: 1_002, ..post("d", uuids[1]) }];
        assert_eq!(repo.insert_all(&next).on_conflict(|c| c.replace_all_except(|p| p.id)).await.unwrap(), 2);
        let stored = repo.all(Post::query().order_by(|p| p.id).select(|p| (p.id, p.title))).await.unwrap();
        assert_eq!(stored, [(ids[0], Some("c".to_owned())), (ids[1], Some("d".to_owned()))]);
    }

    async fn a_constraint_that_the_schema_does_not_declare_is_refused_on_sqlite(store: Store) {
        store.create(TABLES).await;
        let upsert = store.repo.insert_all([Post::titled("a")]).on_conflict(|c| c.target_constraint("oops").ignore());
        let error = upsert.await.unwrap_err();
        assert!(error.is_unsupported() && error.to_string().contains(".target(|u| u.column)"), "{error}");
        let uuid = Uuid::now_v7();
        let upsert = || {
            let insert = store.repo.insert_all([post("a", uuid)]);
            insert.on_conflict(|c| c.target_constraint("posts_uuid_index").ignore())
        };
        assert_eq!((upsert().await.unwrap(), upsert().await.unwrap()), (1, 0));
    }
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Query(error)) => error.message.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

const WORDS: &str = "create table words ({id}, text {text} not null unique, count {i32} not null, kind {text}, \
     \"group\" {i32}, state {text} not null, version {i32} not null, updated_at {timestamp} not null)";

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Word {
    id: i64,
    #[schema(unique)]
    text: String,
    count: i32,
    kind: Option<String>,
    group: Option<i32>,
    state: String,
    #[schema(version)]
    version: i32,
    updated_at: DateTime<Utc>,
}

impl Word {
    fn of(text: &str) -> Word {
        Word { text: text.to_owned(), state: "closed".to_owned(), ..Word::default() }
    }
}

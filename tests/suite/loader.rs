//! The loader: what is asked for one row at a time is read with one statement for all.

use super::*;
use futures_util::FutureExt;
use futures_util::future::{join_all, try_join, try_join_all};
use futures_util::stream::{FuturesUnordered, TryStreamExt};
use peristyle::Error;
use peristyle::prelude::*;
use schemas::{Comment, CompositePk, Post, PostUserLink, TABLES, User};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// A line of an order, whose key has two columns.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "lines", primary_key(org_id, number))]
struct Line {
    org_id: i64,
    number: i32,
    #[schema(foreign_key(org_id, line_number))]
    notes: HasMany<Note>,
}

/// A note on a line.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "notes", index(org_id, line_number))]
struct Note {
    id: i64,
    org_id: i64,
    line_number: Option<i32>,
    #[schema(foreign_key(org_id, line_number))]
    line: BelongsTo<Option<Line>>,
}

const LINES: &str = "create table lines (org_id {i64} not null, number {i32} not null, primary key (org_id, number));
    create table notes ({id}, org_id {i64} not null, line_number {i32});";

/// Users of this number, with one post more each: none for the first.
async fn users(store: &Store, count: usize) -> Vec<User> {
    store.create(TABLES).await;
    let mut users = Vec::new();
    for number in 0..count {
        let user = store.repo.insert(User::named(&format!("user {number}"))).await.unwrap();
        for post in 0..number.min(4) {
            let title = format!("{number}.{post}");
            store.repo.insert(Post { author_id: Some(user.id), ..Post::titled(&title) }).await.unwrap();
        }
        users.push(user);
    }
    users
}

fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.title.as_deref().unwrap_or_default()).collect()
}

/// How many statements a block runs.
macro_rules! statements {
    ($repo:expr, |$inner:ident| $body:expr) => {
        $repo
            .capture(async |$inner: Repo| {
                $body;
                Ok(())
            })
            .await
            .unwrap()
            .1
            .len()
    };
}

on_every_store! {
    async fn a_hundred_loads_are_one_statement_and_are_remembered(store: Store) {
        let users = users(&store, 100).await;
        let (lists, statements) = store.repo.capture(async |repo| {
            let loader = Loader::new(&repo);
            let ask = || users.iter().map(|user| loader.load::<User, _>(|u| u.posts().order_by(|p| p.id), user.id));
            let lists = try_join_all(ask()).await?;
            let again = try_join_all(ask()).await?;
            assert_eq!(lists, again);
            let unordered: Vec<Vec<Post>> = ask().collect::<FuturesUnordered<_>>().try_collect().await?;
            assert_eq!(unordered.len(), 100);
            assert_eq!(loader.clone().load::<User, _>(|u| u.posts().order_by(|p| p.id), users[2].id).await?, lists[2]);
            Ok(lists)
        }).await.unwrap();
        assert_eq!(statements.len(), 1, "{statements:?}");
        assert_eq!(titles(&lists[0]), Vec::<&str>::new());
        assert_eq!(titles(&lists[3]), ["3.0", "3.1", "3.2"]);
        assert_eq!(titles(&lists[99]), ["99.0", "99.1", "99.2", "99.3"]);
    }

    async fn to_one_associations_and_keys_give_an_option(store: Store) {
        let users = users(&store, 4).await;
        let posts = store.repo.all(Post::query().order_by(|p| p.id)).await.unwrap();
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let authors = try_join_all(posts.iter().map(|post| loader.load::<Post, _>(|p| p.author(), post.author_id))).await?;
            assert!(authors.iter().zip(&posts).all(|(author, post)| author.as_ref().map(|a| a.id) == post.author_id));
            let author: Option<User> = loader.load::<Post, _>(|p| p.author(), users[3].id).await?;
            assert_eq!(author, Some(users[3].clone()), "a key that is no Option");
        });
        assert_eq!(count, 1);
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let ids = [users[1].id, users[0].id, -1, users[1].id];
            let found = try_join_all(ids.map(|id| loader.get::<User>(id))).await?;
            assert_eq!(found, [Some(users[1].clone()), Some(users[0].clone()), None, Some(users[1].clone())]);
            assert_eq!(loader.get::<User>(-1).await?, None, "that there is none is remembered, too");
        });
        assert_eq!(count, 1);
    }

    async fn nothing_is_asked_for_a_key_of_none(store: Store) {
        let _ = users(&store, 2).await;
        store.create(LINES).await;
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            assert_eq!(loader.load::<Post, _>(|p| p.author(), None::<i64>).await?, None);
            assert_eq!(loader.load::<User, _>(|u| u.posts(), None::<i64>).await?, []);
            assert_eq!(loader.load::<Note, _>(|n| n.line(), (1_i64, None::<i32>)).await?, None);
        });
        assert_eq!(count, 0);
    }

    async fn keys_of_several_columns(store: Store) {
        store.create(TABLES).await;
        store.create(LINES).await;
        for (a, b) in [(1, 1), (1, 2), (2, 1)] {
            store.repo.insert(CompositePk::new(a, b, "x")).await.unwrap();
            store.repo.insert(Line { org_id: a.into(), number: b, ..Line::default() }).await.unwrap();
        }
        for (org_id, line_number) in [(1, Some(1)), (1, Some(2)), (2, None), (1, Some(2)), (2, Some(2))] {
            store.repo.insert(Note { org_id, line_number, ..Note::default() }).await.unwrap();
        }
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let rows = try_join_all([(1, 1), (2, 2), (2, 1)].map(|key| loader.get::<CompositePk>(key))).await?;
            let found: Vec<_> = rows.iter().map(|row| row.as_ref().map(|row| (row.a, row.b))).collect();
            assert_eq!(found, [Some((1, 1)), None, Some((2, 1))]);
        });
        assert_eq!(count, 1);
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let keys = [(1_i64, 1_i32), (1, 2), (2, 1)];
            let notes = try_join_all(keys.map(|key| loader.load::<Line, _>(|l| l.notes(), key))).await?;
            assert_eq!(notes.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 0]);
            let keys = [(1_i64, Some(2_i32)), (2, None), (2, Some(2))];
            let lines = try_join_all(keys.map(|key| loader.load::<Note, _>(|n| n.line(), key))).await?;
            assert_eq!(lines.iter().map(|line| line.as_ref().map(|l| l.number)).collect::<Vec<_>>(), [Some(2), None, None]);
        });
        assert_eq!(count, 2);
    }

    async fn shapes_do_not_share_a_batch(store: Store) {
        let users = users(&store, 5).await;
        let ids = [users[3].id, users[4].id];
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let limited = |title: &'static str, limit| {
                let loader = loader.clone();
                try_join_all(ids.map(move |id| {
                    loader.load::<User, _>(|u| u.posts().filter(|p| p.title.gt(title)).order_by(|p| p.id).limit(limit), id)
                }))
            };
            let (one, other) = try_join(limited("", 2), limited("3.1", 2)).await?;
            assert_eq!(one.iter().map(|posts| titles(posts)).collect::<Vec<_>>(), [["3.0", "3.1"], ["4.0", "4.1"]]);
            assert_eq!((titles(&other[0]), titles(&other[1])), (vec!["3.2"], vec!["4.0", "4.1"]));
            let (one, again) = try_join(limited("", 1), limited("", 2)).await?;
            assert_eq!((titles(&one[1]), titles(&again[1])), (vec!["4.0"], vec!["4.0", "4.1"]));
        });
        assert_eq!(count, 3);
    }

    async fn nested_preloads_take_one_statement_more_for_all(store: Store) {
        let users = users(&store, 4).await;
        let posts = store.repo.all(Post::query().order_by(|p| p.id)).await.unwrap();
        for (post, text) in [(0, "a"), (1, "b"), (1, "c")] {
            store.repo.insert(Comment::on(&posts[post], text).by(&users[0])).await.unwrap();
        }
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let deep = |text: &'static str| {
                let loader = &loader;
                users.iter().map(move |user| {
                    loader.load::<User, _>(|u| {
                        let comments = |p: schemas::PostColumns<_, _>| {
                            p.comments().filter(|c| c.text.ne(text)).order_by(|c| c.id).preload(|c| c.author())
                        };
                        u.posts().order_by(|p| p.id).preload(comments)
                    }, user.id)
                })
            };
            let (all, some) = try_join(try_join_all(deep("")), try_join_all(deep("b"))).await?;
            let texts = |lists: &[Vec<Post>]| -> Vec<String> {
                let comments = lists.iter().flatten().flat_map(|post| post.comments.get().unwrap());
                comments.map(|c| format!("{} by {}", c.text.as_ref().unwrap(), c.author.get().unwrap().unwrap().id)).collect()
            };
            let by = users[0].id;
            assert_eq!(texts(&all), [format!("a by {by}"), format!("b by {by}"), format!("c by {by}")]);
            assert_eq!(texts(&some), [format!("a by {by}"), format!("c by {by}")]);
            let authors = loader.load::<Post, _>(|p| p.author().preload(|u| u.posts()), posts[0].author_id).await?;
            assert_eq!(authors[0].posts.get()?.len(), 1);
        });
        assert_eq!(count, 3 + 3 + 2);
    }
}

on_sql_stores! {
    async fn rows_of_several_owners_go_to_each(store: Store) {
        let users = users(&store, 3).await;
        let posts = store.repo.all(Post::query().order_by(|p| p.id)).await.unwrap();
        for (post, user) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
            store.repo.insert(PostUserLink { post_id: posts[post].id, user_id: users[user].id }).await.unwrap();
        }
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let found = try_join_all(posts.iter().map(|post| loader.load::<Post, _>(|p| p.users().order_by(|u| u.id), post.id))).await?;
            let ids: Vec<Vec<i64>> = found.iter().map(|users| users.iter().map(|user| user.id).collect()).collect();
            assert_eq!(ids[0], [users[0].id, users[1].id]);
            assert!(ids[1].iter().all(|id| *id == users[1].id));
            let near = loader.load::<User, _>(|u| u.posts().filter(|p| p.title.ne(u.name)), users[2].id).await?;
            assert_eq!(near.len(), 2, "the filter uses a column of the owner");
        });
        assert_eq!(count, 2);
    }
}

on_every_store! {
    async fn wrong_keys_and_associations_are_refused(store: Store) {
        let _ = users(&store, 1).await;
        let loader = Loader::new(&store.repo);
        let query_error = |error: Error| match error {
            Error::Query(error) => error.to_string(),
            other => panic!("{other}"),
        };
        let error = query_error(loader.load::<User, _>(|u| u.posts(), "7").await.unwrap_err());
        assert!(
            error.starts_with("the rows of User.posts are found by `id`, i64, but the key that the loader was given is text"),
            "{error}"
        );
        assert!(error.contains("suite/loader.rs"), "{error}");
        let error = query_error(loader.load::<Post, _>(|p| p.author(), None::<i32>).await.unwrap_err());
        assert!(error.contains("found by `author_id`, i64, but the key that the loader was given is i32"), "{error}");
        let error = query_error(loader.load::<Note, _>(|n| n.line(), 1_i64).await.unwrap_err());
        assert!(error.contains("(`org_id`, i64, `line_number`, i32), but"), "{error}");
        let function = |p: schemas::PostColumns<Post, NotNull>| p.comments().with(async |_: Vec<i64>| Ok(Vec::<Comment>::new()));
        let error = query_error(loader.load::<Post, _>(function, 1_i64).await.unwrap_err());
        assert!(error.contains("loader.batch(..)"), "{error}");
        let joined = |p: schemas::PostColumns<Post, NotNull>| p.comments().join_preload(|c| c.author());
        let error = query_error(loader.load::<Post, _>(joined, 1_i64).await.unwrap_err());
        assert!(error.contains("use .preload(..)"), "{error}");
    }

    async fn rows_may_be_in_another_repo(store: Store) {
        let users = users(&store, 3).await;
        let other = store.repo.clone();
        let count = statements!(store.repo, |repo| {
            let loader = Loader::new(&repo);
            let lists = try_join_all(users.iter().map(|user| loader.load::<User, _>(|u| u.posts().from_repo(&other), user.id)));
            assert_eq!(lists.await?.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 2]);
        });
        assert_eq!(count, 1);
    }
}

on_sql_stores! {
    async fn an_error_reaches_all_and_is_not_remembered(store: Store) {
        store.create("create table users ({id}, name {text}, custom_id {uuid}, inserted_at {timestamp}, updated_at {timestamp});").await;
        let loader = Loader::new(&store.repo);
        let results = join_all((1..=40).map(|id| loader.load::<User, _>(|u| u.posts(), id as i64))).await;
        let mut errors: Vec<String> = results.into_iter().map(|result| result.unwrap_err().to_string()).collect();
        errors.dedup();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("posts"), "{errors:?}");
        store.create("drop table users;").await;
        let users = users(&store, 2).await;
        assert_eq!(loader.load::<User, _>(|u| u.posts(), users[1].id).await.unwrap().len(), 1);
    }
}

on_every_store! {
    async fn what_was_written_is_seen_after_clear(store: Store) {
        let users = users(&store, 1).await;
        let loader = Loader::new(&store.repo);
        let ask = || loader.load::<User, _>(|u| u.posts(), users[0].id);
        assert_eq!(ask().await.unwrap().len(), 0);
        store.repo.insert(Post { author_id: Some(users[0].id), ..Post::titled("new") }).await.unwrap();
        assert_eq!(ask().await.unwrap().len(), 0);
        loader.clear();
        assert_eq!(ask().await.unwrap().len(), 1);
    }

    async fn others_go_on_when_the_first_gives_up(store: Store) {
        let users = users(&store, 4).await;
        // However far the first one got: it has asked, it waits for others, its statement runs or is done.
        for polls in 0..12 {
            let loader = Loader::new(&store.repo);
            let ask = |user: usize| loader.load::<User, _>(|u| u.posts(), users[user].id);
            let (mut first, mut second) = (ask(1), ask(2));
            for _ in 0..polls {
                if (&mut first).now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            assert!((&mut second).now_or_never().is_none());
            let (third, same) = (tokio::spawn(ask(3)), tokio::spawn(ask(1)));
            drop(first);
            assert_eq!(second.await.unwrap().len(), 2);
            assert_eq!(third.await.unwrap().unwrap().len(), 3);
            assert_eq!(same.await.unwrap().unwrap().len(), 1);
            assert_eq!(ask(1).await.unwrap().len(), 1);
        }
        // Nobody is left to wait for the statement.
        for polls in 0..12 {
            let loader = Loader::new(&store.repo);
            let mut only = loader.get::<User>(users[0].id);
            for _ in 0..polls {
                if (&mut only).now_or_never().is_some() {
                    break;
                }
            }
            drop(only);
            assert_eq!(loader.get::<User>(users[0].id).await.unwrap().as_ref(), Some(&users[0]));
        }
    }

    async fn a_running_batch_goes_on_without_those_who_left(store: Store) {
        let (gate, calls) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let (door, counter) = (gate.clone(), calls.clone());
        let same = Loader::new(&store.repo).batch(move |_: Repo, keys: Vec<i64>| {
            let door = door.clone();
            counter.fetch_add(1, Ordering::SeqCst);
            async move {
                door.acquire().await.unwrap().forget();
                Ok(keys.into_iter().map(|key| (key, key)).collect())
            }
        });
        let (mut first, mut idle, third) = (same.load(1), same.load(2), tokio::spawn(same.load(1)));
        for _ in 0..4 {
            assert!((&mut first).now_or_never().is_none());
            assert!((&mut idle).now_or_never().is_none());
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        drop(first);
        gate.add_permits(1);
        // The one who is polled no more holds up nobody either.
        assert_eq!(third.await.unwrap().unwrap(), Some(1));
        assert_eq!(idle.await.unwrap(), Some(2));
        assert_eq!(same.load(2).await.unwrap(), Some(2));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        // When all leave, the next one asks again.
        let mut only = same.load(3);
        for _ in 0..4 {
            assert!((&mut only).now_or_never().is_none());
        }
        drop(only);
        gate.add_permits(1);
        assert_eq!(same.load(3).await.unwrap(), Some(3));
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    async fn no_runtime_is_needed(store: Store) {
        let loader = Loader::new(&store.repo);
        let without = move || {
            let calls = Arc::new(AtomicUsize::new(0));
            let counter = calls.clone();
            let same = loader.batch(move |_: Repo, keys: Vec<usize>| {
                counter.fetch_add(1, Ordering::SeqCst);
                async move { Ok(keys.into_iter().map(|key| (key, key)).collect()) }
            });
            let mut all = Box::pin(try_join_all((0..1_000).map(|key| same.load(key))));
            let values = loop {
                if let Some(values) = (&mut all).now_or_never() {
                    break values.unwrap();
                }
            };
            assert!(values.into_iter().enumerate().all(|(key, value)| value == Some(key)));
            calls.load(Ordering::SeqCst)
        };
        let calls = tokio::task::spawn_blocking(move || std::thread::spawn(without).join()).await.unwrap();
        assert_eq!(calls.unwrap(), 1);
    }

    async fn tasks_share_a_batch(store: Store) {
        let users = Arc::new(users(&store, 60).await);
        let loader = Loader::new(&store.repo);
        let tasks: Vec<_> = users.iter().map(|user| tokio::spawn(loader.load::<User, _>(|u| u.posts(), user.id))).collect();
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap().unwrap().len(), number.min(4));
        }
        let (repo, handle) = (store.repo.clone(), tokio::runtime::Handle::current());
        let counted = move || {
            let local = tokio::task::LocalSet::new();
            handle.block_on(local.run_until(async move {
                statements!(repo, |repo| {
                    let loader = Loader::new(&repo);
                    let tasks: Vec<_> = (users.iter().map(|user| {
                        let (loader, id) = (loader.clone(), user.id);
                        // Some resolvers take a detour.
                        tokio::task::spawn_local(async move {
                            if id % 2 == 0 {
                                tokio::task::yield_now().await;
                            }
                            loader.load::<User, _>(|u| u.posts(), id).await
                        })
                    })).collect();
                    for (number, task) in tasks.into_iter().enumerate() {
                        assert_eq!(task.await.unwrap()?.len(), number.min(4));
                    }
                })
            }))
        };
        // The repo of a capture may be used on any thread, but a local set stays on one.
        assert_eq!(tokio::task::spawn_blocking(counted).await.unwrap(), 1);
    }

    async fn the_guard_does_not_count_a_loader(store: Store) {
        let users = users(&store, 4).await;
        let repo = store.repo.guard_n_plus_one(Guard::error_after(1));
        let loader = Loader::new(&repo);
        let counts = loader.batch(async |repo: Repo, ids: Vec<i64>| {
            let posts = Post::query().filter(|p| p.author_id.in_(ids)).group_by(|p| p.author_id);
            let counts: Vec<(Option<i64>, i64)> = repo.all(posts.select(|p| (p.author_id, count()))).await?;
            Ok(counts.into_iter().filter_map(|(id, count)| Some((id?, count))).collect())
        });
        for (number, user) in users.iter().enumerate() {
            assert_eq!(loader.load::<User, _>(|u| u.posts(), user.id).await.unwrap().len(), number);
            assert!(loader.get::<User>(user.id).await.unwrap().is_some());
            assert_eq!(counts.load(user.id).await.unwrap().unwrap_or(0), number as i64);
        }
    }

    async fn a_batch_calls_its_function_once_for_all(store: Store) {
        let calls = Arc::new(AtomicUsize::new(0));
        let (counter, loader) = (calls.clone(), Loader::new(&store.repo));
        let squares = loader.batch(move |_: Repo, keys: Vec<i64>| {
            let call = counter.fetch_add(1, Ordering::SeqCst);
            async move {
                match call {
                    0 => Err(Error::rollback("not now")),
                    _ => Ok(keys.into_iter().filter(|key| *key != 3).map(|key| (key, key * key)).collect::<HashMap<_, _>>()),
                }
            }
        });
        let ask = || join_all([1, 2, 3, 2].map(|key| squares.load(key)));
        assert!(ask().await.into_iter().all(|result| result.is_err()));
        for _ in 0..2 {
            let values: Vec<_> = ask().await.into_iter().map(Result::unwrap).collect();
            assert_eq!(values, [Some(1), Some(4), None, Some(4)]);
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        squares.clone().clear();
        assert_eq!(squares.load(2).await.unwrap(), Some(4));
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }
}

on_sql_stores! {
    async fn a_loader_reads_in_its_transaction(store: Store) {
        let users = users(&store, 2).await;
        let author_id = Some(users[0].id);
        store.repo.transaction(async |tx| {
            tx.insert(Post { author_id, ..Post::titled("inside") }).await?;
            let loader = Loader::new(&tx);
            let lists = try_join_all(users.iter().map(|user| loader.load::<User, _>(|u| u.posts(), user.id))).await?;
            assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
            Ok(())
        }).await.unwrap();
    }
}

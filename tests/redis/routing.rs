//! Redis behind a repo of another store: preloads both ways with one statement and one call, writes, and refusals.

use chrono::{DateTime, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::{Kind, Store, on_both_redis, on_redis};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Lives in the database.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
struct User {
    id: i64,
    name: String,
    sessions: HasMany<Session>,
}

/// Lives in Redis.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "sessions", index(user_id, seen_at))]
struct Session {
    #[schema(primary_key, natural)]
    token: String,
    user_id: i64,
    seen_at: DateTime<Utc>,
    user: BelongsTo<User>,
}

/// The database, Redis and one repo over both.
struct Stores {
    database: Store,
    redis: Store,
    repo: Repo,
}

impl Stores {
    async fn of(redis: Store, kind: Kind) -> Self {
        let database = Store::new(kind).await;
        database.create("create table users ({id}, name {text} not null)").await;
        let repo = database.repo.named("main").route::<Session>(&redis.repo);
        Stores { database, redis, repo }
    }

    /// As many users, with two sessions each.
    async fn fill(&self, count: i64) -> Vec<User> {
        let users = (1..=count).map(|id| User { id, name: format!("user {id}"), ..User::default() });
        let users: Vec<User> = users.collect();
        self.repo.insert_all(&users).await.unwrap();
        for user in &users {
            for number in 0..2 {
                self.repo.insert(session(user, number)).await.unwrap();
            }
        }
        users
    }
}

fn session(user: &User, number: i64) -> Session {
    let seen_at = DateTime::from_timestamp(1_000_000 + number, 0).unwrap();
    Session { token: format!("{}.{number}", user.id), user_id: user.id, seen_at, ..Session::default() }
}

/// What a Redis server receives with the keys of a store while something runs: lines of MONITOR, without those of scripts.
async fn received(store: &Store, work: impl Future<Output = ()>) -> Vec<String> {
    let url = url::Url::parse(store.url()).unwrap();
    let address = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(6379));
    let mut monitor = BufReader::new(TcpStream::connect(address).unwrap());
    monitor.get_ref().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    monitor.get_mut().write_all(b"MONITOR\r\n").unwrap();
    let mut line = String::new();
    monitor.read_line(&mut line).unwrap();
    assert_eq!(line, "+OK\r\n");
    work.await;
    let (prefix, end) =
        (store.repo.prefix().unwrap().to_owned(), format!("the end of {}", store.repo.prefix().unwrap()));
    let _: String = store.servers().command(&redis::cmd("ECHO").arg(&end).to_owned());
    let mut lines = Vec::new();
    loop {
        line.clear();
        monitor.read_line(&mut line).unwrap();
        if line.contains(&end) {
            return lines;
        }
        if line.contains(&prefix) && !line.contains(" lua] ") {
            lines.push(line.clone());
        }
    }
}

#[track_caller]
fn refusal<T>(result: Result<T, Error>) -> String {
    match result {
        Err(error @ Error::Unsupported(_)) => error.to_string().split("\n  ").next().unwrap_or_default().to_owned(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is not refused"),
    }
}

async fn preloads_are_one_statement_and_one_call_both_ways(store: Store, kind: Kind) {
    let stores = Stores::of(store, kind).await;
    let users = stores.fill(20).await;
    let query = User::query().order_by(|u| u.id).preload(|u| u.sessions().order_by(|s| s.seen_at));
    let (rows, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    assert_eq!(statements.len(), 2, "{statements:#?}");
    assert!(statements[0].sql().contains("FROM \"users\""), "{statements:#?}");
    assert!(statements[1].sql().contains("sessions}"), "{statements:#?}");
    assert_eq!(rows.len(), users.len());
    for user in &rows {
        let tokens: Vec<_> = user.sessions.get().unwrap().iter().map(|session| session.token.clone()).collect();
        assert_eq!(tokens, [format!("{}.0", user.id), format!("{}.1", user.id)]);
    }

    let limited = User::query().order_by(|u| u.id).preload(|u| u.sessions().order_by(|s| s.seen_at.desc()).limit(1));
    let (rows, statements) = stores.repo.capture(async |repo| repo.all(&limited).await).await.unwrap();
    assert_eq!(statements.len(), 2, "{statements:#?}");
    assert!(rows.iter().all(|user| user.sessions.get().unwrap()[0].token == format!("{}.1", user.id)));

    let back = Session::query().order_by(|s| s.token).preload(|s| s.user());
    let (rows, statements) = stores.repo.capture(async |repo| repo.all(&back).await).await.unwrap();
    assert_eq!(statements.len(), 2, "{statements:#?}");
    assert_eq!(statements[1].sql().contains("= ANY"), kind == Kind::Postgres, "{statements:#?}");
    assert!(rows.iter().all(|session| session.user.get().unwrap().id == session.user_id));
    assert_eq!(rows.len(), 40);

    let selected = User::query().order_by(|u| u.id).select(|u| (u.id, u.sessions().select(|s| s.token).collect()));
    let (rows, statements) = stores.repo.capture(async |repo| repo.all(&selected).await).await.unwrap();
    assert_eq!((rows[0].1.len(), statements.len()), (2, 2), "{statements:#?}");

    let mut users = users;
    stores.repo.preload(&mut users, |u| u.sessions().preload(|s| s.user())).await.unwrap();
    assert_eq!(users[19].sessions.get().unwrap()[0].user.get().unwrap().name, "user 20");

    let loader = Loader::new(&stores.repo);
    assert_eq!(loader.load::<User, _>(|u| u.sessions(), 1_i64).await.unwrap().len(), 2);
    assert_eq!(loader.get::<Session>("1.0").await.unwrap().unwrap().user_id, 1);
}

async fn writes_go_to_redis_and_transactions_are_of_the_database(store: Store, kind: Kind) {
    let stores = Stores::of(store, kind).await;
    let users = stores.fill(1).await;
    assert_eq!(stores.repo.store_of::<Session>(), "redis");
    let kept = stores.repo.transaction(async |tx| {
        assert_eq!(
            refusal(tx.insert(session(&users[0], 7)).await),
            "a transaction of main cannot undo what is written to sessions, which lives in another store (redis): write it when \
             the transaction is kept, in `tx.after_commit(async |repo| ..)`, or open a transaction on the repo of that store"
        );
        assert_eq!(tx.count(Session::query().filter(|s| s.user_id.eq(1))).await?, 2, "it is read outside");
        let new = session(&users[0], 7);
        tx.after_commit(async move |repo: Repo| repo.insert(new).await.map(|_| ())).await?;
        tx.insert(User { id: 99, name: "new".into(), ..User::default() }).await
    });
    kept.await.unwrap();
    assert_eq!(stores.redis.repo.count(Session::query().filter(|s| s.user_id.eq(1))).await.unwrap(), 3);
    assert_eq!(stores.database.repo.count(User::query()).await.unwrap(), 2);

    // A write that is a transaction by itself is one of Redis.
    let prepared =
        Changeset::build(session(&users[0], 8)).prepare_changes(async |changeset: Changeset<Session>, tx: Repo| {
            assert_eq!((tx.name(), tx.in_transaction()), ("redis", true));
            let text = refusal(tx.insert(User { name: "no".into(), ..User::default() }).await);
            assert!(text.starts_with("a transaction of redis cannot undo what is written to users"), "{text}");
            Ok(changeset)
        });
    stores.repo.insert(prepared).await.unwrap();
    assert!(stores.repo.get::<Session>("1.8").await.unwrap().is_some());
}

async fn statements_over_both_are_refused(store: Store, kind: Kind) {
    let stores = Stores::of(store, kind).await;
    assert_eq!(
        refusal(stores.repo.all(User::query().join(|u| u.sessions())).await),
        "users and sessions live in different stores (main and redis): preload instead of join: \
         `User::query().preload(|u| u.sessions())`"
    );
    assert_eq!(
        refusal(stores.repo.all(User::query().filter(|u| u.sessions().exists())).await),
        "users and sessions live in different stores (main and redis): read the keys from sessions first, and find the rows of \
         users by them, `.in_(keys)`"
    );
    stores.fill(1).await;
    assert_eq!(
        refusal(stores.repo.all(User::query().preload(|u| u.sessions().filter(|s| s.token.eq(u.name)))).await),
        "the filter of User.sessions uses columns of users, and sessions and users live in different stores (redis and main): \
         filter the rows after the preload"
    );
}

macro_rules! beside {
    ($($case:ident)*) => {$(
        mod $case {
            use super::*;

            on_both_redis! {
                async fn postgres(store: Store) {
                    super::super::$case(store, Kind::Postgres).await;
                }

                async fn sqlite(store: Store) {
                    super::super::$case(store, Kind::Sqlite).await;
                }
            }
        }
    )*};
}
beside! {
    preloads_are_one_statement_and_one_call_both_ways
    writes_go_to_redis_and_transactions_are_of_the_database
    statements_over_both_are_refused
}

on_redis! {
    /// As the server sees it: one call for a preload of however many users, and one key by key for what belongs to them.
    async fn a_preload_of_a_thousand_users_is_one_call_of_the_server(store: Store) {
        let stores = Stores::of(store, Kind::Postgres).await;
        let users = (1..=1_000).map(|id| User { id, name: format!("user {id}"), ..User::default() });
        let users: Vec<User> = users.collect();
        stores.repo.insert_all(&users).await.unwrap();
        let sessions: Vec<Session> = users.iter().map(|user| session(user, 0)).collect();
        stores.repo.insert_all(&sessions).await.unwrap();
        let query = User::query().preload(|u| u.sessions());
        // The script is known to the server from here on.
        stores.repo.all(&query).await.unwrap();
        let lines = received(&stores.redis, async {
            let (rows, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
            assert_eq!(statements.len(), 2, "{statements:#?}");
            assert!(rows.iter().all(|user| user.sessions.get().unwrap().len() == 1));
        });
        let lines = lines.await;
        assert_eq!(lines.len(), 1, "{} calls: {:?}", lines.len(), lines.first());
        assert!(lines[0].contains("EVALSHA"), "{:.200}", lines[0]);
    }
}

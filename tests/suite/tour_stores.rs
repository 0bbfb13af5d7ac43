//! The public API by example: several stores behind one repo.

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::Kind;
use uuid::Uuid;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
struct User {
    id: i64,
    name: String,
    sessions: HasMany<Session>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "sessions", ttl = "30m", index(user_id, seen_at))]
struct Session {
    #[schema(primary_key)]
    token: Uuid,
    user_id: i64,
    seen_at: DateTime<Utc>,
    name: Option<String>,
    user: BelongsTo<User>,
}

fn session(user: &User, minutes: i64) -> Session {
    let seen_at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minutes);
    Session { user_id: user.id, seen_at, ..Session::default() }
}

async fn sessions_in_redis_belong_to_users_of_a_database(store: &Store, kind: Kind) {
    let redis = Store::new(kind).await;
    store.create("create table users ({id}, name {text} not null)").await;
    let repo = store.repo.route::<Session>(&redis.repo);
    let users = repo.insert_all(["ann", "bob"].map(|name| User { name: name.into(), ..User::default() }).to_vec());
    let users = users.returning(|u| u).await.unwrap();
    let [ann, bob] = &users[..] else { panic!("{users:?}") };
    for minutes in 0..15 {
        repo.insert(session(ann, minutes)).await.unwrap();
    }
    let last = repo.insert(session(bob, 3)).await.unwrap();

    let query = User::query().order_by(|u| u.id).preload(|u| u.sessions());
    let (read, statements) = repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    assert_eq!(read.iter().map(|user| user.sessions.get().unwrap().len()).collect::<Vec<_>>(), [15, 1]);
    assert_eq!(statements.len(), 2, "{statements:#?}");
    let newest = Session::query().filter(|s| s.user_id.eq(ann.id)).order_by(|s| s.seen_at.desc()).limit(10);
    let minutes: Vec<_> = repo.all(newest).await.unwrap().iter().map(|s| s.seen_at.timestamp() / 60).collect();
    assert_eq!(minutes, [14, 13, 12, 11, 10, 9, 8, 7, 6, 5]);
    let read = repo.all(Session::query().filter(|s| s.token.eq(last.token)).preload(|s| s.user())).await.unwrap();
    assert_eq!(read[0].user.get().unwrap().name, "bob");
    let row = redis.keys().into_iter().find(|key| key.ends_with(&last.token.to_string())).unwrap();
    let left: i64 = redis.servers().command(::redis::cmd("PTTL").arg(row));
    assert!((1_700_000..=1_800_000).contains(&left), "{left}");

    let message = |error: Error| error.to_string().split("\n  ").next().unwrap_or_default().to_owned();
    let refused = repo.all(Session::query().filter(|s| s.name.eq("phone"))).await.unwrap_err();
    assert_eq!(
        message(refused),
        "redis has no index of sessions that begins with `name`: add #[schema(index)] to Session.name, or narrow the rows by \
         an indexed column, and allow reading up to n of them with .allow_filtering(n)"
    );
    let refused = repo.all(User::query().join(|u| u.sessions())).await.unwrap_err();
    let base = store.repo.name();
    assert_eq!(
        message(refused),
        format!(
            "users and sessions live in different stores ({base} and redis): preload instead of join: \
             `User::query().preload(|u| u.sessions())`"
        )
    );
    let refused = repo.transaction(async |tx| tx.insert(session(ann, 20)).await).await.unwrap_err();
    assert!(message(refused).contains("after_commit"));
    let committed = repo.transaction(async |tx| {
        let ann = tx.get::<User>(ann.id).await?.unwrap_or_default();
        let after = session(&ann, 20);
        tx.after_commit(async move |repo| repo.insert(after).await.map(drop)).await
    });
    committed.await.unwrap();
    assert_eq!(repo.count(Session::query().filter(|s| s.user_id.eq(ann.id))).await.unwrap(), 16);
}

on_sql_stores! {
    async fn sessions_on_a_redis_server_belong_to_users_of_a_database(store: Store) {
        sessions_in_redis_belong_to_users_of_a_database(&store, Kind::Redis).await;
    }

    async fn sessions_on_a_redis_cluster_belong_to_users_of_a_database(store: Store) {
        sessions_in_redis_belong_to_users_of_a_database(&store, Kind::RedisCluster).await;
    }
}

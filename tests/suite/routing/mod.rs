//! Several stores behind one repo: whose rows are where, what a statement may be about, and what a transaction holds.

/// Runs cases on pairs of stores: `here` is the base, and `there` is where some schemas are routed to.
macro_rules! pairs {
    ($($case:ident)*) => {$(
        mod $case {
            use super::*;

            on_sqlite! {
                async fn sqlite_and_sqlite(store: Store) {
                    let stores = Stores::beside(store, Kind::Sqlite).await;
                    super::super::$case(&stores).await;
                }

                async fn sqlite_and_postgres(store: Store) {
                    let stores = Stores::beside(store, Kind::Postgres).await;
                    super::super::$case(&stores).await;
                }
            }

            on_postgres! {
                async fn postgres_and_sqlite(store: Store) {
                    let stores = Stores::beside(store, Kind::Sqlite).await;
                    super::super::$case(&stores).await;
                }

                async fn postgres_and_postgres(store: Store) {
                    let stores = Stores::beside(store, Kind::Postgres).await;
                    super::super::$case(&stores).await;
                }
            }
        }
    )*};
}

mod names;
mod preloads;
mod refusals;
mod transactions;
mod writes;

use super::*;
use chrono::{DateTime, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::Kind;

/// Lives here.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
struct User {
    id: i64,
    name: String,
    updated_at: DateTime<Utc>,
    sessions: HasMany<Session>,
    #[schema(foreign_key = author_id)]
    posts: HasMany<Post>,
    #[schema(through = [sessions, devices])]
    devices: HasMany<Device>,
    #[schema(through = [posts, marks])]
    marks: HasMany<Mark>,
    #[schema(join_schema = Membership)]
    groups: ManyToMany<Group>,
    #[schema(join_table = "users_topics")]
    topics: ManyToMany<Topic>,
}

/// Lives here.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts")]
struct Post {
    id: i64,
    author_id: i64,
    title: String,
    author: BelongsTo<User>,
    #[schema(on_delete = delete_all)]
    marks: HasMany<Mark>,
}

/// Lives there.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "sessions")]
struct Session {
    id: i64,
    user_id: i64,
    #[schema(unique)]
    token: String,
    seen: i32,
    updated_at: DateTime<Utc>,
    user: BelongsTo<User>,
    #[schema(on_delete = delete_all)]
    devices: HasMany<Device>,
}

/// Lives there.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "devices")]
struct Device {
    id: i64,
    session_id: i64,
    name: String,
    session: BelongsTo<Session>,
}

/// Lives there.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "marks")]
struct Mark {
    id: i64,
    post_id: i64,
    label: String,
    post: BelongsTo<Post>,
}

/// Lives there; the rows between it and users live here.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "groups")]
struct Group {
    id: i64,
    name: String,
    #[schema(join_schema = Membership)]
    users: ManyToMany<User>,
}

/// Lives here, unless a case routes it.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "memberships", primary_key(user_id, group_id))]
struct Membership {
    user_id: i64,
    group_id: i64,
}

/// Lives there; no struct describes the rows between it and users.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "topics")]
struct Topic {
    id: i64,
    name: String,
    #[schema(join_table = "users_topics")]
    users: ManyToMany<User>,
}

const TABLES: &str = "
    create table users ({id}, name {text} not null, updated_at {timestamp} not null);
    create table posts ({id}, author_id {i64} not null, title {text} not null);
    create table sessions ({id}, user_id {i64} not null, token {text} not null, seen {i32} not null,
        updated_at {timestamp} not null);
    create unique index sessions_token_index on sessions (token);
    create table devices ({id}, session_id {i64} not null, name {text} not null);
    create table marks ({id}, post_id {i64} not null, label {text} not null);
    create table groups ({id}, name {text} not null);
    create table memberships (user_id {i64} not null, group_id {i64} not null, primary key (user_id, group_id));
    create table topics ({id}, name {text} not null);
    create table users_topics (user_id {i64} not null, topic_id {i64} not null);
";

/// Two stores with the same tables, and one repo over both.
struct Stores {
    here: Store,
    there: Store,
    repo: Repo,
}

impl Stores {
    async fn beside(here: Store, kind: Kind) -> Self {
        let there = Store::new(kind).await;
        here.create(TABLES).await;
        there.create(TABLES).await;
        let (main, other) = (here.repo.named("main"), there.repo.named("other"));
        let repo = main.route::<Session>(&other).route::<Device>(&other).route::<Mark>(&other);
        let repo = repo.route::<Group>(&other).route::<Topic>(&other);
        Stores { here, there, repo }
    }

    /// Ann with three sessions, of which the first has two devices, and Bob with one session and two posts.
    async fn fill(&self) -> [User; 2] {
        let Stores { repo, .. } = self;
        let ann = repo.insert(User { name: "ann".into(), ..User::default() }).await.unwrap();
        let bob = repo.insert(User { name: "bob".into(), ..User::default() }).await.unwrap();
        for (user, token, seen) in [(&ann, "a1", 1), (&ann, "a2", 2), (&ann, "a3", 3), (&bob, "b1", 9)] {
            let session = repo.insert(session(user, token, seen)).await.unwrap();
            if token == "a1" {
                let device = |name: &str| Device { session_id: session.id, name: name.into(), ..Device::default() };
                repo.insert_all(vec![device("phone"), device("laptop")]).await.unwrap();
            }
        }
        let post = |title: &str| Post { author_id: bob.id, title: title.into(), ..Post::default() };
        repo.insert_all(vec![post("first"), post("second")]).await.unwrap();
        [ann, bob]
    }

    /// How many rows of a schema each store has.
    async fn counts<S: Schema>(&self) -> (u64, u64) {
        let (here, there) = (self.here.repo.count(S::query()), self.there.repo.count(S::query()));
        (here.await.unwrap(), there.await.unwrap())
    }
}

fn session(user: &User, token: &str, seen: i32) -> Session {
    Session { user_id: user.id, token: token.into(), seen, ..Session::default() }
}

fn tokens(sessions: &[Session]) -> Vec<&str> {
    sessions.iter().map(|session| session.token.as_str()).collect()
}

/// The message of a refusal, without the line of the call.
#[track_caller]
fn refusal<T>(result: Result<T, Error>) -> String {
    match result {
        Err(error @ Error::Unsupported(_)) => error.to_string().split("\n  ").next().unwrap_or_default().to_owned(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is not refused"),
    }
}

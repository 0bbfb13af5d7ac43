//! An empty store for one test.

use crate::ddl;
use crate::redis::{self, Servers};
use crate::server::{self, Owned};
use peristyle::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite, in a file of its own.
    Sqlite,
    /// Postgres, in a schema of its own.
    Postgres,
    /// Postgres, in a database of its own.
    PostgresDatabase,
    /// A Redis server, in a prefix of its own.
    Redis,
    /// A Redis Cluster, in a prefix of its own.
    RedisCluster,
}

impl Kind {
    /// Makes the place of an empty store.
    pub(crate) fn place(self) -> Arc<Place> {
        Arc::new(match self {
            Kind::Sqlite => match tempfile::Builder::new().prefix("peristyle-test-").tempdir() {
                Ok(folder) => Place::Folder(folder),
                Err(error) => panic!("no temporary folder: {error}"),
            },
            Kind::Postgres => Place::Postgres(server::new_schema()),
            Kind::PostgresDatabase => Place::Postgres(server::new_database()),
            Kind::Redis => Place::Redis(redis::Owned::new(Servers::given(false))),
            Kind::RedisCluster => Place::Redis(redis::Owned::new(Servers::given(true))),
        })
    }
}

/// Where a store lives, until this is dropped.
pub(crate) enum Place {
    Folder(TempDir),
    Postgres(Owned),
    Redis(redis::Owned),
}

/// An empty store: connected to, and gone when dropped.
pub struct Store {
    /// A repo with a small pool.
    pub repo: Repo,
    /// The dialect of its SQL; SQLite's for Redis, which has none.
    pub dialect: Dialect,
    url: String,
    place: Arc<Place>,
}

/// The connections of a test's repo: few, since tests run side by side.
const POOL_SIZE: usize = 4;

impl Store {
    /// A new store of this kind, for tests that need more than the one that their macro gives them.
    ///
    /// # Panics
    ///
    /// If the store cannot be made.
    pub async fn new(kind: Kind) -> Store {
        // Making it waits for the server's thread, and so may not be done on one of the runtime's.
        match tokio::task::spawn_blocking(move || kind.place()).await {
            Ok(place) => Store::at(place).await,
            Err(error) => panic!("no store: {error}"),
        }
    }

    pub(crate) async fn at(place: Arc<Place>) -> Store {
        let (dialect, url) = match &*place {
            Place::Folder(folder) => (Dialect::Sqlite, format!("sqlite:{}", folder.path().join("test.db").display())),
            Place::Postgres(owned) => (Dialect::Postgres, owned.url().to_owned()),
            Place::Redis(owned) => (Dialect::Sqlite, owned.servers.url().to_owned()),
        };
        match connect(&place, &url).await {
            Ok(repo) => Store { repo, dialect, url, place },
            Err(error) => panic!("cannot connect to {url}: {error}"),
        }
    }

    /// Another repo on the store, with connections of its own.
    ///
    /// # Panics
    ///
    /// If it cannot connect.
    pub async fn connect(&self) -> Repo {
        match connect(&self.place, &self.url).await {
            Ok(repo) => repo,
            Err(error) => panic!("cannot connect to {}: {error}", self.url),
        }
    }

    /// The URL of the store, for another repo on it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file of a SQLite store.
    ///
    /// # Panics
    ///
    /// If the store is not SQLite.
    pub fn file(&self) -> PathBuf {
        match &*self.place {
            Place::Folder(folder) => folder.path().join("test.db"),
            Place::Postgres(_) | Place::Redis(_) => panic!("only a SQLite store has a file"),
        }
    }

    /// The servers of a Redis store, for commands of the test's own.
    ///
    /// # Panics
    ///
    /// If the store is not Redis.
    pub fn servers(&self) -> &Servers {
        &self.redis().servers
    }

    /// The prefix of a Redis store's repo. Keys of prefixes that begin with it are dropped with the store, too.
    ///
    /// # Panics
    ///
    /// If the store is not Redis.
    pub fn prefix(&self) -> &str {
        &self.redis().prefix
    }

    /// The keys that a Redis store has, in order.
    ///
    /// # Panics
    ///
    /// If the store is not Redis.
    pub fn keys(&self) -> Vec<String> {
        self.servers().keys(&self.redis().pattern())
    }

    fn redis(&self) -> &redis::Owned {
        match &*self.place {
            Place::Redis(owned) => owned,
            Place::Folder(_) | Place::Postgres(_) => panic!("the store is not Redis"),
        }
    }

    /// Whether the store is a Redis server or a Redis Cluster.
    pub fn is_redis(&self) -> bool {
        matches!(&*self.place, Place::Redis(_))
    }

    /// Whether the store is Postgres.
    pub fn is_postgres(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// The one of two values that is meant for this store.
    ///
    /// # Panics
    ///
    /// If the store is Redis.
    pub fn pick<T>(&self, sqlite: T, postgres: T) -> T {
        assert!(!self.is_redis(), "neither of these values is for Redis: ask store.is_redis() first");
        if self.is_postgres() { postgres } else { sqlite }
    }

    /// Runs DDL that is written once for every store; see [`ddl`] for its placeholders. On Redis it does nothing: a table begins
    /// with its first row.
    ///
    /// # Panics
    ///
    /// If it has a placeholder that does not exist, or the store refuses it.
    #[track_caller]
    pub fn create(&self, portable: &str) -> impl Future<Output = ()> + Send + use<'_> {
        let script = ddl::render(portable, self.dialect);
        let caller = std::panic::Location::caller();
        async move {
            if !self.is_redis()
                && let Err(error) = self.repo.script(&script).await
            {
                panic!("{caller}: {error}\n{script}");
            }
        }
    }

    /// Runs a script of this store's own SQL.
    ///
    /// # Panics
    ///
    /// If the store refuses it, or is Redis.
    pub async fn script(&self, sqlite: &str, postgres: &str) {
        let script = self.pick(sqlite, postgres);
        if let Err(error) = self.repo.script(script).await {
            panic!("{error}\n{script}");
        }
    }
}

async fn connect(place: &Place, url: &str) -> Result<Repo, peristyle::Error> {
    match place {
        Place::Folder(_) => Sqlite::options(url).readers(2).connect().await,
        Place::Postgres(_) => Postgres::options(url).pool_size(POOL_SIZE).connect().await,
        Place::Redis(owned) => Ok(Redis::options(url).connect().await?.with_prefix(&owned.prefix)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cases, on_both_redis, on_postgres, on_postgres_database, on_sql_stores};

    on_sql_stores! {
        async fn a_store_is_empty_and_its_own(store: Store) {
            let kind = store.pick(Kind::Sqlite, Kind::Postgres);
            let other = Store::new(kind).await;
            for each in [&store, &other] {
                each.create("create table notes ({id}, text {text} not null)").await;
                each.script("insert into notes (text) values ('a')", "insert into notes (text) values ('a')").await;
            }
            let count = store.repo.sql::<i64>("select count(*) from notes").one().await.unwrap();
            assert_eq!(count, Some(1));
        }
    }

    #[test]
    fn a_file_is_gone_after_a_case_that_panics() {
        let file = Arc::new(std::sync::Mutex::new(PathBuf::new()));
        let seen = file.clone();
        let outcome = std::panic::catch_unwind(|| {
            cases::run(Kind::Sqlite, async move |store: Store| {
                store.create("create table notes ({id})").await;
                let path = store.file();
                assert!(path.exists());
                *seen.lock().unwrap() = path;
                panic!("on purpose");
            });
        });
        assert!(outcome.is_err());
        let path = file.lock().unwrap().clone();
        assert!(path.is_absolute() && !path.exists(), "{path:?} is still there");
    }

    on_both_redis! {
        async fn a_prefix_is_gone_after_a_case_that_panics(store: Store) {
            let kind = if store.servers().url().contains("cluster") { Kind::RedisCluster } else { Kind::Redis };
            let other = Store::new(kind).await;
            let key = format!("{{{}.notes}}:1", other.prefix());
            other.servers().command::<()>(::redis::cmd("SET").arg(&key).arg("{}"));
            assert_eq!(other.keys(), [key]);
            let (servers, pattern) = (store.servers().clone(), other.redis().pattern());
            assert!(tokio::spawn(async move { let _moved = &other; panic!("on purpose") }).await.is_err());
            assert!(servers.keys(&pattern).is_empty());
        }
    }

    on_postgres! {
        async fn a_schema_is_gone_after_a_case_that_panics(store: Store) {
            let other = Store::new(Kind::Postgres).await;
            other.create("create table left_behind ({id})").await;
            let count = "select count(*) from pg_tables where tablename = 'left_behind'";
            assert_eq!(store.repo.sql::<i64>(count).one().await.unwrap(), Some(1));
            assert!(tokio::spawn(async move { let _moved = &other; panic!("on purpose") }).await.is_err());
            assert_eq!(store.repo.sql::<i64>(count).one().await.unwrap(), Some(0));
        }
    }

    on_postgres_database! {
        async fn a_database_may_lose_all_its_connections(store: Store) {
            let other = Store::new(Kind::Postgres).await;
            store
                .repo
                .sql::<bool>(
                    "select pg_terminate_backend(pid) from pg_stat_activity \
                     where datname = current_database() and pid <> pg_backend_pid()",
                )
                .await
                .unwrap();
            assert_eq!(other.repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        }
    }
}

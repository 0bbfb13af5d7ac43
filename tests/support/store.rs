//! An empty store for one test.

use crate::ddl;
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
        })
    }
}

/// Where a store lives, until this is dropped.
pub(crate) enum Place {
    Folder(TempDir),
    Postgres(Owned),
}

/// An empty store: connected to, and gone when dropped.
pub struct Store {
    /// A repo with a small pool.
    pub repo: Repo,
    /// The dialect of its SQL.
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
        let (dialect, url, connected) = match &*place {
            Place::Folder(folder) => {
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                let connected = Sqlite::options(&url).readers(2).connect().await;
                (Dialect::Sqlite, url, connected)
            }
            Place::Postgres(owned) => {
                let url = owned.url().to_owned();
                let connected = Postgres::options(&url).pool_size(POOL_SIZE).connect().await;
                (Dialect::Postgres, url, connected)
            }
        };
        match connected {
            Ok(repo) => Store { repo, dialect, url, place },
            Err(error) => panic!("cannot connect to {url}: {error}"),
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
            Place::Postgres(_) => panic!("a Postgres store has no file"),
        }
    }

    /// Whether the store is Postgres.
    pub fn is_postgres(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// The one of two values that is meant for this store.
    pub fn pick<T>(&self, sqlite: T, postgres: T) -> T {
        if self.is_postgres() { postgres } else { sqlite }
    }

    /// Runs DDL that is written once for every store; see [`ddl`] for its placeholders.
    ///
    /// # Panics
    ///
    /// If it has a placeholder that does not exist, or the store refuses it.
    #[track_caller]
    pub fn create(&self, portable: &str) -> impl Future<Output = ()> + Send + use<'_> {
        let script = ddl::render(portable, self.dialect);
        let caller = std::panic::Location::caller();
        async move {
            if let Err(error) = self.repo.script(&script).await {
                panic!("{caller}: {error}\n{script}");
            }
        }
    }

    /// Runs a script of this store's own SQL.
    ///
    /// # Panics
    ///
    /// If the store refuses it.
    pub async fn script(&self, sqlite: &str, postgres: &str) {
        let script = self.pick(sqlite, postgres);
        if let Err(error) = self.repo.script(script).await {
            panic!("{error}\n{script}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cases, on_every_store, on_postgres, on_postgres_database};

    on_every_store! {
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

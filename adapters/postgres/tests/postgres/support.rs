//! A database of a test's own.

use peristyle_postgres::{Postgres, PostgresOptions};
use peristyle_query::repo::Repo;
use std::sync::atomic::{AtomicU32, Ordering};

/// An empty database, and a repo on it.
pub struct Database {
    pub repo: Repo,
    /// A repo on another database of the same server, to look at this one from outside and to kill its connections.
    pub outside: Repo,
    pub url: String,
    name: String,
}

impl Database {
    /// Options of a repo on this database.
    pub fn options(&self) -> PostgresOptions {
        Postgres::options(self.url.clone())
    }

    /// Ends the server's processes of this database, and waits until they are gone.
    pub async fn kill_connections(&self) {
        let kill =
            "select coalesce(bool_and(pg_terminate_backend(pid, 5000)), true) from pg_stat_activity where datname = {}";
        let killed: Option<bool> = self.outside.sql(kill).bind((self.name.clone(),)).one().await.unwrap();
        assert_eq!(killed, Some(true));
    }

    /// How many connections the database has.
    pub async fn connections(&self) -> i64 {
        let count = "select count(*) from pg_stat_activity where datname = {} and backend_type = 'client backend'";
        self.outside.sql(count).bind((self.name.clone(),)).one().await.unwrap().unwrap()
    }

    /// Waits until a condition on the server's processes of this database holds.
    pub async fn wait_for(&self, condition: &'static str) {
        for _ in 0..2_000 {
            let found: Option<bool> = self.outside.sql(condition).bind((self.name.clone(),)).one().await.unwrap();
            if found == Some(true) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("did not come true: {condition}");
    }

    /// Waits until a statement with this mark in its text runs.
    pub async fn wait_for_sleep(&self) {
        self.wait_for(
            "select exists(select from pg_stat_activity where datname = {} and wait_event = 'PgSleep' and state = 'active')",
        )
        .await;
    }
}

/// The URL of the server.
pub fn server_url() -> String {
    match std::env::var("PERISTYLE_TEST_POSTGRES_URL") {
        Ok(url) => url,
        Err(_) => panic!(
            "these tests need a Postgres server: name it in PERISTYLE_TEST_POSTGRES_URL \
             (postgres://postgres@127.0.0.1:5432/postgres), or run tests/run, which starts one"
        ),
    }
}

/// The same URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = base.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("{scheme}://{authority}/{name}{query}")
}

/// Runs a test in a database of its own, which is gone afterwards even if it panics.
pub fn in_database<F>(test: impl FnOnce(Database) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async move {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("peristyle_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let outside = Postgres::options(server_url()).pool_size(2).connect().await.unwrap();
        outside.script(format!("CREATE DATABASE {name}")).await.unwrap();
        let url = with_database(&server_url(), &name);
        let repo = Postgres::options(url.clone()).pool_size(4).connect().await.unwrap();
        let database = Database { repo, outside: outside.clone(), url, name: name.clone() };
        let result = tokio::spawn(test(database)).await;
        outside.script(format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
        outside.close().await;
        if let Err(error) = result {
            std::panic::resume_unwind(error.into_panic());
        }
    });
}

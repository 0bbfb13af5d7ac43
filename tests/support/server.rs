//! The Postgres server of the tests: the one that `PERISTYLE_TEST_POSTGRES_URL` names.
//!
//! Nothing is put into the database in the URL. A test process makes one database, and in it a schema for each test: with
//! a connection and a table, a schema takes 5 ms and a database 40. Since nothing runs at a test process's end, its database
//! stays until the next one drops it: a database is in use as long as a session holds the advisory lock of its name.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;
use uuid::Uuid;

/// The variable that names the server.
pub const VARIABLE: &str = "PERISTYLE_TEST_POSTGRES_URL";

const PREFIX: &str = "peristyle_test_";

/// A schema or a database of a test's own, dropped with it.
pub struct Owned {
    url: String,
    on: On,
    drop: String,
}

impl Owned {
    /// The URL to connect to.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Ok(server) = server()
            && let Err(error) = server.execute(self.on, std::mem::take(&mut self.drop))
        {
            eprintln!("left behind on the test server: {error}");
        }
    }
}

/// Makes a schema in this process's database.
pub(crate) fn new_schema() -> Owned {
    let server = ready();
    let name = format!("test_{}", server.next());
    must(server.execute(On::Database, format!("create schema {name}")));
    let mut url = server.url_of(&server.database);
    url.query_pairs_mut().append_pair("options", &format!("-csearch_path={name}"));
    Owned { url: url.into(), on: On::Database, drop: format!("drop schema {name} cascade") }
}

/// Makes a database.
pub(crate) fn new_database() -> Owned {
    let server = ready();
    let name = format!("{}_{}", server.database, server.next());
    for statement in [lock(&name), create(&name)] {
        must(server.execute(On::Server, statement));
    }
    let drop = format!("drop database if exists {name} with (force)");
    Owned { url: server.url_of(&name).into(), on: On::Server, drop }
}

fn must<T, E: Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the Postgres server of {VARIABLE}: {error}"),
    }
}

fn ready() -> &'static Server {
    match server() {
        Ok(server) => server,
        Err(message) => panic!("{message}"),
    }
}

/// Which connection runs a statement.
#[derive(Clone, Copy)]
enum On {
    /// The one to the database that the URL names.
    Server,
    /// The one to this process's database.
    Database,
}

struct Command {
    on: On,
    statement: String,
    done: Sender<Result<(), sqlx::Error>>,
}

/// A thread with two connections, which outlives the runtime of each test.
struct Server {
    url: Url,
    database: String,
    commands: UnboundedSender<Command>,
    counter: AtomicU32,
}

fn server() -> Result<&'static Server, &'static str> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref().map_err(String::as_str)
}

impl Server {
    fn start() -> Result<Server, String> {
        let url = std::env::var(VARIABLE).map_err(|_| {
            format!("{VARIABLE} is not set: run the tests with tests/run, which starts a Postgres server")
        })?;
        let url = Url::parse(&url).map_err(|error| format!("{VARIABLE} is not a URL: {error}"))?;
        let database = format!("{PREFIX}{}", Uuid::now_v7().simple());
        let (commands, receiver) = unbounded_channel();
        let (ready, started) = channel();
        let server = Server { url, database, commands, counter: AtomicU32::new(0) };
        let (named, own) = (server.url.to_string(), server.url_of(&server.database).to_string());
        let name = server.database.clone();
        std::thread::spawn(move || match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(async {
                match connect(&named, &own, &name).await {
                    Ok((server, database)) => {
                        let _ = ready.send(Ok(()));
                        serve(receiver, server, database).await;
                    }
                    Err(error) => drop(ready.send(Err(error.to_string()))),
                }
            }),
            Err(error) => drop(ready.send(Err(error.to_string()))),
        });
        match started.recv() {
            Ok(Ok(())) => Ok(server),
            Ok(Err(error)) => Err(format!("the Postgres server of {VARIABLE} cannot be used: {error}")),
            Err(_) => Err("the thread of the test server ended".to_owned()),
        }
    }

    fn url_of(&self, database: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(database);
        url
    }

    fn next(&self) -> u32 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    fn execute(&self, on: On, statement: String) -> Result<(), String> {
        let (done, result) = channel();
        let described = statement.clone();
        let sent = self.commands.send(Command { on, statement, done });
        match sent.map(|()| result.recv()) {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(format!("{described}: {error}")),
            Ok(Err(_)) | Err(_) => Err("its connection is gone".to_owned()),
        }
    }
}

/// Drops the databases of dead processes, makes this one's, and connects to it.
async fn connect(named: &str, own: &str, name: &str) -> Result<(PgConnection, PgConnection), sqlx::Error> {
    let mut server = PgConnectOptions::from_str(named)?.connect().await?;
    let ours = format!("select datname from pg_database where datname like '{}%'", PREFIX.replace('_', "\\_"));
    for row in sqlx::raw_sql(AssertSqlSafe(ours)).fetch_all(&mut server).await? {
        let left: String = row.try_get(0)?;
        let free = format!("select pg_try_advisory_lock({})", key(&left));
        if sqlx::raw_sql(AssertSqlSafe(free)).fetch_one(&mut server).await?.try_get(0)? {
            let drop = format!("drop database if exists {left} with (force)");
            // Another process may be dropping it too.
            let _ = sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut server).await;
            execute(&mut server, format!("select pg_advisory_unlock({})", key(&left))).await?;
        }
    }
    execute(&mut server, lock(name)).await?;
    execute(&mut server, create(name)).await?;
    let mut database = PgConnectOptions::from_str(own)?.connect().await?;
    // A test that hangs in a transaction must not stop the others when its schema is dropped.
    execute(&mut database, "set lock_timeout = '5s'; set client_min_messages = warning".to_owned()).await?;
    Ok((server, database))
}

async fn serve(mut commands: UnboundedReceiver<Command>, mut server: PgConnection, mut database: PgConnection) {
    while let Some(command) = commands.recv().await {
        let connection = match command.on {
            On::Server => &mut server,
            On::Database => &mut database,
        };
        let _ = command.done.send(execute(connection, command.statement).await);
    }
}

async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}

fn create(name: &str) -> String {
    format!("create database {name} template template0")
}

fn lock(name: &str) -> String {
    format!("select pg_advisory_lock({})", key(name))
}

fn key(name: &str) -> String {
    format!("hashtextextended('{name}', 0)")
}

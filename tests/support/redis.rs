//! The Redis servers of the tests: those that `PERISTYLE_TEST_REDIS_URL` and `PERISTYLE_TEST_REDIS_CLUSTER_URL` name.
//!
//! Each test has a prefix of its own on them, and its keys are dropped at its end. This client is another than the adapter's, so
//! that what the adapter left in a server is seen as others see it.

use redis::{Cmd, Connection, ConnectionLike, ErrorKind, FromRedisValue, ServerErrorKind, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The variable that names the server.
pub const VARIABLE: &str = "PERISTYLE_TEST_REDIS_URL";

/// The variable that names the cluster.
pub const CLUSTER_VARIABLE: &str = "PERISTYLE_TEST_REDIS_CLUSTER_URL";

/// A server, or the primaries of a cluster, for commands of a test's own.
#[derive(Clone)]
pub struct Servers {
    url: String,
    /// Connections for [`command`](Self::command) and [`keys`](Self::keys).
    kept: Arc<Mutex<Vec<Connection>>>,
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Servers {
    /// The servers of a URL as the adapter takes it.
    pub fn new(url: impl Into<String>) -> Self {
        Servers { url: url.into(), kept: Arc::default() }
    }

    /// The server, or the cluster, that the tests were given.
    ///
    /// # Panics
    ///
    /// If the variable is not set.
    pub(crate) fn given(cluster: bool) -> Self {
        let variable = if cluster { CLUSTER_VARIABLE } else { VARIABLE };
        match std::env::var(variable) {
            Ok(url) => Servers::new(url),
            Err(_) => panic!("{variable} is not set: run the tests with tests/run, which starts Redis servers"),
        }
    }

    /// The URL that the adapter connects to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection to each server that has keys.
    ///
    /// # Panics
    ///
    /// If one cannot be reached.
    pub fn connections(&self) -> Vec<Connection> {
        let Some(hosts) = self.url.strip_prefix("redis+cluster://") else { return vec![connect(&self.url)] };
        let (credentials, hosts) = hosts.rsplit_once('@').map_or(("", hosts), |(before, hosts)| (before, hosts));
        let at = if credentials.is_empty() { "" } else { "@" };
        let seed = hosts.split(',').next().unwrap_or_default();
        let slots = redis::cmd("CLUSTER").arg("SLOTS").to_owned();
        let ranges: Vec<Value> = must(slots.query(&mut connect(&format!("redis://{credentials}{at}{seed}"))));
        let addresses = ranges.into_iter().map(|range| {
            let Value::Array(range) = range else { panic!("CLUSTER SLOTS gave {range:?}") };
            let Some(Value::Array(primary)) = range.into_iter().nth(2) else { panic!("a range without a primary") };
            let mut primary = primary.into_iter();
            let (host, port) = (primary.next().unwrap_or(Value::Nil), primary.next().unwrap_or(Value::Nil));
            format!("{}:{}", must(String::from_redis_value(host)), must(u16::from_redis_value(port)))
        });
        let addresses = addresses.collect::<BTreeSet<_>>();
        addresses.iter().map(|address| connect(&format!("redis://{credentials}{at}{address}"))).collect()
    }

    /// The answer to a command, of the server that has its key.
    ///
    /// # Panics
    ///
    /// If there is none, or it is an error.
    pub fn command<T: FromRedisValue>(&self, command: &Cmd) -> T {
        self.on_kept(|connection| match command.query(connection) {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::Moved) => None,
            answer => Some(must(answer)),
        })
        .unwrap_or_else(|| panic!("no server has the key"))
    }

    /// What is there first on one of the connections that are kept.
    fn on_kept<T>(&self, mut ask: impl FnMut(&mut Connection) -> Option<T>) -> Option<T> {
        // A test that panicked with it leaves the connections whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|connection| !connection.is_open()) || kept.is_empty() {
            *kept = self.connections();
        }
        kept.iter_mut().find_map(&mut ask)
    }

    /// The keys that fulfil a pattern, on all servers, in order.
    ///
    /// # Panics
    ///
    /// If a server cannot be reached.
    pub fn keys(&self, pattern: &str) -> Vec<String> {
        let mut keys = Vec::new();
        self.on_kept(|connection| {
            keys.extend(scan(connection, pattern));
            None::<()>
        });
        keys.sort();
        keys.dedup();
        keys
    }

    /// Drops the keys that fulfil a pattern, on all servers.
    ///
    /// # Panics
    ///
    /// If a server cannot be reached.
    pub fn drop_keys(&self, pattern: &str) {
        self.on_kept(|connection| {
            let mut pipeline = redis::pipe();
            for key in scan(connection, pattern) {
                pipeline.cmd("UNLINK").arg(key).ignore();
            }
            if !pipeline.is_empty() {
                must(pipeline.exec(connection));
            }
            None::<()>
        });
    }
}

/// A prefix of a test's own; its keys are dropped with it.
pub struct Owned {
    pub(crate) servers: Servers,
    pub(crate) prefix: String,
}

impl Owned {
    pub(crate) fn new(servers: Servers) -> Self {
        Owned { servers, prefix: format!("t{}", Uuid::now_v7().simple()) }
    }

    /// The pattern of its keys, and of those of prefixes that begin with it.
    pub(crate) fn pattern(&self) -> String {
        format!("{{{}*", self.prefix)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        for mut connection in self.servers.connections() {
            let mut pipeline = redis::pipe();
            for key in scan(&mut connection, &self.pattern()) {
                pipeline.cmd("UNLINK").arg(key).ignore();
            }
            if !pipeline.is_empty()
                && let Err(error) = pipeline.exec(&mut connection)
            {
                eprintln!("left behind on the test server: {}: {error}", self.pattern());
            }
        }
    }
}

fn connect(url: &str) -> Connection {
    must(redis::Client::open(url).and_then(|client| client.get_connection()))
}

fn scan(connection: &mut Connection, pattern: &str) -> Vec<String> {
    let (mut keys, mut cursor) = (Vec::new(), 0u64);
    loop {
        let step = redis::cmd("SCAN").arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1000).to_owned();
        let (next, some): (u64, Vec<String>) = must(step.query(connection));
        keys.extend(some);
        if next == 0 {
            return keys;
        }
        cursor = next;
    }
}

fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the Redis server of the tests: {error}"),
    }
}

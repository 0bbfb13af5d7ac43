//! The link on real servers.

mod clusters;
mod connecting;
mod faults;
mod server;

use crate::connection::Link;
use crate::options::Servers;
use crate::script::{Call, Script};
use crate::url;
use std::time::Duration;

/// A link by URL, with a short time for answers.
async fn link(url: &str, response_timeout: Duration) -> Link {
    let settings = url::parse(url).unwrap();
    let mut login = settings.login;
    login.response_timeout = response_timeout;
    match settings.servers {
        Servers::One(address) => Link::server(address, login).await.unwrap(),
        Servers::Cluster(addresses) => Link::cluster(addresses, login).await.unwrap(),
    }
}

/// Waits until the link knows that its connection is lost.
async fn noticed(link: &Link) {
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while link.is_connected() {
        assert!(std::time::Instant::now() < deadline, "the lost connection is not noticed");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Adds one, and does not end before a number of rounds.
static COUNT: Script = Script::new(&[
    "local function add(key) return redis.call('INCR', key) end",
    "for i = 1, tonumber(ARGV[1]) do end return add(KEYS[1])",
]);

fn count(key: &str, rounds: &str) -> Call {
    Call { keys: vec![key.to_owned()], arguments: vec![rounds.as_bytes().to_vec()] }
}

fn get(key: &str) -> redis::Cmd {
    redis::cmd("GET").arg(key).to_owned()
}

fn set(key: &str, value: &str) -> redis::Cmd {
    redis::cmd("SET").arg(key).arg(value).to_owned()
}

fn text(value: redis::Value) -> Option<String> {
    redis::from_redis_value(value).unwrap()
}

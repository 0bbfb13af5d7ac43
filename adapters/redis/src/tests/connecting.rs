//! Connecting, and what is said of a server then.

use super::server::{OwnCluster, Server};
use crate::{Redis, RedisWarning};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::sync::{Arc, Mutex};
use std::time::Duration;

async fn connect(url: &str) -> (Result<Repo, Error>, Vec<RedisWarning>) {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let heard = warnings.clone();
    let connected = Redis::options(url).on_warning(move |warning| heard.lock().unwrap().push(warning)).connect().await;
    let warnings = warnings.lock().unwrap().clone();
    (connected, warnings)
}

async fn refusal(url: &str) -> String {
    match connect(url).await.0 {
        Err(error @ Error::Connect(_)) => error.to_string(),
        Err(error) => panic!("not an error of connecting: {error}"),
        Ok(_) => panic!("{url} was connected to"),
    }
}

#[tokio::test]
async fn where_nobody_listens_the_address_is_named() {
    let mut server = Server::start(&[]);
    server.crash();
    let message = refusal(&server.url()).await;
    assert!(message.contains(&format!("127.0.0.1:{}", server.port)), "{message}");
    assert!(message.contains("nobody listens there"), "{message}");
    let cluster = refusal(&server.url().replace("redis:", "redis+cluster:")).await;
    assert!(cluster.contains("nobody listens there"), "{cluster}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_shown() {
    let server = Server::start(&["--requirepass", "secret"]);
    let at = format!("127.0.0.1:{}", server.port);
    let message = refusal(&format!("redis://:hunter2@{at}")).await;
    assert!(message.contains("WRONGPASS") && message.contains("the user and the password"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    let message = refusal(&format!("redis://{at}")).await;
    assert!(message.contains("NOAUTH") && message.contains("redis://user:password@"), "{message}");
    connect(&format!("redis://:secret@{at}")).await.0.unwrap();
    let by_option = Redis::options(format!("redis://{at}")).password("secret").connect().await;
    by_option.unwrap();
}

#[tokio::test]
async fn a_server_that_evicts_any_key_is_refused() {
    let server = Server::start(&["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
    let message = refusal(&server.url()).await;
    assert!(message.contains("maxmemory-policy allkeys-lru") && message.contains("noeviction"), "{message}");
}

#[tokio::test]
async fn a_server_that_evicts_expiring_keys_is_warned_about() {
    let server = Server::start(&["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru"]);
    let (connected, warnings) = connect(&server.url()).await;
    connected.unwrap();
    let at = format!("127.0.0.1:{}", server.port);
    assert_eq!(warnings, [RedisWarning::EvictsExpiring { server: at, policy: "volatile-lru".to_owned() }]);
    let unlimited = Server::start(&["--maxmemory-policy", "volatile-lru"]);
    assert_eq!(connect(&unlimited.url()).await.1, []);
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_warned_about() {
    let server = Server::start(&[]);
    let acl = |name: &str, rules: &[&str]| {
        let mut command = redis::cmd("ACL");
        command.arg("SETUSER").arg(name).arg("on").arg(">p").arg("~*").arg("+@all").arg(rules);
        command.exec(&mut server.connection()).unwrap();
    };
    acl("blind", &["-config", "-info"]);
    acl("reader", &["-config"]);
    acl("configurer", &["-info"]);
    let at = format!("127.0.0.1:{}", server.port);
    for (user, expected) in [
        ("blind", vec![RedisWarning::UnknownPolicy { server: at.clone() }]),
        ("reader", vec![]),
        ("configurer", vec![]),
    ] {
        let (connected, warnings) = connect(&format!("redis://{user}:p@{at}")).await;
        connected.unwrap();
        assert_eq!(warnings, expected, "{user}");
    }
}

#[tokio::test]
async fn the_form_of_the_url_must_be_that_of_the_store() {
    let cluster = OwnCluster::start();
    let message = refusal(&cluster.servers[0].url()).await;
    assert!(message.contains("write redis+cluster://"), "{message}");
    let (connected, warnings) = connect(&cluster.url()).await;
    assert_eq!((connected.unwrap().store(), warnings), ("redis", vec![]));
    let server = Server::start(&[]);
    let message = refusal(&server.url().replace("redis:", "redis+cluster:")).await;
    assert!(message.contains("is no node of a cluster: write redis://"), "{message}");
}

#[tokio::test]
async fn connecting_ends_in_time() {
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    let connected = Redis::options(url).connect_timeout(Duration::from_millis(200)).connect().await;
    let message = connected.err().unwrap().to_string();
    assert!(message.contains("0.2 s (connect_timeout)"), "{message}");
}

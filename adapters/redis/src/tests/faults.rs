//! Connections that go, servers that go, and callers that go.

use super::server::{Server, wait_until};
use super::{COUNT, count, get, link, noticed, set, text};
use crate::connection::{Link, Send};
use crate::error::is_outcome_unknown;
use peristyle_query::error::Error;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

/// More rounds of a script than a test waits for.
const ENDLESS: &str = "100000000000";

async fn kill_clients(server: &Server) {
    redis::cmd("CLIENT")
        .arg("KILL")
        .arg("TYPE")
        .arg("normal")
        .arg("SKIPME")
        .arg("yes")
        .exec(&mut server.connection())
        .unwrap();
}

async fn write(link: &Link, key: &str, value: &str) -> Result<(), Error> {
    link.command(set(key, value), Send::Write).await.map(drop)
}

async fn read(link: &Link, key: &str) -> Option<String> {
    text(link.command(get(key), Send::Read).await.unwrap())
}

#[tokio::test]
async fn after_a_killed_connection_the_next_calls_work() {
    let server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    for round in 0..20 {
        kill_clients(&server).await;
        noticed(&link).await;
        let value = round.to_string();
        if round % 2 == 0 {
            write(&link, "k", &value).await.unwrap();
        } else {
            assert_eq!(read(&link, "k").await, Some((round - 1).to_string()));
        }
    }
}

#[tokio::test]
async fn a_read_whose_connection_is_killed_under_way_is_sent_again() {
    let server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    write(&link, "k", "v").await.unwrap();
    redis::cmd("CLIENT").arg("PAUSE").arg(500).arg("ALL").exec(&mut server.connection()).unwrap();
    let reading = {
        let link = link.clone();
        tokio::spawn(async move { read(&link, "k").await })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    // A paused server still closes connections whose clients are to be killed.
    let mut killer = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let _ = redis::cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes").exec(&mut killer);
    assert_eq!(reading.await.unwrap(), Some("v".to_owned()));
}

#[tokio::test]
async fn a_write_that_a_crash_interrupts_has_an_unknown_outcome_and_a_restart_goes_on() {
    let mut server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    assert_eq!(text(link.script(&COUNT, count("n", "1"), Send::Write).await.unwrap()), Some("1".to_owned()));
    let writing = {
        let link = link.clone();
        tokio::spawn(async move { link.script(&COUNT, count("n", ENDLESS), Send::Write).await })
    };
    let reading = {
        let link = link.clone();
        tokio::spawn(async move { link.command(get("n"), Send::Read).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.crash();
    let error = writing.await.unwrap().unwrap_err();
    assert!(is_outcome_unknown(&error), "{error}");
    assert!(error.to_string().contains("may or may not have happened"), "{error}");
    let error = reading.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Connect(_)) && !is_outcome_unknown(&error), "{error}");
    // Nothing is sent to a server that is gone, and so nothing is unknown.
    let error = write(&link, "k", "v").await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)) && !is_outcome_unknown(&error), "{error}");
    server.restart();
    write(&link, "k", "v").await.unwrap();
    assert_eq!(read(&link, "k").await, Some("v".to_owned()));
    // The server has forgotten its scripts.
    assert_eq!(text(link.script(&COUNT, count("n", "1"), Send::Write).await.unwrap()), Some("1".to_owned()));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_an_error_and_the_next_calls_work() {
    let server = Server::start(&[]);
    let reader = link(&server.url(), Duration::from_millis(300)).await;
    let link = link(&server.url(), Duration::from_millis(300)).await;
    redis::cmd("CLIENT").arg("PAUSE").arg(3000).arg("ALL").exec(&mut server.connection()).unwrap();
    let error = write(&link, "k", "v").await.unwrap_err();
    assert!(error.to_string().contains("did not answer in 0.3 s (response_timeout)"), "{error}");
    assert!(is_outcome_unknown(&error), "{error}");
    let error = reader.command(get("k"), Send::Read).await.unwrap_err();
    assert!(error.to_string().contains("did not answer") && !is_outcome_unknown(&error), "{error}");
    let deadline = std::time::Instant::now() + LONG;
    while link.command(get("k"), Send::Read).await.is_err() {
        assert!(std::time::Instant::now() < deadline, "the server is not found again");
    }
}

#[tokio::test]
async fn a_future_that_is_dropped_disturbs_nobody() {
    let server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    for round in 0..200u32 {
        let key = format!("k{round}");
        let write = link.command(set(&key, "v"), Send::Write);
        // Some are dropped before they are sent, some after, some are answered.
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(round)), write).await;
        let (ours, others) = (format!("a{round}"), format!("b{round}"));
        link.command(set(&ours, &ours), Send::Write).await.unwrap();
        link.command(set(&others, &others), Send::Write).await.unwrap();
        assert_eq!(read(&link, &ours).await, Some(ours));
        assert_eq!(read(&link, &others).await, Some(others));
    }
}

#[tokio::test]
async fn whoever_begins_to_connect_and_leaves_holds_up_nobody() {
    let mut server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    server.crash();
    server.restart();
    let mut left = Box::pin(link.command(get("k"), Send::Read));
    assert!(futures_util::FutureExt::now_or_never(left.as_mut()).is_none());
    // It is not polled any more, and not dropped either.
    let others = tokio::time::timeout(Duration::from_secs(10), read(&link, "k")).await;
    assert_eq!(others.unwrap(), None);
    drop(left);
}

#[tokio::test]
async fn a_script_that_the_server_does_not_know_is_sent_once() {
    let server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    for round in 1..=3 {
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut server.connection()).unwrap();
        let answers = link.scripts(&COUNT, (0..100).map(|_| count("n", "1")).collect(), Send::Write).await;
        let counts = answers.into_iter().map(|answer| text(answer.unwrap()).unwrap().parse::<i64>().unwrap());
        assert_eq!(counts.collect::<Vec<_>>(), ((round - 1) * 100 + 1..=round * 100).collect::<Vec<i64>>());
    }
    let stats: String = redis::cmd("INFO").arg("commandstats").query(&mut server.connection()).unwrap();
    assert!(stats.contains("cmdstat_eval:calls=3,"), "{stats}");
}

#[tokio::test]
async fn very_many_commands_are_answered_in_order() {
    let server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    let answers = link.scripts(&COUNT, (0..12_001).map(|_| count("n", "1")).collect(), Send::Write).await;
    let counts = answers.into_iter().map(|answer| text(answer.unwrap()).unwrap().parse::<i64>().unwrap());
    assert!(counts.eq(1..=12_001));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_server_say_what_to_do() {
    let server = Server::start(&[]);
    let other = link(&server.url(), LONG).await;
    let link = link(&server.url(), LONG).await;
    let config = |name: &str, value: &str| {
        redis::cmd("CONFIG").arg("SET").arg(name).arg(value).exec(&mut server.connection()).unwrap();
    };
    config("maxmemory", "1");
    let error = write(&link, "k", "v").await.unwrap_err();
    assert!(error.to_string().contains("(OOM)") && error.to_string().contains("raise maxmemory"), "{error}");
    let error = link.script(&COUNT, count("n", "1"), Send::Write).await.unwrap_err();
    assert!(matches!(&error, Error::Database(error) if error.code.as_deref() == Some("OOM")), "{error}");
    config("maxmemory", "0");
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg(1).exec(&mut server.connection()).unwrap();
    let error = write(&link, "k", "v").await.unwrap_err();
    assert!(error.to_string().contains("(READONLY)") && error.to_string().contains("primary"), "{error}");
    redis::cmd("REPLICAOF").arg("NO").arg("ONE").exec(&mut server.connection()).unwrap();
    config("lua-time-limit", "50");
    let busy = {
        let link = link.clone();
        tokio::spawn(async move { link.script(&COUNT, count("n", ENDLESS), Send::Write).await })
    };
    wait_until("the server is busy", || {
        let answer: redis::RedisResult<()> = redis::cmd("SET").arg("k").arg("v").query(&mut server.connection());
        answer.is_err()
    });
    let error = write(&other, "k", "v").await.unwrap_err();
    assert!(error.to_string().contains("(BUSY)") && error.to_string().contains("SCRIPT KILL"), "{error}");
    redis::cmd("SCRIPT").arg("KILL").exec(&mut server.connection()).unwrap();
    assert!(busy.await.unwrap().is_err());
    write(&link, "k", "v").await.unwrap();
}

#[tokio::test]
async fn a_closed_link_refuses() {
    let server = Server::start(&[]);
    let link = link(&server.url(), LONG).await;
    link.close();
    let error = write(&link, "k", "v").await.unwrap_err();
    assert!(error.to_string().contains("the repo was closed"), "{error}");
}

//! Slots of a cluster that move.

use super::server::OwnCluster;
use super::{COUNT, count, get, link, noticed, set, text};
use crate::connection::Send;
use crate::topology::slot;
use std::time::Duration;

#[tokio::test]
async fn commands_follow_a_slot_that_moves() {
    let cluster = OwnCluster::start();
    let link = link(&cluster.url(), Duration::from_secs(20)).await;
    assert!(link.is_cluster());
    // Keys on all servers, in one pipeline.
    let keys = (0..60).map(|number| format!("{{k{number}}}:1")).collect::<Vec<_>>();
    for answer in link.pipeline(keys.iter().map(|key| set(key, key)).collect(), Send::Write).await {
        answer.unwrap();
    }
    let read = async || {
        let answers = link.pipeline(keys.iter().map(|key| get(key)).collect(), Send::Read).await;
        answers.into_iter().map(|answer| text(answer.unwrap()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(read().await, keys);

    // The slot of the first key that lies on the first server goes to the second, step by step.
    let moving = keys.iter().find(|key| slot(key.as_bytes()) <= 5460).unwrap();
    let number = slot(moving.as_bytes());
    let (from, to) = (cluster.id(0), cluster.id(1));
    cluster.set_slot(1, number, "IMPORTING", &from);
    cluster.set_slot(0, number, "MIGRATING", &to);
    // Its keys are still at home, and those that are not there yet are asked for at the new home.
    assert_eq!(read().await, keys);
    let (tag, _) = moving.split_once(':').unwrap();
    let new = format!("{tag}:new");
    assert_eq!(text(link.command(get(&new), Send::Read).await.unwrap()), None);
    link.command(set(&new, "v"), Send::Write).await.unwrap();
    // A script waits until all keys are in one place.
    let script = count(&format!("{tag}:count"), "1");
    let impatient = super::link(&cluster.url(), Duration::from_millis(200)).await;
    let error = impatient.script(&COUNT, script.clone(), Send::Write).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("is moving to another node"), "{error}");
    let waiting = {
        let link = link.clone();
        tokio::spawn(async move { link.script(&COUNT, script, Send::Write).await })
    };
    let mut migrate = redis::cmd("MIGRATE");
    migrate.arg("127.0.0.1").arg(cluster.servers[1].port).arg(moving).arg(0).arg(5000);
    migrate.exec(&mut cluster.servers[0].connection()).unwrap();
    assert_eq!(read().await, keys);
    for server in [1, 0, 2] {
        cluster.set_slot(server, number, "NODE", &to);
    }
    assert_eq!(text(waiting.await.unwrap().unwrap()), Some("1".into()));
    // The first answer is that the slot has moved.
    assert_eq!(read().await, keys);
    link.command(set(moving, moving), Send::Write).await.unwrap();
    assert_eq!(text(link.command(get(&new), Send::Read).await.unwrap()), Some("v".into()));
    let answers =
        link.scripts(&COUNT, keys.iter().map(|key| count(&format!("{key}:n"), "1")).collect(), Send::Write).await;
    assert!(answers.into_iter().all(|answer| text(answer.unwrap()) == Some("1".into())));
}

#[tokio::test]
async fn a_server_of_a_cluster_that_crashes_and_comes_back_is_found_again() {
    let mut cluster = OwnCluster::start();
    let link = link(&cluster.url(), Duration::from_secs(20)).await;
    let key = (0..).map(|number| format!("{{k{number}}}")).find(|key| slot(key.as_bytes()) > 10922).unwrap();
    for answer in link.each_primary(redis::cmd("PING")).await {
        answer.1.unwrap();
    }
    link.command(set(&key, "v"), Send::Write).await.unwrap();
    cluster.servers[2].crash();
    noticed(&link).await;
    let writing = {
        let (link, key) = (link.clone(), key.clone());
        tokio::spawn(async move { link.command(set(&key, "w"), Send::Write).await })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!writing.is_finished(), "nothing was sent, so the write waits for the server");
    cluster.servers[2].restart();
    writing.await.unwrap().unwrap();
    assert_eq!(text(link.command(get(&key), Send::Read).await.unwrap()), Some("w".into()));
}

#[tokio::test]
async fn a_walk_meets_the_keys_of_its_server() {
    let cluster = OwnCluster::start();
    let link = link(&cluster.url(), Duration::from_secs(20)).await;
    let mut keys = (0..3000).map(|number| format!("{{t}}:{number}")).collect::<Vec<_>>();
    for answer in link.pipeline(keys.iter().map(|key| set(key, "v")).collect(), Send::Write).await {
        answer.unwrap();
    }
    let (mut cursor, mut met) = (0, Vec::new());
    loop {
        let (next, some) = link.scan("{t}", "{t}:*", cursor).await.unwrap();
        met.extend(some);
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    met.sort();
    met.dedup();
    keys.sort();
    assert_eq!(met, keys);
}

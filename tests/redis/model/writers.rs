//! The writers on servers as they are, on servers that cut connections, and on a cluster whose slots move.

use super::concurrent::{Account, Counter, Hit, Seat, Tally, Visit, WRITERS, prepare, settle, writer};
use super::crc16;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle::schema::SchemaMeta;
use peristyle_tests::own_redis::{OwnCluster, Server, wait_until};
use peristyle_tests::redis::Servers;
use peristyle_tests::{Store, count, layout, on_both_redis};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SCHEMAS: [&SchemaMeta; 5] = [Counter::META, Seat::META, Account::META, Visit::META, Hit::META];

/// Lets the writers write until `during` is over.
async fn write_during(repo: &Repo, during: impl Future<Output = ()>) -> Arc<Tally> {
    prepare(repo).await;
    let (tally, stop) = (Arc::new(Tally::default()), Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (repo, tally, stop) = (repo.clone(), tally.clone(), stop.clone());
            tokio::spawn(async move { writer(repo, &tally, number, |_| stop.load(Ordering::Relaxed)).await })
        })
        .collect();
    let rebuilding = tokio::spawn(rebuild(repo.clone(), stop.clone()));
    during.await;
    stop.store(true, Ordering::Relaxed);
    rebuilding.await.unwrap();
    repo.reindex::<Visit>().await.unwrap();
    repo.reindex::<Seat>().await.unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    let [done, unknown, contended] =
        [&tally.done, &tally.unknown, &tally.contended].map(|count| count.load(Ordering::Relaxed));
    eprintln!("{done} calls done, {unknown} with an unknown outcome, {contended} that lost a race");
    assert!(done > 16, "{done} calls done");
    tally
}

/// Makes indexes anew under the writers' hands, and sweeps.
async fn rebuild(repo: Repo, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let results = [
            repo.reindex::<Visit>().rebuild().await,
            repo.reindex::<Seat>().rebuild().await,
            repo.sweep::<Visit>().await,
        ];
        for result in results {
            match result {
                Ok(_) | Err(Error::Connect(_)) => {}
                Err(error) if error.is_retryable() => {}
                Err(error) => panic!("{error}"),
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Compares the rows with what the writers know, and all that lies beside them with the rows, before and after a sweep.
async fn check(repo: &Repo, tally: &Tally, servers: &Servers, prefix: Option<&str>, slack: i64) {
    settle(repo, tally).await;
    // What expires soon has expired then, and is still in the indexes.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let right = || {
        let problems = layout::problems_of(servers, prefix, &SCHEMAS, slack);
        assert!(problems.is_empty(), "the layout is broken:\n  {}", problems.join("\n  "));
    };
    right();
    repo.sweep::<Visit>().await.unwrap();
    right();
    let tag = prefix.map(|prefix| format!("{prefix}.")).unwrap_or_default();
    let left: u64 = servers.command(redis::cmd("ZCARD").arg(format!("{{{tag}visits}}/expiry")));
    let rows = repo.all(Visit::query()).await.unwrap();
    assert!(left <= rows.len() as u64, "{left} rows expire, of {rows:?}");
}

/// Kills all connections of clients, again and again.
async fn kill(servers: &[&Server]) {
    for _ in 0..count(60, 3_000) {
        for server in servers {
            let mut kill = redis::cmd("CLIENT");
            kill.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
            kill.exec(&mut server.connection()).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_both_redis! {
    async fn many_writers_leave_what_they_wrote_and_nothing_else(store: Store) {
        let repo = &store.repo;
        let tally = write_during(repo, tokio::time::sleep(Duration::from_millis(count(1_500, 120_000).into()))).await;
        assert_eq!(tally.unknown.load(Ordering::Relaxed), 0);
        check(repo, &tally, store.servers(), Some(store.prefix()), 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_whose_connections_are_killed_leave_what_they_may_have_written_and_nothing_else() {
    let server = Server::start(&[]);
    let repo = peristyle::connect(&server.url()).await.unwrap();
    let tally = write_during(&repo, kill(&[&server])).await;
    check(&repo, &tally, &Servers::new(server.url()), None, 0).await;

    let cluster = OwnCluster::start();
    let repo = peristyle::connect(&cluster.url()).await.unwrap();
    let tally = write_during(&repo, kill(&cluster.servers.iter().collect::<Vec<_>>())).await;
    check(&repo, &tally, &Servers::new(cluster.url()), None, 0).await;
}

/// Moves the slot of a tag from one server to another, a few keys at a time.
async fn move_slot(cluster: &OwnCluster, tag: &str, from: usize, to: usize) {
    let slot = crc16(tag.as_bytes()) % 16_384;
    cluster.set_slot(to, slot, "IMPORTING", &cluster.id(from));
    cluster.set_slot(from, slot, "MIGRATING", &cluster.id(to));
    loop {
        let mut connection = cluster.servers[from].connection();
        let mut some = redis::cmd("CLUSTER");
        let keys: Vec<String> = some.arg("GETKEYSINSLOT").arg(slot).arg(7).query(&mut connection).unwrap();
        if keys.is_empty() {
            break;
        }
        let mut migrate = redis::cmd("MIGRATE");
        migrate.arg("127.0.0.1").arg(cluster.servers[to].port).arg("").arg(0).arg(5_000).arg("KEYS").arg(keys);
        // A key that is there already would be an error.
        let answer: String = migrate.query(&mut connection).unwrap();
        assert!(answer == "OK" || answer == "NOKEY", "{answer}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let id = cluster.id(to);
    for server in [to, from].into_iter().chain(0..cluster.servers.len()) {
        cluster.set_slot(server, slot, "NODE", &id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_on_a_cluster_whose_slots_move_leave_what_they_wrote_and_nothing_else() {
    let cluster = OwnCluster::start();
    let repo = peristyle::connect(&cluster.url()).await.unwrap();
    let tags = ["counters", "seats", "accounts", "visits", "hits/1"];
    let owner = |tag: &str| match crc16(tag.as_bytes()) % 16_384 {
        0..=5460 => 0,
        5461..=10922 => 1,
        _ => 2,
    };
    let moving = async {
        let mut owners = tags.map(owner);
        for round in 0..count(2, 60) {
            for (tag, from) in tags.iter().zip(&mut owners) {
                let to = (*from + 1 + round as usize % 2) % 3;
                move_slot(&cluster, tag, *from, to).await;
                *from = to;
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
    };
    let tally = write_during(&repo, moving).await;
    assert_eq!(tally.unknown.load(Ordering::Relaxed), 0);
    wait_until("all servers agree about the slots", || {
        let slots = cluster.servers.iter().map(|server| {
            let slots: redis::Value = redis::cmd("CLUSTER").arg("SLOTS").query(&mut server.connection()).unwrap();
            format!("{slots:?}")
        });
        let slots = slots.collect::<Vec<_>>();
        slots.windows(2).all(|pair| pair[0] == pair[1])
    });
    check(&repo, &tally, &Servers::new(cluster.url()), None, 5_000).await;
}

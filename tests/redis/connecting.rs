//! Connecting, and connections that go.

use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::own_redis::{OwnCluster, Server};
use peristyle_tests::{Store, on_both_redis};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Schema, Clone, Debug, PartialEq)]
#[schema(table = "notes")]
struct Note {
    #[schema(primary_key)]
    id: i64,
    text: String,
}

fn note(id: i64) -> Note {
    Note { id, text: format!("note {id}") }
}

on_both_redis! {
    async fn a_repo_on_redis_says_so_and_has_no_sql(store: Store) {
        assert_eq!(store.repo.store(), "redis");
        let refused = store.repo.script("select 1").await.unwrap_err();
        assert!(refused.is_unsupported() && refused.to_string().contains("redis has no SQL"), "{refused}");
        let refused = store.repo.sql::<i64>("select 1").one().await.unwrap_err();
        assert!(refused.is_unsupported() && refused.to_string().contains("use the queries of schemas"), "{refused}");
        assert!(refused.to_string().contains("connecting.rs"), "{refused}");
    }

    async fn a_closed_repo_refuses(store: Store) {
        store.repo.insert(note(1)).await.unwrap();
        store.repo.close().await;
        let refused = store.repo.get::<Note>(1).await.unwrap_err();
        assert!(matches!(refused, Error::Connect(_)), "{refused}");
    }
}

#[tokio::test]
async fn a_url_says_what_is_wrong_with_it() {
    let refused = async |url: &str| peristyle::connect(url).await.map(|repo| repo.store()).unwrap_err().to_string();
    let nobody = refused("redis://:hunter2@127.0.0.1:1").await;
    assert!(
        nobody.contains("127.0.0.1:1") && nobody.contains("nobody listens") && !nobody.contains("hunter2"),
        "{nobody}"
    );
    assert!(refused("redis://localhost/app").await.contains("number of a database"));
    assert!(refused("mysql://localhost").await.contains("redis://host:6379/0"));
    let cluster = refused("redis+cluster://127.0.0.1:1,127.0.0.1:2").await;
    assert!(cluster.contains("127.0.0.1:1") && cluster.contains("127.0.0.1:2"), "{cluster}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_confirmed_are_there_while_connections_are_killed() {
    let server = Server::start(&[]);
    killed_at_random(&server.url(), &[&server]).await;
    let cluster = OwnCluster::start();
    killed_at_random(&cluster.url(), &cluster.servers.iter().collect::<Vec<_>>()).await;
}

/// Inserts rows by many tasks while all connections are killed again and again.
async fn killed_at_random(url: &str, servers: &[&Server]) {
    let repo = peristyle::connect(url).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let tasks = (0..8).map(|task| {
        let (repo, done) = (repo.clone(), done.clone());
        tokio::spawn(async move {
            let (mut confirmed, mut unknown) = (Vec::new(), 0);
            for number in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let id = (task + 1) * 1_000_000 + number;
                match repo.insert(note(id)).await {
                    Ok(_) => confirmed.push(id),
                    Err(Error::Connect(_)) => unknown += 1,
                    Err(error) => panic!("{error}"),
                }
                // A read is sent again, whatever happens to its connection once.
                match repo.get::<Note>(id).await {
                    Ok(_) | Err(Error::Connect(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            (confirmed, unknown)
        })
    });
    let tasks = tasks.collect::<Vec<_>>();
    for _ in 0..40 {
        for server in servers {
            let mut kill = redis::cmd("CLIENT");
            kill.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
            kill.exec(&mut server.connection()).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    done.store(true, Ordering::Relaxed);
    let mut rows = 0;
    for task in tasks {
        let (confirmed, _) = task.await.unwrap();
        assert!(!confirmed.is_empty(), "nothing was written");
        for id in confirmed {
            rows += 1;
            assert_eq!(repo.get::<Note>(id).await.unwrap(), Some(note(id)));
        }
    }
    let count = repo.count(Note::query()).await.unwrap();
    assert!(count >= rows, "{count} rows of {rows} that were confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_under_a_write_is_an_error_that_says_so_and_after_a_restart_the_repo_goes_on() {
    let mut server = Server::start(&[]);
    let repo = peristyle::connect(&server.url()).await.unwrap();
    repo.insert(note(1)).await.unwrap();
    let writing = {
        let repo = repo.clone();
        tokio::spawn(async move {
            for id in 2.. {
                if let Err(error) = repo.insert(note(id)).await {
                    return error;
                }
            }
            unreachable!("integers end")
        })
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.crash();
    let error = writing.await.unwrap();
    assert!(matches!(error, Error::Connect(_)), "{error}");
    assert!(repo.insert(note(-1)).await.is_err());
    server.restart();
    repo.insert(note(-1)).await.unwrap();
    assert_eq!(repo.all(Note::query()).await.unwrap(), [note(-1)]);
}

#[tokio::test]
async fn a_user_with_the_permissions_that_errors_name_can_do_all_and_one_with_fewer_is_told() {
    let server = Server::start(&[]);
    let acl = |name: &str, rules: &[&str]| {
        let mut command = redis::cmd("ACL");
        command.arg("SETUSER").arg(name).arg("on").arg(">p").arg("~{*").arg(rules);
        command.exec(&mut server.connection()).unwrap();
    };
    let all = ["+@read", "+@write", "+@scripting", "+@connection", "+time", "+info"];
    acl("app", &all);
    acl("timeless", &all[..4]);
    let url = |user: &str| format!("redis://{user}:p@127.0.0.1:{}", server.port);
    let repo = peristyle::connect(&url("app")).await.unwrap();
    repo.insert_all(vec![note(1), note(2)]).await.unwrap();
    repo.update_all(Note::query().filter(|n| n.id.gt(1)), |n| n.text.set("x"))
        .ttl(Duration::from_secs(60))
        .await
        .unwrap();
    repo.reindex::<Note>().rebuild().await.unwrap();
    repo.sweep::<Note>().await.unwrap();
    repo.transaction(async |tx| tx.delete(tx.find::<Note>(1).await?).await).await.unwrap();
    assert_eq!(repo.count(Note::query()).await.unwrap(), 1);
    let repo = peristyle::connect(&url("timeless")).await.unwrap();
    let refused = repo.insert(note(3)).await.unwrap_err().to_string();
    assert!(refused.contains("ACL SETUSER") && refused.contains("+time"), "{refused}");
}

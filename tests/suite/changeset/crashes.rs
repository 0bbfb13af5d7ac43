//! What a process leaves behind that is killed in the middle of a write.

use super::schemas::{Permalink, Post, TABLES, User};
use super::*;
use peristyle::prelude::*;
use peristyle_tests::count;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// A number that differs from call to call, less than `below`.
fn random(below: u64) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(()) % below
}

on_sql_stores! {
    async fn a_killed_process_leaves_all_of_a_changeset_or_nothing(store: Store) {
        store.create(TABLES).await;
        let kills = count(6, 200);
        let mut written = 0;
        for _ in 0..kills {
            let mut child = Command::new(env!("CARGO_BIN_EXE_crash_writer"))
                .arg(store.url())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let first = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await;
            assert!(first.unwrap().unwrap().is_some(), "the program wrote nothing");
            tokio::time::sleep(Duration::from_micros(random(40_000))).await;
            child.kill().await.unwrap();
            written += 1;
            while lines.next_line().await.unwrap().is_some() {
                written += 1;
            }
        }
        // A server may still be rolling back what it was told of last.
        let users = settled(&store).await;
        assert!(users.len() as u32 >= kills && written >= kills);
        for user in users {
            let name = user.name.clone().unwrap();
            let posts = user.posts.get().unwrap();
            assert_eq!(posts.len(), 3, "{name}");
            for post in posts {
                assert_eq!((post.title.as_deref(), post.comments.get().unwrap().len()), (Some(name.as_str()), 2));
            }
            assert_eq!(user.permalink.get().unwrap().unwrap().url.as_deref(), Some(name.as_str()));
        }
        let stray = Post::query().filter(|p| p.author_id.is_null());
        assert_eq!(store.repo.count(stray).await.unwrap(), 0);
        assert_eq!(store.repo.count(Permalink::query().filter(|p| p.user_id.is_null())).await.unwrap(), 0);
    }
}

/// The users, once two reads in a row find the same.
async fn settled(store: &Store) -> Vec<User> {
    let query = User::query().preload(|u| (u.posts().preload(|p| p.comments()), u.permalink())).order_by(|u| u.id);
    let mut users = store.repo.all(&query).await.unwrap();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let again = store.repo.all(&query).await.unwrap();
        if again == users {
            return again;
        }
        users = again;
    }
}

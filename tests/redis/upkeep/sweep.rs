//! Rows that expire.

use super::*;
use peristyle_tests::on_both_redis;
use std::time::{Duration, Instant};

on_both_redis! {
    async fn rows_that_expire_are_swept_out_of_all_indexes_and_counted(store: Store) {
        let raw = Raw::of(&store, "guests");
        let mut pipeline = (1..=1200).map(|id| row(id, "n", 1)).collect::<Vec<_>>();
        raw.put(pipeline.drain(..));
        let soon = chrono::Utc::now().timestamp_millis() + 6000;
        let mut commands = redis::pipe();
        for id in 11..=1200 {
            commands.cmd("PEXPIREAT").arg(format!("{}:{id}", raw.tag)).arg(soon).ignore();
        }
        commands.exec(&mut *raw.connection.lock().unwrap()).unwrap();
        raw.on::<()>("PEXPIRE", ":1", &["600000"]);
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 1200);
        assert_eq!(raw.on::<i64>("PEXPIRETIME", "/unique/email=n20@example.com", &[]), soon);
        assert_eq!(raw.on::<i64>("PEXPIRETIME", "/unique/email=n2@example.com", &[]), -1);
        assert_eq!(raw.on::<i64>("HLEN", "/entries", &[]), 1191);
        assert_eq!(store.repo.sweep::<Guest>().await.unwrap(), 0, "nothing has expired yet");
        // Another program lets some live on.
        raw.on::<()>("PERSIST", ":11", &[]);
        raw.on::<()>("PEXPIRE", ":12", &["600000"]);
        let (mut swept, end) = (0, Instant::now() + Duration::from_secs(30));
        while swept < 1188 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
            swept += store.repo.sweep::<Guest>().await.unwrap();
        }
        assert_eq!(swept, 1188);
        for index in ["/keys", "/by/name:text", "/by/age:int,name:text", "/by/email:text"] {
            assert_eq!(raw.index(index).len(), 12, "{index}");
        }
        assert_eq!(raw.on::<Vec<String>>("ZRANGE", "/expiry", &["0", "-1"]), ["1", "12"]);
        assert_eq!(raw.on::<i64>("HLEN", "/entries", &[]), 2);
        assert_eq!(store.repo.sweep::<Guest>().await.unwrap(), 0);
    }

    async fn a_row_that_lives_on_without_end_is_none_that_expires(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put([row(1, "ann", 40)]);
        raw.on::<()>("PEXPIRE", ":1", &["600000"]);
        store.repo.reindex::<Guest>().await.unwrap();
        assert_eq!(raw.on::<i64>("ZCARD", "/expiry", &[]), 1);
        raw.on::<()>("PERSIST", ":1", &[]);
        store.repo.reindex::<Guest>().rebuild().await.unwrap();
        assert_eq!((raw.on::<i64>("ZCARD", "/expiry", &[]), raw.on::<i64>("HLEN", "/entries", &[])), (0, 0));
        assert_eq!(raw.on::<i64>("PEXPIRETIME", "/unique/email=ann1@example.com", &[]), -1);
    }
}

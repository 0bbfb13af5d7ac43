//! One process at a time.

use super::{A, B, migrator, set, tables};
use peristyle::migrate::{Event, Lock, MigrateError, Migrator, Target};
use peristyle::prelude::*;
use peristyle_tests::{Store, on_every_store, on_postgres};
use std::sync::{Arc, Mutex};
use std::time::Duration;

on_every_store! {
    async fn many_runs_at_once_apply_each_migration_once(store: Store) {
        let mut running = Vec::new();
        for _ in 0..8 {
            let repo = peristyle::connect(store.url()).await.unwrap();
            running.push(tokio::spawn(async move { peristyle::migrate::run(&repo, set(&[A, B])).await }));
        }
        let mut ran = Vec::new();
        for each in running {
            ran.extend(each.await.unwrap().unwrap().versions());
        }
        ran.sort_unstable();
        assert_eq!(ran, [10, 20]);
    }
}

on_postgres! {
    async fn migrator_010_raises_when_connection_pool_is_too_small(store: Store) {
        let repo = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        let error = peristyle::migrate::run(&repo, set(&[A])).await.unwrap_err();
        assert!(matches!(&error, MigrateError::PoolTooSmall));
        assert!(error.to_string().contains("set pool_size to 2 or more"), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn migrator_011_does_not_raise_when_connection_pool_is_too_small_but_there_is_no_lock(store: Store) {
        let repo = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        let report = Migrator::new(&repo, set(&[A])).lock(Lock::None).up(Target::All).await.unwrap();
        assert_eq!(report.versions(), [10]);
    }

    async fn who_waits_too_long_is_told_who_holds_the_lock(store: Store) {
        let holder = Postgres::options(store.url()).application_name("the holder").connect().await.unwrap();
        let slow = ("10_a.sql", "-- migrate:up\nSELECT pg_sleep(3);\n");
        let running = tokio::spawn(async move { peristyle::migrate::run(&holder, set(&[slow])).await });
        tokio::time::sleep(Duration::from_millis(700)).await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = told.clone();
        let waiting = migrator(&store, &[slow]).lock_wait(Duration::from_millis(400)).observer(move |event: &Event<'_>| {
            if let Event::Waiting { holder: Some(holder), .. } = event {
                seen.lock().unwrap().push(holder.application.clone());
            }
        });
        let error = waiting.up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Locked { holder: Some(_), .. }), "{error}");
        assert!(error.to_string().contains("(the holder)"), "{error}");
        assert_eq!(*told.lock().unwrap(), ["the holder"]);
        assert_eq!(running.await.unwrap().unwrap().versions(), [10]);
    }
}

//! One process at a time.

use super::{A, B, migrator, set, tables};
use peristyle::migrate::{Event, Lock, MigrateError, Migrator, Target};
use peristyle::prelude::*;
use peristyle_tests::{Store, on_postgres, on_postgres_database, on_sql_stores, on_sqlite};
use std::sync::{Arc, Mutex};
use std::time::Duration;

on_sql_stores! {
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

on_postgres! {
    async fn a_lock_that_is_not_free_in_time_is_tried_again(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let other = peristyle::connect(store.url()).await.unwrap();
        let held = tokio::spawn(async move {
            other
                .transaction(async |tx| {
                    tx.script("lock table a in access exclusive mode").await?;
                    tokio::time::sleep(Duration::from_millis(900)).await;
                    Ok(())
                })
                .await
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let alter = ("20_x.sql", "-- migrate:lock-timeout 100ms\n-- migrate:up\nALTER TABLE a ADD COLUMN x integer;\n");
        let tries = Arc::new(Mutex::new(Vec::new()));
        let seen = tries.clone();
        let patient = migrator(&store, &[A, alter]).observer(move |event: &Event<'_>| {
            if let Event::Retrying { attempt, reason, .. } = event {
                seen.lock().unwrap().push((*attempt, (*reason).to_owned()));
            }
        });
        assert_eq!(patient.up(Target::All).await.unwrap().versions(), [20]);
        assert_eq!(tries.lock().unwrap()[0], (2, "canceling statement due to lock timeout".to_owned()));
        held.await.unwrap().unwrap();
    }

    async fn a_lock_that_is_never_free_is_an_error_after_the_retries(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let store = &store;
        store
            .repo
            .transaction(async move |tx| {
                tx.script("lock table a in access exclusive mode").await?;
                let alter = ("20_x.sql", "-- migrate:up\nALTER TABLE a ADD COLUMN x integer;\n");
                let impatient =
                    migrator(store, &[A, alter]).lock_timeout(Duration::from_millis(50)).retries(0);
                let error = impatient.up(Target::All).await.unwrap_err();
                let MigrateError::Failed(failure) = &error else { panic!("{error}") };
                assert!(failure.error.to_string().contains("55P03"), "{error}");
                Ok(())
            })
            .await
            .unwrap();
    }

    async fn a_replica_that_waits_does_not_block_an_index_that_is_built_concurrently(store: Store) {
        let slow = ("20_x.sql", "-- migrate:up no-transaction\nSELECT pg_sleep(1);\nCREATE INDEX CONCURRENTLY i ON a (id);\n");
        let mut running = Vec::new();
        for _ in 0..4 {
            let repo = peristyle::connect(store.url()).await.unwrap();
            running.push(tokio::spawn(async move { peristyle::migrate::run(&repo, set(&[A, slow])).await }));
        }
        let mut ran = Vec::new();
        for each in running {
            ran.extend(each.await.unwrap().unwrap().versions());
        }
        ran.sort_unstable();
        assert_eq!(ran, [10, 20]);
    }

    async fn a_lock_of_each_transaction_lets_many_run_at_once_behind_a_pooler(store: Store) {
        let mut running = Vec::new();
        for _ in 0..4 {
            let repo = Postgres::options(store.url()).pgbouncer_transaction_mode().pool_size(1).connect().await.unwrap();
            running.push(tokio::spawn(async move {
                Migrator::new(&repo, set(&[A, B])).lock(Lock::Transaction).up(Target::All).await
            }));
        }
        let mut ran = Vec::new();
        for each in running {
            ran.extend(each.await.unwrap().unwrap().versions());
        }
        ran.sort_unstable();
        assert_eq!(ran, [10, 20]);
        let repo = Postgres::options(store.url()).pgbouncer_transaction_mode().connect().await.unwrap();
        let index = ("30_i.sql", "-- migrate:up no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);\n");
        let error = Migrator::new(&repo, set(&[A, B, index])).lock(Lock::Transaction).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Refused { .. }), "{error}");
        let error = peristyle::migrate::run(&repo, set(&[A, B, index])).await.unwrap_err();
        assert!(error.to_string().contains("use Lock::Transaction"), "{error}");
    }

    async fn losing_the_connection_of_the_lock_stops_before_the_next_migration(store: Store) {
        let kill = "-- migrate:up\nSELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                    AND pid <> pg_backend_pid() AND (classid::bigint << 32) + objid::bigint = KEY;\n";
        let key = "select (classid::bigint << 32) + objid::bigint from pg_locks where locktype = 'advisory' and granted \
                   and pid in (select pid from pg_stat_activity where application_name = 'to be killed')";
        let repo = Postgres::options(store.url()).application_name("to be killed").connect().await.unwrap();
        // The key is learnt from a run of the same table.
        let slow = ("5_s.sql", "-- migrate:up\nSELECT pg_sleep(1);\n");
        let first = tokio::spawn({
            let repo = repo.clone();
            async move { peristyle::migrate::run(&repo, set(&[slow])).await }
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        let key = store.repo.sql::<i64>(key).one().await.unwrap().unwrap();
        first.await.unwrap().unwrap();
        let kill = kill.replace("KEY", &key.to_string());
        let error = peristyle::migrate::run(&repo, set(&[slow, ("7_k.sql", &kill), A])).await.unwrap_err();
        assert!(matches!(&error, MigrateError::LockLost { .. }), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn a_connection_that_is_lost_in_a_migration_keeps_nothing_of_it(store: Store) {
        let suicide = ("20_x.sql", "-- migrate:up\nCREATE TABLE x (id integer);\nSELECT pg_terminate_backend(pg_backend_pid());\n");
        let error = migrator(&store, &[A, suicide]).up(Target::All).await.unwrap_err();
        let MigrateError::Failed(failure) = &error else { panic!("{error}") };
        assert!(failure.error.is_connection(), "{error}");
        assert_eq!(failure.statement.as_ref().unwrap().number, 2);
        assert_eq!(tables(&store).await, "a");
    }
}

on_sqlite! {
    async fn who_waits_too_long_for_a_writer_of_sqlite_is_told_so_and_else_goes_on(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let repo = Sqlite::options(store.url()).busy_timeout(Duration::from_millis(50)).connect().await.unwrap();
        let held = store.repo.transaction(async |tx| {
            tx.script("create table other (id integer)").await?;
            let migrator = Migrator::new(&repo, set(&[A, B])).lock_wait(Duration::from_millis(300));
            let error = migrator.up(Target::All).await.unwrap_err();
            assert!(matches!(&error, MigrateError::Locked { .. }), "{error}");
            Ok(tokio::spawn(async move { Migrator::new(&repo, set(&[A, B])).up(Target::All).await }))
        });
        let waiting = held.await.unwrap();
        assert_eq!(waiting.await.unwrap().unwrap().versions(), [20]);
        assert_eq!(tables(&store).await, "ab");
    }
}

on_sql_stores! {
    async fn a_run_that_is_cut_off_lets_the_lock_go_and_keeps_nothing(store: Store) {
        let slow = store.pick(
            "-- migrate:up\nCREATE TABLE d (id integer);\nINSERT INTO d WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 \
             FROM n WHERE i < 100000000) SELECT count(*) FROM n;\n",
            "-- migrate:up\nCREATE TABLE d (id integer);\nSELECT pg_sleep(30);\n",
        );
        let files = [("5_d.sql", slow)];
        let run = tokio::time::timeout(Duration::from_millis(500), peristyle::migrate::run(&store.repo, set(&files)));
        assert!(run.await.is_err(), "it was done already");
        let after = migrator(&store, &[A]).lock_wait(Duration::from_secs(5)).up(Target::All).await.unwrap();
        assert_eq!(after.versions(), [10]);
        assert_eq!(tables(&store).await, "a");
    }
}

on_postgres! {
    async fn what_a_migration_sets_for_its_session_does_not_reach_the_next_user_of_the_connection(store: Store) {
        let repo = Postgres::options(store.url()).pool_size(2).connect().await.unwrap();
        let before: Vec<String> =
            repo.sql("select current_setting('search_path') || current_setting('lock_timeout')").await.unwrap();
        let sets = [
            ("1_path.sql", "-- migrate:up\nSELECT pg_catalog.set_config('search_path', '', false);\nSET lock_timeout = '7s';\n"),
            ("2_session.sql", "-- migrate:lock-timeout 3s\n-- migrate:up no-transaction\nSET search_path = pg_catalog;\n"),
            A,
        ];
        assert_eq!(peristyle::migrate::run(&repo, set(&sets)).await.unwrap().versions(), [1, 2, 10]);
        let all = "select current_setting('search_path') || current_setting('lock_timeout') from pg_sleep(0.2)";
        let after = tokio::join!(async { repo.sql::<String>(all).await }, async { repo.sql::<String>(all).await });
        assert_eq!((after.0.unwrap(), after.1.unwrap()), (before.clone(), before));
        assert_eq!(tables(&store).await, "a");
    }
}

on_postgres_database! {
    async fn a_server_that_ends_idle_sessions_does_not_end_that_of_the_lock(store: Store) {
        let name = store.repo.sql::<String>("select current_database()::text").one().await.unwrap().unwrap();
        store.repo.script(format!("alter database \"{name}\" set idle_session_timeout = '300ms'")).await.unwrap();
        let repo = peristyle::connect(store.url()).await.unwrap();
        let slow = ("5_s.sql", "-- migrate:up\nSELECT pg_sleep(1);\n");
        assert_eq!(peristyle::migrate::run(&repo, set(&[slow, A])).await.unwrap().versions(), [5, 10]);
    }
}

on_postgres_database! {
    async fn losing_the_connection_of_the_lock_stops_before_the_next_statement_that_has_no_transaction(store: Store) {
        let kill = "-- migrate:up no-transaction\nSELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
                    AND granted AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database());\n\
                    CREATE TABLE b (id integer);\n";
        let files = [A, ("20_b.sql", kill)];
        let error = migrator(&store, &files).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::LockLost { .. }), "{error}");
        assert_eq!(tables(&store).await, "a");
        assert_eq!(migrator(&store, &files).up(Target::All).await.unwrap().versions(), [20]);
        assert_eq!(tables(&store).await, "ab");
    }
}

on_postgres_database! {
    async fn a_statement_that_outlives_its_program_is_waited_for(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let slow = "-- migrate:up no-transaction\nINSERT INTO a SELECT 1 FROM pg_sleep(2);\n";
        let files = [A, ("20_b.sql", slow)];
        let first = peristyle::connect(store.url()).await.unwrap();
        let running = tokio::spawn(async move { peristyle::migrate::run(&first, set(&files)).await });
        tokio::time::sleep(Duration::from_millis(700)).await;
        // The server loses the connection of the lock alone, as it does at once when a program is killed.
        let kill = "select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity s on s.pid = l.pid \
                    where l.locktype = 'advisory' and l.granted and s.state = 'idle' and s.datname = current_database()";
        assert_eq!(store.repo.sql::<bool>(kill).await.unwrap(), [true]);
        let report = migrator(&store, &files).up(Target::All).await.unwrap();
        assert_eq!(report.versions(), [0_u64; 0]);
        running.await.unwrap().unwrap();
        assert_eq!(store.repo.sql::<i64>("select count(*) from a").one().await.unwrap(), Some(1));
    }
}

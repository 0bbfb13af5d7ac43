//! What whoever watches a run sees.

use super::{A, migrator};
use peristyle::migrate::runner::Issuer;
use peristyle::migrate::{Event, Target};
use peristyle_tests::{Store, on_postgres, on_sql_stores};
use std::sync::{Arc, Mutex};

/// Writes down what happens, a line each.
fn record() -> (Arc<Mutex<Vec<String>>>, impl Fn(&Event<'_>) + Send + Sync + 'static) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = lines.clone();
    let observer = move |event: &Event<'_>| {
        let line = match event {
            Event::Started { migration, direction } => format!("{direction} {migration}"),
            Event::Statement { sql, of: Issuer::Migration } => format!("> {sql}"),
            Event::Statement { sql, .. } => format!("own> {sql}"),
            Event::Finished { migration, direction, .. } => format!("{direction} {migration}: done"),
            Event::Notice { severity, message } => format!("{severity}: {message}"),
            Event::Warning(warning) => format!("warning: {warning}"),
            other => format!("{other:?}"),
        };
        seen.lock().unwrap().push(line);
    };
    (lines, observer)
}

on_sql_stores! {
    async fn a_run_is_told_step_by_step(store: Store) {
        let (lines, observer) = record();
        migrator(&store, &[A]).observer(observer).up(Target::All).await.unwrap();
        let lines = lines.lock().unwrap();
        let own = |line: &&String| !line.starts_with("own> ");
        assert_eq!(
            lines.iter().filter(own).collect::<Vec<_>>(),
            ["up migration 10 a", "> CREATE TABLE a (id integer)", "up migration 10 a: done"]
        );
        let begin = store.pick("own> BEGIN IMMEDIATE", "own> BEGIN");
        let place = |wanted: &str| lines.iter().position(|line| line.starts_with(wanted)).unwrap();
        let steps = [begin, "> CREATE TABLE a", "own> INSERT INTO", "own> COMMIT"].map(place);
        assert!(steps.is_sorted(), "{lines:?}");
    }
}

on_postgres! {
    async fn pg_migrations_001_logs_postgres_notice_messages(store: Store) {
        store.repo.script("create table duplicate_table (id integer)").await.unwrap();
        let text = "-- migrate:up\nCREATE TABLE IF NOT EXISTS duplicate_table (id integer);\n\
                    DO $$ BEGIN RAISE WARNING 'look here'; END $$;\n";
        let (lines, observer) = record();
        migrator(&store, &[("1_a.sql", text)]).observer(observer).up(Target::All).await.unwrap();
        let lines = lines.lock().unwrap();
        for wanted in ["notice: relation \"duplicate_table\" already exists, skipping", "warning: look here"] {
            assert!(lines.iter().any(|line| line == wanted), "{wanted} in {lines:?}");
        }
    }

    async fn pg_migrations_003_migrator_logs_advisory_lock_and_transaction_commands(store: Store) {
        migrator(&store, &[A]).table("history").up(Target::All).await.unwrap();
        let text = "-- migrate:up no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);\n\
                    -- migrate:down no-transaction\nDROP INDEX CONCURRENTLY i;\n";
        let (lines, observer) = record();
        let migrator = migrator(&store, &[A, ("20_i.sql", text)]).table("history").observer(observer);
        migrator.up(Target::All).await.unwrap();
        let up = std::mem::take(&mut *lines.lock().unwrap());
        migrator.down(Target::Step(1)).await.unwrap();
        let down = std::mem::take(&mut *lines.lock().unwrap());
        for (lines, row) in [(up, "INSERT INTO"), (down, "DELETE FROM")] {
            let has = |wanted: &str| lines.iter().any(|line| line.starts_with("own> ") && line.contains(wanted));
            assert!(has("pg_try_advisory_lock(") && has("pg_advisory_unlock("), "{lines:?}");
            assert!(has(row) && has("\"history\""), "{lines:?}");
            assert!(!has("BEGIN") && !has("COMMIT") && !has("LOCK TABLE"), "{lines:?}");
        }
    }

    async fn pg_migrations_004_migrator_does_not_log_sql_when_log_is_default(store: Store) {
        let (lines, observer) = record();
        migrator(&store, &[A]).observer(observer).up(Target::All).await.unwrap();
        let commands: Vec<String> =
            lines.lock().unwrap().iter().filter(|line| !line.contains("> ")).cloned().collect();
        assert_eq!(commands, ["up migration 10 a", "up migration 10 a: done"]);
    }
}

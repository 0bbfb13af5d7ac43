//! Programs that migrate: many at once, and killed on their way.

use peristyle::migrate::{Migrations, Migrator, Target};
use peristyle_tests::{Store, count, on_sql_stores};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How many migrations there are, besides the first.
const MIGRATIONS: u64 = 8;

/// A folder of migrations, each of which notes that it ran; one has no transaction.
fn folder(store: &Store) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, text: String| fs::write(folder.path().join(name), text).unwrap();
    write(
        "1_log.sql".to_owned(),
        "-- migrate:up\nCREATE TABLE log (version bigint);\nINSERT INTO log VALUES (1);\n\
         -- migrate:down\nDROP TABLE log;\n"
            .to_owned(),
    );
    for version in 2..=MIGRATIONS {
        write(
            format!("{version}_t{version}.sql"),
            format!(
                "-- migrate:up\nCREATE TABLE t{version} (id integer);\nINSERT INTO t{version} VALUES (1), (2);\n\
                 CREATE INDEX t{version}_i ON t{version} (id);\nINSERT INTO log VALUES ({version});\n\
                 -- migrate:down\nDROP TABLE t{version};\n"
            ),
        );
    }
    let concurrently = store.pick("IF NOT EXISTS", "CONCURRENTLY");
    write(
        "5000_index.sql".to_owned(),
        format!(
            "-- migrate:up no-transaction\nCREATE INDEX {concurrently} x1 ON t2 (id);\nCREATE TABLE IF NOT EXISTS n (id integer);\n\
             CREATE INDEX {concurrently} x2 ON t3 (id);\n-- migrate:down\nDROP TABLE n;\nDROP INDEX x1;\nDROP INDEX x2;\n"
        ),
    );
    folder
}

fn start(store: &Store, folder: &TempDir) -> Child {
    Command::new(env!("CARGO_BIN_EXE_migrate_program"))
        .arg(store.url())
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The versions that migrations noted, once each.
async fn log(store: &Store) -> Vec<i64> {
    store.repo.sql::<i64>("select version from log order by version").await.unwrap()
}

fn all() -> Vec<i64> {
    (1..=MIGRATIONS.cast_signed()).collect()
}

on_sql_stores! {
    async fn twenty_processes_at_once_apply_each_migration_once(store: Store) {
        let folder = folder(&store);
        let children: Vec<Child> = (0..20).map(|_| start(&store, &folder)).collect();
        let mut applied = Vec::new();
        for child in children {
            let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            applied.extend(text.lines().map(|line| line.parse::<i64>().unwrap()));
        }
        applied.sort_unstable();
        let expected: Vec<i64> = all().into_iter().chain([5000]).collect();
        assert_eq!(applied, expected);
        assert_eq!(log(&store).await, all());
    }

    async fn a_program_that_is_killed_leaves_what_the_next_run_completes(store: Store) {
        let folder = folder(&store);
        let migrator = Migrator::new(&store.repo, Migrations::from_folder(folder.path()).unwrap());
        // How long a whole run takes, the start of the program included.
        let since = std::time::Instant::now();
        assert!(start(&store, &folder).wait().unwrap().success());
        let whole = since.elapsed();
        let mut random = u64::from(std::process::id()) | 1;
        let mut cut_off = 0;
        for round in 0..count(20, 200) {
            migrator.down(Target::All).await.unwrap();
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let share = (random >> 33) % 1000;
            let delay = Duration::from_micros(u64::try_from(whole.as_micros()).unwrap() * share / 1000);
            let mut child = start(&store, &folder);
            tokio::time::sleep(delay).await;
            child.kill().unwrap();
            let killed = !child.wait().unwrap().success();
            let report = match migrator.up(Target::All).await {
                Ok(report) => report,
                Err(error) => panic!("round {round}, killed after {delay:?}: {error}"),
            };
            cut_off += u32::from(killed && !report.is_empty() && report.versions()[0] > 1);
            assert_eq!(log(&store).await, all(), "round {round}, killed after {delay:?}");
            assert!(migrator.status().await.unwrap().is_clean());
        }
        assert!(cut_off > 0, "no program was killed between its first migration and its last");
    }
}

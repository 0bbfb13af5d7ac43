//! Plans, and writing the history by hand.

use super::{A, B, C, migrator, tables, versions};
use peristyle::migrate::runner::{Action, Mark, StatusState};
use peristyle::migrate::{MigrateError, Target};
use peristyle_tests::{Store, on_sql_stores};

on_sql_stores! {
    async fn a_plan_gives_the_statements_and_runs_none(store: Store) {
        let plan = migrator(&store, &[A, B]).plan(Action::Up(Target::All)).await.unwrap();
        assert_eq!(tables(&store).await, "");
        assert_eq!(plan.migrations.len(), 2);
        let statement = &plan.migrations[0].statements[0];
        assert_eq!(statement.sql, "CREATE TABLE a (id integer)");
        assert_eq!((statement.path.as_deref(), statement.line), (Some("migrations/10_a.sql"), Some(2)));
        let setting = store.pick("", "SET LOCAL lock_timeout = '5000ms';\n");
        assert_eq!(
            plan.to_string(),
            format!(
                "-- up migration 10 a (migrations/10_a.sql)\nBEGIN;\n{setting}CREATE TABLE a (id integer);\nCOMMIT;\n\n\
                 -- up migration 20 b (migrations/20_b.sql)\nBEGIN;\n{setting}CREATE TABLE b (id integer);\nCOMMIT;\n"
            )
        );
        migrator(&store, &[A, B]).up(Target::All).await.unwrap();
        let plan = migrator(&store, &[A, B]).plan(Action::Down(Target::Step(1))).await.unwrap();
        assert_eq!(plan.migrations[0].statements[0].sql, "DROP TABLE b");
        assert_eq!(tables(&store).await, "ab");
    }

    async fn repair_accepts_edits_and_shows_both_texts(store: Store) {
        migrator(&store, &[A, B]).up(Target::All).await.unwrap();
        let edited = ("10_a.sql", "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n");
        let changed = migrator(&store, &[edited, B]).repair().await.unwrap();
        assert_eq!(changed.len(), 1);
        let change = changed[0].up.as_ref().unwrap();
        assert_eq!((change.before.as_str(), change.now.as_str()), ("CREATE TABLE a (id integer);\n", "CREATE TABLE a (id int);\n"));
        assert!(migrator(&store, &[edited, B]).repair().await.unwrap().is_empty());
        assert_eq!(migrator(&store, &[edited, B, C]).up(Target::All).await.unwrap().versions(), [30]);
    }

    async fn baseline_takes_over_a_database_that_has_its_tables(store: Store) {
        store.repo.script("create table a (id integer); create table b (id integer)").await.unwrap();
        let migrator = migrator(&store, &[A, B, C]);
        assert_eq!(migrator.baseline(20).await.unwrap().len(), 2);
        let states: Vec<_> = migrator.status().await.unwrap().entries.iter().map(|entry| entry.state).collect();
        assert_eq!(states, [StatusState::Baseline, StatusState::Baseline, StatusState::Pending]);
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [30]);
        let error = migrator.baseline(30).await.unwrap_err();
        assert!(matches!(error, MigrateError::NotEmpty { versions: 3, .. }), "{error}");
    }

    async fn a_migration_that_was_finished_or_undone_by_hand_is_marked(store: Store) {
        let bad = ("10_a.sql", "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\nSELECT nonsense;\n");
        assert!(migrator(&store, &[bad]).up(Target::All).await.is_err());
        migrator(&store, &[bad]).mark(10, Mark::Applied).await.unwrap();
        assert!(migrator(&store, &[bad]).status().await.unwrap().is_clean());
        migrator(&store, &[bad]).mark(10, Mark::Pending).await.unwrap();
        assert_eq!(versions(&store).await, [0_i64; 0]);
        let error = migrator(&store, &[bad]).mark(11, Mark::Applied).await.unwrap_err();
        assert!(matches!(error, MigrateError::UnknownVersion { .. }), "{error}");
    }
}

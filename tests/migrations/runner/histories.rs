//! Histories that do not fit the migrations.

use super::{A, B, C, migrator, set, tables, versions};
use peristyle::migrate::runner::StatusState;
use peristyle::migrate::{MigrateError, Migrator, Target};
use peristyle::prelude::*;
use peristyle_tests::{Store, on_postgres_database, on_sql_stores, on_sqlite};

on_sql_stores! {
    async fn an_edited_migration_is_refused_and_named(store: Store) {
        migrator(&store, &[A, B]).up(Target::All).await.unwrap();
        let edited = ("migrations/10_a.sql", "-- migrate:up\nCREATE TABLE a (id text);\n-- migrate:down\nDROP TABLE a;\n");
        let error = migrator(&store, &[edited, B, C]).up(Target::All).await.unwrap_err();
        let MigrateError::Changed(changed) = &error else { panic!("{error}") };
        assert_eq!(changed.len(), 1);
        let change = changed[0].up.as_ref().unwrap();
        assert_eq!(change.before, "CREATE TABLE a (id integer);\n");
        assert_eq!(change.now, "CREATE TABLE a (id text);\n");
        assert!(changed[0].down.is_none());
        assert!(error.to_string().contains("repair"), "{error}");
        assert!(error.to_string().ends_with("\n  migration 10 a (migrations/10_a.sql): the way up"), "{error}");
        assert_eq!(tables(&store).await, "ab");
    }

    async fn comments_and_blanks_are_no_edit(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let edited = ("10_a.sql", "-- migrate:up\r\n-- A table.\r\nCREATE  TABLE a\r\n(id integer)\r\n-- migrate:down\nDROP TABLE a;\n");
        assert_eq!(migrator(&store, &[edited, B]).up(Target::All).await.unwrap().versions(), [20]);
    }

    async fn an_edited_way_down_is_told_from_an_edited_way_up(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let edited = ("10_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\n-- migrate:down\nDROP TABLE IF EXISTS a;\n");
        let changed = migrator(&store, &[edited]).verify_checksums().await.unwrap();
        assert!(changed[0].up.is_none() && changed[0].down.is_some());
    }

    async fn a_missing_migration_is_an_error_of_its_own_unless_it_is_allowed(store: Store) {
        migrator(&store, &[A, B]).up(Target::All).await.unwrap();
        let error = migrator(&store, &[B, C]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Missing(missing) if missing[0].version == 10), "{error}");
        assert_eq!(versions(&store).await, [10, 20]);
        let allowed = migrator(&store, &[B, C]).ignore_missing(true).up(Target::All).await.unwrap();
        assert_eq!(allowed.versions(), [30]);
    }

    async fn a_database_that_is_ahead_of_the_program_is_a_warning(store: Store) {
        migrator(&store, &[A, B]).up(Target::All).await.unwrap();
        let report = migrator(&store, &[A]).up(Target::All).await.unwrap();
        assert_eq!(
            report.warnings,
            ["migration 20 b is applied and newer than all migrations here: the database is ahead of this program"]
        );
    }

    async fn a_late_migration_runs_with_a_warning_and_not_in_strict_order(store: Store) {
        migrator(&store, &[A, C]).up(Target::All).await.unwrap();
        let error = migrator(&store, &[A, B, C]).strict_order(true).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::OutOfOrder { latest: 30, .. }), "{error}");
        assert_eq!(tables(&store).await, "ac");
        let report = migrator(&store, &[A, B, C]).up(Target::All).await.unwrap();
        assert_eq!(report.versions(), [20]);
        assert_eq!(report.warnings, ["migration 20 b is pending and older than 30, which is applied"]);
    }

    async fn two_migrations_of_one_version_are_refused(store: Store) {
        let both = set(&[A]).and(set(&[("other/10_b.sql", B.1)]));
        let error = peristyle::migrate::run(&store.repo, both).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Duplicate { version: 10, .. }));
        assert!(error.to_string().contains("other/10_b.sql"), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn status_tells_what_is_applied_pending_changed_missing_and_late(store: Store) {
        let d = ("40_d.sql", "-- migrate:up\nCREATE TABLE d (id integer);\n");
        migrator(&store, &[A, C, d]).up(Target::All).await.unwrap();
        let edited = ("30_c.sql", "-- migrate:up\nCREATE TABLE c (id text);\n-- migrate:down\nDROP TABLE c;\n");
        let last = ("50_e.sql", "-- migrate:up\nSELECT 1;\n");
        let status = migrator(&store, &[B, edited, d, last]).status().await.unwrap();
        let states: Vec<_> = status.entries.iter().map(|entry| (entry.migration.version, entry.state)).collect();
        assert_eq!(
            states,
            [
                (10, StatusState::Missing),
                (20, StatusState::OutOfOrder),
                (30, StatusState::Changed),
                (40, StatusState::Applied),
                (50, StatusState::Pending),
            ]
        );
        assert!(status.entries[0].applied_at.is_some() && status.entries[0].place.is_none());
    }

    async fn status_makes_no_table(store: Store) {
        let status = migrator(&store, &[A]).status().await.unwrap();
        assert_eq!(status.pending().count(), 1);
        assert!(store.repo.sql::<i64>("select version from schema_migrations").await.is_err());
    }

    async fn a_table_of_another_tool_is_refused(store: Store) {
        store.repo.script("create table schema_migrations (version bigint primary key, inserted_at text)").await.unwrap();
        let error = migrator(&store, &[A]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::VersionTable { .. }));
        assert!(error.to_string().contains("it has no columns name, state,"), "{error}");
        assert_eq!(tables(&store).await, "");
    }
}

on_sqlite! {
    async fn status_works_on_a_file_that_can_only_be_read(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let repo = Sqlite::options(format!("{}?mode=ro", store.url())).connect().await.unwrap();
        let status = Migrator::new(&repo, set(&[A, B])).status().await.unwrap();
        assert_eq!(status.pending().count(), 1);
        let error = peristyle::migrate::run(&repo, set(&[A, B])).await.unwrap_err();
        assert!(error.to_string().contains("opened with mode=ro"), "{error}");
    }
}

on_postgres_database! {
    async fn status_works_for_a_role_that_may_only_read(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        let role = "peristyle_test_reader";
        store
            .repo
            .script(format!(
                "do $$ begin create role {role}; exception when duplicate_object or unique_violation then null; end $$; \
                 grant select on schema_migrations to {role}"
            ))
            .await
            .unwrap();
        let repo = Postgres::options(store.url()).setting("role", role).connect().await.unwrap();
        let status = Migrator::new(&repo, set(&[A, B])).status().await.unwrap();
        assert_eq!(status.pending().count(), 1);
        let error = peristyle::migrate::run(&repo, set(&[A, B])).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{error}");
        assert!(peristyle::migrate::run(&repo, set(&[A])).await.unwrap().is_empty());
    }
}

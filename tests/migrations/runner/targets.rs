//! Which migrations run.

use super::{A, B, C, migrator, set, tables, versions};
use peristyle::migrate::runner::Single;
use peristyle::migrate::{MigrateError, Target};
use peristyle_tests::{Store, on_sql_stores};

on_sql_stores! {
    async fn all_pending_migrations_run_once(store: Store) {
        let report = peristyle::migrate::run(&store.repo, set(&[B, A])).await.unwrap();
        assert_eq!(report.versions(), [10, 20]);
        assert_eq!(tables(&store).await, "ab");
        let again = peristyle::migrate::run(&store.repo, set(&[A, B, C])).await.unwrap();
        assert_eq!(again.versions(), [30]);
        assert!(peristyle::migrate::run(&store.repo, set(&[A, B, C])).await.unwrap().is_empty());
        assert_eq!(versions(&store).await, [10, 20, 30]);
    }

    async fn migration_001_create_and_drop_table_and_indexes(store: Store) {
        let text = "-- migrate:up\nCREATE TABLE a (id integer);\nCREATE UNIQUE INDEX a_i ON a (id);\n\
                    -- migrate:down\nDROP INDEX a_i;\nDROP TABLE a;\n";
        let migrator = migrator(&store, &[("1_a.sql", text)]);
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [1]);
        assert!(store.repo.script("insert into a values (1), (1)").await.unwrap_err().is_unique_violation());
        assert_eq!(migrator.down(Target::All).await.unwrap().versions(), [1]);
        assert_eq!(tables(&store).await, "");
    }

    async fn migrator_001_migrations_up_and_down(store: Store) {
        let migrator = migrator(&store, &[("31_a.sql", A.1), ("32_b.sql", B.1)]);
        assert_eq!(migrator.up_one(31).await.unwrap(), Single::Ran);
        let noted = "select inserted_at from schema_migrations where version = 31";
        let at = store.repo.sql::<chrono::DateTime<chrono::Utc>>(noted).one().await.unwrap().unwrap();
        assert!((chrono::Utc::now() - at).num_minutes() < 5, "{at}");
        assert_eq!(migrator.up_one(31).await.unwrap(), Single::AlreadyUp);
        assert_eq!(migrator.down_one(32).await.unwrap(), Single::AlreadyDown);
        assert_eq!(migrator.down_one(31).await.unwrap(), Single::Ran);
        assert_eq!(versions(&store).await, [0_i64; 0]);
        assert_eq!(tables(&store).await, "");
    }

    async fn migrator_006_run_up_to_step_migration(store: Store) {
        let migrator = migrator(&store, &[("47_a.sql", A.1), ("48_b.sql", B.1)]);
        assert_eq!(migrator.up(Target::Step(1)).await.unwrap().versions(), [47]);
        assert_eq!(versions(&store).await, [47]);
        assert_eq!(migrator.up(Target::To(48)).await.unwrap().versions(), [48]);
        assert_eq!(versions(&store).await, [47, 48]);
    }

    async fn migrator_007_run_down_to_step_migration(store: Store) {
        let migrator = migrator(&store, &[("49_a.sql", A.1), ("50_b.sql", B.1)]);
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [49, 50]);
        assert_eq!(migrator.down(Target::Step(1)).await.unwrap().versions(), [50]);
        assert_eq!(versions(&store).await, [49]);
        assert_eq!(migrator.up(Target::To(50)).await.unwrap().versions(), [50]);
    }

    async fn down_to_a_version_keeps_it_and_down_to_zero_keeps_none(store: Store) {
        let migrator = migrator(&store, &[A, B, C]);
        migrator.up(Target::All).await.unwrap();
        assert_eq!(migrator.down(Target::To(10)).await.unwrap().versions(), [30, 20]);
        assert_eq!(tables(&store).await, "a");
        assert_eq!(migrator.down(Target::To(0)).await.unwrap().versions(), [10]);
        assert_eq!(tables(&store).await, "");
    }

    async fn goto_goes_down_or_up_to_a_version(store: Store) {
        let migrator = migrator(&store, &[A, B, C]);
        assert_eq!(migrator.goto(20).await.unwrap().versions(), [10, 20]);
        assert_eq!(migrator.goto(10).await.unwrap().versions(), [20]);
        assert_eq!(migrator.goto(30).await.unwrap().versions(), [20, 30]);
        assert_eq!(migrator.goto(0).await.unwrap().versions(), [30, 20, 10]);
        assert_eq!(tables(&store).await, "");
    }

    async fn redo_takes_back_and_applies_again_what_was_edited_too(store: Store) {
        migrator(&store, &[A, B]).up(Target::All).await.unwrap();
        let edited = "-- migrate:up\nCREATE TABLE b (id integer, name text);\n-- migrate:down\nDROP TABLE b;\n";
        let report = migrator(&store, &[A, ("20_b.sql", edited)]).redo(Target::Step(1)).await.unwrap();
        assert_eq!(report.versions(), [20, 20]);
        store.repo.script("insert into b (id, name) values (1, 'x')").await.unwrap();
    }

    async fn a_version_that_no_migration_has_names_those_near_it(store: Store) {
        let error = migrator(&store, &[A, B, C]).up(Target::To(21)).await.unwrap_err();
        assert!(matches!(&error, MigrateError::UnknownVersion { version: 21, .. }));
        assert_eq!(
            error.to_string(),
            "no migration has the version 21; near it are:\n  migration 10 a\n  migration 20 b\n  migration 30 c"
        );
        assert_eq!(tables(&store).await, "");
    }

    async fn a_migration_without_a_way_back_is_refused_before_any_goes_down(store: Store) {
        let b = ("20_b.sql", "-- migrate:up\nCREATE TABLE b (id integer);\n");
        let migrator = migrator(&store, &[A, b, C]);
        migrator.up(Target::All).await.unwrap();
        let error = migrator.down(Target::All).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "migration 20 b has no way back: write a section `-- migrate:down` in 20_b.sql"
        );
        assert_eq!(tables(&store).await, "abc");
    }

    async fn the_table_of_versions_may_have_another_name(store: Store) {
        let migrator = migrator(&store, &[A]).table("my {versions}");
        migrator.up(Target::All).await.unwrap();
        let known = store.repo.sql::<i64>("select version from \"my {{versions}}\"").await.unwrap();
        assert_eq!(known, [10]);
    }
}

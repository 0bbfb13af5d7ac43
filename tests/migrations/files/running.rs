//! Files that run: embedded in the program, from a folder, and not at all if one of them is wrong.

use std::fs;

use peristyle::migrate::{MigrateError, Migrations, Migrator, Target, migrations, run};
use peristyle_tests::{Store, on_sql_stores};

async fn titles(store: &Store) -> Vec<String> {
    store.repo.sql::<String>("SELECT title FROM posts ORDER BY id").await.unwrap()
}

async fn has_posts(store: &Store) -> bool {
    store.repo.sql::<i64>("SELECT count(*) FROM posts").one().await.is_ok()
}

on_sql_stores! {
    async fn migrations_of_a_program_run_without_their_folder(store: Store) {
        let embedded = || migrations!("migrations/files/embedded");
        let report = run(&store.repo, embedded()).await.unwrap();
        assert_eq!(report.versions(), [20261122143000, 20261122143100]);
        assert_eq!(titles(&store).await, ["untitled; yet", "Semicolons; and how to quote them"]);
        assert!(run(&store.repo, embedded()).await.unwrap().is_empty());
        let down = Migrator::new(&store.repo, embedded()).down(Target::All).await.unwrap();
        assert_eq!(down.versions(), [20261122143100, 20261122143000]);
        assert!(!has_posts(&store).await);
    }

    async fn files_of_a_folder_and_of_a_program_are_the_same_migrations(store: Store) {
        run(&store.repo, migrations!("migrations/files/embedded")).await.unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/files/embedded");
        let report = run(&store.repo, Migrations::from_folder(folder).unwrap()).await.unwrap();
        assert!(report.is_empty(), "{report}");
    }

    async fn files_that_a_formatter_changed_are_the_same_migrations(store: Store) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("1_create_posts.sql");
        fs::write(&file, "-- migrate:up\nCREATE TABLE posts (id INTEGER, title TEXT);\n").unwrap();
        run(&store.repo, Migrations::from_folder(folder.path()).unwrap()).await.unwrap();
        let formatted = "-- Posts.\r\n-- migrate:up\r\n\r\nCREATE TABLE posts (\r\n  id INTEGER, -- the key\r\n  title TEXT\r\n)\r\n";
        fs::write(&file, formatted).unwrap();
        let report = run(&store.repo, Migrations::from_folder(folder.path()).unwrap()).await.unwrap();
        assert!(report.is_empty(), "{report}");
        fs::write(&file, "-- migrate:up\nCREATE TABLE posts (id INTEGER, title TEXT DEFAULT '');\n").unwrap();
        let error = run(&store.repo, Migrations::from_folder(folder.path()).unwrap()).await.unwrap_err();
        assert!(matches!(error, MigrateError::Changed(_)), "{error}");
    }

    async fn migrator_009_all_files_are_read_before_the_first_one_runs(store: Store) {
        let good = ("m/1_create_posts.sql", "-- migrate:up\nCREATE TABLE posts (id INTEGER);\n");
        for (bad, expected) in [
            ("-- migrate:up\nSELECT 'x;\n", "m/2_bad.sql:2:8: the string that opens here is never closed"),
            ("-- migrate:up\nSELECT 1;\n-- migrate:dwon\n", "m/2_bad.sql:3:4: there is no directive `dwon`: did you mean `down`?"),
            ("-- migrate:up\nSELECT 1;\nCOMMIT;\n", "m/2_bad.sql:3:1: COMMIT would leave the transaction"),
            ("SELECT 1;\n", "m/2_bad.sql:1:1: no `-- migrate:up`"),
        ] {
            let error = run(&store.repo, Migrations::embedded(&[good, ("m/2_bad.sql", bad)])).await.unwrap_err();
            let MigrateError::Files(errors) = &error else { panic!("{error}") };
            assert!(errors[0].to_string().starts_with(expected), "{error}");
            assert!(!has_posts(&store).await);
        }
        let recorded = store.repo.sql::<i64>("SELECT count(*) FROM schema_migrations").one().await;
        assert!(matches!(recorded, Err(_) | Ok(Some(0))), "{recorded:?}");
    }
}

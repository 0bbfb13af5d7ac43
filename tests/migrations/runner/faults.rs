//! What goes wrong, and what is left of it.

use super::{A, B, C, migrator, tables, versions};
use peristyle::migrate::runner::Left;
use peristyle::migrate::{Hooks, MigrateError, Target};
use peristyle_tests::{Store, on_sql_stores, on_sqlite};

on_sql_stores! {
    async fn a_statement_that_fails_is_shown_with_its_file_line_and_caret(store: Store) {
        let text = "-- migrate:up\nCREATE TABLE b (id integer);\n\n  INSERT INTO b\n    VALUES (1, nothing);\n";
        let error = migrator(&store, &[A, ("migrations/20_b.sql", text), C]).up(Target::All).await.unwrap_err();
        let MigrateError::Failed(failure) = &error else { panic!("{error}") };
        let statement = failure.statement.as_ref().unwrap();
        assert_eq!((statement.number, statement.path.as_deref()), (2, Some("migrations/20_b.sql")));
        assert_eq!(failure.left, Left::Nothing);
        assert_eq!((statement.line, statement.column), (5, Some(16)), "{error}");
        let text = error.to_string();
        assert!(text.contains("\n  at migrations/20_b.sql:5:16\n  |     VALUES (1, nothing)\n  |                ^\n"), "{text}");
        assert!(text.ends_with("it was rolled back; mend it and run `up` again"), "{text}");
        assert!(!text.contains("of the script"), "{text}");
        assert_eq!(tables(&store).await, "a");
        assert_eq!(versions(&store).await, [10]);
    }

    async fn migrator_009_does_not_commit_half_transactions_on_bad_syntax(store: Store) {
        let bad = ("migrations/20_b.sql", "-- migrate:up\nCREATE TABLE b (id integer;\n");
        let error = migrator(&store, &[A, bad]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Files(errors) if errors[0].line == 2), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn a_file_with_its_own_transaction_is_refused_before_any_runs(store: Store) {
        let own = ("migrations/20_b.sql", "-- migrate:up\nBEGIN;\nCREATE TABLE b (id integer);\nCOMMIT;\n");
        let error = migrator(&store, &[A, own]).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("migrations/20_b.sql:2:1: BEGIN would leave"), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn what_needs_no_transaction_is_refused_before_any_runs(store: Store) {
        let vacuum = ("migrations/20_b.sql", "-- migrate:up\nVACUUM;\n");
        let error = migrator(&store, &[A, vacuum]).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("-- migrate:no-transaction"), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn migrator_002_does_not_commit_migration_if_insert_into_schema_migration_fails(store: Store) {
        migrator(&store, &[A]).up(Target::All).await.unwrap();
        store.script(
            "create trigger t before insert on schema_migrations begin select raise(abort, 'no versions today'); end",
            "alter table schema_migrations add constraint t check (version < 11)",
        ).await;
        let error = migrator(&store, &[A, B]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Failed(failure) if failure.left == Left::Nothing), "{error}");
        assert_eq!(tables(&store).await, "a");
        assert_eq!(versions(&store).await, [10]);
    }

    async fn what_ran_before_a_migration_that_fails_is_kept(store: Store) {
        let bad = ("20_b.sql", "-- migrate:up\nCREATE TABLE b (id integer);\nSELECT * FROM nowhere;\n");
        assert!(migrator(&store, &[A, bad, C]).up(Target::All).await.is_err());
        assert_eq!(tables(&store).await, "a");
        assert_eq!(migrator(&store, &[A, B, C]).up(Target::All).await.unwrap().versions(), [20, 30]);
    }
}

on_sqlite! {
    async fn a_rebuild_without_foreign_keys_keeps_the_children(store: Store) {
        let first = "-- migrate:up\nCREATE TABLE p (id integer PRIMARY KEY);\n\
                     CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p (id) ON DELETE CASCADE);\n";
        migrator(&store, &[("1_a.sql", first)]).up(Target::All).await.unwrap();
        store.repo.script("insert into p values (1); insert into c values (1, 1)").await.unwrap();
        let rebuild = "-- migrate:foreign-keys off\n-- migrate:up\nCREATE TABLE p_new (id integer PRIMARY KEY, name text);\n\
                       INSERT INTO p_new (id) SELECT id FROM p;\nDROP TABLE p;\nALTER TABLE p_new RENAME TO p;\n";
        migrator(&store, &[("1_a.sql", first), ("2_b.sql", rebuild)]).up(Target::All).await.unwrap();
        assert_eq!(store.repo.sql::<i64>("select count(*) from c").one().await.unwrap(), Some(1));
        assert!(store.repo.script("insert into c values (2, 7)").await.unwrap_err().is_foreign_key_violation());
    }

    async fn a_rebuild_with_foreign_keys_is_refused_where_the_rows_of_others_would_go(store: Store) {
        let first = "-- migrate:up\nCREATE TABLE p (id integer PRIMARY KEY);\n\
                     CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES P (id) ON DELETE CASCADE);\n";
        migrator(&store, &[("1_a.sql", first)]).up(Target::All).await.unwrap();
        store.repo.script("insert into p values (1); insert into c values (1, 1)").await.unwrap();
        let rebuild = "-- migrate:up\nCREATE TABLE p_new (id integer PRIMARY KEY, name text);\n\
                       INSERT INTO p_new (id) SELECT id FROM p;\nDROP TABLE p;\nALTER TABLE p_new RENAME TO p;\n";
        let error = migrator(&store, &[("1_a.sql", first), ("2_b.sql", rebuild)]).up(Target::All).await.unwrap_err();
        assert!(matches!(error, MigrateError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("ON DELETE CASCADE to the rows of \"c\""), "{error}");
        assert_eq!(store.repo.sql::<i64>("select count(*) from c").one().await.unwrap(), Some(1));
        // Dropped for good, they go as the author wrote it.
        let drop = "-- migrate:up\nDROP TABLE p;\nDROP TABLE c;\n";
        migrator(&store, &[("1_a.sql", first), ("2_b.sql", drop)]).up(Target::All).await.unwrap();
    }

    async fn a_rebuild_that_breaks_a_foreign_key_is_rolled_back_and_names_the_rows(store: Store) {
        let first = "-- migrate:up\nCREATE TABLE p (id integer PRIMARY KEY);\n\
                     CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p (id));\n";
        migrator(&store, &[("1_a.sql", first)]).up(Target::All).await.unwrap();
        store.repo.script("insert into p values (1); insert into c values (5, 1)").await.unwrap();
        let bad = "-- migrate:up foreign-keys off\nDELETE FROM p;\n";
        let error = migrator(&store, &[("1_a.sql", first), ("2_b.sql", bad)]).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("row 5 of \"c\" points at no row of \"p\""), "{error}");
        assert_eq!(store.repo.sql::<i64>("select count(*) from p").one().await.unwrap(), Some(1));
        assert!(store.repo.script("insert into c values (6, 7)").await.unwrap_err().is_foreign_key_violation());
    }
}

on_sqlite! {
    async fn a_full_disk_keeps_nothing_of_the_migration_and_says_what_to_do(store: Store) {
        let hooks = Hooks::new().after_begin(|repo, around| async move {
            // The database may not grow: what is left of the disk.
            if around.migration.version == 20 {
                let pages = repo.sql::<i64>("select page_count from pragma_page_count").one().await?.unwrap_or(1);
                repo.script(format!("PRAGMA max_page_count = {}", pages + 2)).await?;
            }
            Ok(())
        });
        let fill = "-- migrate:up\nCREATE TABLE b (x text);\nINSERT INTO b VALUES (hex(zeroblob(100000)));\n";
        let error = migrator(&store, &[A, ("20_b.sql", fill)]).hooks(hooks).up(Target::All).await.unwrap_err();
        let MigrateError::Failed(failure) = &error else { panic!("{error}") };
        assert_eq!((failure.statement.as_ref().unwrap().number, &failure.left), (2, &Left::Nothing));
        assert!(error.to_string().contains("the disk is full: free some space and run it again"), "{error}");
        assert_eq!(tables(&store).await, "a");
    }
}

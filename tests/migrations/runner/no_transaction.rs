//! Migrations without a transaction.

use super::{migrator, tables, versions};
use peristyle::migrate::runner::{Action, Left, Mark, StatusState};
use peristyle::migrate::{Event, MigrateError, Target};
use peristyle_tests::{Store, on_postgres, on_sql_stores};
use std::sync::{Arc, Mutex};

on_sql_stores! {
    async fn a_migration_without_a_transaction_goes_on_where_it_failed(store: Store) {
        let bad = "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer) nonsense here;\n\
                   CREATE TABLE c (id integer);\n";
        let error = migrator(&store, &[("1_a.sql", bad)]).up(Target::All).await.unwrap_err();
        let MigrateError::Failed(failure) = &error else { panic!("{error}") };
        assert_eq!(failure.left, Left::Done { statements: 1, of: 3 });
        assert!(error.to_string().contains("1 of its 3 statements are done and kept"), "{error}");
        assert_eq!(tables(&store).await, "a");
        let status = migrator(&store, &[("1_a.sql", bad)]).status().await.unwrap();
        assert_eq!(status.entries[0].state, StatusState::StoppedUp(1));

        let mended = bad.replace(" nonsense here", "");
        let report = migrator(&store, &[("1_a.sql", &mended)]).up(Target::All).await.unwrap();
        assert_eq!(report.versions(), [1]);
        assert_eq!(tables(&store).await, "abc");
        let status = migrator(&store, &[("1_a.sql", &mended)]).status().await.unwrap();
        assert!(status.is_clean());
    }

    async fn one_whose_beginning_was_edited_after_it_stopped_is_explained(store: Store) {
        let bad = "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer) nonsense here;\n";
        assert!(migrator(&store, &[("1_a.sql", bad)]).up(Target::All).await.is_err());
        let other = "-- migrate:up no-transaction\nCREATE TABLE d (id integer);\nCREATE TABLE b (id integer);\n";
        let error = migrator(&store, &[("1_a.sql", other)]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Dirty { .. }));
        assert!(error.to_string().contains("its first 1 statements were done, and they are others now"), "{error}");
        let error = migrator(&store, &[("1_a.sql", bad)]).down(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("it was being applied; run `up` again"), "{error}");
    }

    async fn it_goes_down_too_and_on_where_it_failed(store: Store) {
        let text = "-- migrate:up\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\n\
                    -- migrate:down no-transaction\nDROP TABLE a;\nDROP TABLE bb;\n";
        migrator(&store, &[("1_a.sql", text)]).up(Target::All).await.unwrap();
        let error = migrator(&store, &[("1_a.sql", text)]).down(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Failed(_)), "{error}");
        let error = migrator(&store, &[("1_a.sql", text)]).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("it was being taken back; run `down` again"), "{error}");
        let mended = text.replace("bb", "b");
        assert_eq!(migrator(&store, &[("1_a.sql", &mended)]).down(Target::All).await.unwrap().versions(), [1]);
        assert_eq!(tables(&store).await, "");
        assert_eq!(versions(&store).await, [0_i64; 0]);
    }
}

on_postgres! {
    async fn an_index_is_built_concurrently_and_an_invalid_one_is_dropped_first(store: Store) {
        let first = ("1_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\nINSERT INTO a VALUES (1), (1);\n");
        let index = ("2_i.sql", "-- migrate:up no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY \"A i\" ON a (id);\n");
        let error = migrator(&store, &[first, index]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Failed(failure) if failure.error.is_unique_violation()), "{error}");
        let valid = "select i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid \
                     join pg_namespace n on n.oid = c.relnamespace \
                     where c.relname = 'A i' and n.nspname = current_schema()";
        assert_eq!(store.repo.sql::<bool>(valid).one().await.unwrap(), Some(false));
        store.repo.script("delete from a where ctid = (select min(ctid) from a)").await.unwrap();
        assert_eq!(migrator(&store, &[first, index]).up(Target::All).await.unwrap().versions(), [2]);
        assert_eq!(store.repo.sql::<bool>(valid).one().await.unwrap(), Some(true));
    }

    async fn an_invalid_index_does_not_pass_for_one_that_exists(store: Store) {
        let first = ("1_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\nINSERT INTO a VALUES (1), (1);\n");
        migrator(&store, &[first]).up(Target::All).await.unwrap();
        assert!(store.repo.script("create unique index concurrently a_i on a (id)").await.is_err());
        store.repo.script("delete from a").await.unwrap();
        let index = (
            "2_i.sql",
            "-- migrate:up no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_i ON a (id);\n",
        );
        migrator(&store, &[first, index]).up(Target::All).await.unwrap();
        store.repo.script("insert into a values (1)").await.unwrap();
        let valid = "select indisvalid from pg_index where indexrelid = 'a_i'::regclass";
        assert_eq!(store.repo.sql::<bool>(valid).one().await.unwrap(), Some(true));
    }

    async fn an_invalid_index_without_a_name_is_warned_of(store: Store) {
        let first = ("1_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\nINSERT INTO a VALUES (1), (1);\n");
        let index = ("2_i.sql", "-- migrate:up no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY ON a (id);\n");
        assert!(migrator(&store, &[first, index]).up(Target::All).await.is_err());
        store.repo.script("delete from a").await.unwrap();
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let seen = warnings.clone();
        let observed = migrator(&store, &[first, index]).observer(move |event: &Event<'_>| {
            if let Event::Warning(warning) = event {
                seen.lock().unwrap().push((*warning).to_owned());
            }
        });
        observed.up(Target::All).await.unwrap();
        assert!(warnings.lock().unwrap().iter().any(|warning| warning.contains("invalid indexes: a_id_idx;")), "{warnings:?}");
    }

    async fn an_index_that_was_built_before_its_progress_was_noted_is_not_built_again(store: Store) {
        let first = ("1_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\n");
        let index = ("2_i.sql", "-- migrate:up no-transaction\nCREATE INDEX CONCURRENTLY a_i ON a (id);\nSELECT 1;\n");
        migrator(&store, &[first, index]).up(Target::All).await.unwrap();
        store.repo.script("update schema_migrations set state = 'applying' where version = 2").await.unwrap();
        assert_eq!(migrator(&store, &[first, index]).up(Target::All).await.unwrap().versions(), [2]);
    }
}

on_sql_stores! {
    async fn a_statement_that_was_cut_off_and_is_done_is_marked_so(store: Store) {
        let text = "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\n";
        migrator(&store, &[("1_a.sql", text)]).up(Target::All).await.unwrap();
        // As after a crash between the first statement and the note that it is done.
        store.repo.script("update schema_migrations set state = 'applying', statements_done = 0; drop table b").await.unwrap();
        let error = migrator(&store, &[("1_a.sql", text)]).up(Target::All).await.unwrap_err();
        let text_of_error = error.to_string();
        assert!(text_of_error.contains("stopped in this statement before: 0 of its 2 statements"), "{error}");
        assert!(text_of_error.contains("mark 1 of them as done"), "{error}");
        migrator(&store, &[("1_a.sql", text)]).mark(1, Mark::Done(1)).await.unwrap();
        migrator(&store, &[("1_a.sql", text)]).up(Target::All).await.unwrap();
        assert_eq!(tables(&store).await, "ab");
        let error = migrator(&store, &[("1_a.sql", text)]).mark(1, Mark::Done(1)).await.unwrap_err();
        assert!(matches!(error, MigrateError::Refused { .. }), "{error}");
    }
}

on_sql_stores! {
    async fn one_that_stopped_is_not_taken_for_done_when_it_has_a_transaction_now(store: Store) {
        let bad = "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer) nonsense here;\n";
        assert!(migrator(&store, &[("1_a.sql", bad)]).up(Target::All).await.is_err());
        let mended = "-- migrate:up\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\n";
        let error = migrator(&store, &[("1_a.sql", mended)]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Dirty { .. }), "{error}");
        assert!(error.to_string().contains("put `-- migrate:no-transaction` back"), "{error}");
        let error = migrator(&store, &[("1_a.sql", mended)]).plan(Action::Up(Target::All)).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Dirty { .. }), "{error}");
        assert_eq!(tables(&store).await, "a");
    }

    async fn a_way_down_that_stopped_does_not_begin_again_when_it_has_a_transaction_now(store: Store) {
        let text = "-- migrate:up\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\n\
                    -- migrate:down no-transaction\nDROP TABLE a;\nDROP TABLE bb;\n";
        migrator(&store, &[("1_a.sql", text)]).up(Target::All).await.unwrap();
        assert!(migrator(&store, &[("1_a.sql", text)]).down(Target::All).await.is_err());
        let other = text.replace(" no-transaction", "").replace("bb", "b");
        let error = migrator(&store, &[("1_a.sql", &other)]).down(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Dirty { .. }), "{error}");
        assert_eq!(tables(&store).await, "b");
    }

    async fn one_that_has_fewer_statements_than_were_done_is_explained(store: Store) {
        let bad = "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\nnonsense;\n";
        assert!(migrator(&store, &[("1_a.sql", bad)]).up(Target::All).await.is_err());
        let shorter = "-- migrate:up no-transaction\nCREATE TABLE a (id integer);\n";
        let error = migrator(&store, &[("1_a.sql", shorter)]).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Dirty { .. }), "{error}");
        assert!(error.to_string().contains("2 statements of it were done, and it has 1 now"), "{error}");
        assert_eq!(versions(&store).await, [1]);
    }
}

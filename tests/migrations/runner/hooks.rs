//! What a program does around migrations.

use super::{A, B, migrator, tables};
use peristyle::migrate::{Around, Hooks, MigrateError, Target};
use peristyle::prelude::*;
use peristyle_tests::{Store, on_sql_stores};
use std::sync::{Arc, Mutex};

on_sql_stores! {
    async fn hooks_run_around_all_around_each_and_inside_of_transactions(store: Store) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let note = |name: &'static str| {
            let seen = seen.clone();
            move |repo: Repo, around: Around| {
                let seen = seen.clone();
                async move {
                    seen.lock().unwrap().push(format!("{name} {} {}", around.migration.version, repo.in_transaction()));
                    Ok(())
                }
            }
        };
        let all = |name: &'static str| {
            let seen = seen.clone();
            move |repo: Repo| {
                let seen = seen.clone();
                async move {
                    seen.lock().unwrap().push(format!("{name} {}", repo.in_transaction()));
                    Ok(())
                }
            }
        };
        let hooks = Hooks::new()
            .before_all(all("before_all"))
            .after_all(all("after_all"))
            .before_each(note("before_each"))
            .after_each(note("after_each"))
            .after_begin(note("after_begin"))
            .before_commit(note("before_commit"));
        let migrator = migrator(&store, &[A, B]).hooks(hooks);
        migrator.up(Target::Step(1)).await.unwrap();
        assert_eq!(
            *seen.lock().unwrap(),
            [
                "before_all false",
                "before_each 10 false",
                "after_begin 10 true",
                "before_commit 10 true",
                "after_each 10 false",
                "after_all false",
            ]
        );
        seen.lock().unwrap().clear();
        migrator.up(Target::All).await.unwrap();
        assert!(migrator.up(Target::All).await.unwrap().is_empty());
        assert_eq!(seen.lock().unwrap().len(), 6);
    }

    async fn a_hook_that_fails_before_commit_keeps_nothing(store: Store) {
        let hooks = Hooks::new().before_commit(|_, _| async { Err(peristyle::Error::rollback("not today")) });
        let error = migrator(&store, &[A]).hooks(hooks).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Hook { hook: "before_commit", .. }));
        assert!(error.to_string().contains("before_commit of migration 10 a failed"), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn a_hook_that_panics_is_an_error_and_the_lock_is_released(store: Store) {
        let hooks = Hooks::new().after_begin(|_, around| async move {
            assert_ne!(around.migration.version, 10, "on purpose");
            Ok(())
        });
        let error = migrator(&store, &[A]).hooks(hooks).up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Panicked { .. }));
        assert!(error.to_string().contains("on purpose"), "{error}");
        assert_eq!(tables(&store).await, "");
        assert_eq!(migrator(&store, &[A]).up(Target::All).await.unwrap().versions(), [10]);
    }
}

on_sql_stores! {
    async fn a_hook_that_fails_says_what_became_of_the_migration(store: Store) {
        let failing = || |_: Repo, _: Around| async { Err(peristyle::Error::rollback("not today")) };
        let error = migrator(&store, &[A]).hooks(Hooks::new().before_each(failing())).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("before_each of migration 10 a failed, so that it was not run"), "{error}");
        assert_eq!(tables(&store).await, "");
        let error = migrator(&store, &[A]).hooks(Hooks::new().after_each(failing())).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("after_each of migration 10 a failed; the migration itself is done and kept"), "{error}");
        assert_eq!(tables(&store).await, "a");
    }
}

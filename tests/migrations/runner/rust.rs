//! Migrations in Rust, among files.

use super::{A, set, tables, versions};
use peristyle::migrate::runner::{Action, Left};
use peristyle::migrate::{MigrateError, Migrations, Migrator, Target, migration};
use peristyle_tests::{Store, on_postgres, on_sql_stores, on_sqlite};

migration!(20, MakeB, |m| {
    m.create_table("b", |t| {
        t.id();
        t.string("title").size(160).not_null();
    });
});

migration!(30, FillB, |m| {
    m.data(async |repo| {
        repo.sql::<()>("insert into b (title) values ({})").bind("first").execute().await?;
        Ok(())
    })
    .down(async |repo| repo.sql::<()>("delete from b").execute().await.map(drop));
});

migration!(40, Panics, |m| {
    m.create_table("c", |t| {
        t.text("x").not_null();
    });
    m.data(async |_| panic!("on purpose")).down_nothing();
});

migration!(50, FailsInData, |m| {
    m.create_table("d", |t| {
        t.text("x").not_null();
    });
    m.data(async |repo| repo.sql::<()>("insert into nowhere values (1)").execute().await.map(drop)).down_nothing();
});

migration!(60, MakesATwice, |m| {
    m.create_table("a", |t| {
        t.id();
    });
});

fn all() -> Migrations {
    set(&[A]).with(FillB).with(MakeB)
}

async fn titles(store: &Store) -> Vec<String> {
    store.repo.sql::<String>("select title from b order by id").await.unwrap()
}

on_sql_stores! {
    async fn rust_and_files_run_in_one_sequence(store: Store) {
        let migrator = Migrator::new(&store.repo, all());
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [10, 20, 30]);
        assert_eq!(titles(&store).await, ["first"]);
        assert!(migrator.status().await.unwrap().is_clean());
        assert_eq!(migrator.down(Target::Step(1)).await.unwrap().versions(), [30]);
        assert!(titles(&store).await.is_empty());
        assert_eq!(migrator.down(Target::All).await.unwrap().versions(), [20, 10]);
        assert_eq!(tables(&store).await, "");
    }

    async fn a_failure_names_a_line_of_its_author_and_none_of_the_runner(store: Store) {
        let migrator = Migrator::new(&store.repo, set(&[A]).with(MakesATwice));
        let error = migrator.up(Target::All).await.unwrap_err().to_string();
        assert!(error.contains(r#"| CREATE TABLE "a""#) && !error.contains("src/runner/"), "{error}");
        let migrator = Migrator::new(&store.repo, set(&[A]).with(FailsInData));
        let error = migrator.up(Target::All).await.unwrap_err().to_string();
        assert!(error.contains("nowhere") && error.contains("tests/migrations/runner/rust.rs:"), "{error}");
    }

    async fn migrator_005_a_panic_in_a_migration_is_caught_and_the_lock_released(store: Store) {
        let error = peristyle::migrate::run(&store.repo, all().with(Panics)).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Panicked { migration: Some(id), .. } if id.version == 40), "{error}");
        assert!(error.to_string().contains("migration 40 Panics panicked"), "{error}");
        assert_eq!(tables(&store).await, "ab");
        assert_eq!(versions(&store).await, [10, 20, 30]);
        let other = peristyle::connect(store.url()).await.unwrap();
        assert!(peristyle::migrate::run(&other, all()).await.unwrap().is_empty());
    }

    async fn a_data_step_that_fails_names_its_line_and_keeps_nothing(store: Store) {
        let error = peristyle::migrate::run(&store.repo, all().with(FailsInData)).await.unwrap_err();
        let MigrateError::Failed(failure) = &error else { panic!("{error}") };
        assert_eq!(failure.left, Left::Nothing);
        let path = failure.statement.as_ref().unwrap().path.as_ref().unwrap();
        assert!(path.ends_with("tests/migrations/runner/rust.rs"), "{path}");
        assert_eq!(tables(&store).await, "ab");
    }

    async fn a_rust_migration_that_does_another_thing_now_is_an_edited_one(store: Store) {
        mod other {
            peristyle::migrate::migration!(20, MakeB, |m| {
                m.create_table("b", |t| {
                    t.id();
                    t.string("name").size(160).not_null();
                });
            });
        }
        peristyle::migrate::run(&store.repo, all()).await.unwrap();
        let changed = set(&[A]).with(FillB).with(other::MakeB);
        let error = peristyle::migrate::run(&store.repo, changed).await.unwrap_err();
        let MigrateError::Changed(changed) = &error else { panic!("{error}") };
        assert!(changed[0].up.is_some() && changed[0].down.is_none(), "{error}");
    }

    async fn a_mistake_in_a_rust_migration_is_found_before_any_runs(store: Store) {
        migration!(60, Wrong, |m| {
            m.create_index("a", ["id"]).concurrently();
        });
        let error = peristyle::migrate::run(&store.repo, all().with(Wrong)).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Rust(_)));
        assert!(error.to_string().contains("no_transaction"), "{error}");
        assert_eq!(tables(&store).await, "");
    }

    async fn a_plan_shows_the_sql_of_rust_migrations(store: Store) {
        migration!(21, AlterB, |m| {
            m.alter_table("b", |t| {
                t.text("summary").not_null().default("none");
            });
        });
        let migrator = Migrator::new(&store.repo, set(&[]).with(MakeB).with(AlterB).with(FillB));
        let plan = migrator.plan(Action::Up(Target::All)).await.unwrap();
        let text = plan.to_string();
        assert!(text.contains("CREATE TABLE \"b\"") && text.contains("\"summary\""), "{text}");
        assert!(plan.migrations[2].notes[0].starts_with("a data step of "), "{text}");
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [20, 21, 30]);
        assert!(migrator.plan(Action::Up(Target::All)).await.unwrap().migrations.is_empty());
    }
}

on_sqlite! {
    async fn a_rebuild_in_rust_keeps_the_children_of_the_table(store: Store) {
        migration!(31, ChangeType, |m| {
            m.alter_table("b", |t| {
                t.modify("title", |c| c.text()).from(|c| c.string(160));
            });
        });
        peristyle::migrate::run(&store.repo, all()).await.unwrap();
        store
            .repo
            .script("create table k (b_id integer references b (id) on delete cascade); insert into k select id from b")
            .await
            .unwrap();
        let migrator = Migrator::new(&store.repo, all().with(ChangeType));
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [31]);
        assert_eq!(store.repo.sql::<i64>("select count(*) from k").one().await.unwrap(), Some(1));
        assert!(store.repo.script("insert into k values (99)").await.unwrap_err().is_foreign_key_violation());
        assert_eq!(migrator.down(Target::Step(1)).await.unwrap().versions(), [31]);
        assert_eq!(store.repo.sql::<i64>("select count(*) from k").one().await.unwrap(), Some(1));
    }
}

on_postgres! {
    async fn an_index_of_a_rust_migration_is_built_concurrently(store: Store) {
        migration!(31, IndexB, no_transaction, |m| {
            m.create_index("b", ["title"]).concurrently();
        });
        let migrator = Migrator::new(&store.repo, all().with(IndexB));
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [10, 20, 30, 31]);
        let known = "select count(*) from pg_indexes where schemaname = current_schema() and indexname = 'b_title_index'";
        assert_eq!(store.repo.sql::<i64>(known).one().await.unwrap(), Some(1));
        assert_eq!(migrator.down(Target::Step(1)).await.unwrap().versions(), [31]);
        assert_eq!(store.repo.sql::<i64>(known).one().await.unwrap(), Some(0));
    }
}

migration!(9_223_372_036_854_775_808, TooGreat, |m| {
    m.create_table("greatest", |t| {
        t.id();
    });
});

on_sql_stores! {
    async fn a_version_that_no_database_can_hold_is_refused_before_anything_runs(store: Store) {
        let error = Migrator::new(&store.repo, Migrations::new().with(TooGreat)).up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("the greatest version is 9223372036854775807"), "{error}");
        assert!(matches!(&error, MigrateError::Refused { .. }));
    }
}

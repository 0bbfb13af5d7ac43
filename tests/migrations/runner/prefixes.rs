//! Tenants: the same migrations for each of several prefixes.

use super::{A, B, migrator, set};
use peristyle::migrate::runner::Action;
use peristyle::migrate::{MigrateError, Migrator, Target, migration};
use peristyle::prelude::*;
use peristyle_tests::{Store, on_postgres_database, on_sqlite};

migration!(1, Categories, |m| {
    m.create_table("categories", |t| {
        t.id();
    });
    m.create_table("products", |t| {
        t.id();
        t.references("categories").column("category_id").not_null();
    });
});

async fn schemas_with(store: &Store, table: &'static str) -> String {
    let sql = "select table_schema::text from information_schema.tables where table_name = {} order by 1";
    store.repo.sql::<String>(sql).bind(table).await.unwrap().join(" ")
}

on_postgres_database! {
    async fn migration_019_prefix(store: Store) {
        store.repo.script("create schema t1").await.unwrap();
        let migrator = Migrator::new(&store.repo, set(&[]).with(Categories)).prefix("t1");
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [1]);
        for table in ["categories", "products", "schema_migrations"] {
            assert_eq!(schemas_with(&store, table).await, "t1", "{table}");
        }
        store.repo.script("insert into t1.categories default values").await.unwrap();
        store.repo.script("insert into t1.products (category_id) values (1)").await.unwrap();
        assert!(store.repo.script("insert into t1.products (category_id) values (2)").await.unwrap_err().is_foreign_key_violation());
        assert_eq!(migrator.down(Target::All).await.unwrap().versions(), [1]);
        assert_eq!(schemas_with(&store, "categories").await, "");
    }

    async fn files_run_for_each_prefix_with_a_table_of_versions_of_its_own(store: Store) {
        store.repo.script("create schema t1; create schema t2").await.unwrap();
        migrator(&store, &[A]).prefix("t1").up(Target::All).await.unwrap();
        let index = ("30_i.sql", "-- migrate:up no-transaction\nCREATE INDEX CONCURRENTLY i ON b (id);\n");
        let results = migrator(&store, &[A, B, index]).for_each_prefix(["t1", "t2", "t3"], Action::Up(Target::All)).await;
        let ran: Vec<_> = results.iter().filter_map(|(_, result)| result.as_ref().ok()).map(|report| report.versions()).collect();
        assert_eq!(ran, [vec![20, 30], vec![10, 20, 30]]);
        let error = results[2].1.as_ref().unwrap_err();
        assert!(error.to_string().contains("\"t3\" does not exist: create it"), "{error}");
        assert_eq!(schemas_with(&store, "b").await, "t1 t2");
        assert_eq!(schemas_with(&store, "schema_migrations").await, "t1 t2");
    }

    async fn shared_schemas_are_looked_up_after_the_prefix(store: Store) {
        store.repo.script("create schema t1; create table countries (id integer primary key)").await.unwrap();
        let text = "-- migrate:up\nCREATE TABLE a (country_id integer REFERENCES countries (id));\n";
        let error = migrator(&store, &[("1_a.sql", text)]).prefix("t1").up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("\"countries\" does not exist"), "{error}");
        migrator(&store, &[("1_a.sql", text)]).prefix("t1").shared_schemas(["public"]).up(Target::All).await.unwrap();
        assert_eq!(schemas_with(&store, "a").await, "t1");
    }

    async fn an_operation_with_another_prefix_is_refused(store: Store) {
        migration!(2, Elsewhere, |m| {
            m.create_table("t2.notes", |t| {
                t.id();
            });
        });
        store.repo.script("create schema t1; create schema t2").await.unwrap();
        let migrator = Migrator::new(&store.repo, set(&[]).with(Categories).with(Elsewhere)).prefix("t1");
        let error = migrator.up(Target::All).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Refused { .. }));
        assert!(error.to_string().contains("names t2.notes: leave the prefix out there"), "{error}");
        assert_eq!(schemas_with(&store, "categories").await, "");
    }
}

on_sqlite! {
    async fn rust_migrations_run_in_an_attached_database(store: Store) {
        let attached = store.file().with_file_name("tenant.db");
        let repo = Sqlite::options(store.url()).attach("t1", &attached).connect().await.unwrap();
        let migrator = Migrator::new(&repo, set(&[]).with(Categories)).prefix("t1");
        assert_eq!(migrator.up(Target::All).await.unwrap().versions(), [1]);
        repo.script("insert into t1.categories default values; insert into t1.products (category_id) values (1)").await.unwrap();
        assert_eq!(repo.sql::<i64>("select version from t1.schema_migrations").await.unwrap(), [1]);
        let error = Migrator::new(&repo, set(&[A]).with(Categories)).prefix("t1").up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("write it in Rust"), "{error}");
    }
}

migration!(3, Shop, |m| {
    m.create_table("shelves", |t| {
        t.id();
    });
    m.create_table("goods", |t| {
        t.id();
        t.references("shelves").column("shelf_id").not_null().on_delete(Cascade).index();
        t.text("name");
    });
    m.execute("CREATE TRIGGER t1.goods_gone AFTER DELETE ON goods BEGIN UPDATE shelves SET id = 99 WHERE 0; END")
        .down_nothing();
});

migration!(4, DropShelves, |m| {
    m.drop_table("shelves");
});

migration!(5, NameGoods, |m| {
    m.alter_table("goods", |t| {
        t.modify("name", |c| c.not_null().default("x"));
    });
});

migration!(6, LoseShelves, |m| {
    m.alter_table("goods", |t| {
        t.modify("name", |c| c.nullable());
    });
    m.execute("DELETE FROM t1.shelves");
});

on_sqlite! {
    async fn tables_of_an_attached_database_are_changed_as_those_of_the_main_one(store: Store) {
        let attached = store.file().with_file_name("tenant.db");
        let repo = Sqlite::options(store.url()).attach("t1", &attached).connect().await.unwrap();
        repo.script("create table goods (id integer, other text)").await.unwrap();
        let set = || set(&[]).with(Shop);
        Migrator::new(&repo, set()).prefix("t1").up(Target::All).await.unwrap();
        repo.script("insert into t1.shelves default values; insert into t1.goods (shelf_id, name) values (1, 'tea')").await.unwrap();

        let error = Migrator::new(&repo, set().with(DropShelves)).prefix("t1").up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("table t1.goods points at t1.shelves"), "{error}");
        Migrator::new(&repo, set().with(NameGoods)).prefix("t1").up(Target::All).await.unwrap();
        let error = Migrator::new(&repo, set().with(NameGoods).with(LoseShelves)).prefix("t1").up(Target::All).await.unwrap_err();
        assert!(error.to_string().contains("row 1 of \"goods\" points at no row of \"shelves\""), "{error}");

        assert_eq!(repo.sql::<(i64, String)>("select shelf_id, name from t1.goods").await.unwrap(), [(1, "tea".to_owned())]);
        let objects = "select type || ' ' || name from t1.sqlite_schema where tbl_name = 'goods' order by 1";
        assert_eq!(
            repo.sql::<String>(objects).await.unwrap(),
            ["index goods_shelf_id_index", "table goods", "trigger goods_gone"]
        );
        assert_eq!(repo.sql::<String>("select sql from main.sqlite_schema").await.unwrap(), ["CREATE TABLE goods (id integer, other text)"]);
    }
}

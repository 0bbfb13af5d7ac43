//! A dump, loaded again, is the same database.

use crate::introspect::{self as read_back, postgres, sqlite};
use peristyle::prelude::*;
use peristyle_migrate::catalog::{Catalog, compare};
use peristyle_migrate::dump::{self, DumpError, DumpOptions};
use peristyle_migrate::introspect::{self, Options, Schemas};
use peristyle_migrate::{Migrations, Migrator, Target, run};
use peristyle_tests::{Kind, Store, on_postgres, on_postgres_database, on_sql_stores, on_sqlite};
use std::path::PathBuf;

async fn dumped(store: &Store) -> String {
    // The schema of a test is one of many in its database.
    let prefixes = match store.is_postgres() {
        true => store.repo.sql::<String>("select current_schema()::text").await.ok(),
        false => None,
    };
    dump::dump(&store.repo, &DumpOptions { prefixes, ..DumpOptions::default() }).await.unwrap()
}

/// Dumps the store, loads it into another one, and checks that both are the same and dump the same.
async fn assert_round_trip(store: &Store) -> String {
    let script = dumped(store).await;
    let copy = Store::new(store.pick(Kind::Sqlite, Kind::Postgres)).await;
    dump::load(&copy.repo, &script).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
    let differences = compare(&read_back::read(store).await, &read_back::read(&copy).await);
    assert_eq!(differences, [], "{script}");
    assert_eq!(dumped(&copy).await, script);
    script
}

/// A script of Chinook, if `CHINOOK` names its folder.
pub fn chinook(file: &str) -> Option<String> {
    let folder = PathBuf::from(std::env::var_os("CHINOOK")?);
    Some(std::fs::read_to_string(folder.join(file)).expect("CHINOOK names the folder of Chinook's scripts"))
}

/// The part of a script before its rows.
pub fn without_rows(script: &str) -> &str {
    script.find("INSERT INTO").map_or(script, |start| &script[..start])
}

const VERSIONS: &str = "
    create table {table} (version bigint primary key, inserted_at timestamp not null);
    insert into {table} values (20260101000001, '2026-01-01'), (20260101000002, '2026-01-02');";

fn versions(table: &str) -> String {
    VERSIONS.replace("{table}", table)
}

on_postgres! {
    async fn a_dump_of_postgres_loads_as_the_same(store: Store) {
        store.repo.script(postgres::SCHEMA).await.unwrap();
        let script = assert_round_trip(&store).await;
        assert!(script.contains("CREATE TABLE \"animals\" (\n  \"name\" text\n);\n"), "{script}");
    }

    async fn foreign_keys_in_a_circle_come_after_their_tables(store: Store) {
        store.repo.script("
            create table b (id int primary key, a_id int);
            create table a (id int primary key, b_id int references b, self_id int references a);
            alter table b add foreign key (a_id) references a on delete cascade deferrable;
            alter table b add constraint loose foreign key (a_id) references a not valid;
        ").await.unwrap();
        let script = assert_round_trip(&store).await;
        assert_eq!(script.matches("ALTER TABLE").count(), 2, "{script}");
    }

    async fn what_needs_another_comes_after_it(store: Store) {
        store.repo.script(r#"
            create table "Z" (id int primary key, label text);
            create function labels() returns setof "Z" language sql as 'select * from "Z"';
            create function fallback() returns text language sql immutable as $$ select 'x' $$;
            create table a (label text default fallback(), z int references "Z", check (label <> fallback()));
            create view z_view as select label from a;
            create view a_view as select label from z_view union select label from labels();
            create materialized view b_view as select * from a_view;
            create index b_view_label on b_view (fallback(), label);
            create function counted() returns bigint language sql begin atomic select count(*) from b_view; end;
        "#).await.unwrap();
        assert_round_trip(&store).await;
    }

    async fn an_object_that_cannot_be_written_fails_the_dump_unless_it_is_partial(store: Store) {
        store.repo.script("create domain price as numeric; create table t (a int)").await.unwrap();
        let schema = store.repo.sql::<String>("select current_schema()::text").await.unwrap();
        let options = DumpOptions { prefixes: Some(schema), ..DumpOptions::default() };
        let error = dump::dump(&store.repo, &options).await.unwrap_err();
        assert!(matches!(error, DumpError::Unwritable(_)) && error.to_string().contains("domain \"price\""), "{error}");
        let script = dump::dump(&store.repo, &DumpOptions { partial: true, ..options }).await.unwrap();
        assert!(script.contains("-- domain \"price\"\n") && script.contains("CREATE TABLE \"t\""), "{script}");
    }

    async fn chinook_of_postgres_comes_through(store: Store) {
        if let Some(sql) = chinook("postgres.sql") {
            store.repo.script(without_rows(&sql)).await.unwrap();
            assert!(!read_back::read(&store).await.tables.is_empty());
            assert_round_trip(&store).await;
        }
    }
}

on_postgres_database! {
    async fn pg_storage_010_a_dump_has_all_schemas_and_the_versions_of_the_usual_one(store: Store) {
        store.repo.script(format!("create schema test_schema; {}{}", versions("schema_migrations"), versions("test_schema.schema_migrations"))).await.unwrap();
        let script = dump::dump(&store.repo, &DumpOptions::default()).await.unwrap();
        assert!(script.contains("CREATE TABLE \"test_schema\".\"schema_migrations\""), "{script}");
        assert!(script.contains("CREATE TABLE \"schema_migrations\""), "{script}");
        assert_eq!(script.matches("INSERT INTO \"schema_migrations\"").count(), 2, "{script}");
        assert_eq!(script.matches("INSERT INTO \"test_schema\"").count(), 0, "{script}");
    }

    async fn pg_storage_011_a_dump_of_two_schemas_has_the_versions_of_both(store: Store) {
        store.repo.script(format!("create schema test_schema; create schema apart; {}{}", versions("schema_migrations"), versions("test_schema.schema_migrations"))).await.unwrap();
        let prefixes = Some(vec!["public".to_owned(), "test_schema".to_owned()]);
        let script = dump::dump(&store.repo, &DumpOptions { prefixes, ..DumpOptions::default() }).await.unwrap();
        assert_eq!(script.matches("CREATE TABLE").count(), 2, "{script}");
        assert!(!script.contains("apart"), "{script}");
        let inserts: Vec<&str> = script.lines().filter(|line| line.starts_with("INSERT")).collect();
        assert_eq!(inserts, [
            r#"INSERT INTO "schema_migrations" ("version", "inserted_at") VALUES (20260101000001, CURRENT_TIMESTAMP);"#,
            r#"INSERT INTO "schema_migrations" ("version", "inserted_at") VALUES (20260101000002, CURRENT_TIMESTAMP);"#,
            r#"INSERT INTO "test_schema"."schema_migrations" ("version", "inserted_at") VALUES (20260101000001, CURRENT_TIMESTAMP);"#,
            r#"INSERT INTO "test_schema"."schema_migrations" ("version", "inserted_at") VALUES (20260101000002, CURRENT_TIMESTAMP);"#,
        ]);
    }

    async fn pg_storage_012_a_dump_of_one_schema_has_its_structure_and_versions_alone(store: Store) {
        store.repo.script(format!("create schema test_schema; {}{}", versions("schema_migrations"), versions("test_schema.schema_migrations"))).await.unwrap();
        let prefixes = Some(vec!["test_schema".to_owned()]);
        let script = dump::dump(&store.repo, &DumpOptions { prefixes, ..DumpOptions::default() }).await.unwrap();
        assert_eq!(script.matches("CREATE TABLE").count(), 1, "{script}");
        assert_eq!(script.matches("INSERT INTO \"test_schema\".\"schema_migrations\"").count(), 2, "{script}");
        assert_eq!(script.matches("INSERT INTO").count(), 2, "{script}");
    }

    async fn all_schemas_and_extensions_come_through(store: Store) {
        store.repo.script(r#"
            create extension citext;
            create schema blog;
            create type blog.state as enum ('new', 'old');
            create table users (email citext primary key);
            create table blog.posts (id bigserial primary key, email citext references users, state blog.state not null default 'new');
            comment on table blog.posts is 'Posts';
            create index posts_email_index on blog.posts (email);
            comment on index blog.posts_email_index is 'Index';
            create view blog.recent as select * from blog.posts;
            create function blog.touch() returns trigger language plpgsql as 'begin return new; end';
            create trigger touches before update on blog.posts for each row execute function blog.touch();
        "#).await.unwrap();
        let all = Options { schemas: Schemas::All, ..Options::default() };
        let script = dump::dump(&store.repo, &DumpOptions::default()).await.unwrap();
        let copy = Store::new(Kind::PostgresDatabase).await;
        dump::load(&copy.repo, &script).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
        let (before, after) = (introspect::read(&store.repo, &all).await.unwrap(), introspect::read(&copy.repo, &all).await.unwrap());
        assert_eq!(compare(&before, &after), [], "{script}");
        assert_eq!(after.tables.len(), 2);
    }
}

on_sqlite! {
    async fn a_dump_of_sqlite_loads_as_the_same(store: Store) {
        store.repo.script(sqlite::SCHEMA).await.unwrap();
        assert_round_trip(&store).await;
    }

    async fn virtual_tables_and_autoincrement_come_through(store: Store) {
        store.repo.script("
            create virtual table search using fts5(body);
            create table t (id integer primary key autoincrement, a unique on conflict replace -- note
            );
            insert into t (a) values (1);
            create view v (x) as select a from t;
            create trigger into_v instead of insert on v begin insert into t (a) values (new.x); end;
        ").await.unwrap();
        let script = assert_round_trip(&store).await;
        assert!(!script.contains("sqlite_sequence") && !script.contains("search_data"), "{script}");
    }

    async fn a_catalog_of_sqlite_is_written_without_a_database(store: Store) {
        store.repo.script(sqlite::SCHEMA).await.unwrap();
        let catalog: Catalog = read_back::read(&store).await;
        let script = dump::script(&catalog, Dialect::Sqlite, false).unwrap();
        let copy = Store::new(Kind::Sqlite).await;
        dump::load(&copy.repo, &script).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
        assert_eq!(compare(&catalog, &read_back::read(&copy).await), [], "{script}");
    }

    async fn chinook_of_sqlite_comes_through(store: Store) {
        if let Some(sql) = chinook("sqlite.sql") {
            store.repo.script(without_rows(&sql)).await.unwrap();
            assert!(!read_back::read(&store).await.tables.is_empty());
            assert_round_trip(&store).await;
        }
    }
}

on_sql_stores! {
    async fn versions_are_part_of_a_dump(store: Store) {
        store.repo.script(versions("schema_migrations")).await.unwrap();
        let script = assert_round_trip(&store).await;
        let copy = Store::new(store.pick(Kind::Sqlite, Kind::Postgres)).await;
        dump::load(&copy.repo, &script).await.unwrap();
        let versions = copy.repo.sql::<i64>("select version from schema_migrations order by version").await.unwrap();
        assert_eq!(versions, [20260101000001, 20260101000002]);
    }

    async fn a_loaded_dump_knows_its_migrations(store: Store) {
        let files = [
            ("migrations/10_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\n-- migrate:down\nDROP TABLE a;\n"),
            ("migrations/20_b.sql", "-- migrate:up\nCREATE TABLE b (it text DEFAULT 'it''s');\n-- migrate:down\nDROP TABLE b;\n"),
        ];
        run(&store.repo, Migrations::embedded(&files)).await.unwrap();
        let script = assert_round_trip(&store).await;
        let copy = Store::new(store.pick(Kind::Sqlite, Kind::Postgres)).await;
        dump::load(&copy.repo, &script).await.unwrap();
        assert_eq!(run(&copy.repo, Migrations::embedded(&files)).await.unwrap().ran, []);
        Migrator::new(&copy.repo, Migrations::embedded(&files)).down(Target::All).await.unwrap();
        let left: Vec<String> = read_back::read(&copy).await.tables.iter().map(|table| table.name.to_string()).collect();
        assert_eq!(left, ["schema_migrations"]);
    }

    async fn a_database_that_is_not_empty_is_not_loaded_into(store: Store) {
        store.create("create table notes ({id})").await;
        let error = dump::load(&store.repo, "create table t (a int)").await.unwrap_err();
        assert!(matches!(error, DumpError::NotEmpty(_)) && error.to_string().contains("table \"notes\""), "{error}");
    }

    async fn nothing_is_kept_of_a_script_that_fails(store: Store) {
        let error = dump::load(&store.repo, "create table t (a int); create table t (a int);").await.unwrap_err();
        assert!(matches!(error, DumpError::Database(_)), "{error}");
        assert_eq!(read_back::read(&store).await, Catalog::default());
    }
}

on_postgres! {
    async fn names_that_need_quotes_and_partitions_come_through(store: Store) {
        store.repo.script(r#"
            create type "order" as enum ('it''s', 'back\slash', '');
            create table "user" ("select" bigint generated always as identity (start with 1000 increment by 5) primary key,
                "a""b" "order" not null default 'it''s', "x'y" text[] default array['a,b', 'c"d', '{}'],
                json jsonb default '{"a": "it''s \\ {}"}', "sum" int generated always as (1 + 1) stored,
                constraint "c ""1" check ("a""b" <> 'back\slash'));
            comment on table "user" is 'it''s "a" \ comment
of two lines';
            comment on column "user"."a""b" is '-- {}; $$';
            create unique index "i ""1" on "user" (lower("x'y"[1]) text_pattern_ops desc nulls last) include (json)
                where "a""b" = 'it''s';
            create table days (day date not null, n bigserial, "Group" text, primary key (day, n)) partition by range (day);
            create index days_group on days ("Group");
            create table "days 2026" partition of days ("Group" default 'x') for values from ('2026-01-01') to ('2027-01-01')
                partition by list (n);
            create table "days 2026 a" partition of "days 2026" for values in (1, 2);
            create table days_else partition of days default;
            create index only_here on days_else (n) where n > 0;
            create table other (day date, n bigint, foreign key (day, n) references days match full on update cascade);
            create function "f ""x"(a text default ';--') returns text language sql as $f$ select $$ ';' $$ || a; $f$;
            create view "v ""1" as select "select", "a""b" as "from" from "user" where "x'y" is not null;
            create trigger "t ""1" before update of "a""b" on "user" for each row when (old."a""b" is distinct from new."a""b")
                execute function suppress_redundant_updates_trigger();
            insert into "user" default values; insert into days (day) values ('2026-05-05');
        "#).await.unwrap();
        assert_round_trip(&store).await;
    }
}

//! Postgres.

use super::{read, table};
use peristyle::prelude::*;
use peristyle_migrate::catalog::{
    Catalog, Column, ColumnType, Default, Direction, Generated, Identity, IndexPart, Match, ObjectName,
    ReferentialAction,
};
use peristyle_migrate::introspect::{self, Options, Schemas};
use peristyle_tests::{Store, on_postgres, on_postgres_database};

/// What a catalog has a form for.
pub const SCHEMA: &str = include_str!("schema.postgres.sql");

fn column<'a>(catalog: &'a Catalog, table_name: &str, name: &str) -> &'a Column {
    table(catalog, table_name).column(name).unwrap_or_else(|| panic!("no {table_name}.{name} in {catalog:?}"))
}

fn names<'a>(names: impl IntoIterator<Item = &'a ObjectName>) -> Vec<String> {
    names.into_iter().map(ToString::to_string).collect()
}

on_postgres! {
    async fn every_kind_of_object_is_read(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        let tables = names(catalog.tables.iter().map(|table| &table.name));
        assert_eq!(tables, ["animals", "dogs", "measures", "measures_2024", "measures_rest", "posts", "users"]);
        assert_eq!(catalog.enum_type(&"role".into()).unwrap().values, ["member", "it's", "admin"]);
        assert_eq!(names(catalog.functions.iter().map(|function| &function.name)), ["add", "forget", "touch"]);
        assert_eq!(catalog.functions[0].arguments, "a integer, b integer");
        assert!(catalog.functions[0].definition.starts_with("CREATE OR REPLACE FUNCTION add("), "{catalog:?}");
        assert_eq!(names(catalog.views.iter().map(|view| &view.name)), ["adults", "totals"]);
        assert!(catalog.views[1].materialized && catalog.views[1].indexes[0].unique);
        assert!(catalog.views[0].query.ends_with("WHERE users.age >= 18"), "{}", catalog.views[0].query);
        assert_eq!(catalog.others, Vec::<String>::new());
        assert_eq!(catalog.schemas, Vec::<String>::new());
        let json = serde_json::to_string(&catalog).unwrap();
        assert_eq!(serde_json::from_str::<Catalog>(&json).unwrap(), catalog);
    }

    async fn columns_have_types_defaults_and_what_computes_them(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        for (name, column_type, default) in [
            ("id", "bigserial", None),
            ("role", "role", Some(Default::Text("member".into()))),
            ("roles", "role[]", Some(Default::List(vec![]))),
            ("balance", "numeric(10,2)", Some(Default::Number("1.50".into()))),
            ("settings", "jsonb", Some(Default::Json(serde_json::json!({"a": [true], "b": 1})))),
            ("active", "boolean", Some(Default::Bool(true))),
            ("name", "character varying(160)", Some(Default::Text("it's".into()))),
            ("tags", "text[]", Some(Default::List(vec![Default::Text("a".into()), Default::Text("b".into())]))),
            ("born", "date", Some(Default::Sql("CURRENT_DATE".into()))),
            ("inserted_at", "timestamp(3) with time zone", Some(Default::Sql("now()".into()))),
            ("updated_at", "timestamp with time zone", None),
        ] {
            let column = column(&catalog, "users", name);
            assert_eq!((&column.column_type, &column.default), (&ColumnType::Sql(column_type.into()), &default), "{name}");
        }
        let email = column(&catalog, "users", "email");
        assert_eq!((email.collation.as_deref(), email.nullable), (Some("C"), false));
        assert_eq!(email.comment.as_deref(), Some("Where they are written to"));
        let shout = &column(&catalog, "users", "shout").generated;
        assert_eq!(*shout, Some(Generated { expression: "upper(email)".into(), stored: true }));
        let number = &column(&catalog, "posts", "number").identity;
        assert_eq!(*number, Some(Identity { always: true, start: Some(100), increment: Some(5) }));
        assert_eq!(column(&catalog, "posts", "part").identity, Some(Identity::default()));
        assert_eq!(table(&catalog, "users").comment.as_deref(), Some("People"));
    }

    async fn constraints_are_read_with_all_that_they_say(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        let (users, posts) = (table(&catalog, "users"), table(&catalog, "posts"));
        assert_eq!(users.primary_key.as_ref().unwrap().name, None);
        assert_eq!(posts.primary_key.as_ref().unwrap().name.as_deref(), Some("posts_key"));
        assert_eq!(posts.primary_key.as_ref().unwrap().columns, ["number", "part"]);
        assert_eq!(users.uniques[0].comment.as_deref(), Some("Once"));
        assert!(users.uniques[0].nulls_not_distinct && users.uniques[1].initially_deferred);
        assert_eq!(users.checks[0].condition, "age > 0");
        assert!(posts.checks[0].not_valid && !users.checks[0].not_valid);
        assert_eq!(posts.exclusions[0].definition, "USING gist (during WITH &&) WHERE (title <> ''::text)");
        assert_eq!(users.foreign_keys[0].on_delete, ReferentialAction::SetNull);
        assert_eq!(users.foreign_keys[0].references, ["id"]);
        let author = &posts.foreign_keys[0];
        assert_eq!((author.name.as_str(), author.table.to_string().as_str()), ("posts_author_id_fkey", "users"));
        assert_eq!((&author.on_delete, &author.on_update), (&ReferentialAction::Cascade, &ReferentialAction::Restrict));
        assert_eq!(author.matching, Match::Full);
        assert!(author.deferrable && author.initially_deferred);
        assert_eq!(posts.foreign_keys[1].on_delete, ReferentialAction::SetDefault);
    }

    async fn indexes_are_read_by_their_parts(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        let [author, during, title] = &table(&catalog, "posts").indexes[..] else { panic!("{catalog:?}") };
        assert_eq!(author.columns[0].part, IndexPart::Column("author_id".into()));
        assert_eq!(author.columns[0].direction, Some(Direction::DescNullsLast));
        assert_eq!(author.columns[1].collation.as_deref(), Some("C"));
        assert_eq!(author.columns[1].operator_class.as_deref(), Some("text_pattern_ops"));
        assert_eq!((&author.include[..], author.filter.as_deref()), (&["during".to_owned()][..], Some("title <> 'x'::text")));
        assert_eq!((during.using.as_deref(), during.comment.as_deref()), (Some("gist"), Some("When")));
        assert_eq!(title.columns[0].part, IndexPart::Expression("lower(title)".into()));
        assert_eq!(title.columns[1].part, IndexPart::Expression("part + 1".into()));
        assert_eq!((title.unique, title.nulls_distinct, title.options.as_deref()), (true, Some(false), Some("fillfactor=50")));
        assert_eq!(table(&catalog, "users").indexes, []);
        let trigger = &table(&catalog, "users").triggers[0].definition;
        assert!(trigger.starts_with("CREATE TRIGGER touches BEFORE UPDATE ON users"), "{trigger}");
    }

    async fn partitions_and_children_name_their_parents(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        assert_eq!(table(&catalog, "measures").options.as_deref(), Some("PARTITION BY RANGE (day)"));
        let part = table(&catalog, "measures_2024");
        let partition_of = part.partition_of.as_ref().unwrap();
        assert_eq!(partition_of.table, "measures".into());
        assert_eq!(partition_of.bound, "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')");
        assert_eq!((part.columns.len(), part.indexes.len(), &part.primary_key), (3, 0, &None));
        let dogs = table(&catalog, "dogs");
        assert_eq!(dogs.options.as_deref(), Some(r#"INHERITS ("animals")"#));
        assert_eq!(dogs.columns.len(), 1);
        assert_eq!(table(&catalog, "posts").modifiers.as_deref(), Some("UNLOGGED"));
        assert_eq!(table(&catalog, "users").options.as_deref(), Some("WITH (fillfactor=70, autovacuum_enabled=false)"));
    }

    async fn what_has_no_form_is_named(store: Store) {
        store.repo.script(r#"
            create domain price as numeric check (value > 0);
            create type point3 as (x int, y int, z int);
            create type span as range (subtype = float8);
            create sequence "Counter";
            create aggregate total (integer) (sfunc = int4pl, stype = integer);
            create table numbered (a int generated always as identity (cycle maxvalue 9));
            create table t (a int, b text, c price, check (a > 0) no inherit);
            alter table t add constraint wide unique (a) include (b);
            alter table t enable row level security;
            create policy own on t using (true);
            create rule quiet as on delete to t do instead nothing;
            create statistics spread on a, b from t;
            create view v with (security_barrier) as select a from t;
            comment on view v is 'A view';
            create function f() returns trigger language plpgsql as 'begin return new; end';
            create trigger into_v instead of insert on v for each row execute function f();
            create trigger off after insert on t for each row execute function f();
            alter table t disable trigger off;
            alter table t alter column b set storage external;
        "#).await.unwrap();
        let others = read(&store).await.others;
        assert_eq!(others, [
            r#"aggregate "total"(integer)"#,
            r#"comment on the view "v""#,
            r#"composite type "point3""#,
            r#"constraint "t_a_check" on t: CHECK (a > 0) NO INHERIT"#,
            r#"constraint "wide" on t: UNIQUE (a) INCLUDE (b)"#,
            r#"domain "price""#,
            r#"options of the identity of the table "numbered".a"#,
            r#"options of the view "v""#,
            r#"policy "own" on t"#,
            r#"range type "span""#,
            r#"row level security of "t""#,
            r#"rule "quiet" on t"#,
            r#"sequence "Counter""#,
            r#"state of the trigger "off" on t"#,
            r#"statistics "spread""#,
            r#"storage of the column "t".b"#,
            r#"trigger "into_v" on the view v"#,
        ]);
    }

    async fn a_table_that_is_ignored_leaves_no_trace(store: Store) {
        store.repo.script("create table schema_migrations (version bigserial primary key, x text unique check (x <> ''))").await.unwrap();
        let catalog = introspect::read(&store.repo, &Options::ignoring(["schema_migrations"])).await.unwrap();
        assert_eq!(catalog, Catalog::default());
    }

    async fn reading_inside_a_transaction_keeps_its_search_path(store: Store) {
        store.repo.transaction(async |repo: Repo| {
            let path = "select current_setting('search_path')";
            let schema = repo.sql::<String>(path).one().await?.unwrap();
            repo.script(format!("set local search_path = {schema}, information_schema")).await?;
            introspect::read(&repo, &Options::default()).await?;
            assert_eq!(repo.sql::<String>(path).await?, [format!("{schema}, information_schema")]);
            Ok(())
        }).await.unwrap();
    }

    async fn a_search_path_without_a_schema_is_an_error_that_says_so(store: Store) {
        let outcome = store.repo.checkout(async |repo: Repo| {
            repo.script("set search_path = nowhere").await?;
            introspect::read(&repo, &Options::default()).await
        }).await;
        assert!(outcome.unwrap_err().to_string().contains("search_path"));
        let options = Options { schemas: Schemas::Named(vec!["nowhere".into()]), ..Options::default() };
        assert!(introspect::read(&store.repo, &options).await.unwrap_err().to_string().contains("nowhere"));
    }
}

on_postgres_database! {
    async fn names_of_other_schemas_have_a_prefix(store: Store) {
        store.repo.script(r#"
            create schema "Blog";
            create type "Blog".state as enum ('new');
            create table users (id bigserial primary key);
            create table "Blog".posts (id bigserial primary key, user_id bigint references users, state "Blog".state default 'new');
            create schema apart;
            create table apart.notes (id bigserial primary key);
        "#).await.unwrap();
        let all = introspect::read(&store.repo, &Options { schemas: Schemas::All, ..Options::default() }).await.unwrap();
        assert_eq!(all.schemas, ["Blog", "apart"]);
        assert_eq!(names(all.tables.iter().map(|table| &table.name)), ["users", "Blog.posts", "apart.notes"]);
        let posts = all.table(&"Blog.posts".into()).unwrap();
        assert_eq!(posts.foreign_keys[0].table, "users".into());
        assert_eq!(posts.column("id").unwrap().column_type, ColumnType::Sql("bigserial".into()));
        assert_eq!(posts.column("state").unwrap().column_type, ColumnType::Sql(r#""Blog".state"#.into()));
        assert_eq!(posts.column("state").unwrap().default, Some(Default::Text("new".into())));
        let named = Options { schemas: Schemas::Named(vec!["apart".into()]), ..Options::default() };
        let named = introspect::read(&store.repo, &named).await.unwrap();
        assert_eq!(names(named.tables.iter().map(|table| &table.name)), ["apart.notes"]);
        assert_eq!(read(&store).await.tables.len(), 1);
    }

    async fn what_extensions_own_is_left_out(store: Store) {
        store.repo.script("create extension citext; create table users (email citext primary key)").await.unwrap();
        let catalog = introspect::read(&store.repo, &Options { schemas: Schemas::All, ..Options::default() }).await.unwrap();
        assert_eq!(catalog.extensions.len(), 1);
        assert_eq!((catalog.extensions[0].name.as_str(), &catalog.extensions[0].schema), ("citext", &None));
        assert_eq!((catalog.functions.len(), catalog.others.len()), (0, 0));
        assert_eq!(column(&catalog, "users", "email").column_type, ColumnType::Sql("citext".into()));
    }

    async fn a_user_without_rights_reads_all(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let all = read(&store).await;
        let reader = format!("reader_{}", std::process::id());
        store.repo.script(format!("create role {reader} login")).await.unwrap();
        let seen = store.repo.checkout(async |repo: Repo| {
            repo.script(format!("set role {reader}")).await?;
            let seen = introspect::read(&repo, &Options::default()).await;
            repo.script(format!("reset role; drop role {reader}")).await?;
            seen
        }).await.unwrap();
        assert_eq!(seen, all);
    }
}

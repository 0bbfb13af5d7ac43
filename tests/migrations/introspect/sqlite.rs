//! SQLite.

use super::{read, table};
use peristyle::prelude::*;
use peristyle_migrate::catalog::{Catalog, Column, ColumnType, Default, IndexPart, ReferentialAction};
use peristyle_migrate::introspect::{self, Options};
use peristyle_tests::{Store, on_sqlite};

/// What a catalog has a form for.
pub const SCHEMA: &str = include_str!("schema.sqlite.sql");

on_sqlite! {
    async fn every_kind_of_object_is_read_from_sqlite(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        let tables: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
        assert_eq!(tables, ["Mixed Case", "posts", "tags", "users"]);
        assert_eq!(catalog.others, Vec::<String>::new());
        let users = table(&catalog, "users");
        assert_eq!(users.uniques[1].name.as_deref(), Some("one_email"));
        assert_eq!(users.checks[1].condition, "age > 0");
        assert_eq!(users.triggers[0].name, "touches");
        assert_eq!(users.column("id").unwrap().identity, Some(std::default::Default::default()));
        assert_eq!(users.column("settings").unwrap().default, Some(Default::Text("{}".into())));
        let key = &table(&catalog, "posts").foreign_keys[0];
        assert_eq!((key.name.as_str(), &key.references[..]), ("posts_author_id_fkey", &["id".to_owned()][..]));
        assert_eq!(key.on_delete, ReferentialAction::Cascade);
        let index = &table(&catalog, "posts").indexes[0];
        assert_eq!(index.columns[1].part, IndexPart::Expression("lower(title)".into()));
        assert_eq!(index.filter.as_deref(), Some("title <> 'x)'"));
        assert_eq!(table(&catalog, "tags").options.as_deref(), Some("STRICT, WITHOUT ROWID"));
        assert_eq!(catalog.views[0].query, "select id, email from users where age >= 18");
    }

    /// The parser and SQLite itself agree on columns, keys and references.
    async fn pragmas_say_the_same(store: Store) {
        store.repo.script(SCHEMA).await.unwrap();
        let catalog = read(&store).await;
        for table in &catalog.tables {
            let columns = store.repo.sql::<(String, String, bool, i64)>(
                "select name, type, \"notnull\", pk from pragma_table_xinfo({}) order by cid",
            ).bind((table.name.name.clone(),)).await.unwrap();
            let spelt = |column: &Column| match &column.column_type {
                ColumnType::Sql(sql) => (column.name.clone(), sql.replace(' ', "")),
                other => panic!("{other:?}"),
            };
            let expected: Vec<_> = columns.iter().map(|(name, sql, _, _)| {
                (name.clone(), sql.replace(' ', ""))
            }).collect();
            assert_eq!(table.columns.iter().map(spelt).collect::<Vec<_>>(), expected);
            let mut key: Vec<_> = columns.iter().filter(|(_, _, _, place)| *place > 0).collect();
            key.sort_by_key(|(_, _, _, place)| *place);
            let key: Vec<&str> = key.iter().map(|(name, _, _, _)| name.as_str()).collect();
            assert_eq!(table.primary_key.as_ref().map_or(&[][..], |key| &key.columns), key);
            for (name, _, not_null, place) in &columns {
                assert!(*place > 0 || table.column(name).unwrap().nullable != *not_null, "{name}");
            }
            let references = store.repo.sql::<(String, String)>(
                "select \"from\", \"table\" from pragma_foreign_key_list({}) order by id desc, seq",
            ).bind((table.name.name.clone(),)).await.unwrap();
            let mut own: Vec<(String, String)> = table.foreign_keys.iter()
                .flat_map(|key| key.columns.iter().map(|column| (column.clone(), key.table.name.clone())))
                .collect();
            let mut references: Vec<_> = references.into_iter().map(|(from, to)| (from.to_lowercase(), to.to_lowercase())).collect();
            own.iter_mut().for_each(|(from, to)| (*from, *to) = (from.to_lowercase(), to.to_lowercase()));
            own.sort();
            references.sort();
            assert_eq!(own, references);
        }
    }

    async fn what_alter_table_did_is_read(store: Store) {
        store.repo.script("
            create table a (id integer primary key, x int references a);
            alter table a add column \"new one\" text not null default 'n' collate nocase check (\"new one\" <> '');
            alter table a rename column x to y;
            alter table a rename to b;
            create index i on b (y);
            create table c as select 1 as one, 'two' as two;
        ").await.unwrap();
        let catalog = read(&store).await;
        let b = table(&catalog, "b");
        assert_eq!(b.column("new one").unwrap().default, Some(Default::Text("n".into())));
        assert_eq!(b.column("new one").unwrap().collation.as_deref(), Some("nocase"));
        assert_eq!((b.foreign_keys[0].columns[0].as_str(), b.foreign_keys[0].table.name.as_str()), ("y", "b"));
        assert_eq!(b.indexes[0].columns[0].part, IndexPart::Column("y".into()));
        assert_eq!(table(&catalog, "c").columns.len(), 2);
    }

    async fn virtual_tables_are_named_without_their_shadows(store: Store) {
        store.repo.script("create virtual table search using fts5(body); create table t (a primary key on conflict replace)").await.unwrap();
        let catalog = read(&store).await;
        assert_eq!(catalog.others, [r#"ON CONFLICT of the table "t""#, r#"virtual table "search""#]);
        assert_eq!(catalog.tables.len(), 1);
    }

    async fn an_ignored_table_goes_with_its_indexes(store: Store) {
        store.repo.script("create table schema_migrations (version integer primary key, x); create index i on schema_migrations (x)").await.unwrap();
        let catalog = introspect::read(&store.repo, &Options::ignoring(["schema_migrations"])).await.unwrap();
        assert_eq!(catalog, Catalog::default());
    }

    async fn a_transaction_sees_its_own_tables(store: Store) {
        let seen = store.repo.transaction(async |repo: Repo| {
            repo.script("create table t (a)").await?;
            introspect::read(&repo, &Options::default()).await
        }).await.unwrap();
        assert_eq!(seen.tables.len(), 1);
    }
}

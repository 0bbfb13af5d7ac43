//! Tables, keys and indexes that are made and dropped.

use super::{catalog, change, down, table, up};
use peristyle::migrate::catalog::Default;
use peristyle::migration;
use peristyle_tests::{Store, on_postgres_database, on_sql_stores, on_sqlite};

migration!(1, CreateAndDrop, up: |m| {
    m.create_table("posts", |t| {
        t.integer("value");
    });
    m.create_index("posts", ["value"]).unique();
}, down: |m| {
    m.drop_index("posts", "posts_value_index");
    m.drop_table("posts");
});

migration!(2, InferredIndex, |m| {
    m.create_index("posts", ["title"]);
});

migration!(3, OnDelete, |m| {
    m.create_table("parent1", |t| {
        t.id();
    });
    m.create_table("parent2", |t| {
        t.id();
    });
    m.create_table("ref_migration", |t| {
        t.references("parent1").column("parent1").on_delete(SetNull);
    });
    m.alter_table("ref_migration", |t| {
        t.references("parent2").column("parent2").on_delete(Cascade);
    });
});

migration!(4, CompositeKeys, |m| {
    m.create_table("composite_parent", |t| {
        t.integer("key_id").not_null();
        t.id();
        t.unique(["id", "key_id"]);
    });
    m.create_table("composite_child", |t| {
        t.integer("parent_key_id").not_null();
        t.references("composite_parent").column("parent_id").with("parent_key_id", "key_id");
    });
});

migration!(5, RenameIndex, |m| {
    m.create_table("composite", |t| {
        t.integer("a");
    });
    m.create_index("composite", ["a"]).unique().name("old_index_name");
    m.rename_index("composite", "old_index_name", "new_index_name");
});

on_sql_stores! {
    async fn migration_001_create_and_drop_table_and_indexes(store: Store) {
        up(&store, &CreateAndDrop).await;
        let indexes = table(&store, "posts").await.indexes;
        assert!(indexes[0].unique && indexes[0].name == "posts_value_index");
        down(&store, &CreateAndDrop).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn migration_002_correctly_infers_how_to_drop_index(store: Store) {
        change(&store, |m| m.create_table("posts", |t| {
            t.text("title");
        })).await;
        up(&store, &InferredIndex).await;
        assert_eq!(table(&store, "posts").await.indexes[0].name, "posts_title_index");
        down(&store, &InferredIndex).await;
        assert_eq!(table(&store, "posts").await.indexes, []);
    }

    async fn migration_003_supports_on_delete(store: Store) {
        up(&store, &OnDelete).await;
        let rows = async || store.repo.sql::<(Option<i64>, Option<i64>)>("select parent1, parent2 from ref_migration").await.unwrap();
        store.repo.script("insert into parent1 (id) values (1); insert into parent2 (id) values (2); \
            insert into ref_migration values (1, 2); delete from parent1").await.unwrap();
        assert_eq!(rows().await, [(None, Some(2))]);
        store.repo.script("delete from parent2").await.unwrap();
        assert_eq!(rows().await, []);
        down(&store, &OnDelete).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn migration_004_composite_foreign_keys(store: Store) {
        up(&store, &CompositeKeys).await;
        store.repo.script("insert into composite_parent (id, key_id) values (1, 2)").await.unwrap();
        let wrong = store.repo.script("insert into composite_child (parent_id, parent_key_id) values (1, 3)").await;
        assert!(wrong.unwrap_err().to_string().to_lowercase().contains("foreign key"));
        store.repo.script("insert into composite_child (parent_id, parent_key_id) values (1, 2)").await.unwrap();
        down(&store, &CompositeKeys).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn migration_005_rename_index(store: Store) {
        up(&store, &RenameIndex).await;
        let index = table(&store, "composite").await.indexes.remove(0);
        assert!(index.unique && index.name == "new_index_name");
        down(&store, &RenameIndex).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn migration_008_create_index_if_not_exists_and_drop_index_if_exists_does_not_raise_on_failure(store: Store) {
        change(&store, |m| {
            m.create_table("posts", |t| {
                t.text("title");
            });
            m.create_index("posts", ["title"]).if_not_exists();
            m.create_index("posts", ["title"]).if_not_exists();
            m.drop_index("posts", "posts_title_index").if_exists();
            m.drop_index("posts", "posts_title_index").if_exists();
        }).await;
        assert_eq!(table(&store, "posts").await.indexes, []);
    }

    async fn migration_018_rename_table(store: Store) {
        change(&store, |m| {
            m.create_table("posts_migration", |t| {
                t.id();
            });
            m.rename_table("posts_migration", "new_posts_migration");
        }).await;
        let names: Vec<String> = catalog(&store).await.tables.iter().map(|table| table.name.to_string()).collect();
        assert_eq!(names, ["new_posts_migration"]);
        change(&store, |m| {
            m.drop_table("new_posts_migration");
        }).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn the_database_numbers_the_rows_of_id(store: Store) {
        change(&store, |m| m.create_table("posts", |t| {
            t.id().start(100);
            t.boolean("live").default(true).not_null();
            t.json("data").default(serde_json::json!({"it's": 1}));
            t.array("tags", ColumnType::Text).default(["a", "b"]);
            t.timestamp("seen_at").default_sql("now()").not_null();
            t.text("slash").default("\\ and '");
        })).await;
        store.repo.script("insert into posts (live) values (true), (false)").await.unwrap();
        let rows = store.repo.sql::<(i64, bool, serde_json::Value, Vec<String>, String)>("select id, live, data, tags, slash from posts order by id").await.unwrap();
        let tags = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(rows[0], (100, true, serde_json::json!({"it's": 1}), tags, "\\ and '".to_owned()));
        assert_eq!((rows[1].0, rows[1].1), (101, false));
    }
}

use peristyle::migrate::catalog::ColumnType;

migration!(19, Prefixed, |m| {
    m.create_schema("blog");
    m.create_table("blog.first", |t| {
        t.id();
    });
    m.create_table("blog.second", |t| {
        t.references("first").column("first_id").index();
    });
});

on_postgres_database! {
    async fn migration_019_prefix(store: Store) {
        up(&store, &Prefixed).await;
        store.repo.script("insert into blog.first (id) values (1); insert into blog.second values (1)").await.unwrap();
        assert!(store.repo.script("insert into blog.second values (2)").await.is_err());
        down(&store, &Prefixed).await;
        let left = store.repo.sql::<i64>("select count(*) from pg_namespace where nspname = 'blog'").one().await.unwrap();
        assert_eq!(left, Some(0));
    }

    async fn migration_026_default_list_of_columns_on_delete_constraint(store: Store) {
        change(&store, |m| {
            m.create_table("parent", |t| {
                t.integer("id").primary_key();
                t.integer("col1").primary_key();
                t.integer("col2").primary_key();
            });
            m.create_table("child", |t| {
                t.references("parent").column("parent_id").of(ColumnType::Integer).default(1)
                    .with("col1", "col1").with("col2", "col2")
                    .on_delete(SetDefaultColumns(vec!["parent_id".into(), "col2".into()]));
                t.integer("col1").default(2);
                t.integer("col2").default(3);
            });
        }).await;
        use peristyle::migrate::dsl::prelude::SetDefaultColumns;
        store.repo.script("insert into parent values (1, 20, 3), (7, 20, 8); \
            insert into child values (7, 20, 8); delete from parent where id = 7").await.unwrap();
        let rows = store.repo.sql::<(i32, i32, i32)>("select parent_id, col1, col2 from child").await.unwrap();
        assert_eq!(rows, [(1, 20, 3)]);
    }
}

on_sqlite! {
    async fn a_prefix_is_the_name_of_an_attached_file(store: Store) {
        let file = store.file().with_file_name("blog.db");
        let repo = peristyle::Sqlite::options(store.url()).attach("blog", &file).connect().await.unwrap();
        for operation in {
            use peristyle::migrate::dsl::{RustMigration, Step};
            migration!(1, InFile, |m| {
                m.create_table("blog.first", |t| {
                    t.id().start(5);
                    t.text("name").index();
                });
                m.create_table("blog.second", |t| {
                    t.references("first").not_null();
                });
            });
            let steps = InFile.record().unwrap().up.into_iter();
            steps.filter_map(|step| match step { Step::Operation(operation) => Some(operation), Step::Data(_) => None })
        } {
            let empty = peristyle::migrate::catalog::Catalog::default();
            let rendered = peristyle::migrate::ddl::render(&operation, store.dialect, &empty).unwrap();
            for statement in rendered.statements {
                repo.script(&statement).await.unwrap();
            }
        }
        repo.script("insert into blog.first (name) values ('a'); insert into blog.second values (5)").await.unwrap();
        assert!(repo.script("insert into blog.second values (6)").await.is_err());
    }
}

on_sql_stores! {
    async fn texts_and_names_come_to_the_database_as_they_were_written(store: Store) {
        let text = "it's \"a\" \\ {} $$ -- ü\n;";
        change(&store, |m| m.create_table("we\"ird", |t| {
            t.id();
            t.text("a\"b").default(text).comment(text);
            t.text("select").not_null().default("\\");
            t.json("from").default(serde_json::json!({ "k'": text }));
            t.array("x'y", ColumnType::Text).default([text, "a,b", "NULL", ""]);
            t.comment(text);
            t.check("c \"1", "\"a\"\"b\" <> 'it''s'").comment(text);
            t.index(["a\"b"]).name("i \"1").comment(text);
        })).await;
        store.repo.script("insert into \"we\"\"ird\" default values").await.unwrap();
        let row = store.repo.sql::<(String, String, String)>("select \"a\"\"b\", \"select\", cast(\"from\" as text) from \"we\"\"ird\"");
        let (first, second, json) = row.one().await.unwrap().unwrap();
        assert_eq!((first.as_str(), second.as_str()), (text, "\\"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), serde_json::json!({ "k'": text }));
        let table = table(&store, "we\"ird").await;
        if store.is_postgres() {
            let lists = store.repo.sql::<Vec<String>>("select \"x'y\" from \"we\"\"ird\"").one().await.unwrap();
            assert_eq!(lists.unwrap(), [text, "a,b", "NULL", ""]);
            assert_eq!(table.comment.as_deref(), Some(text));
            assert_eq!(table.checks[0].comment.as_deref(), Some(text));
            assert_eq!(table.indexes[0].comment.as_deref(), Some(text));
        }
        assert_eq!(table.column("a\"b").unwrap().default, Some(Default::Text(text.to_owned())));
    }
}

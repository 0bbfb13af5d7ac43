//! Tables that are altered.

use super::{catalog, change, down, table, try_change, up};
use peristyle::migrate::dsl::prelude::*;
use peristyle::migration;
use peristyle_tests::{Store, on_postgres, on_sql_stores};

migration!(11, ModifyColumns, |m| {
    m.create_table("alter_col_migration", |t| {
        t.integer("from_null_to_not_null");
        t.integer("from_not_null_to_null").not_null();
        t.integer("from_default_to_no_default").default(0);
        t.integer("from_no_default_to_default");
    });
    m.alter_table("alter_col_migration", |t| {
        t.modify("from_null_to_not_null", |c| c.string(255).not_null()).from(|c| c.integer().nullable().using("1"));
        t.modify("from_not_null_to_null", |c| c.string(255).nullable()).from(|c| c.integer().not_null().using("1"));
        t.modify("from_default_to_no_default", |c| c.integer().no_default()).from(|c| c.integer().default(0));
        t.modify("from_no_default_to_default", |c| c.integer().default(0)).from(|c| c.integer().no_default());
    });
});

migration!(12, ModifyFrom, |m| {
    m.alter_table("modify_from_products", |t| {
        t.modify("value", |c| c.decimal(12, 2)).from(|c| c.integer());
        t.modify("nullable", |c| c.big_integer().nullable()).from(|c| c.integer().not_null());
    });
});

migration!(13, ModifyFromKeys, |m| {
    m.create_table("modify_from_authors", |t| {
        t.id();
    });
    m.create_table("modify_from_posts", |t| {
        t.references("modify_from_authors").column("author_id");
        t.integer("other_id");
    });
    m.alter_table("modify_from_posts", |t| {
        t.modify("author_id", |c| c.big_integer()).from(|c| c.references("modify_from_authors"));
        t.modify("other_id", |c| c.references("modify_from_authors")).from(|c| c.integer());
    });
});

migration!(20, AlterPrimaryKey, |m| {
    m.create_table("no_pk_migration", |t| {
        t.text("dummy");
    });
    m.alter_table("no_pk_migration", |t| {
        t.serial("id").primary_key();
    });
});

async fn ids(store: &Store, query: &'static str) -> Vec<i64> {
    store.repo.sql::<i64>(query).await.unwrap()
}

on_sql_stores! {
    async fn migration_010_add_column(store: Store) {
        change(&store, |m| {
            m.create_table("add_col_migration", |t| {
                t.big_integer("value");
            });
            m.alter_table("add_col_migration", |t| {
                t.big_integer("to_be_added");
            });
            m.execute("INSERT INTO add_col_migration (value, to_be_added) VALUES (1, 2)");
        }).await;
        assert_eq!(ids(&store, "select to_be_added from add_col_migration").await, [2]);
        change(&store, |m| {
            m.drop_table("add_col_migration");
        }).await;
    }

    async fn migration_011_modify_column(store: Store) {
        up(&store, &ModifyColumns).await;
        store.repo.script("insert into alter_col_migration (from_null_to_not_null) values ('foo')").await.unwrap();
        let rows = store.repo.sql::<(String, Option<String>, Option<i32>, Option<i32>)>("select * from alter_col_migration").await.unwrap();
        assert_eq!(rows, [("foo".to_owned(), None, None, Some(0))]);
        let null = store.repo.script("insert into alter_col_migration (from_not_null_to_null) values ('x')").await;
        assert!(null.unwrap_err().to_string().to_lowercase().contains("null"));
        down(&store, &ModifyColumns).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn migration_012_modify_column_with_from(store: Store) {
        change(&store, |m| {
            m.create_table("modify_from_products", |t| {
                t.integer("value");
                t.integer("nullable").not_null();
            });
            m.execute("INSERT INTO modify_from_products (value, nullable) VALUES (1, 2)");
        }).await;
        let before = table(&store, "modify_from_products").await;
        up(&store, &ModifyFrom).await;
        assert!(table(&store, "modify_from_products").await.column("nullable").unwrap().nullable);
        assert_ne!(table(&store, "modify_from_products").await.columns[0].column_type, before.columns[0].column_type);
        down(&store, &ModifyFrom).await;
        assert_eq!(table(&store, "modify_from_products").await, before);
        let rows = store.repo.sql::<(i32, i32)>("select value, nullable from modify_from_products").await.unwrap();
        assert_eq!(rows, [(1, 2)]);
    }

    async fn migration_013_modify_column_with_from_and_pkey(store: Store) {
        up(&store, &ModifyFromKeys).await;
        let keys = table(&store, "modify_from_posts").await.foreign_keys;
        assert_eq!(keys.iter().map(|key| key.columns.join(",")).collect::<Vec<_>>(), ["other_id"]);
        down(&store, &ModifyFromKeys).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn migration_015_modify_foreign_keys_on_update_constraint(store: Store) {
        change(&store, |m| {
            m.create_table("users", |t| {
                t.id();
            });
            m.create_table("posts", |t| {
                t.references("users");
            });
            m.alter_table("posts", |t| {
                t.modify("user_id", |c| c.references("users").on_update(Cascade)).from(|c| c.references("users"));
            });
        }).await;
        assert_eq!(table(&store, "posts").await.foreign_keys.len(), 1);
        store.repo.script("insert into users (id) values (1); insert into posts values (1); update users set id = 12345").await.unwrap();
        assert_eq!(ids(&store, "select user_id from posts").await, [12345]);
    }

    async fn migration_016_remove_column(store: Store) {
        change(&store, |m| {
            m.create_table("drop_col_migration", |t| {
                t.integer("value");
                t.integer("to_be_removed");
            });
            m.execute("INSERT INTO drop_col_migration (value, to_be_removed) VALUES (1, 2)");
            m.alter_table("drop_col_migration", |t| {
                t.drop_column("to_be_removed");
            });
        }).await;
        assert!(store.repo.sql::<i64>("select to_be_removed from drop_col_migration").await.is_err());
        assert_eq!(store.repo.sql::<i32>("select value from drop_col_migration").await.unwrap(), [1]);
    }

    async fn migration_017_rename_column(store: Store) {
        change(&store, |m| {
            m.create_table("rename_col_migration", |t| {
                t.big_integer("to_be_renamed");
            });
            m.rename_column("rename_col_migration", "to_be_renamed", "was_renamed");
            m.execute("INSERT INTO rename_col_migration (was_renamed) VALUES (1)");
        }).await;
        assert_eq!(ids(&store, "select was_renamed from rename_col_migration").await, [1]);
    }

    async fn migration_020_alter_primary_key(store: Store) {
        up(&store, &AlterPrimaryKey).await;
        store.repo.script("insert into no_pk_migration (dummy) values ('a'), ('b')").await.unwrap();
        assert_eq!(store.repo.sql::<i32>("select id from no_pk_migration order by id").await.unwrap(), [1, 2]);
        down(&store, &AlterPrimaryKey).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn a_key_that_is_added_numbers_the_rows_that_are_there(store: Store) {
        change(&store, |m| {
            m.create_table("notes", |t| {
                t.text("body");
            });
            m.execute("INSERT INTO notes (body) VALUES ('a'), ('b')");
            m.alter_table("notes", |t| {
                t.id();
            });
        }).await;
        assert_eq!(ids(&store, "select id from notes order by id").await, [1, 2]);
    }

    async fn migration_021_add_if_not_exists_and_remove_if_exists_does_not_raise_on_failure(store: Store) {
        change(&store, |m| {
            m.create_table("add_if_not_exists", |t| {
                t.id();
            });
            m.alter_table("add_if_not_exists", |t| {
                t.integer("value").if_not_exists();
                t.integer("value").if_not_exists();
                t.drop_column("value").if_exists();
                t.drop_column("value").if_exists();
            });
        }).await;
        assert_eq!(table(&store, "add_if_not_exists").await.columns.len(), 1);
        change(&store, |m| {
            m.drop_table("add_if_not_exists");
        }).await;
    }

    async fn migration_022_add_column_if_not_exists(store: Store) {
        change(&store, |m| {
            m.create_table("add_col_if_not_exists", |t| {
                t.big_integer("value");
            });
            m.alter_table("add_col_if_not_exists", |t| {
                t.big_integer("value").if_not_exists();
                t.big_integer("to_be_added").if_not_exists();
            });
            m.execute("INSERT INTO add_col_if_not_exists (value, to_be_added) VALUES (1, 2)");
        }).await;
        assert_eq!(ids(&store, "select to_be_added from add_col_if_not_exists").await, [2]);
    }

    async fn migration_023_remove_column_when_exists(store: Store) {
        change(&store, |m| {
            m.create_table("drop_col_if_exists", |t| {
                t.integer("value");
                t.integer("to_be_removed");
            });
            m.execute("INSERT INTO drop_col_if_exists (value, to_be_removed) VALUES (1, 2)");
            m.alter_table("drop_col_if_exists", |t| {
                t.drop_column("to_be_removed").if_exists();
            });
        }).await;
        assert!(store.repo.sql::<i64>("select to_be_removed from drop_col_if_exists").await.is_err());
    }

    async fn constraints_are_added_checked_renamed_and_dropped(store: Store) {
        change(&store, |m| {
            m.create_table("users", |t| {
                t.id();
            });
            m.create_table("products", |t| {
                t.id();
                t.big_integer("price");
                t.big_integer("owner_id");
            });
            m.create_check("products", "price_is_positive", "price > 0").not_valid();
            m.create_foreign_key("products", ["owner_id"], "users").on_delete(SetNull).not_valid();
            m.create_unique("products", ["price"]).name("one_price");
            m.validate_constraint("products", "price_is_positive");
            m.validate_constraint("products", "products_owner_id_fkey");
            m.rename_constraint("products", "price_is_positive", "price_is_more_than_0");
        }).await;
        let products = table(&store, "products").await;
        assert_eq!(products.checks[0].name.as_deref(), Some("price_is_more_than_0"));
        assert!(!products.checks[0].not_valid && !products.foreign_keys[0].not_valid);
        assert_eq!(products.uniques[0].name.as_deref(), Some("one_price"));
        assert!(store.repo.script("insert into products (price) values (0)").await.is_err());
        assert!(store.repo.script("insert into products (owner_id) values (1)").await.is_err());
        change(&store, |m| {
            m.drop_constraint("products", "price_is_more_than_0");
            m.drop_constraint("products", "one_price");
            m.drop_constraint("products", "products_owner_id_fkey");
            m.drop_constraint("products", "products_pkey");
        }).await;
        let products = table(&store, "products").await;
        assert!(products.checks.is_empty() && products.uniques.is_empty() && products.foreign_keys.is_empty());
        assert_eq!(products.primary_key, None);
    }

    async fn a_column_that_may_not_be_null_needs_a_default_where_there_are_rows(store: Store) {
        change(&store, |m| {
            m.create_table("notes", |t| {
                t.id();
            });
            m.execute("INSERT INTO notes DEFAULT VALUES");
        }).await;
        let failed = try_change(&store, |m| m.alter_table("notes", |t| {
            t.text("body").not_null();
        })).await;
        assert!(failed.unwrap_err().0.to_lowercase().contains("null"));
        change(&store, |m| m.alter_table("notes", |t| {
            t.text("body").not_null().default("none");
        })).await;
        assert_eq!(store.repo.sql::<String>("select body from notes").await.unwrap(), ["none"]);
    }
}

on_postgres! {
    async fn pg_migrations_005_collation_can_be_set_on_a_column(store: Store) {
        change(&store, |m| {
            m.create_table("collate_on", |t| {
                t.column("char", "char(10)").collation("POSIX");
                t.string("string").collation("POSIX");
                t.text("text").collation("POSIX");
            });
        }).await;
        let collations = async || {
            let table = table(&store, "collate_on").await;
            table.columns.into_iter().map(|column| column.collation.unwrap_or_default()).collect::<Vec<_>>()
        };
        assert_eq!(collations().await, ["POSIX", "POSIX", "POSIX"]);
        change(&store, |m| m.alter_table("collate_on", |t| {
            t.modify("string", |c| c.string(255).collation("C")).from(|c| c.string(255).collation("POSIX"));
        })).await;
        assert_eq!(collations().await, ["POSIX", "C", "POSIX"]);
    }

    async fn migration_011_modify_column_with_using_and_back(store: Store) {
        change(&store, |m| {
            m.create_table("notes", |t| {
                t.text("n");
            });
            m.execute("INSERT INTO notes VALUES ('7')");
            m.alter_table("notes", |t| {
                t.modify("n", |c| c.integer().using("n::integer + 1"));
            });
        }).await;
        assert_eq!(store.repo.sql::<i32>("select n from notes").await.unwrap(), [8]);
    }
}

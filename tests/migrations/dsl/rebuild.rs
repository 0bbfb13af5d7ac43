//! SQLite's rebuild of tables: nothing else than what changes is different afterwards.

use super::{catalog, change, down, table, try_change, up};
use peristyle::migration;
use peristyle_tests::{Store, on_sqlite};

const BLOG: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE, born TEXT DEFAULT 'never',
        upper TEXT GENERATED ALWAYS AS (upper(name)) STORED, lower TEXT AS (lower(name)),
        CONSTRAINT name_is_short CHECK (length(name) < 20));
    CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        parent_id INTEGER REFERENCES posts (id) ON DELETE CASCADE, title TEXT, UNIQUE (user_id, title));
    CREATE TABLE log (line TEXT);
    CREATE INDEX users_name ON users (name DESC) WHERE name <> '';
    CREATE UNIQUE INDEX users_lower ON users (lower(name));
    CREATE VIEW names AS SELECT name AS name FROM users;
    CREATE VIEW names_again AS SELECT name FROM names;
    CREATE TRIGGER user_gone AFTER DELETE ON users BEGIN INSERT INTO log VALUES ('gone ' || old.id); END;
    CREATE TRIGGER post_made AFTER INSERT ON posts BEGIN INSERT INTO log SELECT name FROM users WHERE id = new.user_id; END;
    CREATE TRIGGER names_made INSTEAD OF INSERT ON names BEGIN INSERT INTO users (name) VALUES (new.name); END;
    INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (90, 'Gone');
    DELETE FROM users WHERE id = 90;
    INSERT INTO posts (id, user_id, parent_id, title) VALUES (1, 1, NULL, 'a'), (2, 1, 1, 'b'), (3, 2, 1, 'c');
    DELETE FROM log;
";

on_sqlite! {
    async fn children_that_cascade_survive_the_rebuild_of_their_parent(store: Store) {
        store.repo.script(BLOG).await.unwrap();
        let before = catalog(&store).await;
        change(&store, |m| m.alter_table("users", |t| {
            t.modify("born", |c| c.not_null().default("unknown"));
        })).await;
        let posts = store.repo.sql::<(i64, i64, Option<i64>)>("select id, user_id, parent_id from posts order by id").await.unwrap();
        assert_eq!(posts, [(1, 1, None), (2, 1, Some(1)), (3, 2, Some(1))]);
        assert_eq!(store.repo.sql::<i64>("select count(*) from log").one().await.unwrap(), Some(0), "a trigger ran");
        let mut after = catalog(&store).await;
        let users = after.tables.iter_mut().find(|table| table.name.name == "users").unwrap();
        let born = users.columns.iter_mut().find(|column| column.name == "born").unwrap();
        assert!(!born.nullable);
        born.nullable = true;
        born.default = before.table(&"users".into()).unwrap().column("born").unwrap().default.clone();
        assert_eq!(after, before);

        // The keys are on again, and the children are those of the new table.
        store.repo.script("delete from users where id = 2").await.unwrap();
        assert_eq!(store.repo.sql::<i64>("select count(*) from posts").one().await.unwrap(), Some(2));
        assert!(store.repo.script("insert into posts (user_id) values (50)").await.is_err());
        assert_eq!(store.repo.sql::<String>("select line from log").await.unwrap(), ["gone 2"]);
        // Numbers are not given twice, also those of rows that were gone before.
        store.repo.script("insert into names (name) values ('Cleo')").await.unwrap();
        let last = store.repo.sql::<(i64, String, String)>("select id, upper, lower from users order by id desc").await.unwrap();
        assert_eq!(last[0], (91, "CLEO".to_owned(), "cleo".to_owned()));
    }

    async fn a_table_that_points_at_itself_is_rebuilt(store: Store) {
        store.repo.script(BLOG).await.unwrap();
        change(&store, |m| m.alter_table("posts", |t| {
            t.modify("title", |c| c.string(100).not_null());
            t.check("title_is_there", "title <> ''");
        })).await;
        assert_eq!(store.repo.sql::<i64>("select count(*) from posts").one().await.unwrap(), Some(3));
        store.repo.script("delete from posts where id = 1").await.unwrap();
        assert_eq!(store.repo.sql::<i64>("select count(*) from posts").one().await.unwrap(), Some(0));
        assert!(store.repo.script("insert into posts (user_id, title) values (1, '')").await.is_err());
    }

    async fn a_rename_and_a_rebuild_in_one_keep_constraints_and_indexes(store: Store) {
        store.repo.script(BLOG).await.unwrap();
        change(&store, |m| m.alter_table("users", |t| {
            t.rename_column("name", "full_name");
            t.modify("born", |c| c.not_null());
            t.drop_constraint("name_is_short");
        })).await;
        let users = table(&store, "users").await;
        assert!(users.checks.is_empty());
        assert_eq!(users.indexes.iter().map(|index| index.name.as_str()).collect::<Vec<_>>(), ["users_lower", "users_name"]);
        let rows = store.repo.sql::<(String, String)>("select full_name, upper from users order by id").await.unwrap();
        assert_eq!(rows[0], ("Ann".to_owned(), "ANN".to_owned()));
        assert_eq!(store.repo.sql::<String>("select name from names_again order by 1").await.unwrap(), ["Ann", "Bob"]);
        assert!(store.repo.script("insert into users (full_name, born) values ('ANN', 'x')").await.is_err(), "the unique index is gone");
    }

    async fn rows_that_break_a_new_constraint_stop_the_change_and_nothing_is_different(store: Store) {
        store.repo.script(BLOG).await.unwrap();
        let before = catalog(&store).await;
        let failed = try_change(&store, |m| {
            m.create_check("users", "name_is_long", "length(name) > 5");
        }).await;
        assert!(failed.unwrap_err().0.contains("name_is_long"));
        let failed = try_change(&store, |m| {
            m.create_foreign_key("log", ["line"], "users");
            m.execute("INSERT INTO log VALUES ('77')");
        }).await;
        assert!(failed.unwrap_err().0.contains("point at nothing"));
        assert_eq!(catalog(&store).await, before);
        assert_eq!(store.repo.sql::<i64>("select count(*) from posts").one().await.unwrap(), Some(3));
    }

    async fn a_column_goes_with_what_it_is_in(store: Store) {
        store.repo.script(BLOG).await.unwrap();
        change(&store, |m| m.alter_table("posts", |t| {
            t.drop_column("title");
            t.drop_column("parent_id");
        })).await;
        let posts = table(&store, "posts").await;
        assert!(posts.uniques.is_empty());
        assert_eq!(posts.foreign_keys.len(), 1);
        let failed = try_change(&store, |m| m.alter_table("users", |t| {
            t.drop_column("id");
        })).await;
        let message = failed.unwrap_err().0;
        assert!(message.contains("points at column \"id\"; drop it first"), "{message}");
    }

    async fn a_dropped_parent_leaves_the_rows_of_its_children(store: Store) {
        store.repo.script(BLOG).await.unwrap();
        let refused = try_change(&store, |m| {
            m.drop_table("users");
        }).await;
        assert!(refused.unwrap_err().0.contains("table posts points at users"));
        change(&store, |m| {
            m.drop_view("names_again");
            m.drop_view("names");
            m.execute("DROP TRIGGER post_made");
            m.drop_table("users").cascade();
        }).await;
        assert_eq!(store.repo.sql::<i64>("select count(*) from posts").one().await.unwrap(), Some(3));
        assert_eq!(table(&store, "posts").await.foreign_keys.len(), 1);
        store.repo.script("insert into posts (user_id) values (50)").await.unwrap();
    }

    async fn a_table_without_rowid_and_with_strict_types_stays_so(store: Store) {
        store.repo.script("CREATE TABLE pairs (a TEXT, b INTEGER, c ANY, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID; \
            INSERT INTO pairs VALUES ('x', 1, x'00'), ('y', 2, 3.5)").await.unwrap();
        let before = table(&store, "pairs").await;
        change(&store, |m| m.alter_table("pairs", |t| {
            t.modify("c", |c| c.not_null());
        })).await;
        let after = table(&store, "pairs").await;
        assert_eq!((after.options, after.primary_key), (before.options, before.primary_key));
        assert_eq!(store.repo.sql::<String>("select a from pairs order by a").await.unwrap(), ["x", "y"]);
    }
}

migration!(1, Enums, |m| {
    m.create_enum("mood", ["sad", "fine"]);
    m.create_table("people", |t| {
        t.id();
        t.enumeration("mood", "mood").default("fine").not_null();
        t.enumeration("was", "mood");
    });
});

on_sqlite! {
    async fn the_checks_of_an_enum_follow_its_values(store: Store) {
        let known = "CREATE TABLE people (id INTEGER PRIMARY KEY, mood TEXT DEFAULT 'fine' NOT NULL, \
            CONSTRAINT people_mood_is_mood CHECK (\"mood\" IN ('sad', 'fine')));
            INSERT INTO people (mood) VALUES ('sad'), ('fine')";
        store.repo.script(known).await.unwrap();
        change(&store, |m| {
            m.add_enum_value("mood", "glad").before("fine");
            m.rename_enum_value("mood", "fine", "it's fine");
            m.rename_enum("mood", "feeling");
        }).await;
        let check = table(&store, "people").await.checks.remove(0);
        assert_eq!(check.name.as_deref(), Some("people_mood_is_feeling"));
        assert_eq!(check.condition, r#""mood" IN ('sad', 'glad', 'it''s fine')"#);
        store.repo.script("insert into people default values; insert into people (mood) values ('glad')").await.unwrap();
        let moods = store.repo.sql::<String>("select mood from people order by id").await.unwrap();
        assert_eq!(moods, ["sad", "it's fine", "it's fine", "glad"]);
        assert!(store.repo.script("insert into people (mood) values ('fine')").await.is_err());
        let known = try_change(&store, |m| {
            m.add_enum_value("feeling", "sad");
        }).await;
        assert!(known.unwrap_err().0.contains("takes \"sad\" already"));
    }

    async fn an_enum_is_text_with_a_check_also_in_a_later_run(store: Store) {
        up(&store, &Enums).await;
        change(&store, |m| m.alter_table("people", |t| {
            t.enumeration("will_be", "mood");
        })).await;
        for column in ["mood", "was", "will_be"] {
            let insert = format!("insert into people ({column}) values ('anything')");
            assert!(store.repo.script(insert).await.is_err(), "{column} takes anything");
        }
        store.repo.script("insert into people (was, will_be) values ('sad', null)").await.unwrap();
        down(&store, &Enums).await;
        assert!(catalog(&store).await.tables.is_empty());
    }
}

on_sqlite! {
    async fn names_that_need_quotes_come_through_a_rebuild(store: Store) {
        store.repo.script(r#"
            CREATE TABLE "we""ird [t] {x}" ("select" INTEGER PRIMARY KEY AUTOINCREMENT, [a b] TEXT DEFAULT 'it''s {}', `x'y` TEXT,
                "sum""" TEXT AS ("a b" || 'x') STORED, CONSTRAINT "c ""1" CHECK ("x'y" <> '''')) STRICT;
            CREATE TABLE "we""ird [t] {x}_rebuilt" (a);
            CREATE UNIQUE INDEX "i ""1" ON "we""ird [t] {x}" (lower("a b") COLLATE NOCASE DESC) WHERE "x'y" <> 'order';
            CREATE TABLE child (parent INTEGER REFERENCES "we""ird [t] {x}" ON DELETE CASCADE);
            CREATE TRIGGER "t ""1" AFTER UPDATE OF "a b" ON "we""ird [t] {x}" BEGIN
                UPDATE child SET parent = CASE WHEN new."select" > 0 THEN new."select" ELSE 0 END WHERE 0; END;
            INSERT INTO "we""ird [t] {x}" ("a b", "x'y") VALUES ('A', 'v'), ('B', NULL);
            INSERT INTO child VALUES (1), (2);
        "#).await.unwrap();
        let before = catalog(&store).await;
        change(&store, |m| m.alter_table("we\"ird [t] {x}", |t| {
            t.modify("a b", |c| c.not_null());
        })).await;
        let mut after = catalog(&store).await;
        let weird = after.tables.iter_mut().find(|table| table.name.name == "we\"ird [t] {x}").unwrap();
        weird.columns.iter_mut().find(|column| column.name == "a b").unwrap().nullable = true;
        assert_eq!(after, before);
        assert_eq!(store.repo.sql::<i64>("select count(*) from child").one().await.unwrap(), Some(2));
        let rows = store.repo.sql::<(i64, String, Option<String>, String)>(r#"select * from "we""ird [t] {{x}}""#).await.unwrap();
        assert_eq!(rows[1], (2, "B".to_owned(), None, "Bx".to_owned()));
    }

    async fn the_new_table_takes_the_name_of_no_other_object(store: Store) {
        store.repo.script("
            CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x');
            CREATE TABLE T_Rebuilt (a); CREATE INDEX t_rebuilt_ ON T_Rebuilt (a); CREATE VIEW t_rebuilt__ AS SELECT 1 AS a;
            CREATE VIRTUAL TABLE t_rebuilt___ USING fts5(a);
        ").await.unwrap();
        change(&store, |m| m.alter_table("t", |t| {
            t.modify("a", |c| c.not_null());
        })).await;
        assert_eq!(store.repo.sql::<String>("select a from t").await.unwrap(), ["x"]);
    }

    async fn a_function_is_not_taken_for_a_column_of_its_name(store: Store) {
        store.repo.script("
            CREATE TABLE t (id INTEGER PRIMARY KEY, date TEXT, made TEXT, kept TEXT REFERENCES t,
                CONSTRAINT made_is_a_day CHECK (date (made) IS NOT NULL));
            CREATE INDEX t_day ON t (date(made));
        ").await.unwrap();
        change(&store, |m| m.alter_table("t", |t| {
            t.drop_column("date");
            t.drop_column("kept");
        })).await;
        let table = table(&store, "t").await;
        assert_eq!(table.checks.len(), 1);
        assert_eq!(table.indexes.len(), 1);
    }

    async fn what_a_checkout_leaves_of_a_rebuild_does_not_reach_the_next_user(store: Store) {
        let left = "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON";
        store.repo.checkout(async |connection| connection.script(left).await).await.unwrap();
        store.repo.script("
            CREATE TABLE t (a); CREATE TABLE log (a);
            CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log SELECT a FROM t; END;
            ALTER TABLE t RENAME TO renamed; INSERT INTO renamed VALUES (1)
        ").await.unwrap();
        let keys = store.repo.transaction(async |tx| tx.sql::<i64>("select foreign_keys from pragma_foreign_keys").one().await);
        assert_eq!(keys.await.unwrap(), Some(1));
    }
}

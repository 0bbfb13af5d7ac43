use crate::support::in_database;
use peristyle_query::error::{ConstraintKind, Error};
use peristyle_query::repo::Repo;

async fn refused(repo: &Repo, sql: &'static str) -> Error {
    repo.sql::<()>(sql).execute().await.unwrap_err()
}

#[test]
fn every_kind_of_constraint_is_named_with_its_table_and_columns() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script(
            "CREATE EXTENSION IF NOT EXISTS btree_gist;
             CREATE TABLE orgs (id int PRIMARY KEY);
             CREATE TABLE users (
                 id int PRIMARY KEY, email text NOT NULL, \"Full Name\" text, org_id int,
                 CONSTRAINT users_email_key UNIQUE (email, \"Full Name\"),
                 CONSTRAINT users_org_id_fkey FOREIGN KEY (org_id) REFERENCES orgs,
                 CONSTRAINT users_id_check CHECK (id > 0),
                 CONSTRAINT users_no_overlap EXCLUDE USING gist (org_id WITH =)
             );
             INSERT INTO orgs VALUES (1);
             INSERT INTO users VALUES (1, 'a', 'b', 1)",
        )
        .await
        .unwrap();
        let cases = [
            ("insert into users values (1, 'x')", ConstraintKind::Unique, "users_pkey", vec!["id"]),
            (
                "insert into users values (2, 'a', 'b')",
                ConstraintKind::Unique,
                "users_email_key",
                vec!["email", "Full Name"],
            ),
            (
                "insert into users values (2, 'x', null, 7)",
                ConstraintKind::ForeignKey,
                "users_org_id_fkey",
                vec!["org_id"],
            ),
            ("insert into users values (-1, 'x')", ConstraintKind::Check, "users_id_check", vec!["id"]),
            ("insert into users values (2, null)", ConstraintKind::NotNull, "", vec!["email"]),
            (
                "insert into users values (2, 'x', null, 1)",
                ConstraintKind::Exclusion,
                "users_no_overlap",
                vec!["org_id"],
            ),
        ];
        for (sql, kind, name, columns) in cases {
            let error = refused(repo, sql).await;
            let constraint = error.constraint().unwrap_or_else(|| panic!("{sql}: {error}"));
            assert_eq!((constraint.kind, constraint.name.as_str()), (kind, name), "{sql}");
            assert_eq!(constraint.table.as_deref(), Some("users"), "{sql}");
            assert_eq!(constraint.columns, columns, "{sql}");
            assert!(error.to_string().contains(sql), "{error}");
        }
        let error = refused(repo, "delete from orgs").await;
        assert!(error.is_foreign_key_violation(), "{error}");
    });
}

#[test]
fn the_columns_of_a_foreign_key_are_those_of_its_own_table() {
    in_database(async |database| {
        let repo = &database.repo;
        let tables =
            "CREATE TABLE users (number int PRIMARY KEY, boss int CONSTRAINT users_boss_fkey REFERENCES users);
            CREATE TABLE posts (author_id int CONSTRAINT posts_author_id_fkey REFERENCES users);
            INSERT INTO users VALUES (1, NULL), (2, 1), (3, NULL); INSERT INTO posts VALUES (3);";
        repo.script(tables).await.unwrap();
        for (sql, name, table, columns) in [
            ("insert into posts values (9)", "posts_author_id_fkey", "posts", ["author_id"].as_slice()),
            ("insert into users values (4, 9)", "users_boss_fkey", "users", ["boss"].as_slice()),
            ("delete from users where number = 3", "posts_author_id_fkey", "posts", ["author_id"].as_slice()),
            ("delete from users where number = 1", "users_boss_fkey", "users", ["boss"].as_slice()),
        ] {
            let error = refused(repo, sql).await;
            let constraint = error.constraint().unwrap();
            assert_eq!((constraint.name.as_str(), constraint.table.as_deref()), (name, Some(table)), "{sql}");
            assert_eq!(constraint.columns, columns, "{sql}");
        }
    });
}

#[test]
fn an_error_of_a_constraint_does_not_show_the_row() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE users (email text UNIQUE, secret text, n int CHECK (n > 0))").await.unwrap();
        let insert = "insert into users values ({}, {}, {})";
        let row = || ("a@b.c".to_owned(), "hunter2".to_owned(), -1);
        let error = repo.sql::<()>(insert).bind(row()).execute().await.unwrap_err();
        assert!(error.constraint().is_some() && !error.to_string().contains("hunter2"), "{error}");
    });
}

#[test]
fn a_statement_that_the_server_refuses_says_what_to_do() {
    in_database(async |database| {
        let repo = &database.repo;
        for (sql, code, hint) in [
            ("select 1 from missing", "42P01", "Run the migrations"),
            ("select missing from pg_class", "42703", "run the migrations"),
            ("select 1 from missing.users", "42P01", "prefix"),
            ("select 'x'::missing", "42704", "Run the migrations"),
            ("select relname from pg_class group by relkind", "42803", "group_by"),
        ] {
            let error = refused(repo, sql).await;
            let Error::Database(database) = &error else { panic!("{error}") };
            assert_eq!(database.code.as_deref(), Some(code), "{sql}");
            let text = error.to_string();
            assert!(text.contains(hint) && text.contains(sql) && text.contains("errors.rs"), "{text}");
        }
    });
}

#[test]
fn a_failed_statement_leaves_its_connection_usable() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        let process: Option<i32> = repo.sql("select pg_backend_pid()").one().await.unwrap();
        for sql in ["select 1 / 0", "select", "nonsense", "select * from missing", ""] {
            let _ = repo.sql::<()>(sql).execute().await;
            assert_eq!(repo.sql::<i32>("select pg_backend_pid()").one().await.unwrap(), process, "{sql}");
        }
        repo.close().await;
    });
}

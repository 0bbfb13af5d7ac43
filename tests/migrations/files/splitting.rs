//! Scripts are split as the databases split them.

use futures_util::TryStreamExt;
use peristyle_migrate::files::{Flavor, MigrationFile, parse, statements};
use peristyle_tests::{Store, on_postgres, on_sqlite};
use rusqlite::Batch;
use rusqlite::fallible_iterator::FallibleIterator;
use sqlx::{AssertSqlSafe, Connection, Either, PgConnection};

use super::{postgres, sqlite};

/// A script of the statements, with comments and blanks between that are hard to read past.
fn script(statements: &[&str]) -> String {
    let between = [";\n", " ;; -- it's; $$ a comment\n", ";\r\n/* ; ' \" */\t", "\n;-- migrate; nothing\n\n"];
    statements.iter().zip(between.iter().cycle()).map(|(statement, end)| format!("{statement}{end}")).collect()
}

/// The statements that the file of such a script has.
fn split(script: &str, flavor: Flavor) -> Vec<String> {
    let found = statements(script, flavor).unwrap_or_else(|error| panic!("{error}"));
    found.into_iter().map(|statement| statement.text).collect()
}

#[test]
fn a_script_is_split_into_its_statements() {
    assert_eq!(split(&script(postgres::STATEMENTS), Flavor::Postgres), postgres::STATEMENTS);
    assert_eq!(split(&script(sqlite::STATEMENTS), Flavor::Sqlite), sqlite::STATEMENTS);
}

on_postgres! {
    async fn postgres_runs_every_tricky_statement_alone(store: Store) {
        let mut connection = PgConnection::connect(store.url()).await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
        for statement in split(&script(postgres::STATEMENTS), Flavor::Postgres) {
            // A prepared statement is one statement: Postgres refuses several.
            let sql = AssertSqlSafe(statement.clone());
            if let Err(error) = sqlx::query(sql).fetch_all(&mut connection).await {
                panic!("{error}\n{statement}");
            }
        }
        let log: Vec<String> = sqlx::query_scalar("SELECT entry FROM log ORDER BY entry").fetch_all(&mut connection).await.unwrap();
        assert_eq!(log, ["a", "b", "one;", "two;"]);
    }

    async fn postgres_finds_as_many_statements_in_a_script(store: Store) {
        let mut connection = PgConnection::connect(store.url()).await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
        let script = AssertSqlSafe(script(postgres::STATEMENTS));
        let results: Vec<_> = sqlx::raw_sql(script).fetch_many(&mut connection).try_collect().await.unwrap();
        let count = results.iter().filter(|result| matches!(result, Either::Left(_))).count();
        assert_eq!(count, postgres::STATEMENTS.len());
    }

    async fn a_file_runs_on_postgres_statement_by_statement(store: Store) {
        let file = file("CREATE TABLE t (a text);\nDO $$ BEGIN INSERT INTO t VALUES ('a;'); END $$;\n");
        for statement in file.up.statements(Flavor::Postgres).unwrap() {
            store.repo.script(statement.text).await.unwrap();
        }
        assert_eq!(store.repo.sql::<String>("SELECT a FROM t").one().await.unwrap(), Some("a;".to_owned()));
    }
}

on_sqlite! {
    async fn sqlite_splits_a_script_as_we_do(store: Store) {
        let connection = rusqlite::Connection::open(store.file()).unwrap();
        let script = script(sqlite::STATEMENTS);
        let mut batch = Batch::new(&connection, &script);
        for ours in split(&script, Flavor::Sqlite) {
            let mut theirs = batch.next().unwrap_or_else(|error| panic!("{error}\n{ours}")).unwrap();
            let text = theirs.expanded_sql().unwrap();
            assert!(text.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).ends_with(&ours), "{text}\n{ours}");
            let mut rows = theirs.raw_query();
            while rows.next().unwrap_or_else(|error| panic!("{error}\n{ours}")).is_some() {}
        }
        assert!(batch.next().unwrap().is_none());
        let entries: i64 = connection.query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap();
        assert_eq!(entries, 1);
    }

    async fn a_file_runs_on_sqlite_statement_by_statement(store: Store) {
        let trigger = "CREATE TRIGGER x AFTER INSERT ON t WHEN NEW.a = 'a' BEGIN INSERT INTO t VALUES (';'); END;";
        let file = file(&format!("CREATE TABLE t (a TEXT);\n{trigger}\nINSERT INTO t VALUES ('a');\n"));
        for statement in file.up.statements(Flavor::Sqlite).unwrap() {
            store.repo.script(statement.text).await.unwrap();
        }
        assert_eq!(store.repo.sql::<i64>("SELECT count(*) FROM t").one().await.unwrap(), Some(2));
    }
}

fn file(up: &str) -> MigrationFile {
    parse("20261122143000_t.sql", &format!("-- migrate:up\n{up}")).unwrap_or_else(|error| panic!("{error}"))
}

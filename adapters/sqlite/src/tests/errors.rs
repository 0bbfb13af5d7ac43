//! SQLite's refusals, and what they say.

use super::*;

#[tokio::test]
async fn a_missing_table_says_what_to_do_and_where_it_was_asked() {
    let database = Database::open(|options| options);
    let error = database.rows("SELECT 1 FROM users", vec![], &[]).await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("no such table: users") && shown.contains("migrations"), "{shown}");
    assert!(shown.contains("in: SELECT 1 FROM users") && shown.contains("tests"), "{shown}");
}

#[tokio::test]
async fn constraints_are_told_apart() {
    let database = Database::open(|options| options);
    database
        .script(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, email TEXT UNIQUE, n INTEGER NOT NULL, CONSTRAINT positive CHECK (n > 0));
             CREATE TABLE c (p INTEGER REFERENCES p (id));
             INSERT INTO p VALUES (1, 'a', 1)",
        )
        .await
        .unwrap();
    use peristyle_query::error::ConstraintKind::*;
    for (sql, kind) in [
        ("INSERT INTO p VALUES (2, 'a', 1)", Unique),
        ("INSERT INTO p VALUES (1, 'b', 1)", Unique),
        ("INSERT INTO p VALUES (2, 'b', NULL)", NotNull),
        ("INSERT INTO p VALUES (2, 'b', 0)", Check),
        ("INSERT INTO c VALUES (7)", ForeignKey),
    ] {
        let error = database.execute(sql, vec![]).await.unwrap_err();
        let constraint = error.constraint().unwrap_or_else(|| panic!("{error}"));
        assert_eq!(constraint.kind, kind, "{error}");
    }
}

#[tokio::test]
async fn a_lock_of_another_process_is_an_error_that_may_be_tried_again() {
    let database = Database::with_table(|options| options.busy_timeout(std::time::Duration::from_millis(20))).await;
    let stranger = database.stranger();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = database.execute("INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(error.to_string().contains("busy_timeout"), "{error}");
    stranger.execute_batch("ROLLBACK").unwrap();
    database.execute("INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap();
}

#[tokio::test]
async fn several_statements_and_missing_values_are_refused() {
    let database = Database::with_table(|options| options).await;
    let error = database.execute("INSERT INTO t VALUES (1, 1); DELETE FROM t", vec![]).await.unwrap_err();
    assert!(error.to_string().contains("repo.script"), "{error}");
    let error = database.execute("INSERT INTO t VALUES (?, ?)", vec![]).await.unwrap_err();
    assert!(error.to_string().contains("2 placeholders and 0 values"), "{error}");
    assert_eq!(database.count().await, 0);
    for empty in ["", " ", "-- nothing", ";"] {
        let error = database.execute(empty, vec![]).await.unwrap_err();
        assert!(error.to_string().contains("empty"), "{error}");
    }
}

#[tokio::test]
async fn a_syntax_error_and_a_script_that_fails_name_the_statement() {
    let database = Database::open(|options| options);
    let error = database.execute("SELEC 1", vec![]).await.unwrap_err();
    assert!(error.to_string().contains("SELEC") && error.to_string().contains("syntax"), "{error}");
    let error = database.script("CREATE TABLE a (x); CREATE TABEL b (x)").await.unwrap_err();
    assert!(error.to_string().contains("TABEL"), "{error}");
}

#[tokio::test]
async fn a_write_never_runs_on_a_reader() {
    let database = Database::with_table(|options| options).await;
    // They begin like reads; SQLite says that they are not.
    let insert = "WITH n(x) AS (VALUES (1)) INSERT INTO t SELECT x, x FROM n";
    assert_eq!(database.execute(insert, vec![]).await.unwrap(), 1);
    let version = "PRAGMA user_version = 7";
    database.execute(version, vec![]).await.unwrap();
    assert_eq!(database.one("PRAGMA user_version", vec![], DataType::I64).await.unwrap(), Value::I64(7));
    assert_eq!(database.count().await, 1);
}

#[tokio::test]
async fn a_text_over_the_limit_is_sqlites_own_error() {
    let database = Database::open(|options| options);
    let error = database.rows("SELECT length(zeroblob(2000000000))", vec![], &[]).await.unwrap_err();
    assert!(error.to_string().contains("1,000,000,000"), "{error}");
}

//! Opening a database, or not.

use super::*;

fn refusal(url: String) -> String {
    let error = Sqlite::options(url).connect_adapter().err().unwrap();
    assert!(matches!(error, Error::Connect(_)), "{error}");
    error.to_string()
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    assert!(refusal(at("missing/app.db")).contains("missing does not exist"));
    assert!(refusal(at("")).contains("is a folder"));
    assert!(refusal(at("absent.db?mode=rw")).contains("mode=rwc"));
    assert!(refusal(at("absent.db?mode=ro")).contains("there is no file"));
    std::fs::write(
        folder.path().join("text.db"),
        "this is not a database, but long enough to be looked at".repeat(100),
    )
    .unwrap();
    assert!(refusal(at("text.db")).contains("not a database"));
    let error = Sqlite::options(at("absent.db")).create_if_missing(false).connect().await.err().unwrap();
    assert!(error.to_string().contains("create_if_missing"), "{error}");
    assert!(!folder.path().join("absent.db").exists());
}

#[tokio::test]
async fn a_database_opened_read_only_is_read_and_not_written() {
    let database = Database::with_table(|options| options).await;
    database.script("INSERT INTO t VALUES (1, 1)").await.unwrap();
    let url = format!("sqlite:{}?mode=ro", database.folder.path().join("test.db").display());
    let reader = Sqlite::options(url).connect_adapter().unwrap();
    assert_eq!(count(&*reader).await, 1);
    let error = execute(&*reader, "INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap_err();
    assert!(error.to_string().contains("mode=ro"), "{error}");
    assert_eq!(database.count().await, 1);
}

#[tokio::test]
async fn a_path_is_taken_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:odd.db", "100%.db", "spaced name.db"] {
        let url = format!("sqlite:{}", folder.path().join(name).display());
        let adapter = Sqlite::options(url).connect_adapter().unwrap();
        adapter.script("CREATE TABLE t (id)".into()).await.unwrap();
        assert!(folder.path().join(name).exists(), "{name}");
    }
    let url = format!("sqlite:{}?mode=rw", folder.path().join("spaced%20name.db").display());
    assert_eq!(count(&*Sqlite::options(url).connect_adapter().unwrap()).await, 0);
}

#[tokio::test]
async fn a_file_is_set_up_with_a_log_and_foreign_keys() {
    let database = Database::open(|options| options);
    for (pragma, expected) in [
        ("PRAGMA journal_mode", text("wal")),
        ("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys", text("1")),
        ("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous", text("1")),
    ] {
        assert_eq!(database.one(pragma, vec![], DataType::Text).await.unwrap(), expected, "{pragma}");
    }
}

#[tokio::test]
async fn extreme_options_are_not_a_panic() {
    use std::time::Duration;
    let database = Database::with_table(|options| {
        options.readers(0).busy_timeout(Duration::MAX).acquire_timeout(Duration::MAX).statement_cache(0)
    })
    .await;
    let (left, right) = tokio::join!(database.count(), database.count());
    assert_eq!((left, right), (0, 0));
}

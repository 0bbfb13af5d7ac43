use crate::support::in_database;
use peristyle_query::error::Error;

#[test]
fn a_script_runs_several_statements_as_one() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE notes (text text); INSERT INTO notes VALUES ('a;b'), ('c')").await.unwrap();
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(2));
        repo.script("INSERT INTO notes VALUES ('d'); SELECT 1 / 0").await.unwrap_err();
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(2));
        repo.script("").await.unwrap();
    });
}

#[test]
fn an_error_of_a_script_names_its_place() {
    in_database(async |database| {
        let repo = &database.repo;
        let error = repo.script("CREATE TABLE a (n int);\n\n  CREATE TABEL b (n int);").await.unwrap_err();
        assert!(error.to_string().contains("line 3, column 10 of the script: CREATE TABEL b (n int);"), "{error}");
        let error = repo.script("SELECT 1; SELECT 2; SELECT 1 / 0;").await.unwrap_err();
        assert!(error.to_string().contains("statement 3 of the script"), "{error}");
        let error = repo.script("SELECT 1;\0").await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("NUL"), "{error}");
    });
}

#[test]
fn what_a_script_does_to_the_session_is_undone() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).setting("work_mem", "5MB").connect().await.unwrap();
        let settings = "select current_setting('work_mem'), current_setting('TimeZone')";
        let before: Option<(String, String)> = repo.sql(settings).one().await.unwrap();
        repo.script("SET work_mem = '9MB'; SET TimeZone = 'Asia/Tokyo'; CREATE TEMP TABLE left_behind (n int)")
            .await
            .unwrap();
        assert_eq!(repo.sql::<(String, String)>(settings).one().await.unwrap(), before);
        assert_eq!(before, Some(("5MB".into(), "UTC".into())));
        let left: Option<i64> =
            repo.sql("select count(*) from pg_class where relname = 'left_behind'").one().await.unwrap();
        assert_eq!(left, Some(0));
        repo.close().await;
    });
}

#[test]
fn a_script_that_leaves_a_transaction_open_is_an_error_and_keeps_nothing_of_it() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        let error = repo.script("CREATE TABLE kept (n int); BEGIN; CREATE TABLE forgotten (n int);").await.unwrap_err();
        assert!(error.to_string().contains("left a transaction open"), "{error}");
        let error = repo.script("BEGIN; SELECT 1 / 0").await.unwrap_err();
        assert!(error.to_string().contains("division by zero"), "{error}");
        repo.sql::<()>("create table free (n int)").execute().await.unwrap();
        assert_eq!(database.repo.sql::<i64>("select count(*) from free").one().await.unwrap(), Some(0));
        assert!(database.repo.sql::<i64>("select count(*) from forgotten").one().await.is_err());
        repo.close().await;
    });
}

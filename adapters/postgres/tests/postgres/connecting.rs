use crate::support::in_database;
use peristyle_postgres::Postgres;
use peristyle_query::error::Error;
use std::time::Duration;

#[test]
fn a_wrong_url_fails_at_once_and_says_where_without_the_password() {
    in_database(async |database| {
        let nobody = "postgres://someone:hunter2@127.0.0.1:1/nothing";
        let error = Postgres::options(nobody).connect().await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Connect(_)), "{text}");
        assert!(text.contains("127.0.0.1:1") && text.contains("is the server running"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");

        let missing = format!("{}_missing", database.url.split('?').next().unwrap());
        let error = Postgres::options(missing).connect().await.unwrap_err();
        assert!(matches!(error, Error::Connect(_)) && error.to_string().contains("does not exist"), "{error}");

        let error = Postgres::options("mysql://localhost/app").connect().await.unwrap_err();
        assert!(error.to_string().contains("postgres://"), "{error}");
    });
}

#[test]
fn tls_that_is_asked_for_and_not_built_in_names_the_features() {
    in_database(async |database| {
        let separator = if database.url.contains('?') { '&' } else { '?' };
        let error =
            Postgres::options(format!("{}{separator}sslmode=require", database.url)).connect().await.unwrap_err();
        let text = error.to_string();
        // With one of the features, it depends on the server: the driver's own words.
        let built_in = cfg!(any(
            feature = "tls-rustls",
            feature = "tls-rustls-ring",
            feature = "tls-rustls-aws-lc-rs",
            feature = "tls-native-tls"
        ));
        assert!(matches!(error, Error::Connect(_)), "{text}");
        assert!(built_in || text.contains("tls-rustls-ring") && text.contains("Cargo.toml"), "{text}");
    });
}

#[test]
fn settings_and_the_name_of_the_application_reach_every_connection() {
    in_database(async |database| {
        let repo =
            database.options().setting("statement_timeout", "77s").application_name("a name").connect().await.unwrap();
        let settings = "select current_setting('statement_timeout'), current_setting('application_name'), current_setting('TimeZone')";
        let row: Option<(String, String, String)> = repo.sql(settings).one().await.unwrap();
        assert_eq!(row, Some(("77s".into(), "a name".into(), "UTC".into())));
        repo.close().await;
    });
}

#[test]
fn an_exhausted_pool_says_how_it_stands() {
    in_database(async |database| {
        let options = database.options().pool_size(1).acquire_timeout(Duration::from_millis(50));
        let repo = options.connect().await.unwrap();
        let error =
            repo.transaction(async |_tx| Ok(repo.sql::<i32>("select 1").one().await.unwrap_err())).await.unwrap();
        let Error::Pool(pool) = &error else { panic!("{error}") };
        assert_eq!((pool.max_size, pool.size, pool.idle, pool.waiting), (1, 1, 0, 0));
        let text = error.to_string();
        assert!(text.contains("acquire_timeout"), "{text}");
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        repo.close().await;
    });
}

#[test]
fn an_exhausted_pool_names_the_last_error_of_connecting() {
    in_database(async |database| {
        let options = database.options().pool_size(2).acquire_timeout(Duration::from_millis(400));
        let repo = options.connect().await.unwrap();
        // The server lets in nobody but superusers, so the role of these connections must not be one.
        let role = format!("peristyle_role_{}", std::process::id());
        database.outside.script(format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")).await.unwrap();
        let limited = url_as(&database.url, &role);
        let result = async {
            let limited =
                Postgres::options(limited).pool_size(2).acquire_timeout(Duration::from_millis(200)).connect().await?;
            let held =
                limited.transaction(async |_tx| Ok(limited.sql::<i32>("select 1").one().await.unwrap_err())).await;
            limited.close().await;
            held
        };
        let result = result.await;
        database.kill_connections().await;
        database.outside.script(format!("DROP ROLE {role}")).await.unwrap();
        let error = result.unwrap();
        let Error::Pool(pool) = &error else { panic!("{error}") };
        assert!(pool.last_connect_error.as_ref().is_some_and(|last| last.contains("53300")), "{error}");
        repo.close().await;
    });
}

fn url_as(url: &str, role: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{role}@{host}")
}

#[test]
fn a_closed_repo_says_so() {
    in_database(async |database| {
        database.repo.close().await;
        let error = database.repo.sql::<i32>("select 1").one().await.unwrap_err();
        assert!(error.is_connection() && error.to_string().contains("closed"), "{error}");
    });
}

#[test]
fn a_pool_never_opens_more_connections_than_its_size() {
    in_database(async |database| {
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let repo = database.repo.clone();
                tokio::spawn(async move { repo.sql::<i32>("select {}").bind((n,)).one().await.unwrap() })
            })
            .collect();
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), Some(n as i32));
        }
        assert!(database.connections().await <= 4);
    });
}

#[test]
fn without_a_runtime_connecting_says_what_it_needs() {
    let mut connecting = std::pin::pin!(Postgres::options("postgres://app@localhost/app").connect());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = connecting.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(error.to_string().contains("Tokio"), "{error}");
}

#[test]
fn without_prepared_statements_everything_works_and_nothing_is_kept() {
    in_database(async |database| {
        for options in [
            database.options().prepared(false),
            database.options().pgbouncer_transaction_mode(),
            database.options().pgbouncer_transaction_mode().prepared(true),
        ] {
            let repo = options.pool_size(1).connect().await.unwrap();
            repo.script("CREATE TABLE IF NOT EXISTS notes (text text NOT NULL)").await.unwrap();
            repo.sql::<()>("insert into notes values ({})").bind(("a".to_owned(),)).execute().await.unwrap();
            let texts: Vec<String> =
                repo.sql("select text from notes where text = {}").bind(("a".to_owned(),)).await.unwrap();
            assert!(!texts.is_empty());
            repo.transaction(async |tx| {
                tx.sql::<()>("insert into notes values ({})").bind(("b".to_owned(),)).execute().await?;
                Err::<(), _>(Error::rollback("enough"))
            })
            .await
            .unwrap_err();
            let none: Vec<String> = repo.sql("select text from notes where text = 'b'").await.unwrap();
            assert!(none.is_empty());
            repo.close().await;
        }
        let repo = database.options().prepared(false).pool_size(1).connect().await.unwrap();
        repo.sql::<i32>("select {}").bind((1,)).one().await.unwrap();
        let kept: Option<i64> =
            repo.sql("select count(*) from pg_prepared_statements where name <> ''").one().await.unwrap();
        assert_eq!(kept, Some(0));
        repo.close().await;
    });
}

#[test]
fn settings_of_a_session_are_refused_behind_a_pooler() {
    in_database(async |database| {
        let options = database.options().pgbouncer_transaction_mode().setting("work_mem", "8MB");
        let error = options.connect().await.unwrap_err();
        assert!(error.to_string().contains("work_mem"), "{error}");
        let error = database.options().pool_size(0).connect().await.unwrap_err();
        assert!(error.to_string().contains("pool_size is 0"), "{error}");
    });
}

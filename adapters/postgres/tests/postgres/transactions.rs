use crate::support::in_database;
use peristyle_query::adapter::{Isolation, TransactionOptions};
use peristyle_query::error::{ConstraintKind, Error};

#[test]
fn commit_of_a_transaction_whose_statement_failed_is_an_error_and_keeps_nothing() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE notes (text text)").await.unwrap();
        let aborted = repo
            .transaction(async |tx| {
                tx.sql::<()>("insert into notes values ('a')").execute().await?;
                tx.sql::<i32>("select 1 / 0").one().await.unwrap_err();
                Ok(())
            })
            .await
            .unwrap_err();
        assert!(matches!(aborted, Error::TransactionAborted(_)), "{aborted}");
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(0));
    });
}

#[test]
fn commit_looks_at_the_servers_answer_and_not_at_what_the_repo_knows() {
    in_database(async |database| {
        use peristyle_query::adapter::{Control, Ending};
        let adapter = database.options().connect_adapter().await.unwrap();
        let session = adapter.begin(TransactionOptions::default()).await.unwrap();
        assert!(session.script("select 1 / 0".into()).await.is_err());
        assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::RolledBack);
        assert!(matches!(session.control(Control::Commit).await, Err(Error::Transaction(_))));

        let session = adapter.begin(TransactionOptions::default()).await.unwrap();
        session.script("select 1".into()).await.unwrap();
        assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);

        let session = adapter.begin(TransactionOptions::default()).await.unwrap();
        session.script("COMMIT".into()).await.unwrap();
        let ended = session.control(Control::Commit).await.unwrap_err();
        assert!(ended.to_string().contains("already ended"), "{ended}");

        let session = adapter.begin(TransactionOptions::default()).await.unwrap();
        session.control(Control::Savepoint(1)).await.unwrap();
        assert!(session.script("select 1 / 0".into()).await.is_err());
        assert_eq!(session.control(Control::Release(1)).await.unwrap(), Ending::RolledBack);
        session.script("select 1".into()).await.unwrap();
        assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::Done);
        adapter.close().await;
    });
}

#[test]
fn a_nested_transaction_fails_alone() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE notes (text text)").await.unwrap();
        repo.transaction(async |tx| {
            tx.sql::<()>("insert into notes values ('outer')").execute().await?;
            let inner = tx
                .transaction(async |tx| {
                    tx.sql::<()>("insert into notes values ('inner')").execute().await?;
                    tx.sql::<i32>("select 1 / 0").one().await
                })
                .await;
            assert!(inner.is_err());
            tx.transaction(async |tx| tx.sql::<()>("insert into notes values ('second')").execute().await).await?;
            Ok(())
        })
        .await
        .unwrap();
        let kept: Vec<String> = repo.sql("select text from notes order by text").await.unwrap();
        assert_eq!(kept, ["outer", "second"]);
    });
}

#[test]
fn a_constraint_that_is_deferred_to_commit_is_named_by_it() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE notes (n int CONSTRAINT notes_n_key UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            .await
            .unwrap();
        let error = repo
            .transaction(async |tx| tx.sql::<()>("insert into notes values (1), (1)").execute().await)
            .await
            .unwrap_err();
        let constraint = error.constraint().unwrap();
        assert_eq!((constraint.kind, constraint.name.as_str()), (ConstraintKind::Unique, "notes_n_key"));
        assert_eq!(repo.sql::<i64>("select count(*) from notes").one().await.unwrap(), Some(0));
    });
}

#[test]
fn options_reach_the_server() {
    in_database(async |database| {
        let repo = &database.repo;
        let options = TransactionOptions::read_only().isolation(Isolation::RepeatableRead);
        let settings = repo
            .transaction_with(options, async |tx| {
                tx.sql::<(String, String)>(
                    "select current_setting('transaction_isolation'), current_setting('transaction_read_only')",
                )
                .one()
                .await
            })
            .await
            .unwrap();
        assert_eq!(settings, Some(("repeatable read".into(), "on".into())));
    });
}

#[test]
fn a_serialization_failure_is_retryable() {
    in_database(async |database| {
        let repo = &database.repo;
        repo.script("CREATE TABLE counts (n int); INSERT INTO counts VALUES (0)").await.unwrap();
        let error = repo
            .transaction_with(TransactionOptions::serializable(), async |tx| {
                let n: Option<i32> = tx.sql("select n from counts").one().await?;
                repo.sql::<()>("update counts set n = n + 1").execute().await?;
                tx.sql::<()>("update counts set n = {}").bind((n.unwrap_or_default() + 1,)).execute().await
            })
            .await
            .unwrap_err();
        assert!(error.is_retryable(), "{error}");
    });
}

#[test]
fn statements_that_control_transactions_are_refused() {
    in_database(async |database| {
        for begin in ["begin", " /* x */ COMMIT", "rollback"] {
            let error = database.repo.sql::<()>(begin).execute().await.unwrap_err();
            assert!(matches!(error, Error::Query(_)) && error.to_string().contains("repo.transaction"), "{error}");
        }
    });
}

#[test]
fn behind_a_pooler_there_is_nothing_to_check_out() {
    in_database(async |database| {
        let repo = database.options().pgbouncer_transaction_mode().connect().await.unwrap();
        let error = repo.checkout(async |_| Ok(())).await.unwrap_err();
        assert!(error.is_unsupported() && error.to_string().contains("repo.transaction"), "{error}");
        repo.close().await;
    });
}

#[test]
fn a_checkout_has_transactions_one_after_the_other() {
    in_database(async |database| {
        use peristyle_query::adapter::{Control, Ending};
        let adapter = database.options().pool_size(1).connect_adapter().await.unwrap();
        let session = adapter.checkout().await.unwrap();
        session.script("CREATE TABLE notes (text text)".into()).await.unwrap();
        // A rollback where nothing is open changes nothing.
        assert_eq!(session.control(Control::Rollback).await.unwrap(), Ending::Done);
        for (end, expected) in [(Control::Commit, 1), (Control::Rollback, 1), (Control::Commit, 2)] {
            session.control(Control::Begin(TransactionOptions::default())).await.unwrap();
            session.script("INSERT INTO notes VALUES ('a')".into()).await.unwrap();
            assert_eq!(session.control(end).await.unwrap(), Ending::Done);
            let count = database.repo.sql::<i64>("select count(*) from notes").one().await.unwrap();
            assert_eq!(count, Some(expected));
        }
        session.control(Control::Begin(TransactionOptions::default())).await.unwrap();
        assert!(session.script("select 1 / 0".into()).await.is_err());
        assert_eq!(session.control(Control::Commit).await.unwrap(), Ending::RolledBack);
        session.script("INSERT INTO notes VALUES ('b')".into()).await.unwrap();
        drop(session);
        // The one connection is free again.
        adapter.script("INSERT INTO notes VALUES ('c')".into()).await.unwrap();
        adapter.close().await;
    });
}

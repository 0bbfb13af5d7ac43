use crate::support::in_database;
use peristyle_query::adapter::{NoRows, Request};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Binding, Operation, OutputColumn, Select, Source, Step};
use peristyle_query::repo::Repo;
use peristyle_query::row::AnyRow;
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};
use std::panic::Location;

#[test]
fn a_table_that_changes_is_noticed_and_the_statement_runs_again() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        repo.script("CREATE TABLE notes (a int); INSERT INTO notes VALUES (1)").await.unwrap();
        let all = "select * from notes";
        assert_eq!(repo.sql::<AnyRow>(all).one().await.unwrap().unwrap().values(), [Value::I32(1)]);
        database.repo.script("ALTER TABLE notes ADD COLUMN b text DEFAULT 'x'").await.unwrap();
        let row = repo.sql::<AnyRow>(all).one().await.unwrap().unwrap();
        assert_eq!(row.values(), [Value::I32(1), Value::Text("x".into())]);
        database.repo.script("ALTER TABLE notes ALTER COLUMN a TYPE bigint").await.unwrap();
        let row = repo.sql::<AnyRow>(all).one().await.unwrap().unwrap();
        assert_eq!(row.values()[0], Value::I64(1));

        database.repo.script("ALTER TABLE notes DROP COLUMN b").await.unwrap();
        let changed = repo.transaction(async |tx| tx.sql::<AnyRow>(all).one().await).await.unwrap_err();
        assert!(changed.to_string().contains("run the transaction again"), "{changed}");
        let row = repo.transaction(async |tx| tx.sql::<AnyRow>(all).one().await).await.unwrap().unwrap();
        assert_eq!(row.values(), [Value::I64(1)]);
        repo.close().await;
    });
}

#[test]
fn a_statement_that_the_server_forgot_is_prepared_again() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        repo.sql::<()>("deallocate all").execute().await.unwrap();
        assert_eq!(repo.sql::<i32>("select 1").one().await.unwrap(), Some(1));
        repo.close().await;
    });
}

static ID: FieldMeta = FieldMeta::new("id", "id", DataType::I64);
static NOTES: SchemaMeta = SchemaMeta::new("Note", "notes");

/// `SELECT n0.id FROM notes AS n0 WHERE n0.id IN (0, 1, ..)`
fn in_list(length: i64) -> Request {
    let column = Step::Column(Binding::of(0, 0), &ID);
    let values = (0..length).map(Value::I64).collect();
    let mut select = Select::new(Source::Table { schema: &NOTES, prefix: None });
    select.filter =
        vec![vec![column.clone(), Step::In { item: &DataType::I64, values, negated: false, redact: false }]];
    select.columns = vec![OutputColumn::Expression { expression: vec![column], alias: None }];
    let operation = Operation::Select(select);
    Request { operation, prefix: None, ttl: None, observers: Vec::new(), location: Location::caller() }
}

#[test]
fn in_lists_of_1000_lengths_leave_one_prepared_statement() {
    in_database(async |database| {
        let adapter = database.options().pool_size(1).connect_adapter().await.unwrap();
        let script = "CREATE TABLE notes AS SELECT n::bigint AS id FROM generate_series(0, 499) n";
        adapter.script(script.into()).await.unwrap();
        for length in 0..1_000 {
            let outcome = adapter.run(in_list(length), Box::new(NoRows)).await.unwrap();
            assert_eq!(outcome.rows, length.min(500) as u64);
        }
        let repo = Repo::new(adapter);
        let kept =
            "select statement from pg_prepared_statements where statement like '%ANY%' and statement not like '%pg_%'";
        let kept: Vec<String> = repo.sql(kept).await.unwrap();
        assert_eq!(kept, [r#"SELECT "n0"."id" FROM "notes" AS "n0" WHERE "n0"."id" = ANY($1)"#]);
        repo.close().await;
    });
}

#[test]
fn one_text_with_parameters_of_other_types_never_reuses_a_statement() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).connect().await.unwrap();
        for _ in 0..2 {
            assert_eq!(repo.sql::<i64>("select {}").bind((1i64,)).one().await.unwrap(), Some(1));
            assert_eq!(repo.sql::<f64>("select {}").bind((1.5f64,)).one().await.unwrap(), Some(1.5));
            assert_eq!(
                repo.sql::<String>("select {}").bind(("a".to_owned(),)).one().await.unwrap().as_deref(),
                Some("a")
            );
        }
        assert_eq!(
            repo.sql::<i64>("select count(*) from pg_prepared_statements where statement like 'select $1%'")
                .one()
                .await
                .unwrap(),
            Some(3)
        );
        repo.close().await;
    });
}

#[test]
fn the_statements_that_are_kept_are_limited() {
    in_database(async |database| {
        let repo = database.options().pool_size(1).statement_cache(8).connect().await.unwrap();
        let texts: Vec<&'static str> = (0..200).map(|n| &*Box::leak(format!("select {n}").into_boxed_str())).collect();
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(repo.sql::<i32>(*text).one().await.unwrap(), Some(n as i32));
        }
        let kept: Option<i64> = repo.sql("select count(*) from pg_prepared_statements").one().await.unwrap();
        assert!(kept.is_some_and(|kept| kept <= 9), "{kept:?}");
        repo.close().await;
    });
}

#[test]
fn more_parameters_than_the_server_takes_are_refused() {
    in_database(async |database| {
        let template: &'static str = Box::leak(format!("select {}1", "{} + ".repeat(65_536)).into_boxed_str());
        let values = crate::types::Values(vec![Value::I32(1); 65_536]);
        let error = database.repo.sql::<i64>(template).bind(values).one().await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("65536 parameters"), "{error}");
    });
}

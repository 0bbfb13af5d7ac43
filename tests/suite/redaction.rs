//! Values of `redact` fields are never shown.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Account {
    id: i64,
    name: String,
    #[schema(redact, unique)]
    secret: String,
}

const ACCOUNTS: &str = "create table accounts ({id}, name {text} not null, secret {text} not null unique);";

#[test]
fn queries_statements_and_changesets_hide_them() {
    let query = Account::query()
        .filter(|a| a.secret.eq("hunter2") & a.name.eq("Ann"))
        .filter(|a| a.secret.in_(["hunter2"]) | a.secret.starts_with("hunter2") | a.secret.between("hunter2", "x"))
        .filter(|a| sql::<bool>("{} = lower({})").bind((a.secret, "hunter2")));
    let account = Account { secret: "hunter1".into(), ..Default::default() };
    for shown in [
        format!("{query:?}"),
        query.to_sql(Dialect::Postgres).unwrap().to_string(),
        format!("{:?}", query.to_sql(Dialect::Sqlite).unwrap()),
        format!("{:?}", account.change(|a| a.secret.set("hunter2"))),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("[redacted]"), "{shown}");
    }
    assert!(format!("{query:?}").contains("Ann"));
}

on_every_store! {
    async fn captured_writes_and_errors_hide_them(store: Store) {
        store.create(ACCOUNTS).await;
        let account = Account { name: "Ann".into(), secret: "hunter2".into(), ..Default::default() };
        let (_, statements) = store
            .repo
            .capture(async |repo| {
                let ann = repo.insert(account.clone()).await?;
                repo.update(ann.change(|a| a.secret.set("hunter2b"))).await
            })
            .await
            .unwrap();
        assert_eq!(statements.len(), 2);
        let shown = format!("{} {}", statements[0], statements[1]);
        assert!(shown.contains("Ann") && !shown.contains("hunter2"), "{shown}");

        store.repo.insert(account.clone()).await.unwrap();
        let error = store.repo.insert(account).await.unwrap_err();
        assert!(error.is_unique_violation());
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error} {error:?}");
    }
}

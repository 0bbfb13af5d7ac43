//! What a subquery computes from `redact` fields is never shown, and what it computes from others is.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Account {
    id: i64,
    name: String,
    #[schema(column = "pw", redact)]
    secret: String,
}

#[derive(Debug, Clone, PartialEq, Projection)]
struct Login {
    name: String,
    word: String,
    short: Option<String>,
}

/// The same columns, through a type that the values are not of.
#[derive(Debug, Clone, PartialEq, Projection)]
struct Mistyped {
    word: uuid::Uuid,
    name: String,
}

const ACCOUNTS: &str = "create table accounts ({id}, name {text} not null, pw {text} not null);";

fn logins() -> Query<Account, Login> {
    Account::query().select(|a| LoginSelect {
        name: a.name,
        word: a.secret.lower(),
        short: sql::<Option<String>>("{}").bind(a.secret),
    })
}

#[test]
fn values_beside_the_columns_of_a_subquery_are_hidden() {
    let own = Account::query().limit(3).subquery().filter(|a| a.secret.eq("hunter2") & a.name.eq("Ann"));
    let read = logins().subquery().filter(|l| l.word.eq("hunter2") & l.short.in_(["hunter2"]) & l.name.eq("Ann"));
    let again = logins().subquery().subquery().filter(|l| l.word.starts_with("hunter2") & l.name.eq("Ann"));
    let joined = Account::query()
        .join_query(logins(), |(a, l)| a.name.eq(l.name) & l.word.ne("hunter2"))
        .filter(|(a, l)| l.short.eq("hunter2") & a.name.eq("Ann"));
    let left = Account::query()
        .left_join_query(logins().subquery(), |(a, l)| a.name.eq(l.name) & l.word.ne("hunter2"))
        .filter(|(a, l)| l.word.between("hunter2", "z") & l.name.eq("Ann") & a.id.gt(0));
    let inside = logins()
        .subquery()
        .filter(|l| exists(Account::query_in(&l).filter(|a| l.word.eq("hunter2").outer() & a.name.eq("Ann"))));
    let elsewhere = Condition::<Login>::on(|l| l.word.eq("hunter2"));
    let elsewhere = logins().subquery().filter(|l| l.name.eq("Ann") & elsewhere);
    for (debug, statement) in [
        (format!("{elsewhere:?}"), elsewhere.to_sql(Dialect::Sqlite)),
        (format!("{own:?}"), own.to_sql(Dialect::Sqlite)),
        (format!("{read:?}"), read.to_sql(Dialect::Sqlite)),
        (format!("{again:?}"), again.to_sql(Dialect::Postgres)),
        (format!("{joined:?}"), joined.to_sql(Dialect::Postgres)),
        (format!("{left:?}"), left.to_sql(Dialect::Sqlite)),
        (format!("{inside:?}"), inside.to_sql(Dialect::Sqlite)),
    ] {
        let shown = statement.unwrap().to_string();
        for shown in [debug, shown] {
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains("[redacted]") && shown.contains("Ann"), "{shown}");
        }
    }
}

on_sql_stores! {
    async fn values_read_from_a_subquery_are_not_in_errors(store: Store) {
        store.create(ACCOUNTS).await;
        let account = Account { name: "Ann".into(), secret: "hunter2".into(), ..Default::default() };
        store.repo.insert(account.clone()).await.unwrap();
        let login = Login { name: "Ann".into(), word: "hunter2".into(), short: Some("hunter2".into()) };
        let found = logins().subquery().filter(|l| l.word.eq("hunter2"));
        assert_eq!(store.repo.only(found).await.unwrap(), login);
        let mistyped = || Account::query().select(|a| MistypedSelect { word: sql::<uuid::Uuid>("{}").bind(a.secret), name: a.name });
        let q = mistyped().subquery();
        let joined = Account::query().left_join_query(mistyped(), |(a, m)| a.name.eq(m.name));
        let errors = [
            store.repo.all(&q).await.unwrap_err(),
            store.repo.all(q.clone().select(|m| m.word)).await.unwrap_err(),
            store.repo.all(q.clone().select(|m| (m, m.name))).await.unwrap_err(),
            store.repo.all(q.subquery()).await.unwrap_err(),
            store.repo.all(joined.clone().select(|(_, m)| m)).await.unwrap_err(),
            store.repo.all(joined.select(|(a, m)| (a, m.word))).await.unwrap_err(),
        ];
        for error in errors {
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error} {error:?}");
        }
    }
}

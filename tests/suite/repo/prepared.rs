//! Statements that were prepared before a table changed, or are not prepared by name at all.

use super::*;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Post, TABLES};
use rust_decimal::Decimal;

/// The column while it is an integer, and after it became a decimal: the same SQL.
mod before {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Schema)]
    #[schema(table = "altered")]
    pub struct Row {
        pub id: i64,
        pub value: i32,
    }
}

mod after {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Schema)]
    #[schema(table = "altered")]
    pub struct Row {
        pub id: i64,
        pub value: Decimal,
    }
}

/// A repo with one connection, so that the statement meets the plan that was made for it before.
async fn one_connection(store: &Store) -> Repo {
    Postgres::options(store.url()).pool_size(1).connect().await.unwrap()
}

const TO_DECIMAL: &str = "alter table altered alter column value type numeric";
const TO_INTEGER: &str = "alter table altered alter column value type integer";

on_postgres! {
    async fn alter_001_a_prepared_query_is_prepared_again_after_its_column_changed(store: Store) {
        store.create("create table altered ({id}, value {i32} not null)").await;
        let repo = one_connection(&store).await;
        repo.insert(before::Row { value: 1, ..Default::default() }).await.unwrap();
        let (integers, decimals) = (before::Row::query().select(|r| r.value), after::Row::query().select(|r| r.value));
        assert_eq!(integers.to_sql(Dialect::Postgres).unwrap(), decimals.to_sql(Dialect::Postgres).unwrap());
        for _ in 0..2 {
            assert_eq!(repo.all(&integers).await.unwrap(), [1]);
        }
        repo.script(TO_DECIMAL).await.unwrap();
        for _ in 0..2 {
            assert_eq!(repo.all(&decimals).await.unwrap(), [Decimal::ONE]);
        }
        let values = repo
            .transaction(async |tx| {
                tx.script(TO_INTEGER).await?;
                let first = tx.transaction(async |tx| tx.all(&integers).await).await;
                if let Ok(values) = &first {
                    assert_eq!(*values, [1]);
                }
                tx.all(&integers).await
            })
            .await
            .unwrap();
        assert_eq!(values, [1]);
    }

    async fn alter_002_a_prepared_update_is_prepared_again_after_its_column_changed(store: Store) {
        store.create("create table altered ({id}, value {i32} not null)").await;
        let repo = one_connection(&store).await;
        let row = repo.insert(before::Row { value: 1, ..Default::default() }).await.unwrap();
        let row = repo.update(row.change(|r| r.value.set(2))).await.unwrap();
        repo.script(TO_DECIMAL).await.unwrap();
        let row = repo.update(row.change(|r| r.value.set(3))).await.unwrap();
        let five = after::Row { id: row.id, value: Decimal::from(3) };
        let five = repo.update(five.change(|r| r.value.set(Decimal::from(5)))).await.unwrap();
        assert_eq!(repo.all(after::Row::query()).await.unwrap(), [five]);
        repo.script(TO_INTEGER).await.unwrap();
        let row = before::Row { id: row.id, value: 5 };
        let row = repo.update(row.change(|r| r.value.set(6))).await.unwrap();
        assert_eq!(repo.all(before::Row::query()).await.unwrap(), [row]);
    }

    async fn pg_prepare_001_named_and_unnamed_statements_give_the_same_rows(store: Store) {
        store.create(TABLES).await;
        let posts = [
            store.repo.insert(Post::titled("one")).await.unwrap(),
            store.repo.insert(Post::titled("two")).await.unwrap(),
        ];
        let named = one_connection(&store).await;
        let unnamed = Postgres::options(store.url()).pool_size(1).prepared(false).connect().await.unwrap();
        let query = Post::query().filter(|p| p.id.gt(0i64)).order_by(|p| p.id);
        for repo in [&named, &unnamed, &unnamed, &named, &named, &unnamed] {
            assert_eq!(repo.all(&query).await.unwrap(), posts);
        }
        let kept = "select count(*) from pg_prepared_statements where statement like 'SELECT \"p0\"%FROM \"posts\"%'";
        assert_eq!(named.sql::<i64>(kept).one().await.unwrap(), Some(1));
        assert_eq!(unnamed.sql::<i64>(kept).one().await.unwrap(), Some(0));
    }
}

on_sqlite! {
    async fn a_cached_statement_is_prepared_again_after_its_table_changed(store: Store) {
        store.create("create table altered ({id}, value {i32} not null)").await;
        let repo = &store.repo;
        repo.insert(before::Row { value: 1, ..Default::default() }).await.unwrap();
        let integers = before::Row::query().order_by(|r| r.id);
        assert_eq!(repo.all(&integers).await.unwrap().len(), 1);
        repo.script(
            "create table other (extra text default 'x', value integer not null,
                id integer primary key autoincrement);
             insert into other (value, id) select value, id
                 from altered; drop table altered; alter table other rename to altered",
        )
        .await
        .unwrap();
        let row = repo.insert(before::Row { value: 7, ..Default::default() }).await.unwrap();
        assert_eq!(repo.all(&integers).await.unwrap(), [before::Row { id: 1, value: 1 }, row]);
    }
}

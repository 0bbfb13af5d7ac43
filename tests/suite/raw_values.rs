//! Values of statements and fragments of the program's own.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Guest {
    id: i64,
    name: Option<String>,
    age: Option<i32>,
}

const GUESTS: &str = "create table guests ({id}, name {text}, age {i32});";

on_sql_stores! {
    async fn an_option_is_bound_as_its_value_or_as_null(store: Store) {
        store.create(GUESTS).await;
        let insert = "insert into guests (name, age) values ({}, {})";
        for (name, age) in [(Some("Ann"), Some(41)), (None, Some(7)), (Some("Cleo"), None)] {
            assert_eq!(store.repo.sql::<()>(insert).bind((name, age)).execute().await.unwrap(), 1);
        }
        let ages = store.repo.all(Guest::query().order_by(|g| g.id).select(|g| (g.name, g.age))).await.unwrap();
        assert_eq!(ages, [(Some("Ann".into()), Some(41)), (None, Some(7)), (Some("Cleo".into()), None)]);
        let nobody = store.repo.sql::<bool>("select {} is null").bind(None::<String>).one().await.unwrap();
        assert_eq!(nobody, Some(true));
    }

    async fn a_fragment_in_a_query_takes_an_option(store: Store) {
        store.create(GUESTS).await;
        store.repo.insert(Guest { age: Some(7), ..Default::default() }).await.unwrap();
        for (least, found) in [(Some(5), 1), (Some(9), 0), (None, 1)] {
            let q = Guest::query().filter(|g| sql::<bool>("{} >= coalesce({}, 0)").bind((g.age, least)));
            assert_eq!(store.repo.count(q).await.unwrap(), found, "{least:?}");
        }
    }
}

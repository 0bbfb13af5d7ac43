//! `count`, `exists` and `aggregate` agree with the rows that `all` gives, whatever clauses the query has.

use super::*;
use peristyle::prelude::*;
use peristyle::query::Nested;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Person {
    id: i64,
    name: String,
    age: i32,
    manager_id: Option<i64>,
    #[schema(load = false)]
    note: Option<String>,
}

const PEOPLE: &str =
    "create table people ({id}, name {text} not null, age {i32} not null, manager_id {i64}, note {text});";

async fn people(store: &Store) {
    store.create(PEOPLE).await;
    for (name, age, manager_id) in
        [("Ann", 10, None), ("Bob", 10, Some(1)), ("Cleo", 20, Some(1)), ("Dan", 20, Some(2))]
    {
        let note = Some(format!("of {name}"));
        store.repo.insert(Person { name: name.into(), age, manager_id, note, ..Default::default() }).await.unwrap();
    }
}

/// Checks one query, and that query inside of `exists`.
async fn agree<Sc: Nested<Person>, Out: Send + 'static>(store: &Store, query: Query<Sc, Out>) {
    let sql = query.to_sql(store.dialect).unwrap();
    let rows = store.repo.all(&query).await.unwrap_or_else(|error| panic!("{error}")).len();
    assert_eq!(store.repo.count(&query).await.unwrap(), rows as u64, "count of {sql}");
    assert_eq!(store.repo.exists(&query).await.unwrap(), rows > 0, "exists of {sql}");
    let outer = Person::query().filter(|p| p.id.eq(1) & exists(query.clone()));
    assert_eq!(store.repo.all(outer).await.unwrap().len(), usize::from(rows > 0), "{sql} inside of exists");
}

on_sql_stores! {
    async fn counts_and_tests_agree_with_the_rows(store: Store) {
        people(&store).await;
        let all = Person::query;
        for bound in 0..6 {
            agree(&store, all().limit(bound)).await;
            agree(&store, all().offset(bound)).await;
            agree(&store, all().limit(2).offset(bound)).await;
            agree(&store, all().select(|p| p.age).distinct().offset(bound)).await;
            agree(&store, all().select(|p| p.age).distinct().order_by(|p| p.age).limit(1).offset(bound)).await;
            agree(&store, all().select(|p| p.age.max()).limit(bound)).await;
            let over = i64::try_from(bound).unwrap();
            agree(&store, all().group_by(|p| p.age).having(|_| count().gt(over)).select(|p| p.age)).await;
            agree(&store, all().group_by(|p| p.age / 2).having(|_| count().gt(over)).select(|p| p.age / 2)).await;
            agree(&store, all().group_by(|p| p.age).select(|p| p.age).order_by(|p| p.age).offset(bound)).await;
            agree(&store, all().having(|_| count().gt(over)).select(|p| p.age.sum())).await;
            agree(&store, all().join_on::<Person>(|(p, m)| p.manager_id.eq(m.id)).limit(bound)).await;
            agree(&store, all().left_join_on::<Person>(|(p, m)| p.manager_id.eq(m.id)).offset(bound)).await;
        }
        agree(&store, all().filter(|p| p.age.gt(90)).select(|p| p.age.max())).await;
        agree(&store, all().filter(|p| p.age.gt(90)).distinct()).await;
        agree(&store, all().join_on::<Person>(|(p, m)| p.manager_id.eq(m.id)).select(|(_, m)| m).distinct()).await;
    }
}

on_every_store! {
    async fn an_aggregate_of_a_cut_query_may_use_a_column_that_is_not_loaded(store: Store) {
        people(&store).await;
        let first_two = Person::query().order_by(|p| p.id).limit(2);
        let greatest = store.repo.aggregate(first_two, |p| p.note.max()).await.unwrap();
        assert_eq!(greatest.as_deref(), Some("of Bob"));
    }
}

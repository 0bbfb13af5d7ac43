//! Queries that are made in one closure and used or completed in another inside of it.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Person {
    id: i64,
    name: String,
    manager_id: Option<i64>,
}

const PEOPLE: &str = "create table people ({id}, name {text} not null, manager_id {i64});";

#[test]
fn its_columns_of_outer_queries_name_the_same_rows_wherever_it_is_used() {
    let query = Person::query().filter(|p| {
        let reports = Person::query().filter(|m| m.manager_id.eq(p.id)).select(|m| m.id);
        exists(Person::query().filter(|o| o.id.in_query(reports)))
    });
    let sql = query.to_sql(Dialect::Postgres).unwrap();
    assert!(sql.sql().contains(r#"WHERE "ssp0"."manager_id" = "p0"."id""#), "{sql}");
}

#[test]
fn a_clause_that_is_added_deeper_counts_from_there() {
    let query = Person::query().filter(|p| {
        let reports = Person::query().filter(|m| m.manager_id.eq(p.id));
        exists(Person::query().filter(|o| {
            let same = reports.filter(|m| m.name.eq(o.name) & m.name.ne(p.name));
            o.id.in_query(same.order_by(|m| m.manager_id.eq(o.id)).limit(1).select(|m| m.id))
        }))
    });
    let sql = query.to_sql(Dialect::Postgres).unwrap();
    for part in [
        r#""ssp0"."manager_id" = "p0"."id""#,
        r#""ssp0"."name" = "sp0"."name""#,
        r#""ssp0"."name" <> "p0"."name""#,
        r#"ORDER BY "ssp0"."manager_id" = "sp0"."id""#,
    ] {
        assert!(sql.sql().contains(part), "no {part} in {sql}");
    }
}

#[test]
fn a_query_made_outside_of_every_closure_may_be_completed_inside() {
    let everyone = Person::query().filter(|m| m.name.ne(""));
    let query = Person::query().filter(|p| not_exists(everyone.clone().filter(|m| m.manager_id.eq(p.id))));
    let sql = query.to_sql(Dialect::Postgres).unwrap();
    assert!(sql.sql().contains(r#"WHERE "sp0"."name" <> $1 AND "sp0"."manager_id" = "p0"."id""#), "{sql}");
}

on_sql_stores! {
    async fn it_finds_the_rows_that_it_says(store: Store) {
        store.create(PEOPLE).await;
        let boss = store.repo.insert(Person { name: "Ann".into(), ..Default::default() }).await.unwrap();
        let report = Person { name: "Bob".into(), manager_id: Some(boss.id), ..Default::default() };
        store.repo.insert(report).await.unwrap();
        let managers = Person::query().filter(|p| {
            let reports = Person::query().filter(|m| m.manager_id.eq(p.id)).select(|m| m.id);
            exists(Person::query().filter(|o| o.id.in_query(reports)))
        });
        assert_eq!(store.repo.all(managers.select(|p| p.name)).await.unwrap(), ["Ann"]);
    }
}

#[test]
fn queries_nested_without_end_are_refused_and_not_a_stack_overflow() {
    let mut query = Person::query();
    for _ in 0..20_000 {
        query = Person::query().filter(|p| p.id.in_query(query.select(|m| m.id)));
    }
    let error = query.to_sql(Dialect::Postgres).unwrap_err();
    assert!(error.to_string().contains("nested more than 50 queries deep"), "{error}");
}

//! Queries inside queries: which row a column belongs to.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Person {
    id: i64,
    #[schema(index)]
    name: String,
    #[schema(index)]
    manager_id: Option<i64>,
}

const PEOPLE: &str = "create table people ({id}, name {text} not null, manager_id {i64});";

async fn people(repo: &Repo) {
    let boss = repo.insert(Person { name: "Ann".into(), ..Default::default() }).await.unwrap();
    let middle = Person { name: "Bob".into(), manager_id: Some(boss.id), ..Default::default() };
    let middle = repo.insert(middle).await.unwrap();
    repo.insert(Person { name: "Cleo".into(), manager_id: Some(middle.id), ..Default::default() }).await.unwrap();
}

async fn names(repo: &Repo, query: Query<Person>) -> Vec<String> {
    repo.all(query.order_by(|p| p.id).select(|p| p.name)).await.unwrap()
}

#[test]
fn a_column_of_the_outer_query_of_the_same_schema_names_the_outer_row() {
    let managers = Person::query().filter(|p| exists(Person::query().filter(|m| m.manager_id.eq(p.id))));
    let sql = managers.to_sql(Dialect::Postgres).unwrap();
    assert!(sql.sql().contains(r#""sp0"."manager_id" = "p0"."id""#), "{sql}");
}

#[test]
fn an_expression_made_outside_and_used_inside_names_the_outer_row() {
    let managers = Person::query().filter(|p| {
        let next = p.id + 1i64;
        exists(Person::query().filter(|m| m.manager_id.eq(next)))
    });
    let sql = managers.to_sql(Dialect::Postgres).unwrap();
    assert!(sql.sql().contains(r#""sp0"."manager_id" = "p0"."id" + $1"#), "{sql}");
}

#[test]
fn a_condition_made_in_an_outer_closure_keeps_its_row_two_levels_down() {
    let query = Person::query().filter(|p| {
        exists(Person::query().filter(|m| {
            let middle = m.manager_id.eq(p.id);
            exists(Person::query().filter(|e| e.manager_id.eq(m.id).and(middle).and(e.name.ne(p.name))))
        }))
    });
    let sql = query.to_sql(Dialect::Sqlite).unwrap();
    for part in
        [r#""ssp0"."manager_id" = "sp0"."id""#, r#""sp0"."manager_id" = "p0"."id""#, r#""ssp0"."name" <> "p0"."name""#]
    {
        assert!(sql.sql().contains(part), "no {part} in {sql}");
    }
}

#[test]
fn a_query_made_in_a_closure_and_used_outside_of_it_keeps_its_own_rows() {
    let mut kept = None;
    let _ = Person::query().filter(|p| {
        kept = Some(Person::query().filter(|m| m.name.eq("Ann")));
        p.id.gt(0i64)
    });
    let sql = kept.unwrap().to_sql(Dialect::Postgres).unwrap();
    assert!(sql.sql().ends_with(r#"WHERE "p0"."name" = $1"#), "{sql}");
}

on_sql_stores! {
    async fn correlated_subqueries_find_the_rows_that_the_sql_promises(store: Store) {
        store.create(PEOPLE).await;
        people(&store.repo).await;
        let has_report = |p: PersonColumns<Person, NotNull>| exists(Person::query().filter(|m| m.manager_id.eq(p.id)));
        assert_eq!(names(&store.repo, Person::query().filter(has_report)).await, ["Ann", "Bob"]);
        assert_eq!(names(&store.repo, Person::query().filter(|p| !has_report(p))).await, ["Cleo"]);
        let none = Person::query().filter(|p| not_exists(Person::query().filter(|m| m.manager_id.eq(p.id))));
        assert_eq!(names(&store.repo, none).await, ["Cleo"]);
    }

    async fn a_column_used_in_two_closures_of_one_query_names_the_same_row(store: Store) {
        store.create(PEOPLE).await;
        people(&store.repo).await;
        let pairs = Person::query()
            .join_on::<Person>(|(p, m)| p.manager_id.eq(m.id))
            .order_by(|(p, _)| p.id)
            .select(|(p, m)| (p.name, m.name));
        let pairs = store.repo.all(pairs).await.unwrap();
        assert_eq!(pairs, [("Bob".to_owned(), "Ann".to_owned()), ("Cleo".to_owned(), "Bob".to_owned())]);
    }
}

on_every_store! {
    async fn not_in_query_is_not_made_unknown_by_a_null(store: Store) {
        store.create(PEOPLE).await;
        people(&store.repo).await;
        let managers = Person::query().select(|p| p.manager_id);
        assert_eq!(names(&store.repo, Person::query().filter(|p| p.id.not_in_query(managers.clone()))).await, ["Cleo"]);
        assert_eq!(names(&store.repo, Person::query().filter(|p| p.id.in_query(managers))).await, ["Ann", "Bob"]);
    }
}

//! Constraints are told by table and columns, however a database names them.

use super::*;
use peristyle::Error;
use peristyle::error::{ConstraintError, ConstraintKind};
use peristyle::prelude::*;
use serde_json::json;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Team {
    id: i64,
    org: i32,
    slug: String,
    size: i32,
    lead_id: Option<i64>,
    parent_id: Option<i64>,

    #[schema(foreign_key = parent_id)]
    children: HasMany<Team>,
    members: HasMany<Member>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Member {
    id: i64,
    team_id: i64,
    name: String,
}

/// Names that no rule gives.
const TEAMS: &str = "
    create table teams (
        {id}, org {i32} not null, slug {text} not null, size {i32} not null, lead_id {i64}, parent_id {i64},
        constraint c1 check (size < 100 and org < 100),
        constraint c2 foreign key (parent_id) references teams (id)
    );
    create unique index i1 on teams (slug, org);
    create unique index i2 on teams (lead_id) where size > 10;
    create unique index i3 on teams (lower(slug));
    create table members ({id}, team_id {i64} not null, name {text} not null, constraint c3 foreign key (team_id) references teams (id));
";

fn team(org: i32, slug: &str) -> Team {
    Team { org, slug: slug.to_owned(), ..Team::default() }
}

fn constraint(error: &Error) -> &ConstraintError {
    error.constraint().unwrap_or_else(|| panic!("{error}"))
}

fn told(error: &Error) -> (ConstraintKind, String, Vec<String>, bool) {
    let ConstraintError { kind, table, columns, still_referenced, .. } = constraint(error);
    (*kind, table.clone().unwrap_or_default(), columns.clone(), *still_referenced)
}

fn messages(error: &Error) -> serde_json::Value {
    let Error::Invalid(invalid) = error else { panic!("{error}") };
    serde_json::to_value(invalid.errors()).unwrap()
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

on_sql_stores! {
    async fn every_kind_of_constraint_has_its_table_and_columns(store: Store) {
        store.create(TEAMS).await;
        let repo = &store.repo;
        let first = repo.insert(Team { lead_id: Some(7), size: 20, ..team(1, "a") }).await.unwrap();
        // The second round is answered from what is remembered.
        for _ in 0..2 {
            let error = repo.insert(Team { size: 20, lead_id: Some(7), ..team(2, "b") }).await.unwrap_err();
            assert_eq!(told(&error), (ConstraintKind::Unique, "teams".into(), columns(&["lead_id"]), false));
            assert_eq!(constraint(&error).name, "i2");
            let error = repo.insert(Team { parent_id: Some(99), ..team(2, "b") }).await.unwrap_err();
            assert_eq!(told(&error), (ConstraintKind::ForeignKey, "teams".into(), columns(&["parent_id"]), false));
            assert_eq!(constraint(&error).name, "c2");
            let error = repo.insert(team(1, "A")).await.unwrap_err();
            assert_eq!(constraint(&error).name, "i3");
            let error = repo.insert(Team { size: 200, ..team(2, "b") }).await.unwrap_err();
            assert_eq!((constraint(&error).kind, constraint(&error).name.as_str()), (ConstraintKind::Check, "c1"));
            if store.is_postgres() {
                let error = repo.insert(Team { size: 200, ..team(2, "b") }).await.unwrap_err();
                assert_eq!(constraint(&error).columns.len(), 2);
            }
        }
        repo.insert(Member { team_id: first.id, name: "Ann".into(), ..Member::default() }).await.unwrap();
        let error = repo.delete(first.clone()).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "members".into(), columns(&["team_id"]), true));
        assert_eq!(constraint(&error).name, "c3");
        let changeset = Changeset::of(first).no_assoc_constraint(|t| t.members());
        assert_eq!(messages(&repo.delete(changeset).await.unwrap_err()), json!({"members": ["are still associated with this entry"]}));
    }

    async fn a_constraint_matches_by_columns_in_any_order_and_by_an_explicit_name(store: Store) {
        store.create(TEAMS.replace("create unique index i3 on teams (lower(slug));", "").as_str()).await;
        store.repo.insert(team(1, "a")).await.unwrap();
        let again = || Changeset::build(team(1, "a"));
        for (changeset, field) in [
            (again().unique_constraint(|t| (t.org, t.slug)), "org"),
            (again().unique_constraint(|t| (t.slug, t.org)), "slug"),
            (again().unique_constraint(|t| t.size).with_name("i1"), "size"),
            (again().unique_constraint(|t| t.size).with_name_prefix("i"), "size"),
        ] {
            assert_eq!(messages(&store.repo.insert(changeset).await.unwrap_err()), json!({field: ["has already been taken"]}));
        }
        for changeset in [
            again().unique_constraint(|t| t.slug),
            again().unique_constraint(|t| (t.slug, t.org, t.size)),
            again().unique_constraint(|t| (t.slug, t.org)).with_name("teams_slug_org_index"),
        ] {
            assert_eq!(constraint(&store.repo.insert(changeset).await.unwrap_err()).declared.len(), 1);
        }
    }

    async fn a_table_that_points_at_itself_has_two_sides(store: Store) {
        store.create(TEAMS).await;
        let repo = &store.repo;
        let parent = repo.insert(team(1, "a")).await.unwrap();
        let child = repo.insert(Team { parent_id: Some(parent.id), ..team(1, "b") }).await.unwrap();
        // What would be wrong of the row itself is not what keeps it.
        let error = repo.delete(Changeset::of(parent.clone()).foreign_key_constraint(|t| t.parent_id)).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "teams".into(), columns(&["parent_id"]), true));
        assert!(error.to_string().contains("add .no_assoc_constraint(|t| t.children())"), "{error}");
        let error = repo.delete(Changeset::of(parent).no_assoc_constraint(|t| t.children())).await.unwrap_err();
        assert_eq!(messages(&error), json!({"children": ["are still associated with this entry"]}));
        let both = child.change(|t| t.parent_id.set(99)).no_assoc_constraint(|t| t.children()).foreign_key_constraint(|t| t.parent_id);
        assert_eq!(messages(&repo.update(both).await.unwrap_err()), json!({"parent_id": ["does not exist"]}));
    }

    async fn in_a_transaction_the_columns_are_found_too(store: Store) {
        store.create(TEAMS).await;
        let parent = store.repo.insert(team(1, "a")).await.unwrap();
        store.repo.insert(Member { team_id: parent.id, name: "Ann".into(), ..Member::default() }).await.unwrap();
        let error = store.repo.transaction(async |tx| tx.delete(parent).await).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "members".into(), columns(&["team_id"]), true));
    }

    async fn writes_of_many_rows_name_the_foreign_key_too(store: Store) {
        store.create(TEAMS).await;
        let repo = &store.repo;
        let first = repo.insert(team(1, "a")).await.unwrap();
        let member = |team_id| Member { team_id, name: "Ann".into(), ..Member::default() };
        let missing = (ConstraintKind::ForeignKey, "members".to_owned(), columns(&["team_id"]), false);
        let many = || (0..100).map(|n| member(if n == 57 { 99 } else { first.id })).collect::<Vec<_>>();
        for error in [
            repo.insert_all(vec![member(first.id), member(99)]).await.unwrap_err(),
            repo.insert_all(many()).await.unwrap_err(),
            repo.transaction(async |tx| tx.insert_all(many()).await).await.unwrap_err(),
        ] {
            assert_eq!(told(&error), missing);
        }
        assert_eq!(repo.count(Member::query()).await.unwrap(), 0);
        repo.insert_all(vec![member(first.id), member(first.id)]).await.unwrap();
        let error = repo.update_all(Member::query(), |m| m.team_id.set(m.team_id + 98)).await.unwrap_err();
        assert_eq!(told(&error), missing);
        let error = repo.delete_all(Team::query().filter(|t| t.slug.eq("a"))).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "members".into(), columns(&["team_id"]), true));
    }

    async fn a_deferred_constraint_is_told_by_the_commit(store: Store) {
        store.create("create table teams ({id}, org {i32}, slug {text}, size {i32}, lead_id {i64}, parent_id {i64});
            create table members ({id}, name {text}, team_id {i64} references teams (id) deferrable initially deferred);").await;
        let error = store
            .repo
            .transaction(async |tx| tx.insert(Changeset::build(Member { team_id: 5, ..Member::default() }).foreign_key_constraint(|m| m.team_id)).await)
            .await
            .unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "members".into(), columns(&["team_id"]), false));
        assert_eq!(constraint(&error).name, "members_team_id_fkey");
        assert_eq!(store.repo.count(Member::query()).await.unwrap(), 0);
    }

    async fn a_key_of_several_columns_and_what_a_delete_takes_along(store: Store) {
        store.create("create table shelves (a {i32} not null, b {i32} not null, label {text}, primary key (a, b));
            create table boxes ({id}, x {i32}, y {i32}, foreign key (x, y) references shelves (a, b) on delete cascade);
            create table things ({id}, box_id {i64} references boxes (id));").await;
        let repo = &store.repo;
        let shelf = repo.insert(Shelf { a: 1, b: 2, label: None }).await.unwrap();
        let error = repo.insert(Changeset::build(Crate { x: Some(1), y: Some(3), ..Crate::default() })).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "boxes".into(), columns(&["x", "y"]), false));
        let full = repo.insert(Crate { x: Some(1), y: Some(2), ..Crate::default() }).await.unwrap();
        // Half of a key is changed.
        let error = repo.update(full.clone().change(|c| c.y.set(5))).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "boxes".into(), columns(&["x", "y"]), false));
        // The key that is pointed at is changed.
        let error = repo.update(shelf.clone().change(|s| s.b.set(7))).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "boxes".into(), columns(&["x", "y"]), true));
        repo.insert(Thing { box_id: Some(full.id), ..Thing::default() }).await.unwrap();
        let error = repo.delete(shelf).await.unwrap_err();
        assert_eq!(told(&error), (ConstraintKind::ForeignKey, "things".into(), columns(&["box_id"]), true));
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "shelves", primary_key(a, b))]
struct Shelf {
    a: i32,
    b: i32,
    label: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "boxes")]
struct Crate {
    id: i64,
    x: Option<i32>,
    y: Option<i32>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "things")]
struct Thing {
    id: i64,
    box_id: Option<i64>,
}

on_sqlite! {
    async fn an_index_that_was_made_anew_is_looked_up_again(store: Store) {
        store.create(TEAMS).await;
        store.repo.insert(team(1, "a")).await.unwrap();
        let again = || store.repo.insert(Team { parent_id: None, ..team(1, "a") });
        store.repo.script("drop index i3").await.unwrap();
        assert_eq!(constraint(&again().await.unwrap_err()).name, "i1");
        store.repo.script("drop index i1; create unique index j1 on teams (slug, org)").await.unwrap();
        assert_eq!(constraint(&again().await.unwrap_err()).name, "j1");
    }

    async fn a_value_of_another_type_in_a_strict_table_is_no_constraint(store: Store) {
        store.repo.script("create table things (id integer primary key, box_id integer) strict").await.unwrap();
        let error = store.repo.sql::<i64>("insert into things (box_id) values ({}) returning id").bind("x").one().await.unwrap_err();
        let Error::Database(error) = &error else { panic!("{error}") };
        assert!(error.message.contains("cannot store TEXT"), "{error:?}");
    }
}

on_postgres! {
    async fn a_partition_s_constraints_are_told_as_those_of_its_table(store: Store) {
        store.repo.script("
            create table orgs (id bigint primary key);
            create table events (
                id bigint not null generated by default as identity, org bigint not null references orgs (id), slug text not null,
                size int check (size > 0), primary key (id, org)
            ) partition by list (org);
            create unique index one_slug on events (org, slug);
            create table events_1 partition of events for values in (1, 3) partition by list (org);
            create table events_1_only partition of events_1 for values in (1);
            create table events_2 partition of events for values in (2);
            insert into orgs values (1);
        ").await.unwrap();
        let event = |org, slug: &str, size| Changeset::build(Event { org, slug: Some(slug.to_owned()), size, ..Event::default() });
        store.repo.insert(event(1, "a", 1)).await.unwrap();
        for _ in 0..2 {
            let declared = event(1, "a", 1).unique_constraint(|e| (e.slug, e.org));
            assert_eq!(messages(&store.repo.insert(declared).await.unwrap_err()), json!({"slug": ["has already been taken"]}));
            let error = store.repo.insert(event(1, "a", 1)).await.unwrap_err();
            assert_eq!(told(&error), (ConstraintKind::Unique, "events".into(), columns(&["org", "slug"]), false));
            assert_eq!(constraint(&error).name, "one_slug");
            let error = store.repo.insert(event(1, "b", -1)).await.unwrap_err();
            assert_eq!(told(&error), (ConstraintKind::Check, "events".into(), columns(&["size"]), false));
            let error = store.repo.insert(event(2, "b", 1).foreign_key_constraint(|e| e.org)).await.unwrap_err();
            assert_eq!(messages(&error), json!({"org": ["does not exist"]}));
            let null = Changeset::<Event>::new().cast(&json!({"org": 1, "slug": null, "size": 1}), |e| (e.org, e.slug, e.size));
            assert_eq!(messages(&store.repo.insert(null).await.unwrap_err()), json!({"slug": ["can't be blank"]}));
        }
    }

    async fn without_a_free_connection_the_error_tells_what_the_server_did(store: Store) {
        store.create(TEAMS).await;
        let narrow = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        let parent = narrow.insert(team(1, "a")).await.unwrap();
        narrow.insert(Member { team_id: parent.id, name: "Ann".into(), ..Member::default() }).await.unwrap();
        let delete = |tx: Repo, parent: Team| async move { tx.delete(parent).await };
        let error = narrow.transaction(async |tx| delete(tx, parent.clone()).await).await.unwrap_err();
        assert_eq!((constraint(&error).name.as_str(), constraint(&error).columns.len()), ("c3", 0));
        let again = Changeset::build(team(1, "a")).unique_constraint(|t| (t.org, t.slug));
        let error = narrow.transaction(async |tx| tx.insert(again).await).await.unwrap_err();
        assert_eq!(messages(&error), json!({"org": ["has already been taken"]}));
        // Once a statement outside of a transaction has looked it up, it is known inside of one too.
        narrow.delete(parent.clone()).await.unwrap_err();
        let error = narrow.transaction(async |tx| delete(tx, parent).await).await.unwrap_err();
        assert_eq!(constraint(&error).columns, ["team_id"]);
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Event {
    id: i64,
    org: i64,
    slug: Option<String>,
    size: i32,
}

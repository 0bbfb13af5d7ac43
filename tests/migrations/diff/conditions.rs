//! Conditions, defaults and types as people write them, which Postgres keeps in words of its own.

use super::read;
use super::structs::{apply, assert_settled, difference, statements, structs};
use peristyle_migrate::catalog::ObjectName;
use peristyle_migrate::diff::Options;
use peristyle_migrate::models;
use peristyle_tests::{Store, on_postgres, on_sql_stores};

/// Conditions of every kind, each with what makes another one of it.
const CONDITIONS: &[(&str, &str, &str)] = &[
    (
        "check",
        "price > 0 and price <= 9999.99 and state in ('a','b')",
        "price > 0 and price <= 9999.99 and state in ('a')",
    ),
    ("check", "price*quantity>=10", "price*quantity>10"),
    (
        "check",
        "name ~* '^[a-z]{2,}$' and char_length(trim(name)) between 1 and 160",
        "name ~ '^[a-z]{2,}$' and char_length(trim(name)) between 1 and 160",
    ),
    ("check", "ends_on > starts_on + interval '1 day'", "ends_on > starts_on + interval '2 days'"),
    ("check", "starts_on >= date '2020-1-1'", "starts_on >= date '2021-1-1'"),
    (
        "check",
        "case when state = 'a' then price > 10 else true end",
        "case when state = 'a' then price > 10 else false end",
    ),
    ("check", "coalesce(discount, 0) < price / 2", "coalesce(discount, 1) < price / 2"),
    ("check", "(settings ->> 'size')::int > 3", "(settings ->> 'size')::bigint > 3"),
    ("check", "'admin' = any(tags) or cardinality(tags) < 5", "'admin' = all(tags) or cardinality(tags) < 5"),
    ("check", "mood IN ('Good', 'Bad') /* both */", "mood IN ('Good')"),
    ("check", "num_nonnulls(discount, note) = 1", "num_nonnulls(discount, note) = 2"),
    ("check", "note is distinct from name", "note is not distinct from name"),
    (
        "check",
        "code similar to '[A-Z]{3}' and substring(code from 1 for 2) <> 'XX'",
        "code similar to '[A-Z]{4}' and substring(code from 1 for 2) <> 'XX'",
    ),
    ("check", "extract(year from starts_on) > 2000", "extract(month from starts_on) > 2000"),
    ("check", "position('@' in note) > 1", "position('@' in note) > 2"),
    ("check", "size not in ('s', 'xl')", "size not in ('s', 'm')"),
    ("check", "\"user\" != 'root' and not archived", "\"user\" != 'root' or not archived"),
    ("check", "things.price > 1", "things.price > 2"),
    ("check", "price::int > 0", "price > 0"),
    (
        "index",
        "price > 10 and archived = false and size not in ('x','y')",
        "price > 10 and archived = true and size not in ('x','y')",
    ),
    ("index", "not archived and lower(size) = size", "not archived and upper(size) = size"),
    ("index", "seen_at > timestamptz '2020-01-01 00:00 UTC'", "seen_at > timestamptz '2020-01-02 00:00 UTC'"),
    ("index", "mood = 'Good'", "mood <> 'Good'"),
    ("index", "size in ('s', 'm')", "size in ('s', 'xl')"),
];

/// The struct, with the other form of one condition.
fn source(changed: Option<usize>) -> String {
    let mut attributes = String::new();
    for (number, (kind, condition, other)) in CONDITIONS.iter().enumerate() {
        let condition = if changed == Some(number) { other } else { condition };
        match *kind {
            "check" => attributes += &format!("check(check_{number}, {condition:?}), "),
            _ => attributes += &format!("index(name, name = \"index_{number}\", where = {condition:?}), "),
        }
    }
    format!(
        "#[derive(DbEnum)] #[db_enum(pg_type = \"mood\", rename_all = \"PascalCase\")] enum Mood {{ Good, Bad }}
         #[derive(Schema)] #[schema({attributes})]
         struct Thing {{
             id: i64, price: Decimal, quantity: i32, state: String, name: String, note: Option<String>,
             starts_on: NaiveDate, ends_on: NaiveDate, discount: Option<Decimal>, settings: serde_json::Value,
             tags: Vec<String>, mood: Mood, #[schema(size = 3)] code: String, #[schema(size = 10)] size: String,
             user: String, archived: bool, seen_at: DateTime<Utc>,
         }}"
    )
}

on_postgres! {
    async fn conditions_of_every_kind_are_no_difference_once_they_are_there(store: Store) {
        apply(&store, &source(None), &Options::default()).await;
        // By the text alone, several would be.
        let by_text = models::differences(&structs(&source(None)), &read(&store).await, store.dialect);
        assert!(by_text.len() > 5, "{by_text:#?}");
    }

    async fn a_change_of_a_condition_is_found(store: Store) {
        apply(&store, &source(None), &Options::default()).await;
        let mut wrong = Vec::new();
        for (number, (kind, _, other)) in CONDITIONS.iter().enumerate() {
            let (diff, _) = difference(&store, &source(Some(number)), &Options::default()).await;
            let statements = statements(&diff);
            let name = format!("_{number}\"");
            let count = if *kind == "check" { 1 } else { 2 };
            if statements.len() != count || !statements.iter().all(|statement| statement.contains(&name)) {
                wrong.push((*other, statements));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        apply(&store, &source(Some(0)), &Options::default()).await;
        apply(&store, &source(Some(CONDITIONS.len() - 2)), &Options::default()).await;
    }

    async fn conditions_that_a_dump_brought_back_are_no_difference(store: Store) {
        apply(&store, &source(None), &Options::default()).await;
        let things = read(&store).await.tables[0].clone();
        for check in &things.checks {
            let (name, condition) = (check.name.as_ref().unwrap(), &check.condition);
            let again = format!(
                "alter table things drop constraint {name}; alter table things add constraint {name} check ({condition})"
            );
            store.script("", &again).await;
        }
        for index in things.indexes.iter().filter(|index| index.filter.is_some()) {
            let (name, filter) = (&index.name, index.filter.as_ref().unwrap());
            let again = format!("drop index {name}; create index {name} on things (name) where {filter}");
            store.script("", &again).await;
        }
        assert_ne!(read(&store).await.tables[0], things, "Postgres writes some of them anew");
        assert_settled(&store, &source(None)).await;
    }

    async fn defaults_and_types_in_other_words_are_no_difference(store: Store) {
        let source = "#[derive(Schema)]
            struct Thing {
                id: i64,
                #[schema(sql_type = \"date\", default = \"2024-1-1\")] day: String,
                #[schema(sql_type = \"interval\", default = \"90 minutes\")] span: String,
                #[schema(sql_type = \"uuid\", default = \"67E55044-10B1-426F-9247-BB680E5FE0C8\")] code: String,
                #[schema(sql_type = \"timestamp (3)\", default = \"2024-01-01 5:00\")] at: String,
                #[schema(sql_type = \"national character varying(20)\")] name: String,
                #[schema(sql_type = \"bit varying (8)\")] bits: String,
                #[schema(sql_type = \"dec(8,2) array\")] prices: Vec<Decimal>,
                #[schema(default = 1e10)] big: f64,
                #[schema(default = \"vec![1.50, 2.0]\")] steps: Vec<f64>,
                #[schema(default = \"json!({\\\"b\\\": 1, \\\"a\\\": [2.50, 1]})\")] json: serde_json::Value,
            }";
        apply(&store, source, &Options::default()).await;
        let other = source.replace("90 minutes", "91 minutes").replace("2024-1-1", "2024-1-2").replace("dec(8,2)", "dec(9,2)");
        let (diff, _) = difference(&store, &other, &Options::default()).await;
        let statement = statements(&diff).join("; ");
        assert!(["\"day\" SET", "\"span\" SET", "ADD COLUMN \"prices\""].iter().all(|part| statement.contains(part)), "{statement}");
        assert_eq!(statement.matches(" COLUMN ").count(), 4, "{statement}");
        let mut options = Options { allow_drop: true, ..Options::default() };
        options.values.insert((ObjectName::new("things"), "prices".into()), "'{}'".into());
        apply(&store, &other, &options).await;
    }

    async fn conditions_are_compared_while_types_and_enums_change(store: Store) {
        let before = "#[derive(DbEnum)] #[db_enum(pg_type = \"mood\")] enum Mood { Good, Bad }
            #[derive(Schema)] #[schema(check(is_short, \"length(name) < 10 and name in ('a', 'b')\"), check(known, \"mood in ('good', 'bad')\"))]
            struct Thing { id: i64, name: String, mood: Mood }";
        apply(&store, before, &Options::default()).await;
        let after = before.replace("Good, Bad", "Good, Bad, Fair").replace("'good', 'bad'", "'good', 'fair'").replace("name: String", "#[schema(size = 20)] name: String");
        apply(&store, &after, &Options { allow_drop: true, ..Options::default() }).await;
    }

    async fn tables_in_schemas_of_one_name_are_told_apart(store: Store) {
        let prefix = store.repo.sql::<String>("select current_schema()::text || '_other'").one().await.unwrap().unwrap();
        let source = format!(
            "#[derive(Schema)] #[schema(table = \"things\", check(is_known, \"state in ('a','b')\"))]
             struct Thing {{ id: i64, state: String }}
             #[derive(Schema)] #[schema(table = \"things\", prefix = \"{prefix}\", check(is_known, \"state in (1, 2)\"))]
             struct Other {{ id: i64, state: i32 }}"
        );
        store
            .script(
                "",
                &format!(
                    "create schema {prefix};
                     create table things (id bigint generated by default as identity primary key, state text not null,
                       constraint is_known check (state in ('a','b')));
                     create table {prefix}.things (id bigint generated by default as identity primary key, state int not null,
                       constraint is_known check (state in (1, 2)))"
                ),
            )
            .await;
        let options = peristyle_migrate::introspect::Options {
            schemas: peristyle_migrate::introspect::Schemas::Named(vec![
                store.repo.sql::<String>("select current_schema()::text").one().await.unwrap().unwrap(),
                prefix.clone(),
            ]),
            ..Default::default()
        };
        let current = peristyle_migrate::introspect::read(&store.repo, &options).await.unwrap();
        let models = structs(&source);
        let asked = models::ask(&store.repo, &models, &current).await.unwrap();
        let differences = models::differences_with(&models, &current, store.dialect, &asked.spellings);
        store.script("", &format!("drop schema {prefix} cascade")).await;
        assert_eq!(models::questions(&models, &current, store.dialect).len(), 2);
        assert_eq!(differences, []);
    }

    async fn a_condition_that_postgres_refuses_is_named_with_its_place(store: Store) {
        let source = |check: &str, filter: &str| format!(
            "#[derive(Schema)] #[schema(check(is_cheap, {check:?}), index(name, where = {filter:?}))]\nstruct Thing {{ id: i64, price: i32, name: String }}"
        );
        apply(&store, &source("price<10", "price<10"), &Options::default()).await;
        let current = read(&store).await;
        let models = structs(&source("prize<10", "is_cheap(price)"));
        let asked = models::ask(&store.repo, &models, &current).await.unwrap();
        let refused: Vec<String> = asked
            .refused
            .iter()
            .map(|refused| format!("{} {} {} {}", refused.question.site.position(), refused.question, refused.is_missing, refused.message))
            .collect();
        assert_eq!(
            refused,
            [
                "src/lib.rs:2 the check is_cheap of things false column \"prize\" does not exist",
                "src/lib.rs:2 the filter of the index things_name_index of things true function is_cheap(integer) does not exist",
            ]
        );
        assert!(models::questions(&models, &current, store.dialect).iter().all(|question| !asked.spellings.answer(question)));
        assert_eq!(read(&store).await, current, "nothing is left of the question");
    }

    async fn a_condition_cannot_end_the_transaction_of_the_question(store: Store) {
        let source = |check: &str| format!("#[derive(Schema)] #[schema(check(is_cheap, {check:?}))] struct Thing {{ id: i64, price: i32 }}");
        apply(&store, &source("price<10"), &Options::default()).await;
        let current = read(&store).await;
        for end in ["price < 10); commit; drop table things; --", "price < 10); create table others (); --"] {
            models::ask(&store.repo, &structs(&source(end)), &current).await.unwrap();
            assert_eq!(read(&store).await, current);
        }
    }
}

on_sql_stores! {
    async fn what_is_the_same_is_not_asked_for(store: Store) {
        let source = "#[derive(Schema)] #[schema(check(is_cheap, \"price < 10\"))]
            struct Thing { id: i64, #[schema(default = 3)] price: i32, #[schema(default = \"a\")] name: String }";
        apply(&store, source, &Options::default()).await;
        assert_eq!(models::questions(&structs(source), &read(&store).await, store.dialect), []);
    }
}

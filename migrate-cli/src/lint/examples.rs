//! The examples of the rules, checked.

use super::*;
use crate::catalog::{
    Catalog, Check, Column, ColumnType, ForeignKey, Index, ObjectName, ReferentialAction, Table, View,
};
use peristyle_query::statement::Dialect;

const STORES: [Dialect; 2] = [Dialect::Postgres, Dialect::Sqlite];

/// What the rules ask of the example schema's description.
fn catalog(dialect: Dialect) -> Catalog {
    let column = |name: &str, sql: &str| Column::new(name, ColumnType::Sql(sql.to_owned()));
    let table = |name: &str, columns: Vec<Column>| Table { columns, ..Table::new(ObjectName::new(name)) };
    let users = table("users", vec![column("id", "bigint"), column("email", "text"), column("name", "text")]);
    let mut posts = table(
        "posts",
        vec![
            column("id", "bigint"),
            column("author_id", "bigint"),
            column("title", "character varying(100)"),
            column("body", "text"),
            column("views", "integer"),
        ],
    );
    let mut catalog = Catalog::default();
    if dialect == Dialect::Postgres {
        posts.indexes.push(Index::new("posts_author_id", ["author_id"]));
        posts.checks.push(Check {
            name: Some("posts_title_given".to_owned()),
            condition: "(title IS NOT NULL)".to_owned(),
            not_valid: true,
            comment: None,
        });
    } else {
        let (columns, references) = (vec!["author_id".to_owned()], vec!["id".to_owned()]);
        posts.foreign_keys.push(ForeignKey {
            on_delete: ReferentialAction::Cascade,
            ..ForeignKey::new("posts_author_id_fkey", columns, ObjectName::new("users"), references)
        });
        catalog.views.push(View {
            name: ObjectName::new("recent_posts"),
            query: "SELECT id, title FROM posts".to_owned(),
            materialized: false,
            indexes: Vec::new(),
        });
    }
    catalog.tables = vec![posts, users];
    catalog
}

fn found(rule: &Rule, example: &str, dialect: Dialect) -> Vec<&'static str> {
    let catalog = catalog(dialect);
    let config = Config { lock_timeout: rule.id != "missing-lock-timeout", ..Config::default() };
    let context = Context { catalog: Some(&catalog), config: &config, ..Context::new(dialect) };
    let input = Input::parse("migrations/20261122143000_example.sql", example, dialect).unwrap();
    run(&[input], &context).iter().map(|finding| finding.rule).collect()
}

fn applies(rule: &Rule) -> impl Iterator<Item = Dialect> {
    STORES.into_iter().filter(|dialect| rule.dialects.contains(dialect))
}

#[test]
fn the_failing_example_of_each_rule_breaks_that_rule_and_no_other() {
    let mut wrong = Vec::new();
    for rule in rules() {
        for dialect in applies(rule) {
            let found = found(rule, rule.failing, dialect);
            // What SQL of Postgres can't be read as SQLite's is no example there.
            if found != [rule.id]
                && !(dialect == Dialect::Sqlite && rule.dialects.len() == 2 && found.contains(&rule.id))
            {
                wrong.push((rule.id, dialect, found));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_passing_example_of_each_rule_breaks_none() {
    let mut wrong = Vec::new();
    for rule in rules() {
        for dialect in applies(rule) {
            let found = found(rule, rule.passing, dialect);
            if !found.is_empty() {
                wrong.push((rule.id, dialect, found));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_has_an_id_of_its_own_and_an_explanation() {
    let mut ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for id in ids {
        assert!(id.chars().all(|each| each == '-' || each.is_ascii_lowercase()), "{id}");
        let text = explain(id).unwrap();
        assert!(text.contains("Breaks it:") && text.contains("Keeps it:") && text.contains("Safe  "), "{text}");
    }
}

/// Run it with PERISTYLE_WRITE_GUIDE=1 to write the guide anew.
#[test]
fn the_guide_in_docs_is_made_from_the_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/migrate-lint.md");
    if std::env::var_os("PERISTYLE_WRITE_GUIDE").is_some() {
        std::fs::write(path, guide()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written == guide(), "docs/migrate-lint.md is not up to date: run this test with PERISTYLE_WRITE_GUIDE=1");
}

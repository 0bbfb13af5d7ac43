//! Differences of random databases lead from one to the other and back, and keep what they do not touch.

use super::model::{Edit, Model, Renames, Tab, edits, model};
use super::types::Type;
use super::{create, down, read, up};
use peristyle::prelude::*;
use peristyle::repo::TrustedSql;
use peristyle_migrate::catalog::ObjectName;
use peristyle_migrate::diff::{self, Diff, Options, Rename};
use peristyle_tests::{Kind, Store, count, on_sql_stores};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Write;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

on_sql_stores! {
    async fn a_difference_leads_up_and_back_and_keeps_the_data(store: Store) {
        let kind = store.pick(Kind::Sqlite, Kind::Postgres);
        let config = Config { cases: count(24, 500), failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
        let handle = Handle::current();
        let case = |(model, edits, online)| handle.block_on(check(kind, model, edits, online));
        let outcome =
            block_in_place(|| TestRunner::new(config).run(&(model(), edits(), any::<bool>()), case));
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
    }
}

async fn check(kind: Kind, before: Model, edits: Vec<Edit>, online: bool) -> Result<(), TestCaseError> {
    let (mut after, mut renames) = (before.clone(), Renames::default());
    for edit in &edits {
        after.edit(edit, &mut renames);
    }
    let renames = renames.between(&before, &after);
    let (store, other) = (Store::new(kind).await, Store::new(kind).await);
    let dialect = store.dialect;
    create(&store, &before.catalog(dialect)).await.map_err(TestCaseError::fail)?;
    create(&other, &after.catalog(dialect)).await.map_err(TestCaseError::fail)?;
    let (from, to) = (read(&store).await, read(&other).await);
    store.repo.script(rows(&before, dialect)).await.map_err(|error| TestCaseError::fail(error.to_string()))?;

    let mut options = Options { renames: renames.clone(), allow_drop: true, online, ..Options::default() };
    for table in &after.tables {
        for column in table.columns.iter().filter(|column| !column.nullable) {
            let key = (ObjectName::new(&table.name), column.name.clone());
            options.values.insert(key, value(column.ty, dialect));
        }
    }
    let diff = diff::diff(&from, &to, dialect, &options).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(diff.check().is_ok(), "{:?}", diff.check());
    let kept = untouched(&before, &after, &renames);
    let old_rows = contents(&store, kept.iter().map(|kept| (&*kept.old_table, &*kept.old_column))).await;

    up(&store, &diff.parts).await.map_err(|error| TestCaseError::fail(format!("up: {error}\n{}", sql(&diff))))?;
    let reached = read(&store).await;
    prop_assert_eq!(&reached, &to, "up, by\n{}", sql(&diff));
    let rest = diff::diff(&reached, &to, dialect, &Options::default())
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(rest.is_empty(), "something is left: {:?}", rest.parts);
    let new_rows = contents(&store, kept.iter().map(|kept| (&*kept.new_table, &*kept.new_column))).await;
    prop_assert_eq!(&old_rows, &new_rows, "rows after\n{}", sql(&diff));

    down(&store, &diff.parts).await.map_err(|error| TestCaseError::fail(format!("down: {error}\n{}", sql(&diff))))?;
    prop_assert_eq!(&read(&store).await, &from, "down, by\n{}", sql(&diff));
    let rows = contents(&store, kept.iter().map(|kept| (&*kept.old_table, &*kept.old_column))).await;
    prop_assert_eq!(&old_rows, &rows, "rows after the way back\n{}", sql(&diff));
    Ok(())
}

/// The statements of a difference, for the message of a failure.
fn sql(diff: &Diff) -> String {
    let mut text = String::new();
    for part in &diff.parts {
        writeln!(text, "-- {:?}, up", part.kind).unwrap();
        for statement in part.up.iter().flat_map(|step| &step.statements) {
            writeln!(text, "{statement};").unwrap();
        }
        writeln!(text, "-- down").unwrap();
        for statement in part.down.iter().flat_map(|step| &step.statements) {
            writeln!(text, "{statement};").unwrap();
        }
    }
    text
}

fn value(ty: Type, dialect: Dialect) -> String {
    match (ty, dialect) {
        (Type::Bool, Dialect::Sqlite) => "1".to_owned(),
        _ => ty.value(1),
    }
}

/// Three rows in every table, which point at each other.
fn rows(model: &Model, dialect: Dialect) -> String {
    let mut script = String::new();
    for table in &model.tables {
        for row in 1..=3 {
            let columns: Vec<_> = table.columns.iter().filter(|column| column.ty != Type::Reference).collect();
            if columns.is_empty() {
                writeln!(script, "INSERT INTO \"{}\" DEFAULT VALUES;", table.name).unwrap();
                continue;
            }
            let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            let values: Vec<String> = columns
                .iter()
                .map(|column| match (column.ty, dialect) {
                    (Type::List, Dialect::Sqlite) => "'[]'".to_owned(),
                    (ty, _) => ty.value(row),
                })
                .collect();
            let (names, values) = (names.join(", "), values.join(", "));
            writeln!(script, "INSERT INTO \"{}\" ({names}) VALUES ({values});", table.name).unwrap();
        }
    }
    for table in &model.tables {
        for column in table.columns.iter().filter(|column| column.ty == Type::Reference) {
            writeln!(script, "UPDATE \"{}\" SET \"{}\" = id;", table.name, column.name).unwrap();
        }
    }
    script
}

/// A column that is in both databases with the same type.
struct Kept {
    old_table: String,
    old_column: String,
    new_table: String,
    new_column: String,
}

fn untouched(before: &Model, after: &Model, renames: &[Rename]) -> Vec<Kept> {
    let mut kept = Vec::new();
    for old in &before.tables {
        let Some(new) = after.tables.iter().find(|table| table.number == old.number) else { continue };
        for (old_column, new_column) in columns(old, new, renames) {
            kept.push(Kept { old_table: old.name.clone(), old_column, new_table: new.name.clone(), new_column });
        }
    }
    kept
}

fn columns(old: &Tab, new: &Tab, renames: &[Rename]) -> Vec<(String, String)> {
    let mut pairs = vec![("id".to_owned(), "id".to_owned())];
    for column in &old.columns {
        let name = renames
            .iter()
            .find_map(|rename| match rename {
                Rename::Column { table, from, to } if table.name == new.name && *from == column.name => {
                    Some(to.clone())
                }
                _ => None,
            })
            .unwrap_or_else(|| column.name.clone());
        if new.columns.iter().any(|other| other.name == name && other.ty == column.ty) {
            pairs.push((column.name.clone(), name));
        }
    }
    pairs
}

async fn contents<'a>(store: &Store, columns: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Vec<Option<String>>> {
    let mut all = Vec::new();
    for (table, column) in columns {
        let sql = format!("SELECT CAST(\"{column}\" AS text) FROM \"{table}\" ORDER BY id");
        all.push(store.repo.sql::<Option<String>>(TrustedSql::verbatim(&sql)).await.unwrap());
    }
    all
}

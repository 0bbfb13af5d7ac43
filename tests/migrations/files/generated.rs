//! Scripts of any strings, names and comments are split as the databases split them.

use futures_util::TryStreamExt;
use peristyle_migrate::files::{Flavor, statements};
use peristyle_tests::{Store, on_postgres, on_sqlite};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rusqlite::Batch;
use rusqlite::fallible_iterator::FallibleIterator;
use sqlx::{AssertSqlSafe, Connection, Either, PgConnection};

/// What opens, closes, escapes and separates.
const PIECES: [&str; 30] = [
    ";",
    "'",
    "''",
    "\"",
    "$$",
    "$q$",
    "$",
    "$1",
    "E'",
    "U&",
    "\\",
    "/*",
    "*/",
    "--",
    "\n",
    "\r\n",
    "\t",
    " ",
    "(",
    ")",
    "[",
    "]",
    "`",
    "é",
    "💡",
    " BEGIN ATOMIC ",
    " END",
    "CASE ",
    "a",
    "COPY a FROM STDIN",
];

/// Runs of pieces.
fn content() -> impl Strategy<Value = String> + Clone {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8).prop_map(|pieces| pieces.concat())
}

fn blank() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        Just(" ".to_owned()),
        Just("\r\n".to_owned()),
        content().prop_map(|text| format!(" --{}\n", text.replace(['\r', '\n'], " "))),
        content().prop_map(|text| format!(" /*{}*/ ", text.replace(['*', '/'], " "))),
    ]
}

fn quoted(text: &str, quote: &str) -> String {
    format!("{quote}{}{quote}", text.replace(quote, &quote.repeat(2)))
}

/// A string of a form that the database reads, and a name for it.
fn column(flavor: Flavor) -> impl Strategy<Value = (String, String)> {
    let literal = (content(), 0..5).prop_map(move |(text, form)| match (form, flavor) {
        (0, Flavor::Postgres) => format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        (1, Flavor::Postgres) => format!("$qz_1${text}$qz_1$"),
        (2, Flavor::Postgres) => format!("U&{}", quoted(&text.replace('\\', "\\\\"), "'")),
        (3, Flavor::Postgres) => "B'01'".to_owned(),
        (0, Flavor::Sqlite) => "x'3B27'".to_owned(),
        _ => quoted(&text, "'"),
    });
    let name = (content(), 0..4).prop_map(move |(text, form)| match (form, flavor) {
        (0, Flavor::Sqlite) => format!("[n{}]", text.replace(']', " ")),
        (1, Flavor::Sqlite) => quoted(&format!("n{text}"), "`"),
        (2, _) => "a$b".to_owned(),
        _ => quoted(&format!("n{text}"), "\""),
    });
    (literal, name)
}

fn statement(flavor: Flavor) -> impl Strategy<Value = String> {
    let columns = prop::collection::vec(column(flavor), 1..4);
    (columns, blank(), blank(), any::<bool>()).prop_map(|(columns, one, two, nested)| {
        let columns: Vec<_> = columns.iter().map(|(text, name)| format!("{text}{one}AS{two}{name}")).collect();
        let select = format!("SELECT{two}{}", columns.join(&format!("{one},{two}")));
        if nested { format!("SELECT count(*) FROM{one}({two}{select}{one}){two}AS t") } else { select }
    })
}

/// Scripts with the statements that they were made of.
fn scripts(flavor: Flavor, count: usize) -> Vec<(Vec<String>, String)> {
    let script = prop::collection::vec((statement(flavor), blank(), blank()), 1..6);
    let mut runner = TestRunner::deterministic();
    let mut next = || script.new_tree(&mut runner).unwrap_or_else(|error| panic!("{error}")).current();
    let joined = |parts: Vec<(String, String, String)>| {
        let text = parts.iter().map(|(statement, before, after)| format!("{before}{statement}{after};")).collect();
        (parts.into_iter().map(|(statement, ..)| statement).collect(), text)
    };
    (0..count).map(|_| joined(next())).collect()
}

fn check(script: &str, expected: &[String], flavor: Flavor) {
    let found = statements(script, flavor).unwrap_or_else(|error| panic!("{error}\n{script}"));
    let found: Vec<_> = found.into_iter().map(|statement| statement.text).collect();
    assert_eq!(found, expected, "{script}");
}

on_postgres! {
    async fn generated_scripts_are_split_as_postgres_splits_them(store: Store) {
        let mut connection = PgConnection::connect(store.url()).await.unwrap();
        for (expected, script) in scripts(Flavor::Postgres, 400) {
            check(&script, &expected, Flavor::Postgres);
            let sql = AssertSqlSafe(script.clone());
            let results: Result<Vec<_>, _> = sqlx::raw_sql(sql).fetch_many(&mut connection).try_collect().await;
            let results = results.unwrap_or_else(|error| panic!("{error}\n{script}"));
            let count = results.iter().filter(|result| matches!(result, Either::Left(_))).count();
            assert_eq!(count, expected.len(), "{script}");
        }
    }
}

on_sqlite! {
    async fn generated_scripts_are_split_as_sqlite_splits_them(store: Store) {
        let connection = rusqlite::Connection::open(store.file()).unwrap();
        for (expected, script) in scripts(Flavor::Sqlite, 1000) {
            check(&script, &expected, Flavor::Sqlite);
            let batch = Batch::new(&connection, &script);
            let count = batch.count().unwrap_or_else(|error| panic!("{error}\n{script}"));
            assert_eq!(count, expected.len(), "{script}");
        }
    }
}

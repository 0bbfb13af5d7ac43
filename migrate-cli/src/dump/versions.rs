//! The rows of the version table, as INSERTs.

use super::DumpOptions;
use crate::catalog::ObjectName;
use crate::introspect::{self, Options, Schemas};
use peristyle_query::error::Error;
use peristyle_query::repo::{Repo, TrustedSql};
use peristyle_query::row::AnyRow;
use peristyle_query::statement::Dialect;
use peristyle_query::value::Value;
use peristyle_sql::quoted;
use std::fmt::Write;

/// Columns that tell of the run and not of the migration, and what is written instead, if anything.
const OF_THE_RUN: [(&str, Option<&str>); 6] = [
    ("inserted_at", Some("CURRENT_TIMESTAMP")),
    ("duration_ms", Some("0")),
    ("applied_by", None),
    ("tool", Some("'peristyle db load'")),
    ("script_up", None),
    ("script_down", None),
];

/// The INSERTs of the versions, in order; nothing if there is no version table.
pub(super) async fn inserts(repo: &Repo, options: &DumpOptions) -> Result<String, Error> {
    let schemas = match (&options.prefixes, repo.dialect()) {
        (Some(prefixes), Some(Dialect::Postgres)) => Schemas::Named(prefixes.clone()),
        _ => Schemas::Current,
    };
    let catalog = introspect::read(repo, &Options { schemas, ignore_tables: Vec::new() }).await?;
    let mut text = String::new();
    let tables = catalog.tables.iter().filter(|table| table.name.name == options.version_table);
    for table in tables.filter(|table| table.column("version").is_some()) {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        text.push_str(&rows(repo, &table.name, &columns).await?);
    }
    Ok(text)
}

async fn rows(repo: &Repo, table: &ObjectName, columns: &[&str]) -> Result<String, Error> {
    let of_the_run = |column: &str| OF_THE_RUN.iter().find(|(name, _)| *name == column).map(|(_, value)| *value);
    let read: Vec<&str> = columns.iter().copied().filter(|column| of_the_run(column).is_none()).collect();
    let written: Vec<&str> = columns.iter().copied().filter(|column| of_the_run(column) != Some(None)).collect();
    let casts: Vec<String> = read.iter().map(|column| format!("cast({} as text)", quoted(column))).collect();
    let select = format!("select {} from {} order by {}", casts.join(", "), table.quoted(), quoted("version"));
    let names = written.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
    let mut text = String::new();
    for row in repo.sql::<AnyRow>(TrustedSql::verbatim(&select)).await? {
        let literals = written.iter().map(|column| match of_the_run(column).flatten() {
            Some(expression) => expression.to_owned(),
            None => {
                let value = read.iter().position(|name| name == column).and_then(|place| row.values().get(place));
                literal(value, *column == "version")
            }
        });
        let literals = literals.collect::<Vec<_>>().join(", ");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "INSERT INTO {} ({names}) VALUES ({literals});", table.quoted());
    }
    Ok(text)
}

fn literal(value: Option<&Value>, is_number: bool) -> String {
    match value {
        Some(Value::Text(text)) if is_number && text.bytes().all(|byte| byte.is_ascii_digit()) => text.clone(),
        Some(Value::Text(text)) => peristyle_sql::text_literal(text),
        _ => "NULL".to_owned(),
    }
}

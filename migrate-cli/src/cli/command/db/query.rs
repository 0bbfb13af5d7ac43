//! `db query`.

use crate::cli::app::App;
use crate::cli::args::Query;
use crate::cli::database;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome, spoken};
use crate::cli::output::counted;
use crate::files::lexer::Flavor;
use crate::files::statements;
use peristyle_query::adapter::TransactionOptions;
use peristyle_query::error::Error;
use peristyle_query::repo::TrustedSql;
use peristyle_query::row::{AnyRow, table};
use peristyle_query::statement::Dialect;
use peristyle_query::value::Value;
use serde_json::{Map, json};
use std::io::Read;

/// Runs a statement in a transaction that can only read, and prints its rows.
pub async fn query(app: &App, query: &Query) -> Outcome {
    let mut sql = query.sql.clone();
    if sql == "-" {
        sql.clear();
        let read = std::io::stdin().read_to_string(&mut sql);
        read.map_err(|error| Failure::new(Exit::File, format!("the standard input cannot be read: {error}")))?;
    }
    let database = database::open(&app.config.one(&app.global)?.url()?).await?;
    let sql = one(&sql, database.dialect())?;
    let rows = database
        .transaction_with(TransactionOptions::read_only(), async |tx| {
            tx.sql::<AnyRow>(TrustedSql::verbatim(&sql)).await
        })
        .await
        .map_err(refused)?;
    database.close().await;
    let output = app.output;
    if query.json {
        output.json(&rows.iter().map(object).collect());
    } else if query.csv {
        output.raw(&csv(&rows));
    } else {
        output.raw(&table(&rows));
        output.say(format!("({})", counted(rows.len(), "row")));
    }
    Ok(Exit::Done)
}

/// The one statement of a text. What is no SQL is left to the database, which says more of it.
fn one(sql: &str, dialect: Option<Dialect>) -> Outcome<String> {
    let flavor = if dialect == Some(Dialect::Sqlite) { Flavor::Sqlite } else { Flavor::Postgres };
    match statements(sql, flavor).as_deref() {
        Ok([]) => Err(Failure::usage("there is no statement").help("as in: peristyle db query 'select 1'")),
        Ok([_, second, ..]) => {
            let place = second.offset..second.offset + second.text.len();
            Err(Failure::usage("`db query` runs one statement").at(
                "the statement",
                sql,
                1,
                place,
                "this is another one",
            ))
        }
        _ => Ok(sql.trim().trim_end_matches(';').to_owned()),
    }
}

/// Says why nothing was written.
fn refused(error: Error) -> Failure {
    let writes = match &error {
        Error::Database(database) => {
            database.code.as_deref() == Some("25006") || database.message.contains("readonly database")
        }
        _ => false,
    };
    match writes {
        true => Failure::new(Exit::Failed, "`db query` only reads: the statement would write")
            .note(spoken(&error).lines().next().unwrap_or_default())
            .help("write a migration (`peristyle migrate new NAME`), or a file of seeds (`peristyle db seed`)"),
        false => error.into(),
    }
}

fn object(row: &AnyRow) -> serde_json::Value {
    let mut object = Map::new();
    for (name, value) in row.names().iter().zip(row.values()) {
        // An object has each name once: the second `id` of a join is `id_2`.
        let others = (2..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone()).chain(others).find(|name| !object.contains_key(name));
        object.insert(free.unwrap_or_default(), json(value));
    }
    object.into()
}

/// A value as JSON: what JSON has no form for is text, a decimal too, so that no digit is lost.
fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null(_) => serde_json::Value::Null,
        Value::Bool(value) => json!(value),
        Value::I16(value) => json!(value),
        Value::I32(value) => json!(value),
        Value::I64(value) => json!(value),
        Value::F32(value) => json!(value),
        Value::F64(value) => json!(value),
        Value::Json(value) => value.clone(),
        Value::Array(_, items) => items.iter().map(json).collect(),
        other => json!(plain(other)),
    }
}

/// A value as text, whole.
fn plain(value: &Value) -> String {
    match value {
        Value::Null(_) => String::new(),
        Value::Text(text) | Value::Enum(_, text) => text.clone(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Value::Json(_) | Value::Array(..) => json(value).to_string(),
        Value::Timestamp(time) => time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        other => other.to_string(),
    }
}

/// Rows as CSV: a header, commas, and quotes where they are needed. NULL is empty, and an empty text stands in quotes.
fn csv(rows: &[AnyRow]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let quoted = |text: &str| match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let cell = |value: &Value| match plain(value) {
        text if text.is_empty() && !value.is_null() => "\"\"".to_owned(),
        text => quoted(&text),
    };
    let mut lines = vec![first.names().iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")];
    lines.extend(rows.iter().map(|row| row.values().iter().map(cell).collect::<Vec<_>>().join(",")));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use peristyle_query::value::DataType;

    #[test]
    fn csv_quotes_what_would_be_read_otherwise() {
        let names = ["a".to_owned(), "b,c".to_owned()];
        let rows = [
            AnyRow::new(names.clone(), vec![Value::Text("x\"y".into()), Value::Null(DataType::Text)]),
            AnyRow::new(names, vec![Value::Text(String::new()), Value::I64(7)]),
        ];
        assert_eq!(csv(&rows), "a,\"b,c\"\n\"x\"\"y\",\n\"\",7\n");
        assert_eq!(object(&rows[1]).to_string(), r#"{"a":"","b,c":7}"#);
        let twice = AnyRow::new(["id".to_owned(), "id".to_owned()], vec![Value::I64(1), Value::I64(2)]);
        assert_eq!(object(&twice).to_string(), r#"{"id":1,"id_2":2}"#);
    }
}

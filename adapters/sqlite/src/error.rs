//! SQLite's errors in Peristyle's terms.

use peristyle_query::error::{ConnectError, DatabaseError, Error, QueryError, TransactionMisuse};
use peristyle_query::schema::SchemaMeta;
use peristyle_sql::constraint;
use rusqlite::ErrorCode;

/// The name of the store in errors.
pub(crate) const STORE: &str = "sqlite";

/// The error of a repo that was closed.
pub(crate) fn closed() -> Error {
    ConnectError { store: STORE, message: "the repo is closed; connect again".to_owned() }.into()
}

/// The error of a transaction that has ended.
pub(crate) fn ended() -> Error {
    TransactionMisuse::Ended.into()
}

/// What SQLite said; the schema of the statement's table gives names that it does not.
pub(crate) fn from_sqlite(error: rusqlite::Error, schema: Option<&SchemaMeta>) -> Error {
    match error {
        rusqlite::Error::SqliteFailure(error, message) => {
            let message = message.unwrap_or_else(|| error.to_string());
            failure(error, message, None, schema)
        }
        rusqlite::Error::SqlInputError { error, msg, sql, offset } => {
            failure(error, msg, position(&sql, offset), schema)
        }
        rusqlite::Error::MultipleStatement => {
            QueryError::new("several statements were given where one is expected: run them with repo.script(..)").into()
        }
        other => DatabaseError { store: STORE, message: other.to_string(), ..DatabaseError::default() }.into(),
    }
}

/// The character, from 1, at a byte of a statement; SQLite gives -1 where it points at none.
fn position(sql: &str, offset: i32) -> Option<usize> {
    let before = sql.get(..usize::try_from(offset).ok()?)?;
    Some(before.chars().count() + 1)
}

fn failure(
    error: rusqlite::ffi::Error,
    message: String,
    position: Option<usize>,
    schema: Option<&SchemaMeta>,
) -> Error {
    if error.code == ErrorCode::ConstraintViolation
        && let Some(constraint) = constraint::sqlite(&message, schema)
    {
        return constraint.into();
    }
    if error.code == ErrorCode::CannotOpen {
        return ConnectError { store: STORE, message }.into();
    }
    DatabaseError {
        store: STORE,
        hint: hint(error.code, &message),
        message,
        code: Some(error.extended_code.to_string()),
        detail: None,
        retryable: matches!(error.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked),
        position,
        place: None,
    }
    .into()
}

/// What to do about an error.
fn hint(code: ErrorCode, message: &str) -> Option<String> {
    let hint = match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another process holds the database's lock: raise busy_timeout, or keep its transactions short"
        }
        ErrorCode::ReadOnly => {
            "the file or its folder cannot be written, or was opened with mode=ro, or this is a read-only transaction"
        }
        ErrorCode::DiskFull => "the disk is full: free some space and run it again",
        ErrorCode::NotADatabase => "the file is not a SQLite database, or it is encrypted",
        ErrorCode::DatabaseCorrupt => {
            "the file is damaged: restore a backup, or save what the sqlite3 shell's .recover finds"
        }
        ErrorCode::TooBig => "a text or a blob may have 1,000,000,000 bytes and a statement 32,766 values: split it",
        ErrorCode::ApiMisuse => "the statement is empty: write one, or leave the call out",
        ErrorCode::OperationInterrupted => "its future was dropped while it ran",
        _ if message.starts_with("no such table") => {
            "run the migrations, or create the table with repo.script(\"CREATE TABLE ..\")"
        }
        _ if message.starts_with("no such column") || message.contains("has no column named") => {
            "the table is older than the schema, or the names differ: run the migrations, or see #[schema(column = \"..\")]"
        }
        _ if message.starts_with("too many SQL variables") => "a statement may have 32,766 values: split it",
        _ => return None,
    };
    Some(hint.to_owned())
}

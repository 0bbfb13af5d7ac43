//! One statement on its way: rendered, its values encoded, and what may be done again when it fails.

use crate::bind::MAX_PARAMETERS;
use crate::connection::{Encoded, Progress};
use crate::error::{Secrets, connect_error, encode_error, statement_error};
use crate::failure::Failure;
use peristyle_query::adapter::Request;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{InsertSource, Operation, RawStatement};
use peristyle_query::statement::{Dialect, Parameter};
use peristyle_sql::{PlanCache, without_ttl};
use std::panic::Location;
use std::sync::Arc;

/// How many rendered statements an adapter keeps.
const PLANS: usize = 1024;

/// The plan cache of an adapter.
pub(crate) fn plans() -> PlanCache {
    PlanCache::new(Dialect::Postgres, PLANS)
}

/// A statement that is ready to be sent.
pub(crate) struct Call {
    pub(crate) sql: Arc<str>,
    pub(crate) parameters: Vec<Parameter>,
    operation: Operation,
    encoded: Option<Encoded>,
    /// Whether it only reads.
    pub(crate) reads: bool,
    /// Whether it has no effect that is kept before it ends.
    pub(crate) whole: bool,
    /// Whether it changes the session, whoever uses that next.
    pub(crate) marks_session: bool,
    location: &'static Location<'static>,
}

impl Call {
    /// Renders a request, shows it to its observers and encodes its values.
    pub(crate) fn new(plans: &PlanCache, request: Request) -> Result<Self, Error> {
        let location = request.location;
        Self::prepare(plans, request).map_err(|error| error.at(location))
    }

    fn prepare(plans: &PlanCache, request: Request) -> Result<Self, Error> {
        without_ttl("postgres", request.ttl)?;
        let (mut whole, mut marks_session) = (true, false);
        if let Operation::Raw(raw) = &request.operation {
            refuse_transaction_control(raw)?;
            // A procedure or a block may commit on its way.
            whole = !matches!(first_word(&raw.template).0.as_str(), "CALL" | "DO");
            marks_session = changes_session(raw);
        }
        let statement = plans.statement(&request.operation, request.prefix.as_deref())?;
        request.observe(&statement)?;
        let (sql, parameters) = statement.into_parts();
        if parameters.len() > MAX_PARAMETERS {
            let message = format!(
                "the statement has {} parameters, postgres takes {MAX_PARAMETERS}: split it into several",
                parameters.len()
            );
            return Err(Error::from(QueryError::new(message)).in_statement(&sql));
        }
        if sql.contains('\0') {
            let message =
                "the statement's text has a NUL character (U+0000), which postgres cannot take; bind it as bytes";
            return Err(QueryError::new(message).into());
        }
        let encoded = Encoded::of(&parameters).map_err(|(index, reason)| {
            let reason = match field_of(&request.operation, index, parameters.len()) {
                Some(field) => format!("{field}: {reason}"),
                None => format!("parameter ${}: {reason}", index + 1),
            };
            encode_error(parameters[index].value.data_type(), reason).in_statement(&sql)
        })?;
        let reads = request.operation.is_read();
        let Request { operation, location, .. } = request;
        Ok(Call { sql, parameters, operation, encoded: Some(encoded), reads, whole, marks_session, location })
    }

    /// The encoded values; they are used up by each run.
    pub(crate) fn encoded(&mut self) -> Result<Encoded, Error> {
        match self.encoded.take() {
            Some(encoded) => Ok(encoded),
            None => Encoded::of(&self.parameters).map_err(|(index, reason)| {
                encode_error(self.parameters[index].value.data_type(), reason).in_statement(&self.sql).at(self.location)
            }),
        }
    }

    /// Whether the statement, which ran outside of a transaction, may run again on another connection: it cannot have come
    /// to its end, or it only reads and nothing of its result was handed on.
    pub(crate) fn may_repeat(&self, failure: &Failure, progress: &Progress) -> bool {
        let unanswered = progress.rows == 0 && progress.completed == 0;
        unanswered && failure.is_lost() && (self.reads || (self.whole && failure.is_before_the_end()))
    }

    /// The error of a statement outside of a transaction.
    pub(crate) fn error(&self, failure: Failure) -> Error {
        let error = match &failure {
            Failure::Lost { message, .. } if self.reads => {
                connect_error(format!("lost: {message}; run the query again"))
            }
            Failure::Lost { message, .. } if self.whole && failure.is_before_the_end() => {
                connect_error(format!("lost: {message}; the statement did not run"))
            }
            _ => statement_error(failure, self.secrets()),
        };
        error.in_statement(&self.sql).at(self.location)
    }

    /// The error of a statement inside of a transaction.
    pub(crate) fn error_in_transaction(&self, failure: Failure) -> Error {
        let error = match failure {
            Failure::Lost { message, .. } => connect_error(format!("lost: {message}; the transaction was rolled back")),
            failure => statement_error(failure, self.secrets()),
        };
        error.in_statement(&self.sql).at(self.location)
    }

    fn secrets(&self) -> Secrets<'_> {
        Secrets { parameters: &self.parameters, stored: self.operation.has_redacted() }
    }

    /// The table that the statement is about.
    pub(crate) fn table(&self) -> Option<&'static str> {
        self.operation.schema().map(|schema| schema.table)
    }

    /// Adds the line of the call to an error.
    pub(crate) fn locate(&self, error: Error) -> Error {
        error.at(self.location)
    }
}

/// The field that parameter `index` belongs to, where that is plain to see.
fn field_of(operation: &Operation, index: usize, parameters: usize) -> Option<String> {
    match operation {
        Operation::Insert(insert) => {
            let field = match &insert.source {
                InsertSource::Rows { values, .. } if values.len() == parameters => {
                    insert.columns.get(index % insert.columns.len().max(1))
                }
                // One array for each column.
                InsertSource::Rows { .. } => insert.columns.get(index),
                _ => None,
            };
            field.map(|field| format!("{}.{}", insert.schema.name, field.name))
        }
        _ => None,
    }
}

/// BEGIN and the like would leave the connection in a state that its next user does not expect.
fn refuse_transaction_control(raw: &RawStatement) -> Result<(), Error> {
    let (word, _) = first_word(&raw.template);
    let refused = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];
    if !refused.contains(&word.as_str()) {
        return Ok(());
    }
    let message =
        format!("{word} is not a statement to run by itself: use repo.transaction(..), nested for a savepoint");
    Err(QueryError::new(message).into())
}

/// Whether a statement leaves a setting or a subscription in the session. What SET LOCAL and the like set ends with the
/// transaction.
fn changes_session(raw: &RawStatement) -> bool {
    let (word, rest) = first_word(&raw.template);
    match word.as_str() {
        "LISTEN" => true,
        "SET" => !matches!(first_word(rest).0.as_str(), "LOCAL" | "TRANSACTION" | "CONSTRAINTS"),
        _ => false,
    }
}

/// The first word of a statement, in capitals, past spaces and comments, and what follows it.
fn first_word(text: &str) -> (String, &str) {
    let mut text = text.trim_start();
    loop {
        let comment_end = if text.starts_with("--") {
            text.find('\n').map(|end| end + 1)
        } else if text.starts_with("/*") {
            text.find("*/").map(|end| end + 2)
        } else {
            break;
        };
        text = comment_end.and_then(|end| text.get(end..)).unwrap_or_default().trim_start();
    }
    let (word, rest) = text.split_at(text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()));
    (word.to_ascii_uppercase(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &'static str) -> RawStatement {
        RawStatement { template: text.into(), values: Vec::new() }
    }

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(first_word(" /* a */ -- b\n begin;"), ("BEGIN".to_owned(), ";"));
        assert_eq!(first_word("-- only a comment").0, "");
    }

    #[test]
    fn statements_that_change_the_session_are_told_from_those_that_end_with_the_transaction() {
        assert!(["set x = 1", "SET SESSION x TO 1", "listen c"].into_iter().all(|text| changes_session(&raw(text))));
        let others =
            ["set local x = 1", "SET /* a */ TRANSACTION READ ONLY", "set constraints all deferred", "SELECT 1"];
        assert!(!others.into_iter().any(|text| changes_session(&raw(text))));
    }

    #[test]
    fn statements_that_control_transactions_are_refused() {
        let error = refuse_transaction_control(&raw("commit")).unwrap_err().to_string();
        assert!(error.contains("repo.transaction"), "{error}");
        assert!(refuse_transaction_control(&raw("SELECT 1")).is_ok());
    }
}

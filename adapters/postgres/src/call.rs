//! One statement on its way: rendered, its values encoded, and what may be done again when it fails.

use crate::bind::MAX_PARAMETERS;
use crate::connection::{Encoded, Progress};
use crate::error::{connect_error, encode_error, statement_error};
use crate::failure::Failure;
use peristyle_query::adapter::Request;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{Operation, RawStatement};
use peristyle_query::statement::{Dialect, Parameter};
use peristyle_sql::PlanCache;
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
    encoded: Option<Encoded>,
    /// Whether it only reads.
    pub(crate) reads: bool,
    /// Whether it has no effect that is kept before it ends.
    whole: bool,
    location: &'static Location<'static>,
}

impl Call {
    /// Renders a request, shows it to its observers and encodes its values.
    pub(crate) fn new(plans: &PlanCache, request: &Request) -> Result<Self, Error> {
        Self::prepare(plans, request).map_err(|error| error.at(request.location))
    }

    fn prepare(plans: &PlanCache, request: &Request) -> Result<Self, Error> {
        let mut whole = true;
        if let Operation::Raw(raw) = &request.operation {
            refuse_transaction_control(raw)?;
            // A procedure or a block may commit on its way.
            whole = !matches!(first_word(raw).as_str(), "CALL" | "DO");
        }
        let statement = plans.statement(&request.operation, request.prefix.as_deref())?;
        request.observe(&statement);
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
        Ok(Call { sql, parameters, encoded: Some(encoded), reads, whole, location: request.location })
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
            _ => statement_error(failure, &self.parameters),
        };
        error.in_statement(&self.sql).at(self.location)
    }

    /// The error of a statement inside of a transaction.
    pub(crate) fn error_in_transaction(&self, failure: Failure) -> Error {
        let error = match failure {
            Failure::Lost { message, .. } => connect_error(format!("lost: {message}; the transaction was rolled back")),
            failure => statement_error(failure, &self.parameters),
        };
        error.in_statement(&self.sql).at(self.location)
    }

    /// Adds the line of the call to an error.
    pub(crate) fn locate(&self, error: Error) -> Error {
        error.at(self.location)
    }
}

/// The field that parameter `index` belongs to, where that is plain to see.
fn field_of(operation: &Operation, index: usize, parameters: usize) -> Option<String> {
    match operation {
        Operation::Insert(insert) if insert.values.len() == parameters => {
            insert.values.get(index).map(|(field, _)| format!("{}.{}", insert.schema.name, field.name))
        }
        _ => None,
    }
}

/// BEGIN and the like would leave the connection in a state that its next user does not expect.
fn refuse_transaction_control(raw: &RawStatement) -> Result<(), Error> {
    let word = first_word(raw);
    let refused = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];
    if !refused.contains(&word.as_str()) {
        return Ok(());
    }
    let message =
        format!("{word} is not a statement to run by itself: use repo.transaction(..), nested for a savepoint");
    Err(QueryError::new(message).into())
}

/// The first word of a statement, in capitals, past spaces and comments.
fn first_word(raw: &RawStatement) -> String {
    let mut text = raw.template.trim_start();
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
    text.chars().take_while(|c| c.is_ascii_alphabetic()).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &'static str) -> RawStatement {
        RawStatement { template: text, values: Vec::new() }
    }

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(first_word(&raw(" /* a */ -- b\n begin;")), "BEGIN");
        assert_eq!(first_word(&raw("-- only a comment")), "");
    }

    #[test]
    fn statements_that_control_transactions_are_refused() {
        let error = refuse_transaction_control(&raw("commit")).unwrap_err().to_string();
        assert!(error.contains("repo.transaction"), "{error}");
        assert!(refuse_transaction_control(&raw("SELECT 1")).is_ok());
    }
}

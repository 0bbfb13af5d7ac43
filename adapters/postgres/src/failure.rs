//! What can go wrong on a connection, in the terms of the server and not of the driver.

use crate::constraint::Known;
use peristyle_query::error::DecodeError;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};
use std::io::ErrorKind;

/// Why a call on a connection failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server refused; the connection can go on.
    Refused(Box<ServerError>),
    /// The connection is lost: the server's last words, if it had any, and what happened otherwise.
    Lost { answer: Option<Box<ServerError>>, message: String, cause: Cause },
    /// A row could not be read; what the server still sends has to be passed over.
    Decode(DecodeError),
}

/// How a connection was lost, where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nobody listened at the address.
    NobodyListens,
    /// The other end was closed before the statement was sent as a whole, so that it cannot have come to its end.
    NotSent,
    /// Anything else.
    Other,
}

/// An error that the server sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    /// The database schema of the table.
    pub(crate) schema: Option<String>,
    pub(crate) table: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) constraint: Option<String>,
    /// What the catalog knows of the constraint, once it was asked.
    pub(crate) known: Option<Known>,
    /// The function of the server's source that reported it, the same in every language of messages.
    pub(crate) routine: Option<String>,
    /// The character of the statement, from 1, that it points at.
    pub(crate) position: Option<usize>,
    /// The place in a script, in words.
    pub(crate) place: Option<String>,
}

impl Failure {
    /// Translates an error of the driver.
    pub(crate) fn of(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast::<PgDatabaseError>() {
                Ok(error) => {
                    let fatal = matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic);
                    let error = Box::new(ServerError::of(&error));
                    if fatal {
                        let message = format!("{} ({})", error.message, error.code);
                        Failure::Lost { answer: Some(error), message, cause: Cause::Other }
                    } else {
                        Failure::Refused(error)
                    }
                }
                Err(error) => Failure::lost(error.to_string()),
            },
            sqlx::Error::Io(error) => {
                let cause = match error.kind() {
                    // A Unix socket that is not there is a server that does not listen, too.
                    ErrorKind::ConnectionRefused | ErrorKind::NotFound => Cause::NobodyListens,
                    ErrorKind::BrokenPipe => Cause::NotSent,
                    _ => Cause::Other,
                };
                Failure::Lost { answer: None, message: error.to_string(), cause }
            }
            sqlx::Error::Tls(error) if error.to_string().contains("built without TLS") => Failure::lost(
                "TLS is asked for (sslmode), and this build has none: add one of the features tls-rustls-ring, \
                 tls-rustls-aws-lc-rs and tls-native-tls to peristyle in Cargo.toml",
            ),
            // The conversation with the server is out of step: the connection is of no more use.
            other => Failure::lost(other.to_string()),
        }
    }

    /// A connection that cannot be used any more.
    pub(crate) fn lost(message: impl Into<String>) -> Self {
        Failure::Lost { answer: None, message: message.into(), cause: Cause::Other }
    }

    /// What the server answered, if it did.
    pub(crate) fn answer(&self) -> Option<&ServerError> {
        match self {
            Failure::Refused(answer) | Failure::Lost { answer: Some(answer), .. } => Some(answer),
            _ => None,
        }
    }

    /// Whether the connection is gone.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Failure::Lost { .. })
    }

    /// Whether a statement cannot have come to its end, as this was the first that was heard of the server: it ended the
    /// connection instead (it was told to, another of its processes crashed, or it is starting or stopping), or it was gone
    /// before the statement was sent.
    pub(crate) fn is_before_the_end(&self) -> bool {
        match self {
            Failure::Lost { cause: Cause::NotSent, .. } => true,
            _ => self.answer().is_some_and(|answer| matches!(answer.code.as_str(), "57P01" | "57P02" | "57P03")),
        }
    }

    /// Whether a statement that the connection had prepared does not fit the tables any more, or is gone.
    pub(crate) fn is_stale_plan(&self) -> bool {
        matches!(self, Failure::Refused(error) if error.is_stale_plan())
    }
}

impl ServerError {
    /// See [`Failure::is_stale_plan`].
    pub(crate) fn is_stale_plan(&self) -> bool {
        match self.code.as_str() {
            // "cached plan must not change result type", in any language.
            "0A000" => self.routine.as_deref() == Some("RevalidateCachedQuery"),
            // "prepared statement does not exist", after DEALLOCATE or DISCARD.
            "26000" => true,
            // "cache lookup failed for type", after a type was dropped and made again.
            "XX000" => self.message.starts_with("cache lookup failed for type"),
            _ => false,
        }
    }

    fn of(error: &PgDatabaseError) -> Self {
        let text = |text: Option<&str>| text.map(str::to_owned);
        ServerError {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            detail: text(error.detail()),
            hint: text(error.hint()),
            schema: text(error.schema()),
            table: text(error.table()),
            column: text(error.column()),
            constraint: text(error.constraint()),
            known: None,
            routine: text(error.routine()),
            position: match error.position() {
                Some(PgErrorPosition::Original(position)) => Some(position),
                _ => None,
            },
            place: None,
        }
    }
}

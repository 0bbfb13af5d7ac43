//! What a rule found.

use super::fix::Fix;
use super::lock::LockLevel;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule is not applied.
    Off,
    /// It is said, and counts for nothing.
    Note,
    /// Advice.
    Warn,
    /// It stops an application, breaks it, or loses data.
    Error,
}

impl Level {
    /// The word: `off`, `note`, `warn`, `error`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}

/// What a rule found in a statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// The version of the migration.
    pub version: u64,
    /// The file.
    pub path: String,
    /// The line in the file, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The whole statement; empty for what concerns the file.
    pub statement: String,
    /// The line at which the statement begins.
    pub statement_line: usize,
    /// The column at which the statement begins, in characters.
    pub statement_column: usize,
    /// The part of the statement that it is about, in bytes.
    pub span: Range<usize>,
    /// What is wrong, with names.
    pub message: String,
    /// Why it is wrong.
    pub reason: &'static str,
    /// The lock that is taken, on Postgres.
    pub lock: Option<LockLevel>,
    /// How to do it safely.
    pub recipe: &'static str,
    /// Where the rule is described.
    pub docs: String,
    /// The mechanical rewrite, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

//! What is wrong with a Rust migration.

use std::fmt;
use std::panic::Location;

/// A Rust migration that cannot be run as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DslError {
    /// The version of the migration.
    pub version: u64,
    /// The name of the migration.
    pub migration: String,
    /// What is wrong, in the order of the calls.
    pub mistakes: Vec<Mistake>,
}

/// One mistake in a Rust migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file of the call.
    pub file: &'static str,
    /// Its line.
    pub line: u32,
    /// The call: `m.create_table("posts")`.
    pub call: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl Mistake {
    pub(super) fn new(at: &'static Location<'static>, call: impl Into<String>, message: impl Into<String>) -> Self {
        Mistake { file: at.file(), line: at.line(), call: call.into(), message: message.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: `{}`: {}", self.file, self.line, self.call, self.message)
    }
}

impl fmt::Display for DslError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "migration {} {}: ", self.version, self.migration)?;
        match self.mistakes.as_slice() {
            [mistake] => write!(f, "{mistake}"),
            mistakes => mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}")),
        }
    }
}

impl std::error::Error for DslError {}

//! Only one process runs migrations at a time.

mod advisory;
mod file;
mod wait;

pub(crate) use advisory::{Advisory, try_in_transaction};
pub(crate) use file::FileLock;
pub(crate) use wait::Wait;

use chrono::{DateTime, Utc};
use std::fmt;

/// How processes that migrate one database keep out of each other's way.
///
/// SQLite needs none of it: each migration's `BEGIN IMMEDIATE` is its lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lock {
    /// An advisory lock on a connection of its own, held from before the first migration to after the last.
    #[default]
    Session,
    /// An advisory lock in each migration's transaction, for a connection through PgBouncer. Migrations without a transaction
    /// are refused.
    Transaction,
    /// None: nobody else runs migrations.
    None,
}

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process on the server.
    pub process: i32,
    /// What its application calls itself.
    pub application: String,
    /// The role that it is connected as.
    pub user: String,
    /// The address that it comes from; none for a local one.
    pub address: Option<String>,
    /// Since when its connection does what it does.
    pub since: Option<DateTime<Utc>>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on the server", self.process)?;
        if !self.application.is_empty() {
            write!(f, " ({})", self.application)?;
        }
        if !self.user.is_empty() {
            write!(f, " of {}", self.user)?;
        }
        if let Some(address) = &self.address {
            write!(f, " at {address}")?;
        }
        match &self.since {
            Some(since) => write!(f, " since {}", since.format("%Y-%m-%d %H:%M:%S UTC")),
            None => Ok(()),
        }
    }
}

//! Why migrations did not run.

use super::failure::Failure;
use super::lock::Holder;
use super::{Changed, MigrationId};
use crate::dsl::DslError;
use peristyle_migration_files::FileError;
use peristyle_query::error::Error;
use std::fmt;
use std::time::Duration;

/// Why migrations did not run, or stopped. Each kind has a next step of its own, which its text names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MigrateError {
    /// Files that cannot be read as migrations. Nothing ran.
    Files(Vec<FileError>),
    /// Migrations in Rust that cannot be run as they are written. Nothing ran.
    Rust(Vec<DslError>),
    /// Two migrations have one version. Nothing ran.
    Duplicate {
        /// The version.
        version: u64,
        /// The places of both.
        places: Vec<String>,
    },
    /// A version that no migration has.
    UnknownVersion {
        /// The version.
        version: u64,
        /// The versions that are nearest.
        nearest: Vec<MigrationId>,
    },
    /// A migration that has no way back.
    Irreversible {
        /// The migration.
        migration: MigrationId,
        /// What is missing.
        reason: String,
    },
    /// A migration that cannot run as it is written. Nothing ran.
    Refused {
        /// The migration.
        migration: MigrationId,
        /// Why, and what to do.
        reason: String,
    },
    /// Applied migrations whose text is another one now.
    Changed(Vec<Changed>),
    /// Applied migrations that are not there any more.
    Missing(Vec<MigrationId>),
    /// Pending migrations that are older than the latest applied one, where the order is strict.
    OutOfOrder {
        /// The pending ones.
        pending: Vec<MigrationId>,
        /// The latest that is applied.
        latest: u64,
    },
    /// A migration without a transaction that stopped on its way.
    Dirty {
        /// The migration.
        migration: MigrationId,
        /// How far it came, and what to do.
        reason: String,
    },
    /// Another process holds the lock of the migrations.
    Locked {
        /// How long this one waited.
        waited: Duration,
        /// Who holds it, where the database tells.
        holder: Option<Holder>,
    },
    /// The connection that held the lock was lost.
    LockLost {
        /// What happened.
        reason: String,
    },
    /// The lock needs a connection of its own, and the pool has but one.
    PoolTooSmall,
    /// The table of the versions is not what it should be.
    VersionTable {
        /// Its name.
        table: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The history is not empty, and was to be begun.
    NotEmpty {
        /// The table of the versions.
        table: String,
        /// How many versions it holds.
        versions: usize,
    },
    /// A migration failed.
    Failed(Box<Failure>),
    /// A hook failed.
    Hook {
        /// Its name, such as `before_each`.
        hook: &'static str,
        /// The migration, for a hook of one.
        migration: Option<MigrationId>,
        /// Why.
        error: Error,
    },
    /// A migration or a hook panicked. Its transaction was rolled back and the lock released.
    Panicked {
        /// The migration, if it was one's.
        migration: Option<MigrationId>,
        /// The text of the panic.
        message: String,
    },
    /// What this store or this connection cannot do.
    Unsupported(String),
    /// The database failed outside of any migration.
    Database(Error),
}

impl From<Error> for MigrateError {
    fn from(error: Error) -> Self {
        MigrateError::Database(error)
    }
}

impl std::error::Error for MigrateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            MigrateError::Failed(failure) => Some(&failure.error),
            MigrateError::Hook { error, .. } | MigrateError::Database(error) => Some(error),
            _ => None,
        }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    items.iter().try_for_each(|item| write!(f, "\n  {item}"))
}

impl fmt::Display for MigrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MigrateError::Files(errors) => {
                f.write_str("the migrations cannot be read, so that none ran:")?;
                list(f, errors)
            }
            MigrateError::Rust(errors) => {
                f.write_str("migrations in Rust cannot be run as they are written, so that none ran:")?;
                list(f, errors)
            }
            MigrateError::Duplicate { version, places } => {
                write!(f, "two migrations have the version {version}: give one of them a later one")?;
                list(f, places)
            }
            MigrateError::UnknownVersion { version, nearest } => {
                write!(f, "no migration has the version {version}")?;
                if !nearest.is_empty() {
                    f.write_str("; near it are:")?;
                }
                list(f, nearest)
            }
            MigrateError::Irreversible { migration, reason } => write!(f, "{migration} has no way back: {reason}"),
            MigrateError::Refused { migration, reason } => write!(f, "{migration} was not run: {reason}"),
            MigrateError::Changed(changed) => {
                f.write_str(
                    "migrations changed after they were applied: put the old text back and write a new migration, or, if the \
                     change does not matter, accept it with `repair`:",
                )?;
                list(f, changed)
            }
            MigrateError::Missing(missing) => {
                f.write_str(
                    "migrations that were applied are missing: put them back, or allow it with ignore_missing:",
                )?;
                list(f, missing)
            }
            MigrateError::OutOfOrder { pending, latest } => {
                write!(
                    f,
                    "the order is strict, and pending migrations are older than {latest}, which is applied: give them later \
                     versions:"
                )?;
                list(f, pending)
            }
            MigrateError::Dirty { migration, reason } => write!(f, "{migration} stopped on its way: {reason}"),
            MigrateError::Locked { waited, holder } => {
                write!(f, "the lock of the migrations did not become free in {}", seconds(*waited))?;
                match holder {
                    Some(holder) => write!(f, ": {holder} holds it; wait for it, or end it if it hangs"),
                    None => f.write_str(": another process runs migrations; wait for it, or end it if it hangs"),
                }
            }
            MigrateError::LockLost { reason } => write!(
                f,
                "the connection that held the lock of the migrations was lost ({reason}): nothing was begun after that; \
                 run them again"
            ),
            MigrateError::PoolTooSmall => f.write_str(
                "the pool has one connection, and the lock of the migrations needs one of its own: set pool_size to 2 or \
                 more, or use Lock::None where nobody else runs migrations",
            ),
            MigrateError::VersionTable { table, reason } => {
                write!(f, "the table {table}, in which the applied versions stand: {reason}")
            }
            MigrateError::NotEmpty { table, versions } => write!(
                f,
                "{table} holds {versions} versions, and a baseline begins a history: run the migrations with `up`, or \
                 choose another table"
            ),
            MigrateError::Failed(failure) => failure.fmt(f),
            MigrateError::Hook { hook, migration: Some(migration), error } => {
                let left = match *hook {
                    "before_each" => ", so that it was not run",
                    "after_each" => "; the migration itself is done and kept",
                    _ => ", so that its transaction was rolled back, if it has one",
                };
                write!(f, "{hook} of {migration} failed{left}: {error}")
            }
            MigrateError::Hook { hook, migration: None, error } => write!(f, "{hook} failed: {error}"),
            MigrateError::Panicked { migration: Some(migration), message } => {
                write!(f, "{migration} panicked, and was rolled back as far as it has a transaction: {message}")
            }
            MigrateError::Panicked { migration: None, message } => write!(f, "a hook panicked: {message}"),
            MigrateError::Unsupported(message) => f.write_str(message),
            MigrateError::Database(error) => error.fmt(f),
        }
    }
}

/// A span of time as a person says it.
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        millis => format!("{:.1} s", millis as f64 / 1000.0),
    }
}

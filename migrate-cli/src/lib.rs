//! Migrations for any SQL project: files and Rust, run safely, written from schemas, linted and verified.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod catalog;
pub mod ddl;
pub mod diff;
pub mod dsl;
pub mod dump;
pub mod erd;
pub mod introspect;
#[cfg(feature = "cli")]
pub mod lint;
#[cfg(feature = "cli")]
pub mod models;
pub mod operation;
#[cfg(feature = "cli")]
pub mod pull;
pub mod runner;

pub use peristyle_derive::migrations;
pub use peristyle_migration_files as files;
pub use runner::{
    Around, Changed, Direction, Event, Hooks, Lock, MigrateError, Migration, MigrationId, MigrationObserver,
    Migrations, Migrator, Report, Status, Target, run,
};

#[cfg(feature = "cli")]
mod cli;

#[cfg(feature = "cli")]
pub use cli::{command, main};

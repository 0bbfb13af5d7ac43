//! The command `peristyle`, and an app's own `migrate` binary with the same commands.

mod app;
mod args;
mod command;
mod config;
mod consent;
mod database;
mod exit;
mod failure;
mod output;
mod program;
mod progress;
mod prompt;
mod refusal;
mod run;
mod schema_lock;
mod sources;
mod url;
mod watch;

pub use run::{command, main};

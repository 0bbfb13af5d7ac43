//! The command `peristyle`, and an app's own `migrate` binary with the same commands.

// Until all commands are connected.
#![allow(dead_code, unused_imports)]

mod app;
mod args;
mod command;
mod config;
mod consent;
mod database;
mod exit;
mod failure;
mod output;
mod prompt;
mod run;
mod sources;
mod url;

pub use run::main;

//! The command `peristyle`, run as people run it: what it prints, and how it ends.

mod blog;
mod checks;
mod configuration;
mod databases;
mod diff;
mod documentation;
mod failures;
mod migrations;
mod reindex;
mod safety;
mod support;

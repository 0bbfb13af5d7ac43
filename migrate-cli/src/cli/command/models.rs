//! The structs of a repo, beside what a database holds.

use crate::catalog::Catalog;
use crate::cli::app::App;
use crate::cli::config::RepoConfig;
use crate::cli::failure::Outcome;

/// How the structs and a database differ, as sentences.
pub fn differences(_: &App, _: &RepoConfig, _: &Catalog) -> Outcome<Vec<String>> {
    Ok(Vec::new())
}

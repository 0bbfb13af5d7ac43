//! `migrate plan` and `--dry-run`.

use super::up::Doing;
use crate::cli::app::App;
use crate::cli::args::Running;
use crate::cli::failure::{Failure, Outcome};

/// Prints what would run.
pub async fn show(_: &App, _: Doing, _: &Running, _: bool) -> Outcome {
    Err(Failure::usage("this build does not have the command yet"))
}

//! What every command works with.

use super::args::Global;
use super::config::Config;
use super::database::Cleanup;
use super::output::Output;

/// The options, the configuration, and where to print.
pub struct App {
    /// The options of every command.
    pub global: Global,
    /// The configuration.
    pub config: Config,
    /// Where to print.
    pub output: Output,
    /// What is dropped at the end.
    pub cleanup: Cleanup,
}

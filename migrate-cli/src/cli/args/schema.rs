//! `peristyle schema ..`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Structs and diagrams.
#[derive(Debug, Subcommand)]
pub enum Schema {
    /// Write structs for the tables of the database
    #[command(after_help = "Examples:
  peristyle schema pull                            prints them
  peristyle schema pull --output src/schema.rs
  peristyle schema pull --table users --table posts")]
    Pull(Pull),
    /// Print a diagram of the database in Mermaid's language
    #[command(after_help = "Examples:
  peristyle schema erd > docs/schema.mmd")]
    Erd(Erd),
}

/// `schema pull`.
#[derive(Debug, Args)]
pub struct Pull {
    /// The file to write; without it, the standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only this table; may be given several times
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `schema erd`.
#[derive(Debug, Args)]
pub struct Erd {
    /// The file to write; without it, the standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only this table; may be given several times
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
}

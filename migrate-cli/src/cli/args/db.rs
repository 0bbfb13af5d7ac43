//! `peristyle db ..`.

use super::Consent;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Databases.
#[derive(Debug, Subcommand)]
pub enum Db {
    /// Make the database
    #[command(after_help = "Examples:
  peristyle db create
  peristyle db create --database-url postgres://localhost/app")]
    Create,
    /// Drop the database
    #[command(after_help = "Examples:
  peristyle db drop --yes
  peristyle db drop --yes --force                     closes the connections of others
  peristyle db drop --yes --database-name app         when it is protected")]
    Drop(Drop),
    /// Drop the database, make it, run all migrations and the seeds
    #[command(after_help = "Examples:
  peristyle db reset --yes
  peristyle db reset --yes --no-seed")]
    Reset(Reset),
    /// Run the files of seeds
    #[command(after_help = "Examples:
  peristyle db seed
  peristyle db seed seeds/demo.sql")]
    Seed(Seed),
    /// Write the database's objects as a script
    #[command(after_help = "Examples:
  peristyle db dump                 to the file in peristyle.toml
  peristyle db dump --output -      to the standard output")]
    Dump(Dump),
    /// Run such a script on an empty database
    #[command(after_help = "Examples:
  peristyle db load
  peristyle db load structure.sql")]
    Load(Load),
    /// Compare the database with the structs
    #[command(after_help = "Examples:
  peristyle db check")]
    Check(Check),
    /// Read rows, in a transaction that can only read
    #[command(after_help = "Examples:
  peristyle db query \"select id, email from users order by id limit 5\"
  peristyle db query --csv \"select * from users\" > users.csv")]
    Query(Query),
}

/// `db drop`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Drop {
    /// Close the connections of others first
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// `db reset`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Reset {
    /// Close the connections of others first
    #[arg(long)]
    pub force: bool,
    /// Leave the seeds out
    #[arg(long)]
    pub no_seed: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// `db seed`.
#[derive(Debug, Args)]
pub struct Seed {
    /// Files of SQL, instead of those in peristyle.toml
    pub files: Vec<PathBuf>,
}

/// `db dump`.
#[derive(Debug, Args)]
pub struct Dump {
    /// The file to write, instead of the one in peristyle.toml; - is the standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave out what cannot be written, instead of failing
    #[arg(long)]
    pub partial: bool,
    /// Write nothing; exit 1 when the file is not what would be written
    #[arg(long)]
    pub check: bool,
}

/// `db load`.
#[derive(Debug, Args)]
pub struct Load {
    /// The script, instead of the one in peristyle.toml
    pub file: Option<PathBuf>,
}

/// `db check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `db query`.
#[derive(Debug, Args)]
pub struct Query {
    /// The statement; - reads it from the standard input
    pub sql: String,
    /// Print JSON: a list with an object for each row
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV
    #[arg(long)]
    pub csv: bool,
}

//! The command line: what can be written.

mod db;
mod migrate;
mod reindex;
mod schema;

pub use db::{Check, Db, Drop, Dump, Load, Query, Reset, Seed};
pub use migrate::{
    Baseline, CheckAll, Diff, Down, Goto, Lint, Migrate, New, Plan, Redo, Repair, Running, Status, Up, Verify, Which,
};
pub use reindex::Reindex;
pub use schema::{Erd, Pull, Schema};

use super::exit;
use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Green.on_default());

/// Databases of an app: made, migrated, compared with its structs, and looked at.
#[derive(Debug, Parser)]
#[command(
    name = "peristyle",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100,
    after_help = exit::HELP
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write peristyle.toml, with its defaults as comments, and make the folder of migrations
    #[command(after_help = "Examples:
  peristyle init                                 for the URL in DATABASE_URL
  peristyle init --database-url sqlite:app.db    with this URL")]
    Init(Init),
    /// Write, run and check migrations
    #[command(subcommand)]
    Migrate(Migrate),
    /// Make, fill, dump, compare and read databases
    #[command(subcommand)]
    Db(Db),
    /// Structs and diagrams from a database
    #[command(subcommand)]
    Schema(Schema),
    /// Build the indexes in Redis that structs have and that lack rows, while programs run
    #[command(after_help = "Examples:
  peristyle reindex                                  all tables, in redis_url of peristyle.toml or REDIS_URL
  peristyle reindex sessions --url redis://localhost
  peristyle reindex --rebuild sessions               after another program has written rows")]
    Reindex(Reindex),
    /// Print what lets a shell complete this command
    #[command(after_help = "Examples:
  peristyle completions bash > ~/.local/share/bash-completion/completions/peristyle
  peristyle completions zsh > ~/.zfunc/_peristyle
  peristyle completions fish > ~/.config/fish/completions/peristyle.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the command, or write the pages of all commands into a folder
    #[command(after_help = "Examples:
  peristyle man | man -l -
  peristyle man --folder ~/.local/share/man/man1")]
    Man {
        /// Where a page of each command is written
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Replace a peristyle.toml that is there
    #[arg(long)]
    pub force: bool,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The configuration, instead of the peristyle.toml in this folder or the nearest one above
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The database, instead of the one in peristyle.toml
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The repo of peristyle.toml; may be given several times
    #[arg(short, long, global = true, value_name = "NAME")]
    pub repo: Vec<String>,
    /// Colours: when the output is a terminal, always or never
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, hide_default_value = true, value_name = "WHEN")]
    pub color: Color,
    /// Print only what was asked for, and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print the SQL too
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When the output has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// The consent that a protected database asks for.
#[derive(Clone, Debug, Default, Args)]
pub struct Consent {
    /// Answer every question with yes
    #[arg(short, long)]
    pub yes: bool,
    /// The name of the database, which a protected one asks for besides --yes
    #[arg(long, value_name = "NAME")]
    pub database_name: Option<String>,
}

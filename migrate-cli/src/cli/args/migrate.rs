//! `peristyle migrate ..`.

use super::Consent;
use clap::{Args, Subcommand};
use std::time::Duration;

/// Migrations.
#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// Write an empty migration
    #[command(after_help = "Examples:
  peristyle migrate new add_posts
  peristyle migrate new index_posts --no-transaction")]
    New(New),
    /// Write a migration from the difference between the structs and the migrations
    #[command(after_help = "Examples:
  peristyle migrate diff add_posts
  peristyle migrate diff rename_title --rename posts.title=posts.headline
  peristyle migrate diff drop_notes --allow-drop
  peristyle migrate diff --check          exits 1 when structs and migrations differ")]
    Diff(Diff),
    /// Run what is pending
    #[command(after_help = "Examples:
  peristyle migrate up
  peristyle migrate up --step 1
  peristyle migrate up --to 20261122143000
  peristyle migrate up --dry-run          prints the SQL and what it locks")]
    Up(Up),
    /// Take back the last migration, or several
    #[command(after_help = "Examples:
  peristyle migrate down
  peristyle migrate down --step 3
  peristyle migrate down --to 20261122143000      keeps 20261122143000")]
    Down(Down),
    /// Take back the last migration, or several, and run them again
    #[command(after_help = "Examples:
  peristyle migrate redo
  peristyle migrate redo --step 2")]
    Redo(Redo),
    /// Go up or down until a version is the last one
    #[command(after_help = "Examples:
  peristyle migrate goto 20261122143000
  peristyle migrate goto 20261122143000 --dry-run")]
    Goto(Goto),
    /// List the migrations, and which of them ran
    #[command(after_help = "Examples:
  peristyle migrate status
  peristyle migrate status --exit-code    exits 1 when something is pending
  peristyle migrate status --json")]
    Status(Status),
    /// Print the SQL that `up` would run, and what it locks
    #[command(after_help = "Examples:
  peristyle migrate plan
  peristyle migrate plan --to 20261122143000 --json")]
    Plan(Plan),
    /// Look for what locks or breaks production
    #[command(after_help = "Examples:
  peristyle migrate lint
  peristyle migrate lint --all --json
  peristyle migrate lint --fix
  peristyle migrate lint --explain        lists the rules
  peristyle migrate lint --explain add-foreign-key")]
    Lint(Lint),
    /// Run all migrations up, down and up again on a scratch database, and compare with the structs
    #[command(after_help = "Examples:
  peristyle migrate verify")]
    Verify(Verify),
    /// Check all that needs no running: lint, structs against migrations, checksums; for CI
    #[command(after_help = "Examples:
  peristyle migrate check")]
    Check(CheckAll),
    /// Accept files that changed after they ran, or a migration that was left half done
    #[command(after_help = "Examples:
  peristyle migrate repair --dry-run      shows what differs
  peristyle migrate repair --yes
  peristyle migrate repair --mark-up 20261122143000    after it was finished by hand
  peristyle migrate repair --mark-down 20261122143000  after it was undone by hand
  peristyle migrate repair --mark-done 20261122143000=2  its first two statements are done")]
    Repair(Repair),
    /// Record migrations as run without running them, for a database that exists already
    #[command(after_help = "Examples:
  peristyle migrate baseline 20261122143000")]
    Baseline(Baseline),
}

/// `migrate new`.
#[derive(Debug, Args)]
pub struct New {
    /// Its name, as in add_posts
    pub name: String,
    /// Run its statements one by one, outside of a transaction
    #[arg(long)]
    pub no_transaction: bool,
}

/// `migrate diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The name of the migration, as in add_posts
    #[arg(required_unless_present_any = ["check", "dry_run"])]
    pub name: Option<String>,
    /// Write nothing; exit 1 when structs and migrations differ
    #[arg(long)]
    pub check: bool,
    /// Print the migration instead of writing it
    #[arg(long, conflicts_with = "check")]
    pub dry_run: bool,
    /// Drop tables and columns that no struct has
    #[arg(long)]
    pub allow_drop: bool,
    /// A renamed table (posts=articles) or column (posts.title=posts.headline)
    #[arg(long, value_name = "OLD=NEW")]
    pub rename: Vec<String>,
    /// The value that rows get in a new column that may not be NULL (posts.state='draft'), as SQL
    #[arg(long, value_name = "TABLE.COLUMN=SQL")]
    pub value: Vec<String>,
    /// Answer every question with what is proposed
    #[arg(short, long)]
    pub yes: bool,
    /// Print the difference as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `up`, `plan` and `down` share: which migrations.
#[derive(Clone, Debug, Args)]
pub struct Which {
    /// Until this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<u64>,
    /// How many
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = clap::value_parser!(u32).range(1..))]
    pub step: Option<u32>,
}

/// How migrations run.
#[derive(Clone, Debug, Args)]
pub struct Running {
    /// Run for the tables of this prefix (a database schema on Postgres); may be given several times
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Vec<String>,
    /// Refuse a pending migration that is older than one that ran
    #[arg(long)]
    pub strict_order: bool,
    /// Go on although files of migrations that ran are missing
    #[arg(long)]
    pub ignore_missing: bool,
    /// How long a statement waits for a lock, as in 5s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub lock_timeout: Option<Duration>,
    /// How long to wait for another migration that runs, as in 30s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait: Option<Duration>,
}

fn duration(text: &str) -> Result<Duration, String> {
    super::super::config::duration(text)
}

fn version_and_count(text: &str) -> Result<(u64, usize), String> {
    let parsed = text.split_once('=').and_then(|(version, count)| Some((version.parse().ok()?, count.parse().ok()?)));
    parsed.ok_or_else(|| "write the version and how many of its statements are done: 20261122143000=2".to_owned())
}

/// `migrate up`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Up {
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub running: Running,
    /// Print the SQL and what it locks, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print what happened as JSON
    #[arg(long)]
    pub json: bool,
    /// Do not look for what locks or breaks production
    #[arg(long)]
    pub no_lint: bool,
}

/// `migrate down`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Down {
    #[command(flatten)]
    pub which: Which,
    /// Take back every migration
    #[arg(long, conflicts_with_all = ["to", "step"])]
    pub all: bool,
    #[command(flatten)]
    pub running: Running,
    /// Print the SQL, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print what happened as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// `migrate redo`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Redo {
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub running: Running,
    /// Print what happened as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// `migrate goto`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Goto {
    /// The version that is the last one then
    pub version: u64,
    #[command(flatten)]
    pub running: Running,
    /// Print the SQL, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print what happened as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// `migrate status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Exit 1 when something is pending, missing or changed
    #[arg(long)]
    pub exit_code: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The status for the tables of this prefix; may be given several times
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Vec<String>,
}

/// `migrate plan`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Plan {
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub running: Running,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `migrate lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Migrations to look at; without any, those that did not run (all, where no database is at hand)
    #[arg(value_name = "VERSION_OR_FILE")]
    pub only: Vec<String>,
    /// Look at all migrations
    #[arg(long)]
    pub all: bool,
    /// Rewrite the files where that is mechanical
    #[arg(long)]
    pub fix: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Explain a rule with examples; without a name, list the rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    pub explain: Option<String>,
}

/// `migrate verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Leave the structs out
    #[arg(long)]
    pub no_models: bool,
}

/// `migrate check`.
#[derive(Debug, Args)]
pub struct CheckAll {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `migrate repair`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Repair {
    /// Show what differs, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Record that all of a migration was done, which was left half done
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["dry_run", "mark_down"])]
    pub mark_up: Option<u64>,
    /// Record that nothing of a migration is left, which was left half done
    #[arg(long, value_name = "VERSION", conflicts_with = "dry_run")]
    pub mark_down: Option<u64>,
    /// Record how many statements of a migration are done, which goes on behind them
    #[arg(long, value_name = "VERSION=N", value_parser = version_and_count, conflicts_with_all = ["dry_run", "mark_up", "mark_down"])]
    pub mark_done: Option<(u64, usize)>,
    /// The tables of this prefix
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Vec<String>,
    #[command(flatten)]
    pub consent: Consent,
}

/// `migrate baseline`.
#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct Baseline {
    /// The last version that the database has already
    pub version: u64,
    /// The tables of this prefix
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Vec<String>,
    #[command(flatten)]
    pub consent: Consent,
}

//! What every command works with.

use super::args::Global;
use super::config::{Config, RepoConfig};
use super::database::{self, Cleanup, Scratch};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::output::Output;
use super::url::DatabaseUrl;
use crate::models;
use crate::runner::{Migrations, Migrator};
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;

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
    /// The migrations of an app's own binary.
    pub own: Option<Migrations>,
}

/// A repo of the configuration, connected.
pub struct Connected<'a> {
    /// What the configuration says of it.
    pub config: &'a RepoConfig,
    /// The URL of its database.
    pub url: DatabaseUrl,
    /// The database.
    pub repo: Repo,
}

impl App {
    /// Connects to the database of a repo.
    ///
    /// # Errors
    ///
    /// A failure that says what to do, if that is not possible.
    pub async fn connect<'a>(&self, config: &'a RepoConfig) -> Outcome<Connected<'a>> {
        let url = config.url()?;
        let repo = database::open(&url).await?;
        Ok(Connected { config, url, repo })
    }

    /// The migrations of a repo: those of its folder, or those inside of the app's own binary.
    ///
    /// # Errors
    ///
    /// A failure for files that cannot be read, and for migrations in Rust that only the app's own binary has.
    pub fn migrations(&self, repo: &RepoConfig) -> Outcome<Migrations> {
        if let Some(own) = &self.own {
            return Ok(own.clone());
        }
        self.refuse_rust(repo)?;
        if !repo.migrations.is_dir() {
            let message = format!("there is no folder of migrations: {}", repo.migrations.display());
            return Err(Failure::new(Exit::Source, message)
                .help("`peristyle init` makes it; or name another one in peristyle.toml"));
        }
        Ok(Migrations::from_folder(&repo.migrations)?)
    }

    /// Refuses to leave out migrations that are Rust.
    fn refuse_rust(&self, repo: &RepoConfig) -> Outcome<()> {
        // Sources that cannot be read are told by the commands that need them.
        let Ok(found) = models::find_rust_migrations(&repo.models, &repo.root_or_here()) else { return Ok(()) };
        let Some(first) = found.first() else { return Ok(()) };
        let rest = if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
        Err(Failure::new(
            Exit::Refused,
            format!(
                "{} is a migration in Rust ({}:{}{rest}), which this command cannot run",
                first.name, first.file, first.line
            ),
        )
        .help("run the app's own binary, which has the same commands: cargo run --bin migrate -- ..")
        .help(
            "it is three lines, in src/bin/migrate.rs: fn main() -> std::process::ExitCode { \
             peristyle::migrate::main(migrations!(\"migrations\").with(..)) }",
        ))
    }

    /// How the migrations of a repo run.
    ///
    /// # Errors
    ///
    /// As [`migrations`](Self::migrations).
    pub fn migrator(&self, connected: &Connected<'_>) -> Outcome<Migrator> {
        let config = connected.config;
        let migrations = self.migrations(config)?;
        let mut migrator =
            Migrator::new(&connected.repo, migrations).table(&config.table).strict_order(config.strict_order);
        if let Some(timeout) = config.lock_timeout {
            migrator = migrator.lock_timeout(timeout);
        }
        if let Some(lock) = config.lock {
            migrator = migrator.lock(lock);
        }
        if !config.shared_schemas.is_empty() {
            migrator = migrator.shared_schemas(config.shared_schemas.iter().cloned());
        }
        if let Some(wait) = config.wait {
            migrator = migrator.lock_wait(wait);
        }
        Ok(migrator)
    }

    /// An empty scratch database for a repo.
    ///
    /// # Errors
    ///
    /// A failure if the server refuses, or neither URL nor store are known.
    pub async fn scratch(&self, config: &RepoConfig) -> Outcome<Scratch> {
        if config.dialect()? == Dialect::Sqlite {
            return Scratch::in_memory().await;
        }
        let url = match config.scratch_url()? {
            Some(url) if url.dialect() == Dialect::Sqlite => {
                let message = format!("scratch_url is {url}, and the migrations are for Postgres");
                return Err(
                    Failure::new(Exit::Configuration, message).help("name a server of Postgres, or leave it out")
                );
            }
            Some(url) => url,
            None => config.url()?,
        };
        Scratch::new(&url, &self.cleanup).await
    }

    /// What stands before a line about a repo.
    pub fn label(&self, repo: &RepoConfig, prefix: Option<&str>) -> String {
        match (self.config.repos.len() > 1, prefix) {
            (true, Some(prefix)) => format!("[{}, {prefix}] ", repo.name),
            (true, None) => format!("[{}] ", repo.name),
            (false, Some(prefix)) => format!("[{prefix}] "),
            (false, None) => String::new(),
        }
    }
}

/// The prefixes to run for: those that are given, else those of the configuration, else none.
pub fn prefixes(given: &[String], config: &RepoConfig) -> Vec<Option<String>> {
    let chosen = if given.is_empty() { &config.prefixes } else { given };
    match chosen.is_empty() {
        true => vec![None],
        false => chosen.iter().cloned().map(Some).collect(),
    }
}

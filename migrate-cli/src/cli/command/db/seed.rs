//! `db seed`.

use crate::cli::app::App;
use crate::cli::args::Seed;
use crate::cli::command::new::flavor;
use crate::cli::config::RepoConfig;
use crate::cli::database;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::Progress;
use crate::cli::refusal::located;
use crate::cli::sources;
use peristyle_migration_files::statements;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use std::path::{Path, PathBuf};

/// `db seed`.
pub async fn seed(app: &App, seed: &Seed) -> Outcome {
    let repo = app.config.one(&app.global)?;
    let ran = run_files(app, repo, &seed.files).await?;
    if ran == 0 {
        app.output.say(format!("no seeds: there is no file {}", repo.seeds.join(", ")));
    }
    Ok(Exit::Done)
}

/// Runs files of seeds, those of the configuration if none is given, each in a transaction. Says how many there were.
pub async fn run_files(app: &App, repo: &RepoConfig, given: &[PathBuf]) -> Outcome<usize> {
    let files = match given {
        [] => sources::matching(&repo.root, &repo.seeds)?,
        given => given.to_vec(),
    };
    if files.is_empty() {
        return Ok(0);
    }
    let database = database::open(&repo.url()?).await?;
    for file in &files {
        let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, "read", &error))?;
        refuse_transactions(file, &text, repo.dialect()?)?;
        let progress = Progress::new(app.output, format!("seeding {}", file.display()));
        run_script(&database, file, text).await?;
        drop(progress);
        app.output.say(format!("seeded {}", file.display()));
    }
    database.close().await;
    Ok(files.len())
}

/// Refuses a script that begins or ends a transaction: what it commits would stay although the rest fails.
///
/// # Errors
///
/// A failure that shows the statement.
pub fn refuse_transactions(file: &Path, text: &str, dialect: Dialect) -> Outcome<()> {
    // What cannot be split is for the database to refuse.
    let found = statements(text, flavor(dialect)).unwrap_or_default();
    let Some(own) = found.iter().find(|statement| statement.controls_transaction()) else { return Ok(()) };
    let message = "it would leave the transaction that the whole file runs in: remove it";
    Err(located(&file.display().to_string(), own.line, 1, message))
}

/// Runs a script in a transaction.
pub async fn run_script(database: &Repo, file: &Path, text: String) -> Outcome<()> {
    let ran = database.transaction(async |tx| tx.script(text).await).await;
    ran.map_err(|error| {
        let failure = Failure::from(error);
        failure.exit(Exit::Failed).note(format!("in {}: nothing of it was kept", file.display()))
    })
}

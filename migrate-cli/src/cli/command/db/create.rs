//! `db create`, `db drop` and `db reset`.

use crate::cli::app::App;
use crate::cli::args::{Consent, Drop, Reset};
use crate::cli::config::RepoConfig;
use crate::cli::consent::{self, Ask};
use crate::cli::database::{self, Change};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::url::DatabaseUrl;

/// `db create`.
pub async fn create(app: &App) -> Outcome {
    for repo in app.config.chosen(&app.global)? {
        make(app, &repo.url()?).await?;
    }
    Ok(Exit::Done)
}

async fn make(app: &App, url: &DatabaseUrl) -> Outcome<()> {
    if url.is_memory() {
        return Err(Failure::new(Exit::Configuration, "a database in memory is gone when the command ends")
            .help("name a file: sqlite:app.db"));
    }
    match database::create(url).await? {
        Change::Made => app.output.say(format!("created {url}")),
        Change::Already => app.output.say(format!("exists  {url}")),
    }
    Ok(())
}

/// `db drop`.
pub async fn drop(app: &App, drop: &Drop) -> Outcome {
    let repo = app.config.one(&app.global)?;
    remove(app, repo, &drop.consent, drop.force, "drop").await?;
    Ok(Exit::Done)
}

async fn remove(app: &App, repo: &RepoConfig, consent: &Consent, force: bool, verb: &str) -> Outcome<()> {
    let url = repo.url()?;
    consent::obtain(Ask::Always, &format!("{verb} the database {url}"), repo, &url, consent)?;
    match database::drop(&url, force).await? {
        Change::Made => app.output.say(format!("dropped {url}")),
        Change::Already => app.output.say(format!("missing {url}")),
    }
    Ok(())
}

/// `db reset`.
pub async fn reset(app: &App, reset: &Reset) -> Outcome {
    let repo = app.config.one(&app.global)?;
    // What can't be run again is not dropped.
    app.migrations(repo)?.check(repo.dialect()?)?;
    remove(app, repo, &reset.consent, reset.force, "reset").await?;
    make(app, &repo.url()?).await?;
    crate::cli::command::up::all(app, repo).await?;
    if !reset.no_seed {
        super::seed::run_files(app, repo, &[]).await?;
    }
    Ok(Exit::Done)
}

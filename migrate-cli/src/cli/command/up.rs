//! `migrate up`, `down`, `redo` and `goto`.

use crate::cli::app::{App, Connected, prefixes};
use crate::cli::args::{Consent, Down, Goto, Redo, Running, Up, Which};
use crate::cli::config::RepoConfig;
use crate::cli::consent::{self, Ask};
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::FAINT;
use crate::cli::schema_lock;
use crate::cli::watch::Watch;
use crate::runner::{Action, Migrator, Report, Target};
use peristyle_query::statement::Dialect;
use serde_json::{Value, json};

impl Which {
    /// The target; `all` is what neither `--to` nor `--step` means.
    pub fn target(&self, otherwise: Target) -> Target {
        match (self.to, self.step) {
            (Some(version), _) => Target::To(version),
            (None, Some(count)) => Target::Step(usize::try_from(count).unwrap_or(usize::MAX)),
            (None, None) => otherwise,
        }
    }
}

/// `migrate up`.
pub async fn up(app: &App, up: &Up) -> Outcome {
    let target = up.which.target(Target::All);
    if up.dry_run {
        return super::plan::show(app, Action::Up(target), &up.running, up.json).await;
    }
    run_each(app, target, up).await
}

/// `migrate down`.
pub async fn down(app: &App, down: &Down) -> Outcome {
    let otherwise = if down.all { Target::All } else { Target::Step(1) };
    let action = Action::Down(down.which.target(otherwise));
    if down.dry_run {
        return super::plan::show(app, action, &down.running, down.json).await;
    }
    run_one(app, action, "take migrations back on", &down.running, &down.consent, down.json).await
}

/// `migrate redo`.
pub async fn redo(app: &App, redo: &Redo) -> Outcome {
    let action = Action::Redo(redo.which.target(Target::Step(1)));
    run_one(app, action, "take migrations back on", &redo.running, &redo.consent, redo.json).await
}

/// `migrate goto`.
pub async fn goto(app: &App, goto: &Goto) -> Outcome {
    let action = Action::Goto(goto.version);
    if goto.dry_run {
        return super::plan::show(app, action, &goto.running, goto.json).await;
    }
    run_one(app, action, "take migrations back on", &goto.running, &goto.consent, goto.json).await
}

async fn run_each(app: &App, target: Target, up: &Up) -> Outcome {
    let (action, running, json) = (Action::Up(target), &up.running, up.json);
    let mut reports = Vec::new();
    for config in app.config.chosen(&app.global)? {
        let connected = app.connect(config).await?;
        if !up.no_lint {
            warn(app, &connected, running, target).await?;
        }
        run(app, &connected, action, running, json, &mut reports).await?;
    }
    finish(app, json, reports)
}

async fn run_one(app: &App, action: Action, deed: &str, running: &Running, consent: &Consent, json: bool) -> Outcome {
    let config = app.config.one(&app.global)?;
    let url = config.url()?;
    consent::obtain(Ask::IfProtected, &format!("{deed} the database {url}"), config, &url, consent)?;
    let mut reports = Vec::new();
    run(app, &app.connect(config).await?, action, running, json, &mut reports).await?;
    finish(app, json, reports)
}

/// Runs all migrations of a repo.
pub async fn all(app: &App, config: &RepoConfig) -> Outcome<()> {
    let running =
        Running { prefix: Vec::new(), strict_order: false, ignore_missing: false, lock_timeout: None, wait: None };
    run(app, &app.connect(config).await?, Action::Up(Target::All), &running, false, &mut Vec::new()).await
}

/// Warns of what the migrations that are about to run do to a database that is in use.
async fn warn(app: &App, connected: &Connected<'_>, running: &Running, target: Target) -> Outcome<()> {
    if connected.url.dialect() != Dialect::Postgres {
        return Ok(());
    }
    let migrator = configured(app.migrator(connected)?, running);
    let plan = migrator.plan(Action::Up(target)).await?;
    let migrations = plan.migrations.iter().filter_map(|planned| migrator.migrations().get(planned.migration.version));
    let before = schema_lock::describe(&connected.repo, connected.config).await.ok();
    super::lint::warn(app, connected.config, &migrations.collect::<Vec<_>>(), before.as_ref())
}

/// Runs for each prefix of a repo.
pub async fn run(
    app: &App,
    connected: &Connected<'_>,
    action: Action,
    running: &Running,
    json: bool,
    reports: &mut Vec<Value>,
) -> Outcome<()> {
    let migrator = configured(app.migrator(connected)?, running);
    for prefix in prefixes(&running.prefix, connected.config) {
        let label = app.label(connected.config, prefix.as_deref());
        let mut migrator = migrator.clone().observer(Watch::new(app.output, &label, json));
        if let Some(prefix) = &prefix {
            migrator = migrator.prefix(prefix);
        }
        let report = match action {
            Action::Up(target) => migrator.up(target).await?,
            Action::Down(target) => migrator.down(target).await?,
            Action::Redo(target) => migrator.redo(target).await?,
            Action::Goto(version) => migrator.goto(version).await?,
            Action::UpOne(version) => migrator.up(Target::To(version)).await?,
            Action::DownOne(version) => migrator.down(Target::To(version)).await?,
        };
        if report.is_empty() && !json {
            app.output.say(format!("{label}{FAINT}nothing to do{FAINT:#}"));
        }
        if prefix.is_none() && !connected.config.protected && migrator.status().await?.is_clean() {
            let catalog = schema_lock::describe(&connected.repo, connected.config).await?;
            let dialect = connected.url.dialect();
            let written = schema_lock::write(app, connected.config, migrator.migrations(), dialect, catalog);
            // The migrations ran: a folder that cannot be written to is no reason to fail.
            if let Err(failure) = written {
                app.output.warn(failure.message());
            }
        }
        reports.push(as_json(&report, &connected.config.name, prefix.as_deref()));
    }
    connected.repo.close().await;
    Ok(())
}

/// A migrator with the options of the command line.
pub fn configured(mut migrator: Migrator, running: &Running) -> Migrator {
    if running.strict_order {
        migrator = migrator.strict_order(true);
    }
    if running.ignore_missing {
        migrator = migrator.ignore_missing(true);
    }
    if let Some(timeout) = running.lock_timeout {
        migrator = migrator.lock_timeout(timeout);
    }
    if let Some(wait) = running.wait {
        migrator = migrator.lock_wait(wait);
    }
    migrator
}

fn finish(app: &App, json: bool, reports: Vec<Value>) -> Outcome {
    if json {
        app.output.json(&Value::Array(reports));
    }
    Ok(Exit::Done)
}

fn as_json(report: &Report, repo: &str, prefix: Option<&str>) -> Value {
    let ran = report.ran.iter().map(|ran| {
        json!({
            "version": ran.migration.version,
            "name": ran.migration.name,
            "direction": ran.direction.to_string(),
            "duration_ms": u64::try_from(ran.duration.as_millis()).unwrap_or(u64::MAX),
        })
    });
    json!({ "repo": repo, "prefix": prefix, "ran": ran.collect::<Vec<_>>(), "warnings": report.warnings })
}

//! `migrate verify`.

use crate::catalog::{Catalog, compare};
use crate::cli::app::App;
use crate::cli::args::Verify;
use crate::cli::command::spelling::Asker;
use crate::cli::config::RepoConfig;
use crate::cli::database::Scratch;
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::{BAD, GOOD, counted};
use crate::cli::progress::Progress;
use crate::cli::schema_lock::{self, describe};
use crate::cli::watch::file;
use crate::models::{Models, without_text_casts};
use crate::runner::{MigrateError, Migrations, Migrator, Target};
use peristyle_query::statement::Dialect;
use serde_json::{Value, json};

/// Runs all migrations up, down and up again on a scratch database, and compares with the structs.
pub async fn verify(app: &App, verify: &Verify) -> Outcome {
    let (mut reports, mut found) = (Vec::new(), false);
    for config in app.config.chosen(&app.global)? {
        let models = if verify.no_models { None } else { super::models::read(config)? };
        let trial = try_out(app, config, models.as_ref()).await?;
        found |= !trial.findings.is_empty();
        let label = app.label(config, None);
        if verify.json {
            reports.push(json!({
                "repo": config.name, "migrations": trial.count, "findings": trial.findings, "notes": trial.notes,
            }));
            continue;
        }
        trial.notes.iter().for_each(|note| app.output.note(format!("{label}note: {note}")));
        trial.findings.iter().for_each(|finding| app.output.result(format!("{label}{BAD}differs{BAD:#}  {finding}")));
        if trial.findings.is_empty() {
            let agree = if models.is_some() { ", and the structs agree" } else { "" };
            let count = counted(trial.count, "migration");
            app.output.say(format!("{label}{GOOD}verified{GOOD:#} {count}: up, down, up again{agree}"));
        }
    }
    if verify.json {
        app.output.json(&Value::Array(reports));
    }
    Ok(if found { Exit::Found } else { Exit::Done })
}

/// What a trial came to.
#[derive(Default)]
struct Trial {
    count: usize,
    findings: Vec<String>,
    notes: Vec<String>,
}

/// Runs the migrations of a repo on a scratch database, and compares what it holds in the end with the structs.
async fn try_out(app: &App, config: &RepoConfig, models: Option<&Models>) -> Outcome<Trial> {
    let migrations = app.migrations(config)?;
    let dialect = config.dialect()?;
    let scratch = app.scratch(config).await?;
    let _progress = Progress::new(app.output, format!("trying {} out", counted(migrations.len(), "migration")));
    let migrator = Migrator::new(&scratch.repo, migrations.clone()).table(&config.table);
    let mut trial = Trial { count: migrations.len(), ..Trial::default() };
    let catalogs = climb(config, &scratch, &migrator, &migrations).await?;
    let reached = descend(config, &scratch, &migrator, &migrations, dialect, &catalogs, &mut trial).await?;
    let mut stopped = false;
    for (index, migration) in migrations.iter().enumerate().skip(reached) {
        match migrator.up(Target::Step(1)).await {
            Ok(_) => {}
            // What the way back left stands in the way: that is the finding, and what comes after it is not known.
            Err(error) if !trial.findings.is_empty() => {
                let text = error.to_string();
                trial.findings.push(format!(
                    "{}, up again: {}",
                    file(migration.id()),
                    text.lines().next().unwrap_or_default()
                ));
                stopped = true;
                break;
            }
            Err(error) => return Err(error.into()),
        }
        let now = describe(&scratch.repo, config).await?;
        differ(&mut trial, &catalogs[index + 1], &now, &format!("{}, up again", file(migration.id())));
    }
    let last = match catalogs.last() {
        Some(reached) if stopped => reached.clone(),
        _ => describe(&scratch.repo, config).await?,
    };
    if trial.findings.is_empty() {
        schema_lock::write(app, config, &migrations, dialect, last.clone())?;
    }
    if let Some(models) = models {
        let mut asker = Asker::new(config, Some(&scratch));
        let differences = super::models::differences(config, models, &last, &mut asker).await?;
        trial.findings.extend(differences.sentences);
        trial.notes.extend(differences.notes);
    }
    scratch.drop(&app.cleanup).await?;
    Ok(trial)
}

/// Runs one migration after the other up, and gives what the database holds before the first and after each.
async fn climb(
    config: &RepoConfig,
    scratch: &Scratch,
    migrator: &Migrator,
    migrations: &Migrations,
) -> Outcome<Vec<Catalog>> {
    let mut catalogs = vec![describe(&scratch.repo, config).await?];
    for _ in migrations.iter() {
        migrator.up(Target::Step(1)).await?;
        catalogs.push(describe(&scratch.repo, config).await?);
    }
    Ok(catalogs)
}

/// Takes one after the other back, as far as there is a way. Gives how many are left.
async fn descend(
    config: &RepoConfig,
    scratch: &Scratch,
    migrator: &Migrator,
    migrations: &Migrations,
    dialect: Dialect,
    catalogs: &[Catalog],
    trial: &mut Trial,
) -> Outcome<usize> {
    let all: Vec<_> = migrations.iter().collect();
    for (index, migration) in all.iter().enumerate().rev() {
        match migrator.down(Target::Step(1)).await {
            Ok(_) => {}
            Err(error @ MigrateError::Irreversible { .. }) => {
                let text = format!("{error}; what is before it was not taken back");
                match schema_lock::is_declared_irreversible(migrations, migration.version(), dialect) {
                    true => trial.notes.push(text),
                    false => trial.findings.push(text),
                }
                return Ok(index + 1);
            }
            Err(error) => return Err(error.into()),
        }
        let now = describe(&scratch.repo, config).await?;
        differ(trial, &unvalidated(&catalogs[index], &now), &now, &format!("{}, taken back", file(migration.id())));
    }
    Ok(0)
}

/// What was there before, but that the constraints whose rows were checked since then stay so: that harms nothing, and only
/// making them anew would undo it.
fn unvalidated(before: &Catalog, now: &Catalog) -> Catalog {
    let mut before = before.clone();
    for table in &mut before.tables {
        let Some(now) = now.table(&table.name) else { continue };
        for key in &mut table.foreign_keys {
            key.not_valid &= !now.foreign_keys.iter().any(|other| other.name == key.name && !other.not_valid);
        }
        for check in &mut table.checks {
            check.not_valid &= !now.checks.iter().any(|other| other.name == check.name && !other.not_valid);
        }
    }
    before
}

fn differ(trial: &mut Trial, expected: &Catalog, actual: &Catalog, place: &str) {
    // Postgres adds casts when it reads what it wrote.
    let (expected, actual) = (without_text_casts(expected), without_text_casts(actual));
    trial.findings.extend(compare(&expected, &actual).iter().map(|difference| format!("{place}: {difference}")));
}

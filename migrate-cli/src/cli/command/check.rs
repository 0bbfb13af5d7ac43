//! `migrate check`: what CI asks.

use crate::cli::app::App;
use crate::cli::args::CheckAll;
use crate::cli::command::spelling::{self, Asker, Spelt};
use crate::cli::config::RepoConfig;
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::{BAD, FAINT, GOOD, counted};
use crate::lint::{self, Level};
use crate::runner::{Migration, Migrations};
use serde_json::{Value, json};

/// What one look came to.
struct Look {
    name: &'static str,
    /// The word before each finding.
    word: &'static str,
    /// What was found; none is good.
    findings: Vec<String>,
    /// What stands behind the name.
    remark: String,
}

/// Lints, compares structs and migrations, and compares checksums.
pub async fn check(app: &App, arguments: &CheckAll) -> Outcome {
    let (mut found, mut reports) = (false, Vec::new());
    for config in app.config.chosen(&app.global)? {
        let migrations = app.migrations(config)?;
        let dialect = config.dialect()?;
        migrations.check(dialect)?;
        let label = app.label(config, None);
        let looks = [
            lint(app, config, &migrations, arguments.json)?,
            structs(app, config, &migrations).await?,
            checksums(app, config).await?,
        ];
        found |= looks.iter().any(|look| !look.findings.is_empty());
        for look in &looks {
            if arguments.json {
                reports.push(json!({
                    "repo": config.name, "check": look.name, "findings": look.findings, "remark": look.remark,
                }));
                continue;
            }
            for finding in &look.findings {
                let word = if look.word.is_empty() { String::new() } else { format!("{BAD}{}{BAD:#}  ", look.word) };
                app.output.result(format!("{label}{word}{finding}"));
            }
            let (style, word) = if look.findings.is_empty() { (GOOD, "ok") } else { (BAD, "fail") };
            app.output.say(
                format!("{label}{style}{word:<4}{style:#}  {:<9}  {FAINT}{}{FAINT:#}", look.name, look.remark)
                    .trim_end(),
            );
        }
    }
    if arguments.json {
        app.output.json(&Value::Array(reports));
    }
    Ok(if found { Exit::Found } else { Exit::Done })
}

fn lint(app: &App, config: &RepoConfig, migrations: &Migrations, json: bool) -> Outcome<Look> {
    let all: Vec<&Migration> = migrations.iter().collect();
    let findings = super::lint::findings(app, config, &all, None)?;
    let (errors, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.level == Level::Error);
    let warnings = others.iter().filter(|finding| finding.level == Level::Warn).count();
    let remark = match warnings {
        0 => counted(all.len(), "migration"),
        count => format!(
            "{}, {} (`peristyle migrate lint --all`)",
            counted(all.len(), "migration"),
            counted(count, "warning")
        ),
    };
    let findings = if json || errors.is_empty() {
        errors
            .iter()
            .map(|finding| format!("{}:{}: {} ({})", finding.path, finding.line, finding.message, finding.rule))
            .collect()
    } else {
        vec![lint::text(&errors, app.output.colors()).trim_end().to_owned()]
    };
    Ok(Look { name: "lint", word: "", findings, remark: crate::cli::program::called(&remark) })
}

async fn structs(app: &App, config: &RepoConfig, migrations: &Migrations) -> Outcome<Look> {
    let Some(models) = super::models::read(config)? else {
        return Ok(Look { name: "structs", word: "", findings: Vec::new(), remark: "there are none".to_owned() });
    };
    let dialect = config.dialect()?;
    let migrated = super::models::migrated(app, config, migrations, dialect, false).await?;
    let mut asker = Asker::new(config, migrated.scratch.as_ref());
    let Spelt { spellings, notes } = asker.ask(&models, &migrated.catalog).await?;
    asker.close().await;
    let differences = crate::models::differences_with(&models, &migrated.catalog, dialect, &spellings);
    migrated.drop(app).await?;
    spelling::print(app, &app.label(config, None), &notes);
    let findings: Vec<String> = differences.iter().map(ToString::to_string).collect();
    Ok(Look { name: "structs", word: "differs", findings, remark: counted(models.tables.len(), "table") })
}

async fn checksums(app: &App, config: &RepoConfig) -> Outcome<Look> {
    let mut look = Look { name: "checksums", word: "changed", findings: Vec::new(), remark: String::new() };
    let connected = match app.connect(config).await {
        Ok(connected) => connected,
        // In CI there may be no database that has a history.
        Err(failure) if matches!(failure.code(), Exit::Connection | Exit::Configuration) => {
            look.remark = "left out, since no database is at hand".to_owned();
            return Ok(look);
        }
        Err(failure) => return Err(failure),
    };
    let changed = app.migrator(&connected)?.verify_checksums().await?;
    connected.repo.close().await;
    look.remark = connected.url.to_string();
    look.findings = changed.iter().map(|changed| changed.to_string()).collect();
    Ok(look)
}

//! `migrate lint`, and the warnings inside of `up`.

use crate::catalog::Catalog;
use crate::cli::app::App;
use crate::cli::args::Lint;
use crate::cli::config::{RepoConfig, nearest};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{FAINT, GOOD, columns, counted};
use crate::cli::schema_lock;
use crate::lint::{self, Context, Finding, Input, Level, ModelField, ModelUse};
use crate::models;
use crate::runner::{Direction, Migration, Migrations, StatusState};
use peristyle_query::statement::Dialect;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// `migrate lint`.
pub async fn lint(app: &App, lint: &Lint) -> Outcome {
    if let Some(rule) = &lint.explain {
        return explain(app, rule);
    }
    let (mut all, mut reports, mut count, mut known) = (Vec::new(), Vec::new(), 0, 0);
    for config in app.config.chosen(&app.global)? {
        let migrations = app.migrations(config)?;
        let (chosen, before) = chosen(app, config, &migrations, lint).await?;
        count += chosen.len();
        known += migrations.len();
        let mut findings = findings(app, config, &chosen, before.as_ref())?;
        if lint.fix {
            let ran = ran(app, config).await;
            let (kept, open): (Vec<_>, Vec<_>) =
                findings.into_iter().partition(|finding| ran.contains(&finding.version));
            if kept.iter().any(|finding| finding.fix.is_some()) {
                app.output.note("migrations that ran stay as they are: a change would be another migration");
            }
            findings = fix(app, config, &open, before.as_ref(), lint.json)?;
            findings.extend(kept);
            findings.sort_by_key(|finding| finding.version);
        }
        if lint.json {
            reports.push(json!({ "repo": config.name, "findings": as_json(&findings)? }));
        }
        all.extend(findings);
    }
    if lint.json {
        app.output.json(&Value::Array(reports));
        return Ok(exit(&all));
    }
    app.output.raw(&lint::text(&all, app.output.colors()));
    let (errors, warnings) = (counted(at(&all, Level::Error), "error"), counted(at(&all, Level::Warn), "warning"));
    let migrations = counted(count, "migration");
    app.output.say(match (count, all.is_empty()) {
        (0, _) if known == 0 => format!("{FAINT}there are no migrations{FAINT:#}"),
        (0, _) => "no migration is pending: `--all` looks at those that ran".to_owned(),
        (_, true) => format!("{GOOD}{migrations}, no findings{GOOD:#}"),
        (_, false) => format!("{migrations}: {errors}, {warnings}"),
    });
    Ok(exit(&all))
}

fn at(findings: &[Finding], level: Level) -> usize {
    findings.iter().filter(|finding| finding.level == level).count()
}

/// Errors fail; warnings are advice.
fn exit(findings: &[Finding]) -> Exit {
    if at(findings, Level::Error) > 0 { Exit::Found } else { Exit::Done }
}

/// The migrations that the command line names, else all or those that did not run, with the database before them.
async fn chosen<'m>(
    app: &App,
    config: &RepoConfig,
    migrations: &'m Migrations,
    lint: &Lint,
) -> Outcome<(Vec<&'m Migration>, Option<Catalog>)> {
    if !lint.only.is_empty() {
        let named = lint.only.iter().map(|name| named(migrations, name)).collect::<Outcome<Vec<_>>>()?;
        return Ok((named, None));
    }
    // Where no database is at hand, as in CI, all are looked at.
    let connected = match lint.all {
        true => None,
        false => app.connect(config).await.ok(),
    };
    let Some(connected) = connected else {
        if !lint.all {
            let label = app.label(config, None);
            app.output.note(format!("{label}{FAINT}no database is at hand: all migrations are looked at{FAINT:#}"));
        }
        return Ok((migrations.iter().collect(), None));
    };
    let status = app.migrator(&connected)?.status().await?;
    let pending: BTreeSet<u64> = status.pending().map(|entry| entry.migration.version).collect();
    let before = schema_lock::describe(&connected.repo, config).await.ok();
    connected.repo.close().await;
    Ok((migrations.iter().filter(|migration| pending.contains(&migration.version())).collect(), before))
}

/// The versions that ran, as far as a database is at hand.
async fn ran(app: &App, config: &RepoConfig) -> BTreeSet<u64> {
    let Ok(connected) = app.connect(config).await else { return BTreeSet::new() };
    let status = match app.migrator(&connected) {
        Ok(migrator) => migrator.status().await.ok(),
        Err(_) => None,
    };
    connected.repo.close().await;
    let entries = status.into_iter().flat_map(|status| status.entries);
    let ran = entries.filter(|entry| !matches!(entry.state, StatusState::Pending | StatusState::OutOfOrder));
    ran.map(|entry| entry.migration.version).collect()
}

fn named<'m>(migrations: &'m Migrations, name: &str) -> Outcome<&'m Migration> {
    let file = Path::new(name).file_name().map_or_else(|| name.to_owned(), |file| file.to_string_lossy().into_owned());
    let version = file.split('_').next().unwrap_or_default().parse::<u64>().ok();
    version.and_then(|version| migrations.get(version)).ok_or_else(|| {
        Failure::usage(format!("there is no migration {name}")).help("give a version, or a file of the folder")
    })
}

/// What the rules find in migrations.
///
/// - `before`: the database before the first of them, if it is known
pub fn findings(
    app: &App,
    config: &RepoConfig,
    migrations: &[&Migration],
    before: Option<&Catalog>,
) -> Outcome<Vec<Finding>> {
    let dialect = config.dialect()?;
    let inputs = migrations.iter().map(|migration| input(migration, dialect));
    let inputs = inputs.collect::<Outcome<Vec<_>>>()?;
    // Structs that cannot be read are told by the commands that compare them.
    let models = models::read(&config.models, &config.root_or_here()).ok().map(|models| model_use(&models));
    // Zero is no limit; without a word about it, the runner sets one.
    let lock_timeout = config.lock_timeout.is_none_or(|limit| !limit.is_zero());
    let rules = lint::Config { levels: app.config.lint.clone(), lock_timeout, check_down: false };
    let context = Context { dialect, models: models.as_ref(), catalog: before, config: &rules };
    Ok(lint::run(&inputs, &context))
}

fn input(migration: &Migration, dialect: Dialect) -> Outcome<Input> {
    if let Some(file) = migration.as_file() {
        return Input::from_file(file, dialect).map_err(|error| crate::cli::refusal::files(&[error]));
    }
    let (up, transaction) = migration.statements(Direction::Up, dialect)?;
    let down = migration.statements(Direction::Down, dialect).ok().map(|(down, _)| down);
    Ok(Input::from_statements(&migration.place(), migration.version(), &up, down.as_deref(), transaction))
}

fn model_use(models: &models::Models) -> ModelUse {
    let mut fields = Vec::new();
    for table in &models.tables {
        for column in &table.columns {
            for site in &column.sites {
                fields.push(ModelField {
                    table: table.name.clone(),
                    column: column.name.clone(),
                    field: site.name.clone(),
                    path: site.file.clone(),
                    line: site.line,
                });
            }
        }
    }
    ModelUse { fields }
}

/// Applies the fixes, and gives what is left. With `json`, the standard output is for that alone.
fn fix(
    app: &App,
    config: &RepoConfig,
    findings: &[Finding],
    before: Option<&Catalog>,
    json: bool,
) -> Outcome<Vec<Finding>> {
    let tell = |line: String| if json { app.output.note(line) } else { app.output.say(line) };
    let paths: BTreeSet<&str> =
        findings.iter().filter(|finding| finding.fix.is_some()).map(|finding| finding.path.as_str()).collect();
    if paths.is_empty() {
        return Ok(findings.to_vec());
    }
    let mut fixed_rules = BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(Path::new(path), "read", &error))?;
        let fixed = lint::fix(path, &text, findings);
        if fixed.applied.is_empty() {
            continue;
        }
        // What has to follow is there before the file counts on it.
        let mut written = Vec::new();
        for follow_up in fixed.follow_ups {
            let file = follow_up_file(&config.migrations, &follow_up.name)?;
            super::new::write(&file, &follow_up.text)?;
            written.push(file);
        }
        std::fs::write(path, &fixed.text).map_err(|error| Failure::file(Path::new(path), "written", &error))?;
        tell(format!("{GOOD}fixed{GOOD:#}  {path}  {FAINT}{}{FAINT:#}", fixed.applied.join(", ")));
        written.iter().for_each(|file| tell(format!("wrote  {}", file.display())));
        fixed_rules.extend(fixed.applied.into_iter().map(|rule| (path.to_owned(), rule)));
    }
    let migrations = Migrations::from_folder(&config.migrations)?;
    let versions: BTreeSet<u64> = findings.iter().map(|finding| finding.version).collect();
    let again: Vec<&Migration> =
        migrations.iter().filter(|migration| versions.contains(&migration.version())).collect();
    self::findings(app, config, &again, before)
}

/// The file of a migration that has to follow, under a name that no other has.
fn follow_up_file(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let mut number = 1;
    loop {
        let title = if number == 1 { name.to_owned() } else { format!("{name}_{number}") };
        match super::new::next_file(folder, &title) {
            Err(failure) if failure.code() == Exit::Refused && number < 100 => number += 1,
            file => return file,
        }
    }
}

fn explain(app: &App, rule: &str) -> Outcome {
    if rule.is_empty() {
        let rows =
            lint::rules().map(|rule| vec![rule.id.to_owned(), rule.level.name().to_owned(), rule.title.to_owned()]);
        app.output.raw(&columns(&["rule", "level", "asks for"], &rows.collect::<Vec<_>>()));
        return Ok(Exit::Done);
    }
    match lint::explain(rule) {
        Some(text) => app.output.raw(&format!("{}\n", text.trim_end())),
        None => {
            let failure = Failure::usage(format!("there is no rule `{rule}`"));
            let failure = match nearest(rule, lint::rules().map(|rule| rule.id)) {
                Some(near) => failure.help(format!("did you mean {near}?")),
                None => failure,
            };
            return Err(failure.help("`peristyle migrate lint --explain` lists the rules"));
        }
    }
    Ok(Exit::Done)
}

fn as_json(findings: &[Finding]) -> Outcome<Value> {
    serde_json::to_value(findings).map_err(|error| Failure::new(Exit::Failed, format!("no JSON: {error}")))
}

/// Warns of what the migrations that are about to run do, before `up`.
pub fn warn(app: &App, config: &RepoConfig, migrations: &[&Migration], before: Option<&Catalog>) -> Outcome<()> {
    let mut findings = findings(app, config, migrations, before)?;
    findings.retain(|finding| finding.level >= Level::Warn);
    for finding in &findings {
        let place = format!("{}:{}", finding.path, finding.line);
        app.output.warn(format!("{place}: {} {FAINT}({}){FAINT:#}", finding.message, finding.rule));
    }
    if !findings.is_empty() {
        app.output.note(format!("{FAINT}`peristyle migrate lint` explains them{FAINT:#}"));
    }
    Ok(())
}

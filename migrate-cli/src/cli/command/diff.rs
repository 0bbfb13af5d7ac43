//! `migrate diff`.

use crate::catalog::{Catalog, ObjectName};
use crate::cli::app::App;
use crate::cli::args::Diff as Arguments;
use crate::cli::command::spelling::{self, Asker, Spelt};
use crate::cli::config::RepoConfig;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{BAD, FAINT, GOOD};
use crate::cli::prompt;
use crate::diff::{self, Diff, DiffError, Options, Question, Refusal, Rename, renamed};
use crate::models::{self, Models};
use peristyle_query::statement::Dialect;
use serde_json::{Value, json};
use std::path::PathBuf;

impl From<DiffError> for Failure {
    fn from(error: DiffError) -> Self {
        match error {
            DiffError::Rename(message) => Failure::usage(message).help("look at --rename"),
            error => Failure::new(Exit::Source, error.to_string()),
        }
    }
}

/// Writes a migration from the difference between the structs and the migrations.
pub async fn diff(app: &App, arguments: &Arguments) -> Outcome {
    let (mut exit, mut reports) = (Exit::Done, Vec::new());
    let writes = !arguments.check && !arguments.dry_run;
    for config in app.config.chosen(&app.global)? {
        let label = app.label(config, None);
        let dialect = config.dialect()?;
        let migrations = app.migrations(config)?;
        let models = super::models::needed(config)?;
        let migrated = super::models::migrated(app, config, &migrations, dialect, writes).await?;
        let current = &migrated.catalog;
        let mut asker = Asker::new(config, migrated.scratch.as_ref());
        if arguments.check {
            let Spelt { spellings, notes } = asker.ask(&models, current).await?;
            asker.close().await;
            let differences = models::differences_with(&models, current, dialect, &spellings);
            migrated.drop(app).await?;
            spelling::print(app, &label, &notes);
            let sentences: Vec<String> = differences.iter().map(ToString::to_string).collect();
            if arguments.json {
                reports.push(json!({ "repo": config.name, "differences": sentences }));
            } else {
                sentences.iter().for_each(|line| app.output.result(format!("{label}{BAD}differs{BAD:#}  {line}")));
            }
            if sentences.is_empty() && !arguments.json {
                app.output.say(format!("{label}{GOOD}the structs and the migrations agree{GOOD:#}"));
            } else if !sentences.is_empty() {
                app.output.note(format!("{label}`peristyle migrate diff NAME` writes the migration"));
                exit = Exit::Found;
            }
            continue;
        }
        let (diff, notes) = decided(&models, current, dialect, arguments, &mut asker).await?;
        asker.close().await;
        migrated.drop(app).await?;
        let files = files(config, &diff, arguments)?;
        if arguments.json {
            let files = files.iter().map(|(path, text)| json!({ "file": path.display().to_string(), "text": text }));
            let losses: Vec<String> = diff.losses.iter().map(ToString::to_string).collect();
            reports.push(json!({
                "repo": config.name, "files": files.collect::<Vec<_>>(), "losses": losses, "notes": notes,
            }));
        } else {
            notes.iter().for_each(|note| app.output.note(format!("{label}{FAINT}note: {note}{FAINT:#}")));
        }
        if files.is_empty() && !arguments.json {
            app.output.say(format!("{label}{GOOD}the structs and the migrations agree{GOOD:#}"));
        }
        for (path, text) in files {
            if arguments.dry_run {
                if !arguments.json {
                    app.output.raw(&format!("{FAINT}-- {}{FAINT:#}\n{text}", path.display()));
                }
                continue;
            }
            super::new::write(&path, &text)?;
            if !arguments.json {
                app.output.say(format!("{label}wrote {}", path.display()));
            }
        }
        diff.losses.iter().for_each(|loss| app.output.warn(format!("{label}{loss}")));
    }
    if arguments.json {
        app.output.json(&Value::Array(reports));
    }
    Ok(exit)
}

/// The difference, with all questions about it answered, and its notes.
async fn decided(
    models: &Models,
    current: &Catalog,
    dialect: Dialect,
    arguments: &Arguments,
    asker: &mut Asker<'_>,
) -> Outcome<(Diff, Vec<String>)> {
    let mut options = options(arguments, dialect)?;
    loop {
        let before = renamed(current, &options.renames).map_err(DiffError::Rename)?;
        let spelt = asker.ask(models, &before).await?;
        let adopted = models::adopt_with(models, &before, dialect, &spelt.spellings);
        let diff = diff::diff(current, &adopted.catalog, dialect, &options)?;
        let asks = prompt::can_ask();
        let likely = adopted.renames.iter().filter(|rename| !options.no_renames.contains(rename));
        let questions: Vec<Question> =
            likely.cloned().map(Question::Rename).chain(diff.questions.iter().cloned()).collect();
        let open = questions.iter().find(|question| match question {
            Question::Rename(_) => asks || arguments.yes,
            Question::Value { .. } => asks,
        });
        let Some(question) = open else {
            let renames = adopted.renames.iter().filter(|_| !asks).filter_map(|rename| match rename {
                Rename::Table { from, to } => {
                    Some(format!("{to} is new, and {from} stays: if {from} is renamed, say --rename {rename}"))
                }
                Rename::Column { .. } => None,
            });
            let notes = spelt
                .notes
                .iter()
                .chain(&adopted.notes)
                .chain(&models.notes)
                .chain(&diff.notes)
                .cloned()
                .chain(renames);
            return Ok((diff.clone(), notes.collect()));
        };
        match question {
            Question::Rename(rename) if arguments.yes => options.renames.push(rename.clone()),
            Question::Rename(rename) => {
                let otherwise = match rename {
                    Rename::Table { .. } => "left alone",
                    Rename::Column { .. } => "dropped",
                };
                let question = format!("Is {rename} a rename? Otherwise the old one is {otherwise}");
                match prompt::yes_or_no(&question, &format!("--rename {rename}"))? {
                    true => options.renames.push(rename.clone()),
                    false => options.no_renames.push(rename.clone()),
                }
            }
            Question::Value { table, column, column_type } => {
                let question =
                    format!("{table}.{column} ({column_type}) may not be NULL. The value of rows that exist, in SQL");
                let value = prompt::text(&question, &format!("--value {table}.{column}=.."))?;
                if value.trim().is_empty() {
                    return Err(Failure::new(Exit::Refused, "nothing was written"));
                }
                options.values.insert((table.clone(), column.clone()), value);
            }
        }
    }
}

fn options(arguments: &Arguments, dialect: Dialect) -> Outcome<Options> {
    let mut options =
        Options { allow_drop: arguments.allow_drop, online: dialect == Dialect::Postgres, ..Options::default() };
    for rename in &arguments.rename {
        options.renames.push(rename.parse::<Rename>().map_err(Failure::usage)?);
    }
    for value in &arguments.value {
        let wrong = || Failure::usage(format!("`{value}` is not TABLE.COLUMN=SQL")).help("as in posts.state='draft'");
        let (place, sql) = value.split_once('=').ok_or_else(wrong)?;
        let (table, column) = place.rsplit_once('.').ok_or_else(wrong)?;
        let table = match table.split_once('.') {
            Some((prefix, name)) => ObjectName::with_prefix(prefix, name),
            None => ObjectName::new(table),
        };
        options.values.insert((table, column.to_owned()), sql.to_owned());
    }
    Ok(options)
}

/// The files of the difference: their paths and their text.
fn files(config: &RepoConfig, diff: &Diff, arguments: &Arguments) -> Outcome<Vec<(PathBuf, String)>> {
    if diff.is_empty() {
        return Ok(Vec::new());
    }
    let (version, name) = super::new::next(&config.migrations, arguments.name.as_deref().unwrap_or("diff"))?;
    let files = diff.to_files(version, &name).map_err(|refusal| refused(&refusal, diff))?;
    Ok(files.into_iter().map(|(file, text)| (config.migrations.join(file), text)).collect())
}

fn refused(refusal: &Refusal, diff: &Diff) -> Failure {
    let renames = diff.questions.iter().filter_map(|question| match question {
        Question::Rename(rename) => Some(format!("if it is a rename: --rename {rename}")),
        Question::Value { .. } => None,
    });
    match refusal {
        Refusal::NoValue(columns) => {
            let failure = Failure::new(
                Exit::Refused,
                format!("{} may not be NULL, and rows that exist have no value for it", columns.join(", ")),
            );
            let failure = renames.fold(failure, Failure::help);
            let failure =
                columns.iter().fold(failure, |failure, column| failure.help(format!("give one: --value {column}=SQL")));
            failure.help("or give the field a `default`, or make it an Option")
        }
        Refusal::DataLoss(losses) => {
            let failure = Failure::new(Exit::Refused, "data would be lost");
            let failure = losses.iter().fold(failure, |failure, loss| failure.note(loss.to_string()));
            renames.fold(failure, Failure::help).help("if it is meant: --allow-drop")
        }
    }
}

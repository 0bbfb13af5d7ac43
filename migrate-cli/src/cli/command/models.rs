//! The structs of a repo, beside what a database holds.

use crate::catalog::Catalog;
use crate::cli::app::App;
use crate::cli::command::spelling::{Asker, Spelt};
use crate::cli::config::RepoConfig;
use crate::cli::database::Scratch;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::counted;
use crate::cli::progress::Progress;
use crate::cli::schema_lock::{self, describe};
use crate::cli::watch::Watch;
use crate::models::{self, Models};
use crate::runner::{Migrations, Migrator, Target};
use peristyle_query::statement::Dialect;

/// Reads the structs of a repo. None, if it names no places and has no folder `src`.
///
/// # Errors
///
/// A failure that shows the first mistake, and names the others.
pub fn read(config: &RepoConfig) -> Outcome<Option<Models>> {
    let root = config.root_or_here();
    if !config.names_models && !root.join("src").is_dir() {
        return Ok(None);
    }
    match models::read(&config.models, &root) {
        Ok(models) => Ok(Some(models)),
        Err(errors) => {
            let Some(first) = errors.first() else {
                return Err(Failure::new(Exit::Source, "the structs cannot be read"));
            };
            let path = config.root.join(&first.file).display().to_string();
            let failure = crate::cli::refusal::located(&path, first.line, first.column, &first.message);
            Err(errors.iter().skip(1).fold(failure, |failure, error| failure.note(format!("also {error}"))))
        }
    }
}

/// The structs of a repo, which a command is about.
///
/// # Errors
///
/// As [`read`]; a failure too if there are none.
pub fn needed(config: &RepoConfig) -> Outcome<Models> {
    read(config)?.ok_or_else(|| {
        Failure::new(Exit::Configuration, "there are no structs: there is no folder src")
            .help("say where they are in peristyle.toml: models = [\"crates/*/src/**/*.rs\"]")
    })
}

/// How structs and a database differ.
pub struct Differences {
    /// The differences, as sentences.
    pub sentences: Vec<String>,
    /// What was compared by its text.
    pub notes: Vec<String>,
}

/// How the structs of a repo and a database differ.
///
/// # Errors
///
/// As [`Asker::ask`].
pub async fn differences(
    config: &RepoConfig,
    models: &Models,
    catalog: &Catalog,
    asker: &mut Asker<'_>,
) -> Outcome<Differences> {
    let Spelt { spellings, notes } = asker.ask(models, catalog).await?;
    let differences = models::differences_with(models, catalog, config.dialect()?, &spellings);
    Ok(Differences { sentences: differences.iter().map(ToString::to_string).collect(), notes })
}

/// What all migrations come to.
pub struct Migrated {
    /// What the database holds then.
    pub catalog: Catalog,
    /// The scratch database on which they ran, if they had to.
    pub scratch: Option<Scratch>,
}

impl Migrated {
    /// Drops the scratch database.
    ///
    /// # Errors
    ///
    /// A failure if the server refuses.
    pub async fn drop(self, app: &App) -> Outcome<()> {
        match self.scratch {
            Some(scratch) => scratch.drop(&app.cleanup).await,
            None => Ok(()),
        }
    }
}

/// What all migrations come to: from `schema.lock`, or, where that is stale, from a scratch database; then the file is
/// written again, if `writes`.
///
/// # Errors
///
/// A failure if the migrations fail there, or there is no place for it.
pub async fn migrated(
    app: &App,
    config: &RepoConfig,
    migrations: &Migrations,
    dialect: Dialect,
    writes: bool,
) -> Outcome<Migrated> {
    let reason = match schema_lock::read(config, migrations, dialect)? {
        Ok(catalog) => return Ok(Migrated { catalog, scratch: None }),
        Err(reason) => reason,
    };
    if migrations.is_empty() {
        return Ok(Migrated { catalog: Catalog::default(), scratch: None });
    }
    app.output.note(format!("{reason}: running the migrations on a scratch database"));
    let scratch = app.scratch(config).await?;
    let _progress = Progress::new(app.output, format!("running {}", counted(migrations.len(), "migration")));
    let migrator = Migrator::new(&scratch.repo, migrations.clone()).table(&config.table);
    migrator.observer(Watch::new(app.output, "", true)).up(Target::All).await?;
    let catalog = describe(&scratch.repo, config).await?;
    if writes {
        schema_lock::write(app, config, migrations, dialect, catalog.clone())?;
    }
    Ok(Migrated { catalog, scratch: Some(scratch) })
}

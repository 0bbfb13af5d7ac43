//! Lets Postgres compare what structs say with what it has.

use crate::catalog::Catalog;
use crate::cli::app::App;
use crate::cli::config::RepoConfig;
use crate::cli::database::{self, Scratch};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome, spoken};
use crate::cli::refusal::located;
use crate::models::{self, Models, Question, Refused, Spellings};
use peristyle_query::repo::Repo;

/// How Postgres writes what structs say, and what was compared by its text instead, as notes.
#[derive(Default)]
pub struct Spelt {
    /// What Postgres answered.
    pub spellings: Spellings,
    /// The notes.
    pub notes: Vec<String>,
}

/// Asks the Postgres of a repo.
pub struct Asker<'a> {
    config: &'a RepoConfig,
    place: Place<'a>,
}

enum Place<'a> {
    /// A database on which all migrations ran.
    Migrated(&'a Repo),
    /// One that may be behind.
    Given(&'a Repo),
    /// The one of the configuration, connected to when there is something to ask.
    Configured(Option<Result<Repo, String>>),
}

impl<'a> Asker<'a> {
    /// Asks a scratch database, or, without one, the database of the configuration.
    pub fn new(config: &'a RepoConfig, scratch: Option<&'a Scratch>) -> Self {
        let place = scratch.map_or(Place::Configured(None), |scratch| Place::Migrated(&scratch.repo));
        Asker { config, place }
    }

    /// Asks a database that may be behind the migrations.
    pub fn of(config: &'a RepoConfig, repo: &'a Repo) -> Self {
        Asker { config, place: Place::Given(repo) }
    }

    /// Asks for what only Postgres can compare.
    ///
    /// # Errors
    ///
    /// A failure that shows the first condition of a struct that Postgres refuses, and names the others.
    pub async fn ask(&mut self, models: &Models, current: &Catalog) -> Outcome<Spelt> {
        let questions = models::questions(models, current, self.config.dialect()?);
        if questions.is_empty() {
            return Ok(Spelt::default());
        }
        let is_migrated = matches!(self.place, Place::Migrated(_));
        let (repo, is_configured) = match &mut self.place {
            Place::Migrated(repo) | Place::Given(repo) => (*repo, false),
            Place::Configured(known) => {
                let repo = match known.take() {
                    Some(repo) => repo,
                    None => connect(self.config).await.map_err(|failure| failure.message().to_owned()),
                };
                match known.insert(repo) {
                    Ok(repo) => (&*repo, true),
                    Err(reason) => {
                        let notes = vec![by_text(&questions, reason, true)];
                        return Ok(Spelt { spellings: Spellings::default(), notes });
                    }
                }
            }
        };
        let asked = match models::ask(repo, models, current).await {
            Ok(asked) => asked,
            // The answer is a help, not what the command is about.
            Err(error) if is_configured => {
                let notes = vec![by_text(&questions, &spoken(&error), true)];
                return Ok(Spelt { spellings: Spellings::default(), notes });
            }
            Err(error) => return Err(error.into()),
        };
        let (later, refused): (Vec<Refused>, Vec<Refused>) =
            asked.refused.into_iter().partition(|refused| refused.is_missing && !is_migrated);
        if let Some(failure) = self.refused(&refused) {
            return Err(failure);
        }
        let mut notes: Vec<String> = later.iter().map(not_there).collect();
        if let Some(reason) = &asked.unavailable {
            let open: Vec<Question> =
                questions.into_iter().filter(|question| !asked.spellings.answer(question)).collect();
            notes.push(by_text(&open, reason, false));
        }
        Ok(Spelt { spellings: asked.spellings, notes })
    }

    /// Closes the connection, if it was made here.
    pub async fn close(self) {
        if let Place::Configured(Some(Ok(repo))) = self.place {
            repo.close().await;
        }
    }

    fn refused(&self, refused: &[Refused]) -> Option<Failure> {
        let message = |refused: &Refused| format!("Postgres refuses {}: {}", refused.question, refused.message);
        let (first, others) = refused.split_first()?;
        let site = &first.question.site;
        let path = self.config.root.join(&site.file).display().to_string();
        let failure = located(&path, site.line, site.column, &message(first));
        let also = |failure: Failure, refused: &Refused| {
            failure.note(format!("also {}: {}", refused.question.site.position(), message(refused)))
        };
        let failure = others.iter().fold(failure, also);
        Some(match refused.iter().any(|refused| refused.is_missing) {
            true => failure.help("if a migration is to make what is missing, write that one first"),
            false => failure,
        })
    }
}

/// The notes of several looks.
pub fn print(app: &App, label: &str, notes: &[String]) {
    notes.iter().for_each(|note| app.output.note(format!("{label}note: {note}")));
}

async fn connect(config: &RepoConfig) -> Outcome<Repo> {
    let url = match config.url() {
        Err(failure) if failure.code() == Exit::Configuration => match config.scratch_url()? {
            Some(url) => url,
            None => return Err(failure),
        },
        url => url?,
    };
    database::open(&url).await
}

fn not_there(refused: &Refused) -> String {
    let (question, place) = (&refused.question, refused.question.site.position());
    format!(
        "{question} ({place}) is compared by its text, since this database lacks something of it: {}; \
         run the migrations there first",
        refused.message
    )
}

fn by_text(questions: &[Question], reason: &str, is_unconnected: bool) -> String {
    let named: Vec<String> =
        questions.iter().map(|question| format!("{question} ({})", question.site.position())).collect();
    let next = match is_unconnected {
        true => "let Postgres compare by the URL of one that answers: --database-url postgres://..",
        false => "let Postgres compare with a user who may make temporary tables: --database-url postgres://..",
    };
    format!("compared by text, so that a difference may be none: {}; {reason}; {next}", named.join(", "))
}

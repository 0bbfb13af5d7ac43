//! Errors of the library as failures of the command: each with its exit code, its place and its next step.

use super::exit::Exit;
use super::failure::{Failure, noted, spoken};
use crate::runner::{self, FailedStatement, Left, MigrateError};
use peristyle_migration_files::FileError;
use peristyle_query::error::Error;

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        let text = error.to_string();
        match error {
            MigrateError::Files(errors) => files(&errors),
            MigrateError::Duplicate { .. } => Failure::new(Exit::Source, text),
            MigrateError::UnknownVersion { version, nearest } => {
                let failure = Failure::usage(format!("no migration has the version {version}"));
                let near: Vec<String> = nearest.iter().map(super::watch::file).collect();
                if near.is_empty() { failure } else { failure.help(format!("near it are {}", near.join(", "))) }
            }
            MigrateError::Irreversible { .. } | MigrateError::Refused { .. } | MigrateError::NotEmpty { .. } => {
                Failure::new(Exit::Refused, text)
            }
            MigrateError::Changed(changed) => {
                let failure = Failure::new(Exit::History, "migrations changed after they ran");
                let noted = changed.iter().fold(failure, |failure, changed| failure.note(changed.to_string()));
                noted.help("put the old text back and write a new migration for the change").help(
                    "`peristyle migrate repair --dry-run` shows the difference, and `peristyle migrate repair` accepts it",
                )
            }
            MigrateError::Missing(missing) => {
                let failure = Failure::new(Exit::History, "migrations that ran have no file any more");
                let noted = missing.iter().fold(failure, |failure, id| failure.note(super::watch::file(id)));
                noted.help("bring the files back (another branch may have them), or take them back with the version that has them")
                    .help("--ignore-missing goes on without them")
            }
            MigrateError::OutOfOrder { pending, latest } => {
                let message = format!("pending migrations are older than {latest}, which ran");
                let failure = Failure::new(Exit::History, message);
                let noted = pending.iter().fold(failure, |failure, id| failure.note(super::watch::file(id)));
                noted.help("give them later versions, or leave --strict-order out")
            }
            MigrateError::Dirty { migration, .. } => Failure::new(Exit::Dirty, text).help(format!(
                "`peristyle migrate repair --mark-up {0}` records that all of it is done by now, and --mark-down {0} that nothing \
                 of it is left",
                migration.version
            )),
            MigrateError::Locked { .. } => {
                Failure::new(Exit::Locked, text).help("--wait TIME waits longer, as in --wait 5min")
            }
            MigrateError::LockLost { .. } => Failure::new(Exit::Connection, text),
            MigrateError::PoolTooSmall => Failure::new(Exit::Configuration, text),
            MigrateError::VersionTable { .. } => {
                // Without the line of this program that an error of the database came from.
                let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("at: "));
                let mut lines = lines.map(str::to_owned);
                let failure = Failure::new(Exit::Failed, lines.next().unwrap_or_default());
                lines.fold(failure, |failure, line| failure.note(line))
            }
            MigrateError::Rust(_) => Failure::new(Exit::Source, text),
            MigrateError::Failed(failed) => {
                let message = format!("{} failed on its way {}", failed.migration, failed.direction);
                let failure = Failure::new(code(&failed.error), message);
                let failure = match &failed.statement {
                    Some(statement) => at_statement(failure, statement, &failed.error),
                    None => failure.note(spoken(&failed.error)),
                };
                let (left, next) = left(&failed);
                failure.note(left).help(next)
            }
            MigrateError::Hook { ref error, .. } => Failure::new(code(error), text),
            MigrateError::Panicked { .. } => Failure::new(Exit::Failed, text),
            MigrateError::Database(error) => error.into(),
            MigrateError::Unsupported(_) => Failure::new(Exit::Refused, text),
        }
    }
}

fn code(error: &Error) -> Exit {
    match error {
        error if error.is_connection() => Exit::Connection,
        // lock_not_available, deadlock_detected, and SQLite's busy.
        Error::Database(error) if matches!(error.code.as_deref(), Some("55P03" | "40P01" | "5" | "261" | "517")) => {
            Exit::Locked
        }
        _ => Exit::Failed,
    }
}

fn left(failed: &runner::Failure) -> (String, String) {
    let (direction, version) = (failed.direction, failed.migration.version);
    match &failed.left {
        Left::Done { statements, of } if failed.cut_off_before => (
            format!(
                "it has no transaction, and stopped in this statement before: {statements} of its {of} statements are done for sure"
            ),
            format!(
                "mend it; or, if it was done when the program was cut off, record that with `peristyle migrate repair --mark-done \
                 {version}={}`; and run `peristyle migrate {direction}` again",
                statements + 1
            ),
        ),
        Left::Nothing => (
            "nothing of it is left: it was rolled back".to_owned(),
            format!("mend it, and run `peristyle migrate {direction}` again"),
        ),
        Left::Done { statements, of } => (
            format!("it has no transaction: {statements} of its {of} statements are done, and stay"),
            format!(
                "mend the one that failed, leave those before it as they are, and run `peristyle migrate {direction}` again"
            ),
        ),
        Left::Unknown => (
            "the connection was lost while it was being kept".to_owned(),
            "see with `peristyle migrate status` whether it was".to_owned(),
        ),
    }
}

/// The statement with a caret where the database points.
fn at_statement(failure: Failure, statement: &FailedStatement, error: &Error) -> Failure {
    let (label, failure) = match error {
        Error::Database(error) => {
            let code = error.code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
            (format!("{}: {}{code}", error.store, error.message), noted(failure, error))
        }
        Error::Constraint(error) => (error.message.clone(), failure),
        other => (spoken(other), failure),
    };
    let path = statement.path.clone().unwrap_or_else(|| "the statement".to_owned());
    let line = &statement.excerpt;
    let trimmed = line.len() - line.trim_start().len();
    let span = match statement.column {
        Some(column) => {
            let start = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(start, _)| start);
            start..start + word(&line[start..])
        }
        None => trimmed..line.trim_end().len(),
    };
    if line.trim().is_empty() {
        return failure.note(label);
    }
    failure.at(path, line, statement.line, span, &label)
}

/// How long the word is that a text begins with, at least one character.
fn word(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    end.max(text.chars().next().map_or(0, char::len_utf8))
}

/// What is wrong with files of migrations: the first with its line, the others by their places.
pub fn files(errors: &[FileError]) -> Failure {
    let Some(first) = errors.first() else { return Failure::new(Exit::Source, "the migrations cannot be read") };
    let failure = located(&first.path, first.line, first.column, &first.message);
    errors.iter().skip(1).fold(failure, |failure, error| failure.note(format!("also {error}")))
}

/// A failure at a line and a column, from 1, of a file that is read again to show it. Line 0 is the whole file.
pub fn located(path: &str, line: usize, column: usize, message: &str) -> Failure {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Some(shown) = line.checked_sub(1).and_then(|index| text.lines().nth(index)) else {
        let place = if line == 0 { path.to_owned() } else { format!("{path}:{line}:{column}") };
        return Failure::new(Exit::Source, format!("{place}: {message}"));
    };
    let start = shown.char_indices().nth(column.saturating_sub(1)).map_or(shown.len(), |(start, _)| start);
    Failure::new(Exit::Source, message).at(path, shown, line, start..start + word(&shown[start..]), "")
}

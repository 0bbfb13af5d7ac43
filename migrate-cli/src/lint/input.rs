//! What is checked: the statements of a migration, with their places.

use peristyle_migration_files::{FileError, Flavor, MigrationFile, Section};
use peristyle_query::statement::Dialect;

/// A migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its version.
    pub version: u64,
    /// The way up.
    pub up: Script,
    /// The way down.
    pub down: Down,
}

/// The way down of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Down {
    /// There is none.
    Missing,
    /// The migration says that there is none.
    Irreversible,
    /// These statements.
    Script(Script),
}

/// The statements of a migration in one direction, and how they are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file.
    pub path: String,
    /// The line of the file at which the section begins, from 1.
    pub line: usize,
    /// The statements.
    pub statements: Vec<Statement>,
    /// Whether they run in one transaction.
    pub transaction: bool,
    /// Whether the migration itself says how long a statement waits for a lock.
    pub lock_timeout: bool,
    /// Whether SQLite enforces foreign keys meanwhile.
    pub foreign_keys: bool,
    /// The findings that the migration allows.
    pub allow: Vec<Allow>,
    /// Whether the statements stand in the file as they are, so that they can be rewritten there.
    pub fixable: bool,
}

/// A statement, with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text, without the semicolon.
    pub text: String,
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The column at which it begins, in characters, from 1.
    pub column: usize,
}

/// A `-- lint:allow RULE reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The id of the rule.
    pub rule: String,
    /// Why it may be broken here.
    pub reason: String,
    /// The line of the file.
    pub line: usize,
    /// The statement that it is for, counted from 0; `None` is all of the file.
    pub statement: Option<usize>,
}

impl Input {
    /// Reads a migration file.
    ///
    /// # Errors
    ///
    /// If the file is no migration, or a section can't be split into statements.
    pub fn parse(path: &str, text: &str, dialect: Dialect) -> Result<Input, FileError> {
        Input::from_file(&peristyle_migration_files::parse(path, text)?, dialect)
    }

    /// The migration of a file that was read already.
    ///
    /// # Errors
    ///
    /// If a section can't be split into statements.
    pub fn from_file(file: &MigrationFile, dialect: Dialect) -> Result<Input, FileError> {
        let down = match (&file.down, &file.irreversible) {
            (Some(down), _) => Down::Script(Script::from_section(down, dialect)?),
            (None, Some(_)) => Down::Irreversible,
            (None, None) => Down::Missing,
        };
        Ok(Input { version: file.version, up: Script::from_section(&file.up, dialect)?, down })
    }

    /// A migration whose statements were rendered by a program: each has a line of its own.
    ///
    /// - `path`: how findings name it: the Rust file, or the migration's name
    /// - `down`: the statements of the way back; `None` if it said that there is none
    pub fn from_statements(
        path: &str,
        version: u64,
        up: &[String],
        down: Option<&[String]>,
        transaction: bool,
    ) -> Input {
        let script = |statements: &[String]| {
            let mut line = 1;
            let mut found = Vec::new();
            for text in statements {
                found.push(Statement { text: text.clone(), line, column: 1 });
                line += text.lines().count().max(1);
            }
            Script {
                path: path.to_owned(),
                line: 1,
                statements: found,
                transaction,
                lock_timeout: false,
                foreign_keys: true,
                allow: Vec::new(),
                fixable: false,
            }
        };
        let down = down.map_or(Down::Irreversible, |down| Down::Script(script(down)));
        Input { version, up: script(up), down }
    }
}

impl Script {
    fn from_section(section: &Section, dialect: Dialect) -> Result<Script, FileError> {
        let flavor = match dialect {
            Dialect::Postgres => Flavor::Postgres,
            _ => Flavor::Sqlite,
        };
        let statements = section.statements(flavor)?;
        let mut allow = Vec::new();
        for each in &section.directives.lint_allow {
            // The statement that the comment stands in or before.
            let next = statements.iter().position(|statement| each.line <= statement.last_line);
            let statement = if each.whole_file { None } else { Some(next.unwrap_or(statements.len())) };
            let (rule, reason) = (each.rule.clone(), each.reason.clone());
            allow.push(Allow { rule, reason, line: each.line, statement });
        }
        Ok(Script {
            path: section.path.clone(),
            line: section.line,
            statements: statements
                .into_iter()
                .map(|each| Statement { text: each.text, line: each.line, column: each.column })
                .collect(),
            transaction: section.directives.transaction,
            lock_timeout: section.directives.lock_timeout.is_some(),
            foreign_keys: section.directives.foreign_keys,
            allow,
            fixable: true,
        })
    }
}

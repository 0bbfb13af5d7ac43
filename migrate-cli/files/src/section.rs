use crate::directive::{Directives, LintAllow};
use crate::error::{FileError, SqlError, position};
use crate::lexer::Flavor;
use crate::statement::{Statement, statements};

/// The SQL of a migration in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The file.
    pub path: String,
    /// The SQL, comments and all.
    pub text: String,
    /// The line of the file at which `text` begins, from 1.
    pub line: usize,
    /// What the file and the section say about how to run it.
    pub directives: Directives,
    /// The line of the marker that ends the section, if there is one.
    pub(crate) next_marker: Option<(usize, &'static str)>,
}

impl Section {
    /// The section's statements, with their lines in the file.
    ///
    /// # Errors
    ///
    /// What cannot be a script of this database: see [`statements`].
    pub fn statements(&self, flavor: Flavor) -> Result<Vec<Statement>, FileError> {
        let mut found = statements(&self.text, flavor).map_err(|error| self.error(error))?;
        for statement in &mut found {
            statement.line += self.line - 1;
            statement.last_line += self.line - 1;
        }
        Ok(found)
    }

    /// Whether it holds no statement.
    ///
    /// # Errors
    ///
    /// As [`Section::statements`].
    pub fn is_empty(&self, flavor: Flavor) -> Result<bool, FileError> {
        self.statements(flavor).map(|found| found.is_empty())
    }

    /// The line and the column in the file of a byte of the section's text.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let (line, column) = position(&self.text, offset);
        (line + self.line - 1, column)
    }

    /// The rules of lint that comments allow for one of the section's statements: those for the whole file, and those in
    /// or before the statement but behind the one before.
    pub fn lint_allows<'a>(
        &'a self,
        found: &[Statement],
        index: usize,
    ) -> impl Iterator<Item = &'a LintAllow> + use<'a> {
        let after = index.checked_sub(1).and_then(|before| found.get(before)).map_or(0, |before| before.last_line);
        let until = found.get(index).map_or(usize::MAX, |statement| statement.last_line);
        let applies = move |allow: &&LintAllow| allow.whole_file || (allow.line > after && allow.line <= until);
        self.directives.lint_allow.iter().filter(applies)
    }

    pub(crate) fn error(&self, error: SqlError) -> FileError {
        let (line, column) = self.position(error.offset);
        let message = match self.next_marker {
            Some((marker, name)) if error.message.contains("is never closed") => {
                format!("{} (line {marker}, `-- migrate:{name}`, ends the section wherever it stands)", error.message)
            }
            _ => error.message,
        };
        FileError::at(&self.path, line, column, message)
    }

    /// An error at one of the section's statements.
    pub fn error_at(&self, statement: &Statement, message: impl Into<String>) -> FileError {
        FileError::at(&self.path, statement.line, statement.column, message)
    }
}

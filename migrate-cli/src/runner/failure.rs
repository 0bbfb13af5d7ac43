//! A migration that failed: which statement, where it stands, what the database said and what is left.

use super::{Direction, MigrationId};
use peristyle_query::error::Error;
use std::fmt;

/// A migration that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The migration.
    pub migration: MigrationId,
    /// The direction in which it ran.
    pub direction: Direction,
    /// The statement that failed; `None` if it was none of the migration's own.
    pub statement: Option<FailedStatement>,
    /// What the database said.
    pub error: Error,
    /// What is left in the database.
    pub left: Left,
    /// Whether it has no transaction and stopped in this very statement before, which may have been done then if the program was
    /// cut off.
    pub cut_off_before: bool,
}

/// A statement that failed.
#[derive(Clone, Debug)]
pub struct FailedStatement {
    /// Its number in the migration, from 1.
    pub number: usize,
    /// Its text; empty for a step that is Rust.
    pub text: String,
    /// The file, if it stands in one.
    pub path: Option<String>,
    /// The line, from 1, of the file, or of `text`: that at which the database points, else the statement's first.
    pub line: usize,
    /// The column of that line, from 1, where the database points at one.
    pub column: Option<usize>,
    /// The text of that line.
    pub excerpt: String,
}

/// What a migration that failed left in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing: its transaction was rolled back.
    Nothing,
    /// It has no transaction, so that the statements before the one that failed are kept.
    Done {
        /// How many are kept.
        statements: usize,
        /// How many there are.
        of: usize,
    },
    /// The connection was lost while it was being kept: it may have happened or not.
    Unknown,
}

impl FailedStatement {
    /// The statement that `text` is, which begins at a line and a column of a file, with the character of it, from 1, at
    /// which the database points.
    pub(crate) fn new(number: usize, text: &str, start: Option<(&str, usize, usize)>, position: Option<usize>) -> Self {
        let (first_line, first_column) = start.map_or((1, 1), |(_, line, column)| (line, column));
        let at = position.and_then(|position| text.char_indices().nth(position.checked_sub(1)?)).map(|(at, _)| at);
        // A database may point behind the last character.
        let at = at.or(position.map(|_| text.len()));
        let before = &text[..at.unwrap_or(0)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let lines = before.matches('\n').count();
        let in_line = before[line_start..].chars().count() + 1;
        let indent = if lines == 0 { first_column - 1 } else { 0 };
        FailedStatement {
            number,
            text: text.to_owned(),
            path: start.map(|(path, ..)| path.to_owned()),
            line: first_line + lines,
            column: at.map(|_| in_line + indent),
            excerpt: " ".repeat(indent) + text[line_start..].lines().next().unwrap_or_default(),
        }
    }
}

impl fmt::Display for FailedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, self.column) {
            (Some(path), Some(column)) => write!(f, "\n  at {path}:{}:{column}", self.line)?,
            (Some(path), None) => write!(f, "\n  at {path}:{}", self.line)?,
            (None, _) => write!(f, "\n  in statement {}", self.number)?,
        }
        if self.excerpt.is_empty() {
            return Ok(());
        }
        write!(f, "\n  | {}", self.excerpt)?;
        match self.column {
            Some(column) => write!(f, "\n  | {}^", " ".repeat(column.saturating_sub(1))),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed on its way {}: ", self.migration, self.direction)?;
        // The runner's own line, from which a statement was sent, says nothing; that of a step in Rust is its author's.
        let is_sql = self.statement.as_ref().is_some_and(|statement| !statement.text.is_empty());
        match &self.error {
            Error::Database(error) if is_sql => (***error).fmt(f)?,
            Error::Constraint(error) if is_sql => (***error).fmt(f)?,
            error => error.fmt(f)?,
        }
        if let Some(statement) = &self.statement {
            statement.fmt(f)?;
        }
        let again = self.direction;
        if let (true, Left::Done { statements, of }) = (self.cut_off_before, &self.left) {
            return write!(
                f,
                "\n  it has no transaction, and stopped in this statement before: {statements} of its {of} statements are done for \
                 sure; mend this one, or, if it was done when the program was cut off, mark {} of them as done; and run `{again}` \
                 again",
                statements + 1
            );
        }
        match self.left {
            Left::Nothing => {
                write!(f, "\n  nothing of it is left: it was rolled back; mend it and run `{again}` again")
            }
            Left::Done { statements: 0, .. } => {
                write!(
                    f,
                    "\n  it has no transaction, and none of its statements is done; mend it and run `{again}` again"
                )
            }
            Left::Done { statements, of } => write!(
                f,
                "\n  it has no transaction: {statements} of its {of} statements are done and kept; mend the one that failed, \
                 leave those before it as they are, and run `{again}` again, which goes on there"
            ),
            Left::Unknown => write!(
                f,
                "\n  the connection was lost while it was being kept: see with `status` whether it was, and run `{again}` again"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_becomes_a_line_and_a_column_of_the_file() {
        let text = "select 1,\n  nö, bad";
        let statement = |position| FailedStatement::new(2, text, Some(("m/1_a.sql", 4, 3)), position);
        let place = |position| {
            let at = statement(position);
            (at.line, at.column, at.excerpt)
        };
        assert_eq!(place(None), (4, None, "  select 1,".to_owned()));
        assert_eq!(place(Some(8)), (4, Some(10), "  select 1,".to_owned()));
        assert_eq!(place(Some(17)), (5, Some(7), "  nö, bad".to_owned()));
        assert_eq!(place(Some(99)), (5, Some(10), "  nö, bad".to_owned()));
        assert_eq!(statement(Some(17)).to_string(), "\n  at m/1_a.sql:5:7\n  |   nö, bad\n  |       ^");
    }
}

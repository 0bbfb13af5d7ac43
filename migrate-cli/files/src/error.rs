use std::error::Error;
use std::fmt;

/// What is wrong in a migration file, and where.
///
/// It prints as `path:line:column: message`, which editors and terminals make a link of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file, as it was named when it was read.
    pub path: String,
    /// The line, from 1; 0 if the error is about the whole file.
    pub line: usize,
    /// The column in characters, from 1; 0 if the error is about the whole file.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl FileError {
    /// An error about a file as a whole: its name, or that it cannot be read.
    pub fn whole(path: impl Into<String>, message: impl Into<String>) -> FileError {
        FileError { path: path.into(), line: 0, column: 0, message: message.into() }
    }

    pub(crate) fn at(path: &str, line: usize, column: usize, message: impl Into<String>) -> FileError {
        FileError { path: path.to_owned(), line, column, message: message.into() }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{}:{}: {}", self.path, line, self.column, self.message),
        }
    }
}

impl Error for FileError {}

/// What is wrong in a text of SQL, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// The byte of the text at which it stands.
    pub offset: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.message)
    }
}

impl Error for SqlError {}

/// The line and the column, both from 1 and the column in characters, of a byte of a text.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

use crate::error::SqlError;
use crate::lexer::{Flavor, Token, TokenKind, tokens};

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text, from its first token to its last: without comments around it and without the semicolon.
    pub text: String,
    /// The line of its first token, from 1: in the file for a section's statements, else in the text.
    pub line: usize,
    /// The column of its first token in characters, from 1.
    pub column: usize,
    /// The byte of the section or text at which it begins.
    pub offset: usize,
    /// The line of its last token.
    pub last_line: usize,
    words: Vec<String>,
}

impl Statement {
    /// The words, punctuation and operators that it begins with, the words in upper case: at most 16, `"x"` for a quoted
    /// identifier as written.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether it begins with these words, in any case.
    pub fn begins_with(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len()
            && self.words.iter().zip(words).all(|(own, word)| own.eq_ignore_ascii_case(word))
    }
}

/// Splits a script into its statements, in order. Empty ones are left out.
///
/// A semicolon in a string, a comment, parentheses, the body of `BEGIN ATOMIC .. END`, or a trigger of SQLite ends nothing.
///
/// # Errors
///
/// If a string, an identifier, a comment or a parenthesis is not closed, and for what only a shell understands: the commands
/// of psql (`\c`) and sqlite3 (`.mode`), and `COPY .. FROM STDIN`.
pub fn statements(sql: &str, flavor: Flavor) -> Result<Vec<Statement>, SqlError> {
    let mut places = Places { sql, line: 1, column: 1, at: 0 };
    Ok(split(sql, flavor)?.iter().map(|piece| piece.statement(sql, &mut places)).collect())
}

/// The tokens of one statement without blanks and comments; at least one.
pub(crate) struct Piece {
    pub(crate) tokens: Vec<Token>,
}

impl Piece {
    fn statement(&self, sql: &str, places: &mut Places<'_>) -> Statement {
        let start = self.tokens.first().map_or(0, |token| token.start);
        let end = self.tokens.last().map_or(start, |token| token.end);
        let text = &sql[start..end];
        let (line, column) = places.move_to(start);
        let words = self.tokens.iter().take(16).map(|token| match token.kind {
            TokenKind::Word => token.text(sql).to_ascii_uppercase(),
            _ => token.text(sql).to_owned(),
        });
        let last_line = line + text.matches('\n').count();
        Statement { text: text.to_owned(), line, column, offset: start, last_line, words: words.collect() }
    }
}

/// Lines and columns of growing offsets, without reading the text again for each.
struct Places<'a> {
    sql: &'a str,
    line: usize,
    column: usize,
    at: usize,
}

impl Places<'_> {
    fn move_to(&mut self, offset: usize) -> (usize, usize) {
        let passed = &self.sql[self.at..offset];
        self.at = offset;
        match passed.rfind('\n') {
            Some(newline) => {
                self.line += passed.matches('\n').count();
                self.column = passed[newline + 1..].chars().count() + 1;
            }
            None => self.column += passed.chars().count(),
        }
        (self.line, self.column)
    }
}

pub(crate) fn split(sql: &str, flavor: Flavor) -> Result<Vec<Piece>, SqlError> {
    let mut splitter = Splitter { sql, flavor, piece: Vec::new(), open: Vec::new(), body: Body::None };
    let mut pieces = Vec::new();
    for token in tokens(sql, flavor)?.into_iter().filter(|token| !token.is_trivia()) {
        if splitter.ends_at(token)? {
            splitter.finish(&mut pieces)?;
        } else {
            splitter.piece.push(token);
        }
    }
    splitter.finish(&mut pieces)?;
    Ok(pieces)
}

/// A body in which semicolons separate the statements of one outer statement.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    None,
    /// `BEGIN ATOMIC ..`, with the number of `END`s that are due.
    Atomic(usize),
    /// `CREATE TRIGGER .. BEGIN ..` of SQLite, which ends with an `END` behind a semicolon.
    Trigger,
}

struct Splitter<'a> {
    sql: &'a str,
    flavor: Flavor,
    piece: Vec<Token>,
    /// The parentheses that are open.
    open: Vec<Token>,
    body: Body,
}

impl Splitter<'_> {
    /// Whether the token is the semicolon that ends the statement.
    fn ends_at(&mut self, token: Token) -> Result<bool, SqlError> {
        let sql = self.sql;
        self.refuse_shell_command(token)?;
        match token.kind {
            TokenKind::Punctuation => match token.text(sql) {
                "(" => self.open.push(token),
                ")" => {
                    self.open.pop();
                }
                ";" => return Ok(self.open.is_empty() && self.body == Body::None),
                _ => {}
            },
            TokenKind::Word if self.open.is_empty() || self.body != Body::None => self.follow_body(token),
            _ => {}
        }
        Ok(false)
    }

    fn follow_body(&mut self, token: Token) {
        let sql = self.sql;
        let previous = self.piece.last();
        let named = previous.is_some_and(|last| last.is_punctuation(sql, ".") || last.is_word(sql, "AS"));
        match self.body {
            Body::None => {
                let begin = previous.is_some_and(|last| last.is_word(sql, "BEGIN"));
                if self.flavor == Flavor::Postgres && begin && token.is_word(sql, "ATOMIC") && self.creates_routine() {
                    self.body = Body::Atomic(1);
                } else if self.flavor == Flavor::Sqlite && token.is_word(sql, "BEGIN") && self.creates_trigger() {
                    self.body = Body::Trigger;
                }
            }
            Body::Atomic(due) if !named => {
                if token.is_word(sql, "CASE") {
                    self.body = Body::Atomic(due + 1);
                } else if token.is_word(sql, "END") {
                    self.body = if due == 1 { Body::None } else { Body::Atomic(due - 1) };
                }
            }
            Body::Trigger
                if token.is_word(sql, "END") && previous.is_some_and(|last| last.is_punctuation(sql, ";")) =>
            {
                self.body = Body::None;
            }
            Body::Atomic(_) | Body::Trigger => {}
        }
    }

    fn word(&self, index: usize) -> String {
        self.piece.get(index).map(|token| token.text(self.sql).to_ascii_uppercase()).unwrap_or_default()
    }

    fn creates_routine(&self) -> bool {
        let skip = if self.word(1) == "OR" { 3 } else { 1 };
        self.word(0) == "CREATE" && matches!(self.word(skip).as_str(), "FUNCTION" | "PROCEDURE")
    }

    fn creates_trigger(&self) -> bool {
        let skip = if matches!(self.word(1).as_str(), "TEMP" | "TEMPORARY") { 2 } else { 1 };
        self.word(0) == "CREATE" && self.word(skip) == "TRIGGER"
    }

    fn refuse_shell_command(&self, token: Token) -> Result<(), SqlError> {
        let refuse = |shell: &str| {
            let line = self.sql[token.start..].lines().next().unwrap_or_default().trim_end();
            let message = format!(
                "`{line}` is a command of {shell}, which a database does not understand: remove it, or write SQL in its place"
            );
            Err(SqlError { offset: token.start, message })
        };
        match token.text(self.sql) {
            "\\" if token.kind == TokenKind::Unknown => refuse("psql"),
            "." if self.piece.is_empty() => refuse("sqlite3"),
            "\0" => {
                let message = "a NUL character, which no statement may hold: remove it".to_owned();
                Err(SqlError { offset: token.start, message })
            }
            _ => Ok(()),
        }
    }

    fn finish(&mut self, pieces: &mut Vec<Piece>) -> Result<(), SqlError> {
        if let Some(open) = self.open.first() {
            let message = "the parenthesis that opens here is never closed: write `)`".to_owned();
            return Err(SqlError { offset: open.start, message });
        }
        let tokens = std::mem::take(&mut self.piece);
        let Some(first) = tokens.first() else { return Ok(()) };
        if std::mem::replace(&mut self.body, Body::None) != Body::None {
            let message =
                "the body of this statement is never closed: write `END;` behind its last statement".to_owned();
            return Err(SqlError { offset: first.start, message });
        }
        if first.is_word(self.sql, "COPY") {
            self.refuse_copy(&tokens)?;
        }
        pieces.push(Piece { tokens });
        Ok(())
    }

    fn refuse_copy(&self, tokens: &[Token]) -> Result<(), SqlError> {
        let stream = tokens.windows(2).find(|pair| {
            (pair[0].is_word(self.sql, "FROM") && pair[1].is_word(self.sql, "STDIN"))
                || (pair[0].is_word(self.sql, "TO") && pair[1].is_word(self.sql, "STDOUT"))
        });
        match (stream, tokens.first()) {
            (Some(pair), Some(first)) => {
                let message = format!(
                    "COPY {} {} needs psql: write INSERT statements, or COPY from a file on the server",
                    pair[0].text(self.sql).to_ascii_uppercase(),
                    pair[1].text(self.sql).to_ascii_uppercase(),
                );
                Err(SqlError { offset: first.start, message })
            }
            _ => Ok(()),
        }
    }
}

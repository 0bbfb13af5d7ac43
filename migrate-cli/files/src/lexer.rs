//! A lexer of SQL as Postgres and SQLite read it.
//!
//! It knows what a token is, and no grammar: that is enough to split a script into statements and to compare two
//! scripts without their blanks and comments.

use crate::error::SqlError;

/// Whose SQL a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// Postgres: dollar quotes, `E''`, nested block comments, operators of many characters.
    Postgres,
    /// SQLite: identifiers in `[..]` and backticks, parameters `?1`, `:name`, `@name` and `$name`.
    Sqlite,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Blanks and line ends.
    Blank,
    /// `-- ..` without the line end, or `/* .. */`.
    Comment,
    /// A keyword or an unquoted identifier.
    Word,
    /// An identifier in double quotes (`U&".."` too); on SQLite also in brackets or backticks.
    Quoted,
    /// A string of any form: `'..'`, `E'..'`, `U&'..'`, `N'..'`, `B'..'`, `X'..'`.
    Literal,
    /// A string in dollar quotes.
    Dollar,
    /// A number.
    Number,
    /// A parameter.
    Parameter,
    /// An operator.
    Operator,
    /// One of `( ) [ ] , ; .` and the colons.
    Punctuation,
    /// A character that no SQL has.
    Unknown,
}

/// A piece of a text of SQL: the bytes from `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last one.
    pub end: usize,
}

impl Token {
    /// The token's text in the text that it was read from; empty for another text that is too short.
    pub fn text<'a>(&self, sql: &'a str) -> &'a str {
        sql.get(self.start..self.end).unwrap_or("")
    }

    /// Whether it is a blank or a comment.
    pub fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Blank | TokenKind::Comment)
    }

    /// Whether it is this unquoted word, in any case.
    pub fn is_word(&self, sql: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(sql).eq_ignore_ascii_case(word)
    }

    /// Whether it is this punctuation.
    pub fn is_punctuation(&self, sql: &str, text: &str) -> bool {
        self.kind == TokenKind::Punctuation && self.text(sql) == text
    }
}

/// Splits SQL into tokens. Blanks and comments are among them: the texts of all tokens in a row are the original.
///
/// # Errors
///
/// If a string, a quoted identifier or a block comment is not closed; the error stands where it opens.
pub fn tokens(sql: &str, flavor: Flavor) -> Result<Vec<Token>, SqlError> {
    let mut lexer = Lexer { sql, bytes: sql.as_bytes(), flavor, at: 0 };
    let mut found = Vec::new();
    while lexer.at < lexer.bytes.len() {
        let start = lexer.at;
        let kind = lexer.token()?;
        found.push(Token { kind, start, end: lexer.at });
    }
    Ok(found)
}

struct Lexer<'a> {
    sql: &'a str,
    bytes: &'a [u8],
    flavor: Flavor,
    at: usize,
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| keep(*byte)) {
            self.at += 1;
        }
    }

    /// Takes `length` bytes as a token.
    fn take(&mut self, length: usize, kind: TokenKind) -> Result<TokenKind, SqlError> {
        self.at += length;
        Ok(kind)
    }

    fn token(&mut self) -> Result<TokenKind, SqlError> {
        let postgres = self.flavor == Flavor::Postgres;
        match (self.peek(0), self.peek(1)) {
            (byte, _) if is_blank(byte) => {
                self.skip_while(is_blank);
                Ok(TokenKind::Blank)
            }
            (b'-', b'-') => {
                self.skip_while(|byte| byte != b'\n' && !(postgres && byte == b'\r'));
                if self.at > 0 && self.bytes[self.at - 1] == b'\r' {
                    self.at -= 1;
                }
                Ok(TokenKind::Comment)
            }
            (b'/', b'*') => self.block_comment(),
            (b'\'', _) => self.quoted(0, b'\'', false, TokenKind::Literal),
            (b'"', _) => self.quoted(0, b'"', false, TokenKind::Quoted),
            (b'`', _) if !postgres => self.quoted(0, b'`', false, TokenKind::Quoted),
            (b'[', _) if !postgres => self.brackets(),
            (b'x' | b'X', b'\'') => self.quoted(1, b'\'', false, TokenKind::Literal),
            (b'b' | b'B' | b'n' | b'N', b'\'') if postgres => self.quoted(1, b'\'', false, TokenKind::Literal),
            (b'e' | b'E', b'\'') if postgres => self.quoted(1, b'\'', true, TokenKind::Literal),
            (b'u' | b'U', b'&') if postgres && self.peek(2) == b'\'' => {
                self.quoted(2, b'\'', false, TokenKind::Literal)
            }
            (b'u' | b'U', b'&') if postgres && self.peek(2) == b'"' => self.quoted(2, b'"', false, TokenKind::Quoted),
            (byte, _) if starts_word(byte) => {
                self.skip_while(continues_word);
                Ok(TokenKind::Word)
            }
            (byte, next) if byte.is_ascii_digit() || (byte == b'.' && next.is_ascii_digit()) => self.number(),
            (b'$', _) => self.dollar(),
            (b'?', _) if !postgres => {
                self.at += 1;
                self.skip_while(|byte| byte.is_ascii_digit());
                Ok(TokenKind::Parameter)
            }
            (b':' | b'@' | b'#', next) if !postgres && continues_word(next) => self.named_parameter(),
            (b':', b':' | b'=') if postgres => self.take(2, TokenKind::Punctuation),
            (b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' | b':', _) => self.take(1, TokenKind::Punctuation),
            (byte, _) if is_operator(byte) => {
                if postgres {
                    self.postgres_operator()
                } else {
                    self.sqlite_operator()
                }
            }
            _ => self.take(1, TokenKind::Unknown),
        }
    }

    fn unclosed<T>(&self, start: usize, what: &str, close: &str) -> Result<T, SqlError> {
        Err(SqlError {
            offset: start,
            message: format!("{what} that opens here is never closed: write {close} at its end"),
        })
    }

    fn block_comment(&mut self) -> Result<TokenKind, SqlError> {
        let start = self.at;
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') if depth == 0 || self.flavor == Flavor::Postgres => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return Ok(TokenKind::Comment);
                    }
                }
                _ => self.at += 1,
            }
        }
        self.unclosed(start, "the comment", "`*/`")
    }

    /// Text between two equal quotes, where two quotes in a row are one; `escapes` are those with a backslash.
    fn quoted(&mut self, prefix: usize, quote: u8, escapes: bool, kind: TokenKind) -> Result<TokenKind, SqlError> {
        let start = self.at;
        self.at += prefix + 1;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' if escapes => self.at = (self.at + 2).min(self.bytes.len()),
                byte if byte == quote && self.peek(1) == quote => self.at += 2,
                byte if byte == quote => {
                    self.at += 1;
                    if !escapes {
                        return Ok(kind);
                    }
                    // A string goes on behind a line end, and its escapes with it.
                    match self.continued() {
                        Some(next) => self.at = next,
                        None => return Ok(kind),
                    }
                }
                _ => self.at += 1,
            }
        }
        let what = if kind == TokenKind::Literal { "the string" } else { "the identifier" };
        self.unclosed(start, what, &format!("`{}`", char::from(quote)))
    }

    /// The byte behind the quote that goes on with the string that ended here: behind blanks with a line end, and comments.
    fn continued(&self) -> Option<usize> {
        let mut at = self.at;
        let mut line_end = false;
        loop {
            let rest = self.bytes.get(at..)?;
            match rest {
                [b'\n' | b'\r', ..] => {
                    line_end = true;
                    at += 1;
                }
                [byte, ..] if is_blank(*byte) => at += 1,
                [b'-', b'-', ..] => {
                    at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
                }
                [b'\'', ..] if line_end => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn brackets(&mut self) -> Result<TokenKind, SqlError> {
        let start = self.at;
        self.skip_while(|byte| byte != b']');
        if self.at == self.bytes.len() {
            return self.unclosed(start, "the identifier", "`]`");
        }
        self.take(1, TokenKind::Quoted)
    }

    fn number(&mut self) -> Result<TokenKind, SqlError> {
        let start = self.at;
        let radix = self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X' | b'o' | b'O' | b'b' | b'B');
        let mut point = false;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'.', b'.') => break,
                (b'.', _) if !point && !radix => {
                    point = true;
                    self.at += 1;
                }
                (b'e' | b'E', b'+' | b'-') if !radix && self.peek(2).is_ascii_digit() => self.at += 2,
                (byte, _) if byte.is_ascii_alphanumeric() || byte == b'_' => self.at += 1,
                _ => break,
            }
        }
        self.at = self.at.max(start + 1);
        Ok(TokenKind::Number)
    }

    fn dollar(&mut self) -> Result<TokenKind, SqlError> {
        if self.flavor == Flavor::Sqlite {
            return if continues_word(self.peek(1)) {
                self.named_parameter()
            } else {
                self.take(1, TokenKind::Unknown)
            };
        }
        if self.peek(1).is_ascii_digit() {
            self.at += 1;
            self.skip_while(|byte| byte.is_ascii_digit());
            return Ok(TokenKind::Parameter);
        }
        let start = self.at;
        self.at += 1;
        if starts_word(self.peek(0)) {
            self.skip_while(|byte| starts_word(byte) || byte.is_ascii_digit());
        }
        if self.peek(0) != b'$' {
            self.at = start;
            return self.take(1, TokenKind::Unknown);
        }
        self.at += 1;
        let sql = self.sql;
        let delimiter = &sql[start..self.at];
        match sql[self.at..].find(delimiter) {
            Some(length) => self.take(length + delimiter.len(), TokenKind::Dollar),
            None => self.unclosed(start, "the string", &format!("`{delimiter}`")),
        }
    }

    fn named_parameter(&mut self) -> Result<TokenKind, SqlError> {
        self.at += 1;
        self.skip_while(continues_word);
        Ok(TokenKind::Parameter)
    }

    /// The longest run of operator characters before a comment; it ends in `+` or `-` only next to unusual ones.
    fn postgres_operator(&mut self) -> Result<TokenKind, SqlError> {
        let start = self.at;
        while is_operator(self.peek(0))
            && (self.at == start || !matches!((self.peek(0), self.peek(1)), (b'-', b'-') | (b'/', b'*')))
        {
            self.at += 1;
        }
        let run = &self.bytes[start..self.at];
        if !run.iter().any(|byte| b"~!@#%^&|`?".contains(byte)) {
            while self.at > start + 1 && matches!(self.bytes[self.at - 1], b'+' | b'-') {
                self.at -= 1;
            }
        }
        Ok(TokenKind::Operator)
    }

    fn sqlite_operator(&mut self) -> Result<TokenKind, SqlError> {
        let rest = &self.bytes[self.at..];
        let known: [&[u8]; 10] = [b"->>", b"->", b"||", b"<=", b">=", b"<>", b"!=", b"==", b"<<", b">>"];
        let length = known.iter().find(|operator| rest.starts_with(operator)).map_or(1, |operator| operator.len());
        self.take(length, TokenKind::Operator)
    }
}

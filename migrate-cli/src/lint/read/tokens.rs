//! The tokens of a statement, with their places in bytes.

use super::super::action::Word;
use crate::catalog::ObjectName;
use peristyle_query::statement::Dialect;
use sqlparser::dialect::{PostgreSqlDialect, SQLiteDialect};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, Tokenizer};
use std::ops::Range;

/// The lines of a statement: from sqlparser's line and column to bytes.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    fn offset(&self, location: Location) -> Option<usize> {
        let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
        let start = *self.starts.get(line)?;
        let rest = self.text.get(start..)?;
        Some(start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at))
    }

    /// The bytes of a span, if it is one.
    pub(super) fn bytes(&self, span: Span) -> Option<Range<usize>> {
        let (start, end) = (self.offset(span.start)?, self.offset(span.end)?);
        (start < end).then_some(start..end)
    }
}

/// A token that is neither blank nor comment.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) token: Token,
    pub(super) span: Range<usize>,
}

impl Piece {
    /// The word in upper case, if it is one without quotes.
    pub(super) fn keyword(&self) -> Option<String> {
        match &self.token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
            _ => None,
        }
    }
}

/// The tokens of a statement. Where the tokenizer gives up, those before.
pub(super) fn pieces(text: &str, dialect: Dialect) -> Vec<Piece> {
    let mut found = Vec::new();
    let _ = match dialect {
        Dialect::Postgres => Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location_into_buf(&mut found),
        _ => Tokenizer::new(&SQLiteDialect {}, text).tokenize_with_location_into_buf(&mut found),
    };
    let mut place = Place { text, line: 1, column: 1, offset: 0 };
    let mut pieces = Vec::new();
    for each in found {
        if !matches!(each.token, Token::Whitespace(_) | Token::EOF) {
            let span = place.advance(each.span.start)..place.advance(each.span.end);
            pieces.push(Piece { span, token: each.token });
        }
    }
    pieces
}

/// A place in a text that only moves on, so that a long line is walked once.
struct Place<'a> {
    text: &'a str,
    line: u64,
    column: u64,
    offset: usize,
}

impl Place<'_> {
    /// Moves on to a location, and returns its byte.
    fn advance(&mut self, to: Location) -> usize {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        for character in rest.chars() {
            if (self.line, self.column) >= (to.line, to.column) {
                break;
            }
            self.offset += character.len_utf8();
            match character {
                '\n' => (self.line, self.column) = (self.line + 1, 1),
                _ => self.column += 1,
            }
        }
        self.offset
    }
}

/// A name without quotes as the database keeps it.
pub(super) fn folded(value: &str, quoted: bool, dialect: Dialect) -> String {
    // SQLite compares names without regard to case and keeps them as written; the rules compare them folded.
    if quoted && dialect == Dialect::Postgres { value.replace("\"\"", "\"") } else { value.to_lowercase() }
}

/// Walks over the tokens of a statement.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pieces: &'a [Piece],
    at: usize,
    dialect: Dialect,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(pieces: &'a [Piece], dialect: Dialect) -> Self {
        Cursor { pieces, at: 0, dialect }
    }

    pub(super) fn peek(&self) -> Option<&'a Piece> {
        self.pieces.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'a Piece> {
        let piece = self.pieces.get(self.at)?;
        self.at += 1;
        Some(piece)
    }

    pub(super) fn rest(&self) -> &'a [Piece] {
        self.pieces.get(self.at..).unwrap_or_default()
    }

    /// Steps over these words, if they come next.
    pub(super) fn eat(&mut self, words: &str) -> bool {
        let mut ahead = self.at;
        for word in words.split(' ') {
            match self.pieces.get(ahead).and_then(Piece::keyword) {
                Some(found) if found == word => ahead += 1,
                _ => return false,
            }
        }
        self.at = ahead;
        true
    }

    /// Whether these words stand anywhere from here on.
    pub(super) fn holds(&self, words: &str) -> bool {
        let mut ahead = self.clone();
        while ahead.at < ahead.pieces.len() {
            if ahead.clone().eat(words) {
                return true;
            }
            ahead.at += 1;
        }
        false
    }

    /// Steps over an option list in parentheses, if it comes next.
    pub(super) fn skip_parentheses(&mut self) {
        if !matches!(self.peek(), Some(Piece { token: Token::LParen, .. })) {
            return;
        }
        let mut depth = 0usize;
        while let Some(piece) = self.next() {
            match piece.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// The next name, of one part.
    pub(super) fn word(&mut self) -> Option<Word> {
        let piece = self.peek()?;
        let (name, quoted) = match &piece.token {
            Token::Word(word) => {
                (folded(&word.value, word.quote_style.is_some(), self.dialect), word.quote_style.is_some())
            }
            Token::DoubleQuotedString(value) => (folded(value, true, self.dialect), true),
            _ => return None,
        };
        self.at += 1;
        Some(Word { name, quoted, span: piece.span.clone() })
    }

    /// The next name, with its database schema.
    pub(super) fn name(&mut self) -> Option<(ObjectName, Word)> {
        let mut parts = vec![self.word()?];
        while matches!(self.peek(), Some(Piece { token: Token::Period, .. })) {
            self.at += 1;
            parts.push(self.word()?);
        }
        let last = parts.pop()?;
        let prefix = parts.pop().map(|word| word.name);
        Some((object(prefix, last.name.clone()), last))
    }

    /// Names with commas between them.
    pub(super) fn names(&mut self) -> Vec<ObjectName> {
        let mut names = Vec::new();
        loop {
            self.eat("ONLY");
            let Some((name, _)) = self.name() else { return names };
            names.push(name);
            if matches!(self.peek(), Some(Piece { token: Token::Mul, .. })) {
                self.at += 1;
            }
            if !matches!(self.peek(), Some(Piece { token: Token::Comma, .. })) {
                return names;
            }
            self.at += 1;
        }
    }
}

/// A name with its database schema; the usual one is none.
pub(super) fn object(prefix: Option<String>, name: String) -> ObjectName {
    ObjectName { prefix: prefix.filter(|prefix| prefix != "public" && prefix != "main"), name }
}

/// The tables that the tokens read: what follows FROM, JOIN and USING, without the names of WITH.
pub(super) fn reads(pieces: &[Piece], dialect: Dialect) -> Vec<ObjectName> {
    let mut found: Vec<ObjectName> = Vec::new();
    let mut with: Vec<String> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Some(keyword) = piece.keyword() else { continue };
        let mut cursor = Cursor { pieces, at: at + 1, dialect };
        match keyword.as_str() {
            // `name AS (` or `name AS MATERIALIZED (` of WITH.
            "AS" => {
                let mut next = cursor.clone();
                let _ = next.eat("NOT MATERIALIZED") || next.eat("MATERIALIZED");
                let opens = matches!(next.peek(), Some(Piece { token: Token::LParen, .. }));
                let before = at.checked_sub(1).map(|at| Cursor { pieces, at, dialect });
                if let (true, Some(word)) = (opens, before.and_then(|mut cursor| cursor.word())) {
                    with.push(word.name);
                }
            }
            "FROM" | "JOIN" if !is_inside_call(pieces, at) => loop {
                cursor.eat("ONLY");
                cursor.eat("LATERAL");
                let Some((name, word)) = cursor.name() else { break };
                if matches!(cursor.peek(), Some(Piece { token: Token::LParen, .. })) {
                    break;
                }
                let known = name.prefix.is_none() && with.contains(&name.name);
                if !known && !found.contains(&name) && !is_reserved(&word) {
                    found.push(name);
                }
                // An alias, then perhaps the next table.
                if cursor.eat("AS") || !is_clause(cursor.peek()) {
                    cursor.word();
                }
                if !matches!(cursor.next(), Some(Piece { token: Token::Comma, .. })) {
                    break;
                }
            },
            _ => {}
        }
    }
    found
}

fn is_reserved(word: &Word) -> bool {
    !word.quoted && matches!(word.name.as_str(), "select" | "values" | "unnest")
}

/// Whether a token can't be the alias of a table.
fn is_clause(piece: Option<&Piece>) -> bool {
    match piece {
        Some(Piece { token: Token::Word(word), .. }) => word.keyword != Keyword::NoKeyword,
        _ => true,
    }
}

/// Whether a FROM belongs to `extract(year FROM ..)`, `substring(.. FROM ..)` or `IS DISTINCT FROM`.
fn is_inside_call(pieces: &[Piece], at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).and_then(|at| pieces.get(at));
    if before(1).and_then(Piece::keyword).as_deref() == Some("DISTINCT") {
        return true;
    }
    let mut depth = 0usize;
    for back in (0..at).rev() {
        match &pieces[back].token {
            Token::RParen => depth += 1,
            Token::LParen if depth == 0 => {
                let name = back.checked_sub(1).and_then(|at| pieces[at].keyword());
                return matches!(name.as_deref(), Some("EXTRACT" | "SUBSTRING" | "TRIM" | "OVERLAY" | "POSITION"));
            }
            Token::LParen => depth -= 1,
            _ => {}
        }
    }
    false
}

/// The functions that an expression calls, in lower case; the keywords that are functions too.
pub(super) fn functions(text: &str, dialect: Dialect) -> Vec<String> {
    let pieces = pieces(text, dialect);
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Token::Word(word) = &piece.token else { continue };
        let called = matches!(pieces.get(at + 1), Some(Piece { token: Token::LParen, .. }));
        let cast = at > 0 && matches!(pieces[at - 1].token, Token::DoubleColon);
        let keyword = matches!(word.value.to_uppercase().as_str(), "ARRAY" | "CAST" | "ROW" | "INTERVAL" | "AS" | "IN");
        if called && !cast && !keyword {
            found.push(word.value.to_lowercase());
        }
    }
    found
}

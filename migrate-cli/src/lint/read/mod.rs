//! From the text of a statement to what it does: with sqlparser, and by tokens where that does not know the syntax.

mod alter_table;
mod column;
mod expression;
mod fallback;
mod syntax;
mod tokens;

use super::action::{Action, Kind, Word};
use crate::catalog::ObjectName;
use peristyle_query::statement::Dialect;
use sqlparser::ast;
use sqlparser::dialect::{PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use std::ops::Range;
use tokens::{Cursor, Lines, Piece};

pub(super) use expression::{parse_type, type_of};

/// What was read of a statement.
pub(super) struct Reading {
    /// What it does, as far as the rules have a word for it.
    pub(super) actions: Vec<Action>,
    /// Whether the statement was understood, by the parser or by its tokens.
    pub(super) understood: bool,
    /// The names in double quotes that stand where a value does.
    pub(super) quoted_values: Vec<Word>,
}

/// Reads a statement.
pub(super) fn read(text: &str, dialect: Dialect) -> Reading {
    let reader = Reader::new(text, dialect);
    let (actions, understood) = reader.read();
    Reading { actions, understood, quoted_values: reader.quoted_values() }
}

/// Where words stand in a text, one behind the other, outside of strings and comments.
pub(super) fn find_words(text: &str, dialect: Dialect, words: &str) -> Option<Range<usize>> {
    let pieces = tokens::pieces(text, dialect);
    let count = words.split(' ').count();
    (0..pieces.len()).find_map(|at| {
        Cursor::new(&pieces[at..], dialect).eat(words).then(|| pieces[at].span.start..pieces[at + count - 1].span.end)
    })
}

/// A statement that is being read.
pub(super) struct Reader<'a> {
    text: &'a str,
    dialect: Dialect,
    lines: Lines<'a>,
    pieces: Vec<Piece>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, dialect: Dialect) -> Self {
        Reader { text, dialect, lines: Lines::new(text), pieces: tokens::pieces(text, dialect) }
    }

    fn read(&self) -> (Vec<Action>, bool) {
        let mut cursor = self.cursor();
        if cursor.eat("ALTER TABLE") {
            return self.alter_table(cursor);
        }
        // What sqlparser knows in another dialect's meaning, or not at all.
        if let Some(read) = self.by_tokens() {
            return read;
        }
        match self.parse(self.text) {
            Some(statements) => (statements.iter().flat_map(|each| self.statement(each)).collect(), true),
            None => self.by_leading_words(),
        }
    }

    fn parse(&self, text: &str) -> Option<Vec<ast::Statement>> {
        match self.dialect {
            Dialect::Postgres => Parser::parse_sql(&PostgreSqlDialect {}, text).ok(),
            _ => Parser::parse_sql(&SQLiteDialect {}, text).ok(),
        }
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.pieces, self.dialect)
    }

    /// An action that stands for the whole statement.
    fn whole(&self, kind: Kind) -> Action {
        Action { kind, span: self.everything() }
    }

    fn everything(&self) -> Range<usize> {
        let start = self.pieces.first().map_or(0, |piece| piece.span.start);
        let last = self.pieces.iter().rfind(|piece| piece.token != sqlparser::tokenizer::Token::SemiColon);
        start..last.map_or(self.text.len(), |piece| piece.span.end)
    }

    fn word(&self, ident: &ast::Ident) -> Word {
        let quoted = ident.quote_style.is_some();
        let span = self.lines.bytes(ident.span).unwrap_or_else(|| self.everything());
        Word { name: tokens::folded(&ident.value, quoted, self.dialect), quoted, span }
    }

    fn name(&self, name: &ast::ObjectName) -> ObjectName {
        let mut parts = name.0.iter().map(|part| match part {
            ast::ObjectNamePart::Identifier(ident) => self.word(ident).name,
            other => other.to_string().to_lowercase(),
        });
        let last = parts.next_back().unwrap_or_default();
        tokens::object(parts.next_back(), last)
    }

    /// The last part of a name.
    fn last_word(&self, name: &ast::ObjectName) -> Option<Word> {
        match name.0.last()? {
            ast::ObjectNamePart::Identifier(ident) => Some(self.word(ident)),
            _ => None,
        }
    }

    /// The tables that a part of the statement reads.
    fn reads(&self) -> Vec<ObjectName> {
        tokens::reads(&self.pieces, self.dialect)
    }

    /// The names in double quotes after DEFAULT and between the parentheses of VALUES.
    fn quoted_values(&self) -> Vec<Word> {
        use sqlparser::tokenizer::Token;
        let mut found = Vec::new();
        let mut values = false;
        for (at, piece) in self.pieces.iter().enumerate() {
            let keyword = piece.keyword();
            match keyword.as_deref() {
                Some("VALUES") => values = true,
                Some("ON" | "RETURNING" | "SELECT") => values = false,
                _ => {}
            }
            let quoted = match &piece.token {
                Token::Word(word) => word.quote_style == Some('"'),
                Token::DoubleQuotedString(_) => true,
                _ => false,
            };
            let after = |words: &[&str]| {
                let before = at.checked_sub(1).and_then(|at| self.pieces[at].keyword());
                before.is_some_and(|before| words.contains(&before.as_str()))
            };
            if quoted && (values || after(&["DEFAULT"])) {
                found.extend(Cursor::new(&self.pieces[at..], self.dialect).word());
            }
        }
        found
    }
}

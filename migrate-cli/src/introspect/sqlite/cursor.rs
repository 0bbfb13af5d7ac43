//! A place in the tokens of a statement that SQLite accepted.

use peristyle_migration_files::lexer::{Flavor, Token, TokenKind, tokens};

/// The tokens of a statement, without blanks and comments, and a place in them.
pub(crate) struct Cursor<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of a statement; `None` if it is not SQL.
    pub fn new(sql: &'a str) -> Option<Self> {
        let mut tokens = tokens(sql, Flavor::Sqlite).ok()?;
        tokens.retain(|token| !token.is_trivia());
        Some(Cursor { sql, tokens, at: 0 })
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The text from here to the end of the statement.
    pub fn rest(&self) -> &'a str {
        self.tokens.get(self.at).and_then(|token| self.sql.get(token.start..)).unwrap_or("")
    }

    fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// Whether a word comes next.
    pub fn sees(&self, word: &str) -> bool {
        self.token(0).is_some_and(|token| token.is_word(self.sql, word))
    }

    /// Takes a word, if it comes next.
    pub fn word(&mut self, word: &str) -> bool {
        self.take_if(self.sees(word))
    }

    /// Takes words in a row, if all of them come next.
    pub fn words(&mut self, words: &[&str]) -> bool {
        let all = words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.token(ahead).is_some_and(|token| token.is_word(self.sql, word)));
        if all {
            self.at += words.len();
        }
        all
    }

    /// Whether a punctuation mark comes next.
    pub fn sees_mark(&self, mark: &str) -> bool {
        self.token(0).is_some_and(|token| token.text(self.sql) == mark)
    }

    /// Takes a punctuation mark, if it comes next.
    pub fn mark(&mut self, mark: &str) -> bool {
        self.take_if(self.sees_mark(mark))
    }

    fn take_if(&mut self, condition: bool) -> bool {
        self.at += usize::from(condition);
        condition
    }

    /// Takes a token, whatever it is.
    pub fn any(&mut self) -> Option<&'a str> {
        let token = self.token(0)?;
        self.at += 1;
        Some(token.text(self.sql))
    }

    /// Takes a name, out of its quotes.
    pub fn name(&mut self) -> Option<String> {
        self.any().map(unquoted)
    }

    /// Takes a name, perhaps behind that of its database.
    pub fn object_name(&mut self) -> Option<String> {
        let name = self.name()?;
        if self.mark(".") { self.name() } else { Some(name) }
    }

    /// Takes what stands in the parentheses that come next: the tokens, with one blank where there was something between them.
    pub fn parentheses(&mut self) -> Option<String> {
        let start = self.at;
        self.skip_parentheses()?;
        Some(self.text(start + 1, self.at - 1))
    }

    /// Takes a list of names in parentheses, each perhaps with more behind it, which is given too.
    pub fn name_list(&mut self) -> Option<Vec<(String, String)>> {
        if !self.mark("(") {
            return None;
        }
        let mut names = Vec::new();
        loop {
            let name = self.name()?;
            let start = self.at;
            while !self.sees_mark(",") && !self.sees_mark(")") {
                self.any()?;
            }
            names.push((name, self.text(start, self.at)));
            if !self.mark(",") {
                return self.mark(")").then_some(names);
            }
        }
    }

    /// Takes tokens up to a comma or a parenthesis that closes: the places of the first and the one behind the last.
    pub fn part(&mut self) -> Option<(usize, usize)> {
        let start = self.at;
        while !self.sees_mark(",") && !self.sees_mark(")") {
            if self.sees_mark("(") {
                self.skip_parentheses()?;
            } else {
                self.any()?;
            }
        }
        Some((start, self.at))
    }

    fn skip_parentheses(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.any()? {
                "(" => depth += 1,
                ")" if depth <= 1 => return (depth == 1).then_some(()),
                ")" => depth -= 1,
                _ if depth == 0 => return None,
                _ => {}
            }
        }
    }

    /// The tokens of this range, with one blank where there was something between them.
    pub fn text(&self, start: usize, end: usize) -> String {
        let mut text = String::new();
        let mut behind = None;
        for token in self.tokens.get(start..end).unwrap_or_default() {
            if behind.is_some_and(|behind| behind < token.start) {
                text.push(' ');
            }
            text.push_str(token.text(self.sql));
            behind = Some(token.end);
        }
        text
    }

    /// Where it is, for [`text`](Cursor::text).
    pub fn place(&self) -> usize {
        self.at
    }

    /// Whether the token at this place is a word or a name in quotes.
    pub fn is_name(&self, place: usize) -> bool {
        self.tokens.get(place).is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
    }

    /// Whether a string comes next, in any quotes: SQLite takes a name in double quotes for one where no name can be.
    pub fn sees_text(&self) -> bool {
        self.token(0).is_some_and(|token| {
            token.kind == TokenKind::Quoted
                || token.kind == TokenKind::Literal && token.text(self.sql).starts_with('\'')
        })
    }

    /// The token at this place, if it is this word.
    pub fn is_word_at(&self, place: usize, word: &str) -> bool {
        self.tokens.get(place).is_some_and(|token| token.is_word(self.sql, word))
    }
}

/// A name out of its quotes, of whichever kind.
pub(super) fn unquoted(token: &str) -> String {
    let inside = |quote: char| token.strip_prefix(quote)?.strip_suffix(quote);
    for quote in ['"', '`', '\''] {
        if let Some(inside) = inside(quote) {
            return inside.replace(&String::from_iter([quote, quote]), &quote.to_string());
        }
    }
    let bracketed = token.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bracketed.unwrap_or(token).to_owned()
}

/// An expression without the parentheses around all of it.
pub(super) fn bare(expression: &str) -> &str {
    let Some(inside) = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return expression;
    };
    // `(a) + (b)` begins and ends with some, too.
    let closes_last =
        Cursor::new(expression).is_some_and(|mut cursor| cursor.skip_parentheses().is_some() && cursor.is_at_end());
    if closes_last { bare(inside.trim()) } else { expression }
}

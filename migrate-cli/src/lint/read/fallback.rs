//! Statements by their words: those that sqlparser does not know, or takes for another store's.

use super::super::action::{Action, Alteration, CreateIndex, CreateTable, Kind, ReindexTarget};
use super::Reader;
use super::tokens::{Cursor, Piece};
use crate::catalog::ObjectName;
use peristyle_query::statement::Dialect;
use sqlparser::tokenizer::Token;

impl Reader<'_> {
    /// Maintenance and other statements whose first words say all that the rules ask.
    pub(super) fn by_tokens(&self) -> Option<(Vec<Action>, bool)> {
        let mut cursor = self.cursor();
        let known = |actions: Vec<Kind>| Some((actions.into_iter().map(|kind| self.whole(kind)).collect(), true));
        if cursor.eat("PRAGMA") {
            let (name, _) = cursor.name()?;
            let value = cursor.rest().iter().find_map(|piece| match &piece.token {
                Token::Word(word) => Some(word.value.to_lowercase()),
                Token::Number(number, _) => Some(number.clone()),
                Token::SingleQuotedString(text) => Some(text.to_lowercase()),
                _ => None,
            });
            return match (name.name.as_str(), value) {
                ("foreign_keys", Some(value)) => {
                    known(vec![Kind::PragmaForeignKeys(matches!(value.as_str(), "on" | "yes" | "true" | "1"))])
                }
                _ => known(Vec::new()),
            };
        }
        if self.dialect != Dialect::Postgres {
            // The words of a module are its own.
            return match cursor.eat("CREATE VIRTUAL TABLE") {
                true => known(vec![unknown_table(cursor, false)?]),
                false => None,
            };
        }
        if cursor.eat("DROP INDEX CONCURRENTLY") {
            cursor.eat("IF EXISTS");
            return known(vec![Kind::DropIndex { names: cursor.names(), concurrently: true }]);
        }
        if cursor.eat("REINDEX") {
            return known(reindex(cursor));
        }
        if cursor.eat("CLUSTER") {
            cursor.eat("VERBOSE");
            cursor.skip_parentheses();
            return known(vec![Kind::Cluster { table: cursor.name().map(|(name, _)| name) }]);
        }
        if cursor.eat("VACUUM") {
            return known(vacuum(cursor));
        }
        if cursor.eat("ALTER DOMAIN") {
            let (name, _) = cursor.name()?;
            let constraint = cursor.eat("ADD") || cursor.clone().eat("SET NOT NULL");
            let not_valid = cursor.holds("NOT VALID");
            let kind = Kind::AlterDomainConstraint { name, not_valid };
            return known(if constraint { vec![kind] } else { Vec::new() });
        }
        for (words, before, what) in BESIDE {
            if cursor.clone().eat(words) {
                let table = self.name_behind(before);
                let kind = |table| Kind::AlterTable { table, what: what.clone() };
                return known(table.map(kind).into_iter().collect());
            }
        }
        for words in ["ANALYZE VERBOSE", "ANALYZE"] {
            if cursor.eat(words) {
                let kind = |table| Kind::AlterTable { table, what: Alteration::Light };
                return known(cursor.names().into_iter().map(kind).collect());
            }
        }
        for (words, name) in OUTSIDE {
            if cursor.clone().eat(words) {
                return known(vec![Kind::OutsideTransaction(name)]);
            }
        }
        None
    }

    /// The name behind the first of these words.
    fn name_behind(&self, words: &str) -> Option<ObjectName> {
        (0..self.pieces.len()).find_map(|at| {
            let mut cursor = Cursor::new(&self.pieces[at..], self.dialect);
            let column = cursor.eat("ON COLUMN");
            if !column && !cursor.eat(words) {
                return None;
            }
            let (name, _) = cursor.name()?;
            match (column, &name.prefix) {
                // `table.column`
                (true, Some(table)) => Some(ObjectName::new(table.clone())),
                (true, None) => None,
                (false, _) => Some(name),
            }
        })
    }

    /// What can be said of a statement that sqlparser refuses, by the words it starts with.
    pub(super) fn by_leading_words(&self) -> (Vec<Action>, bool) {
        let mut cursor = self.cursor();
        let partly = |kind: Kind| (vec![self.whole(kind)], false);
        let mut known = cursor.clone();
        if QUIET.iter().any(|words| known.eat(words)) {
            return (Vec::new(), true);
        }
        if cursor.clone().eat("CREATE") {
            if let Some(kind) = self.create(cursor) {
                return partly(kind);
            }
            return (Vec::new(), false);
        }
        if cursor.eat("DROP TABLE") {
            cursor.eat("IF EXISTS");
            let actions = cursor.names().into_iter().map(|table| self.whole(Kind::DropTable { table }));
            return (actions.collect(), false);
        }
        if cursor.eat("DROP INDEX") {
            cursor.eat("IF EXISTS");
            return partly(Kind::DropIndex { names: cursor.names(), concurrently: false });
        }
        if cursor.eat("TRUNCATE") {
            cursor.eat("TABLE");
            return partly(Kind::Truncate { tables: cursor.names() });
        }
        if cursor.eat("WITH") || cursor.clone().eat("SELECT") || cursor.clone().eat("VALUES") {
            return partly(self.written().unwrap_or(Kind::Query { reads: self.reads(), for_update: false }));
        }
        match self.written() {
            Some(kind) => partly(kind),
            None => (Vec::new(), false),
        }
    }

    fn create(&self, mut cursor: Cursor<'_>) -> Option<Kind> {
        cursor.eat("CREATE");
        let unique = cursor.eat("UNIQUE");
        if cursor.eat("INDEX") {
            return self.create_index(cursor, unique);
        }
        let temporary = cursor.eat("TEMP") || cursor.eat("TEMPORARY");
        cursor.eat("UNLOGGED");
        if cursor.eat("TABLE") {
            return unknown_table(cursor, temporary);
        }
        let _ = cursor.eat("OR REPLACE") || cursor.eat("CONSTRAINT");
        cursor.eat("CONSTRAINT");
        if cursor.eat("TRIGGER") {
            cursor.eat("IF NOT EXISTS");
            while let Some(piece) = cursor.next() {
                if piece.keyword().as_deref() == Some("ON") {
                    return Some(Kind::CreateTrigger { table: cursor.name()?.0 });
                }
            }
        }
        cursor.eat("RECURSIVE");
        let materialized = cursor.eat("MATERIALIZED");
        if cursor.eat("VIEW") {
            cursor.eat("IF NOT EXISTS");
            return Some(Kind::CreateView { name: cursor.name()?.0, materialized, reads: self.reads() });
        }
        None
    }

    fn create_index(&self, mut cursor: Cursor<'_>, unique: bool) -> Option<Kind> {
        let concurrently = cursor.eat("CONCURRENTLY");
        let if_not_exists = cursor.eat("IF NOT EXISTS");
        let found = if cursor.clone().eat("ON") { None } else { cursor.name() };
        if !cursor.eat("ON") {
            return None;
        }
        let only = cursor.eat("ONLY");
        let (table, _) = cursor.name()?;
        let partial = cursor.holds("WHERE");
        while !matches!(cursor.peek(), None | Some(Piece { token: Token::LParen, .. })) {
            cursor.next();
        }
        cursor.next();
        let first = cursor.word().map(|word| word.name);
        let (name, word) = found.unzip();
        Some(Kind::CreateIndex(CreateIndex {
            name,
            word,
            table,
            columns: vec![first],
            unique,
            concurrently,
            if_not_exists,
            partial,
            only,
        }))
    }

    /// INSERT, UPDATE and DELETE, also behind WITH.
    fn written(&self) -> Option<Kind> {
        let filtered = self.cursor().holds("WHERE");
        for at in 0..self.pieces.len() {
            let mut cursor = Cursor::new(&self.pieces[at..], self.dialect);
            let reads = |table: &ObjectName| self.reads().into_iter().filter(|name| name != table).collect();
            if cursor.eat("INSERT INTO") || cursor.eat("REPLACE INTO") || cursor.eat("MERGE INTO") {
                let (table, _) = cursor.name()?;
                return Some(Kind::Insert { reads: reads(&table), table });
            }
            if cursor.eat("UPDATE") {
                cursor.eat("ONLY");
                let (table, _) = cursor.name()?;
                return Some(Kind::Update { filtered, reads: reads(&table), table });
            }
            if cursor.eat("DELETE FROM") {
                cursor.eat("ONLY");
                let (table, _) = cursor.name()?;
                return Some(Kind::Delete { filtered, reads: reads(&table), table });
            }
        }
        None
    }
}

/// Statements that change something of a table without ALTER TABLE: what they begin with, what stands before the table, and
/// how strongly it is locked.
const BESIDE: &[(&str, &str, Alteration)] = &[
    ("COMMENT ON TABLE", "ON TABLE", Alteration::Light),
    ("COMMENT ON COLUMN", "ON COLUMN", Alteration::Light),
    ("CREATE STATISTICS", "FROM", Alteration::Light),
    ("CREATE POLICY", "ON", Alteration::Other),
    ("ALTER POLICY", "ON", Alteration::Other),
    ("DROP POLICY", "ON", Alteration::Other),
    ("CREATE RULE", "TO", Alteration::Other),
    ("CREATE OR REPLACE RULE", "TO", Alteration::Other),
    ("DROP RULE", "ON", Alteration::Other),
    ("ALTER TRIGGER", "ON", Alteration::Other),
];

/// Statements that Postgres refuses inside a transaction.
const OUTSIDE: &[(&str, &str)] = &[
    ("CREATE DATABASE", "CREATE DATABASE"),
    ("ALTER SYSTEM", "ALTER SYSTEM"),
    ("CREATE TABLESPACE", "CREATE TABLESPACE"),
    ("DROP TABLESPACE", "DROP TABLESPACE"),
    ("CREATE SUBSCRIPTION", "CREATE SUBSCRIPTION"),
    ("DROP SUBSCRIPTION", "DROP SUBSCRIPTION"),
];

/// Statements that no rule has a word for.
const QUIET: &[&str] = &[
    "COMMENT",
    "GRANT",
    "REVOKE",
    "SET",
    "RESET",
    "SHOW",
    "ANALYZE",
    "NOTIFY",
    "LISTEN",
    "CREATE FUNCTION",
    "CREATE OR REPLACE FUNCTION",
    "CREATE PROCEDURE",
    "CREATE OR REPLACE PROCEDURE",
    "CREATE AGGREGATE",
    "CREATE EXTENSION",
    "CREATE POLICY",
    "CREATE RULE",
    "CREATE SEQUENCE",
    "ALTER SEQUENCE",
    "ALTER FUNCTION",
    "ALTER VIEW",
    "ALTER INDEX",
    "ALTER MATERIALIZED VIEW",
    "ALTER TYPE",
    "ALTER DEFAULT PRIVILEGES",
    "ALTER POLICY",
    "ALTER ROLE",
    "ALTER DATABASE",
    "ALTER EXTENSION",
    "ALTER PUBLICATION",
    "ALTER TRIGGER",
    "CREATE PUBLICATION",
    "CREATE STATISTICS",
    "CREATE COLLATION",
    "CREATE CAST",
    "CREATE OPERATOR",
    "CREATE ROLE",
    "CREATE SCHEMA",
    "CREATE TYPE",
    "CREATE VIRTUAL TABLE",
    "DROP FUNCTION",
    "DROP PROCEDURE",
    "DROP AGGREGATE",
    "DROP EXTENSION",
    "DROP SEQUENCE",
    "DROP POLICY",
    "DROP RULE",
    "DROP STATISTICS",
    "DROP PUBLICATION",
    "DROP COLLATION",
    "DROP CAST",
    "DROP DOMAIN",
    "DROP OPERATOR",
    "SECURITY LABEL",
    "REASSIGN OWNED",
    "DROP OWNED",
    "IMPORT FOREIGN SCHEMA",
    "CREATE EVENT TRIGGER",
    "DROP EVENT TRIGGER",
];

fn reindex(mut cursor: Cursor<'_>) -> Vec<Kind> {
    let mut concurrently = false;
    if matches!(cursor.peek(), Some(Piece { token: Token::LParen, .. })) {
        let mut options = cursor.clone();
        cursor.skip_parentheses();
        while options.peek().map(|piece| piece.span.start) != cursor.peek().map(|piece| piece.span.start) {
            concurrently |= options.eat("CONCURRENTLY");
            options.next();
        }
    }
    let index = cursor.eat("INDEX");
    let table = !index && cursor.eat("TABLE");
    let schema = !index && !table && cursor.eat("SCHEMA");
    if !index && !table && !schema {
        let _ = cursor.eat("DATABASE") || cursor.eat("SYSTEM");
    }
    concurrently |= cursor.eat("CONCURRENTLY");
    let target = match cursor.name() {
        Some((name, _)) if table => ReindexTarget::Table(name),
        _ if index => ReindexTarget::Index,
        _ if schema => ReindexTarget::Schema,
        _ => ReindexTarget::Database,
    };
    vec![Kind::Reindex { target, concurrently }]
}

fn vacuum(mut cursor: Cursor<'_>) -> Vec<Kind> {
    let mut full = false;
    if matches!(cursor.peek(), Some(Piece { token: Token::LParen, .. })) {
        let mut options = cursor.clone();
        cursor.skip_parentheses();
        while options.peek().map(|piece| piece.span.start) != cursor.peek().map(|piece| piece.span.start) {
            full |= options.eat("FULL");
            options.next();
        }
    }
    for word in ["FULL", "FREEZE", "VERBOSE", "ANALYZE"] {
        let found = cursor.eat(word);
        full |= found && word == "FULL";
    }
    let tables = cursor.names();
    if tables.is_empty() {
        return vec![Kind::Vacuum { table: None, full }];
    }
    tables.into_iter().map(|table| Kind::Vacuum { table: Some(table), full }).collect()
}

/// A table that is made with columns that are not known, behind CREATE TABLE.
fn unknown_table(mut cursor: Cursor<'_>, temporary: bool) -> Option<Kind> {
    cursor.eat("IF NOT EXISTS");
    let (table, name) = cursor.name()?;
    let partition_of = if cursor.eat("PARTITION OF") { cursor.name().map(|(name, _)| name) } else { None };
    Some(Kind::CreateTable(CreateTable {
        table,
        name,
        columns: Vec::new(),
        constraints: Vec::new(),
        partition_of,
        // What it holds is not known: no rule may say that something is missing.
        derived: true,
        temporary,
        reads: Vec::new(),
    }))
}

//! A rendered statement: what a store is sent.

use crate::value::Value;
use std::fmt;
use std::sync::Arc;

/// The dialect of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The name that errors use: `sqlite`, `postgres`.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }
}

/// A value bound to a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The value.
    pub value: Value,
    /// Whether it must never be shown.
    pub redact: bool,
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.redact { f.write_str("[redacted]") } else { self.value.fmt(f) }
    }
}

/// A statement as a store is sent it: its text, and the values of its placeholders in order.
///
/// Displayed, each clause has its line and the values follow in a comment; values of `redact` fields are never shown.
#[derive(Clone, PartialEq)]
pub struct Statement {
    sql: Arc<str>,
    parameters: Vec<Parameter>,
    /// How often it runs, each time with as many of the parameters.
    runs: usize,
}

impl Statement {
    /// A statement of this text and these values.
    pub fn new(sql: Arc<str>, parameters: Vec<Parameter>) -> Self {
        Statement { sql, parameters, runs: 1 }
    }

    /// A statement that runs once for each of `rows` rows: `parameters` are the values of the first one, then those of the
    /// second, and so on.
    pub fn repeated(sql: Arc<str>, parameters: Vec<Parameter>, rows: usize) -> Self {
        Statement { sql, parameters, runs: rows }
    }

    /// How many rows it takes, each with as many of the parameters; 1 for a statement that runs once.
    pub fn rows(&self) -> usize {
        self.runs
    }

    /// The text, on one line.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The text, shared.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.sql)
    }

    /// The values, in the order of their numbers.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The text and the values.
    pub fn into_parts(self) -> (Arc<str>, Vec<Parameter>) {
        (self.sql, self.parameters)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut start = 0;
        for end in clause_starts(&self.sql) {
            writeln!(f, "{}", self.sql[start..end].trim_end())?;
            start = end;
        }
        f.write_str(&self.sql[start..])?;
        let width = self.parameters.len() / self.runs.max(1);
        if width == 0 {
            return Ok(());
        }
        for row in self.parameters.chunks(width).take(SHOWN_ROWS) {
            f.write_str("\n-- [")?;
            for (index, parameter) in row.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                parameter.fmt(f)?;
            }
            f.write_str("]")?;
        }
        match self.runs.saturating_sub(SHOWN_ROWS) {
            0 => Ok(()),
            more => write!(f, "\n-- … ({more} more)"),
        }
    }
}

/// How many rows of values are shown.
const SHOWN_ROWS: usize = 10;

/// The keywords that begin a clause and so a line.
const CLAUSES: [&str; 18] = [
    "SELECT ",
    "FROM ",
    "INNER JOIN ",
    "LEFT JOIN ",
    "WHERE ",
    "GROUP BY ",
    "HAVING ",
    "ORDER BY ",
    "LIMIT ",
    "OFFSET ",
    "VALUES ",
    "DEFAULT VALUES",
    "SET ",
    "RETURNING ",
    "UNION ",
    "EXCEPT ",
    "INTERSECT ",
    "ON CONFLICT ",
];

/// Whether a keyword at `index` begins a clause; the FROM of `DELETE FROM` and of `IS DISTINCT FROM` does not, nor the
/// VALUES of `DEFAULT VALUES`; a SELECT does so in an INSERT.
fn begins_clause(sql: &str, index: usize) -> bool {
    let inner = |before: &str| ["DELETE ", "DISTINCT "].iter().any(|word| before.ends_with(word));
    match CLAUSES.iter().find(|clause| sql[index..].starts_with(**clause)) {
        Some(&"FROM ") => !inner(&sql[..index]),
        Some(&"SELECT ") => sql.starts_with("INSERT "),
        Some(&"VALUES ") => !sql[..index].ends_with("DEFAULT "),
        found => found.is_some(),
    }
}

/// The places, outside of quotes and parentheses, where a clause begins.
fn clause_starts(sql: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let (mut depth, mut quote, mut after_space) = (0usize, None, false);
    for (index, byte) in sql.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, _) if after_space && depth == 0 && begins_clause(sql, index) => starts.push(index),
            (None, _) => {}
        }
        after_space = byte == b' ';
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str) -> String {
        Statement::new(sql.into(), Vec::new()).to_string()
    }

    #[test]
    fn each_clause_has_its_line() {
        let sql = r#"SELECT "a" FROM "t" AS "t0" LEFT JOIN "u" AS "u1" ON TRUE WHERE "a" = $1 LIMIT $2"#;
        let lines = "SELECT \"a\"\nFROM \"t\" AS \"t0\"\nLEFT JOIN \"u\" AS \"u1\" ON TRUE\nWHERE \"a\" = $1\nLIMIT $2";
        assert_eq!(shown(sql), lines);
    }

    #[test]
    fn keywords_in_quotes_in_parentheses_and_inside_of_operators_stay_on_their_line() {
        for sql in [
            r#"SELECT ' FROM x', " WHERE ""#,
            r#"SELECT (SELECT 1 FROM "t" WHERE TRUE)"#,
            r#"SELECT "a" IS NOT DISTINCT FROM $1"#,
            r#"DELETE FROM "t""#,
            "SELECT 'it''s FROM here'",
        ] {
            assert_eq!(shown(sql), sql);
        }
    }

    #[test]
    fn values_follow_in_a_comment_and_secret_ones_are_hidden() {
        let parameter = |value, redact| Parameter { value, redact };
        let parameters = vec![parameter(Value::I64(18), false), parameter(Value::Text("pw".into()), true)];
        let statement = Statement::new("SELECT $1, $2".into(), parameters);
        assert_eq!(statement.to_string(), "SELECT $1, $2\n-- [18, [redacted]]");
        assert_eq!(format!("{statement:?}"), statement.to_string());
    }
}

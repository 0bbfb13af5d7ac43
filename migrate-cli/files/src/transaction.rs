use crate::error::FileError;
use crate::lexer::Flavor;
use crate::section::Section;
use crate::statement::Statement;

/// A statement that does not work inside a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hindrance {
    /// The statement.
    pub statement: Statement,
    /// What it is, such as `CREATE INDEX CONCURRENTLY`.
    pub what: String,
    /// What to write, such as `-- migrate:no-transaction`.
    pub remedy: &'static str,
}

const NO_TRANSACTION: &str = "-- migrate:no-transaction";
const FOREIGN_KEYS: &str = "-- migrate:foreign-keys off";

impl Section {
    /// The first statement that begins or ends a transaction: the runner opens one itself, and it would escape it.
    ///
    /// Savepoints stay within the transaction and are fine.
    ///
    /// # Errors
    ///
    /// As [`Section::statements`].
    pub fn transaction_control(&self, flavor: Flavor) -> Result<Option<Statement>, FileError> {
        Ok(self.statements(flavor)?.into_iter().find(Statement::controls_transaction))
    }

    /// The statements that the database refuses or ignores inside a transaction.
    ///
    /// # Errors
    ///
    /// As [`Section::statements`].
    pub fn needs_no_transaction(&self, flavor: Flavor) -> Result<Vec<Hindrance>, FileError> {
        let hindrance = |statement: Statement| {
            let (what, remedy) = match flavor {
                Flavor::Postgres => (postgres_hindrance(&statement)?, NO_TRANSACTION),
                Flavor::Sqlite => sqlite_hindrance(&statement)?,
            };
            Some(Hindrance { statement, what, remedy })
        };
        Ok(self.statements(flavor)?.into_iter().filter_map(hindrance).collect())
    }
}

/// Why a statement of [`Section::transaction_control`] is refused.
pub(crate) fn escape_message(statement: &Statement) -> String {
    let first = statement.words().first().map_or("", String::as_str);
    format!("{first} would leave the transaction that the migration runs in: remove it, the runner begins and commits")
}

impl Statement {
    /// Whether it begins or ends a transaction. Savepoints do neither.
    pub fn controls_transaction(&self) -> bool {
        let words = self.words();
        let word = |index: usize| words.get(index).map_or("", String::as_str);
        match word(0) {
            "BEGIN" | "COMMIT" | "END" | "ABORT" => true,
            "START" => word(1) == "TRANSACTION",
            "PREPARE" => word(1) == "TRANSACTION",
            "ROLLBACK" => !words.iter().any(|word| word == "TO"),
            _ => false,
        }
    }
}

fn postgres_hindrance(statement: &Statement) -> Option<String> {
    let words = statement.words();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let begins = |wanted: &[&str]| statement.begins_with(wanted);
    let unique = usize::from(word(1) == "UNIQUE");
    let found = match word(0) {
        "CREATE" if word(1 + unique) == "INDEX" && word(2 + unique) == "CONCURRENTLY" => "CREATE INDEX CONCURRENTLY",
        "DROP" if begins(&["DROP", "INDEX", "CONCURRENTLY"]) => "DROP INDEX CONCURRENTLY",
        "REINDEX" if has("CONCURRENTLY") => "REINDEX CONCURRENTLY",
        "REINDEX" if has("DATABASE") || has("SYSTEM") || has("SCHEMA") => "REINDEX of more than a table",
        "ALTER" if has("DETACH") && has("CONCURRENTLY") => "DETACH PARTITION CONCURRENTLY",
        "ALTER" if begins(&["ALTER", "SYSTEM"]) => "ALTER SYSTEM",
        "ALTER" if begins(&["ALTER", "DATABASE"]) && has("TABLESPACE") => "ALTER DATABASE .. SET TABLESPACE",
        "ALTER" if begins(&["ALTER", "SUBSCRIPTION"]) && has("REFRESH") => "ALTER SUBSCRIPTION .. REFRESH",
        "CREATE" | "DROP" if matches!(word(1), "DATABASE" | "TABLESPACE" | "SUBSCRIPTION") => {
            return Some(format!("{} {}", word(0), word(1)));
        }
        "VACUUM" => "VACUUM",
        "CLUSTER" if words.len() == 1 => "CLUSTER of all tables",
        "DISCARD" if word(1) == "ALL" => "DISCARD ALL",
        _ => return None,
    };
    Some(found.to_owned())
}

fn sqlite_hindrance(statement: &Statement) -> Option<(String, &'static str)> {
    let words = statement.words();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    match word(0) {
        "VACUUM" | "DETACH" => Some((word(0).to_owned(), NO_TRANSACTION)),
        "PRAGMA" => {
            let name = if word(2) == "." { word(3) } else { word(1) };
            let sets = words.iter().any(|word| word == "=" || word == "(");
            match name {
                "FOREIGN_KEYS" if sets => Some(("PRAGMA foreign_keys".to_owned(), FOREIGN_KEYS)),
                "JOURNAL_MODE" | "SYNCHRONOUS" | "AUTO_VACUUM" | "PAGE_SIZE" if sets => {
                    Some((format!("PRAGMA {}", name.to_ascii_lowercase()), NO_TRANSACTION))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

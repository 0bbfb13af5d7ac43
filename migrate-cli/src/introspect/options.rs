//! What of a database is read.

/// What of a database is read: which database schemas, and which tables are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The database schemas. SQLite has its main database, which is the current one, and those that are attached to it.
    pub schemas: Schemas,
    /// Tables that are left out wherever they are: the version table.
    pub ignore_tables: Vec<String>,
}

/// Which database schemas are read. Names in the current one, the first that exists in `search_path`, have no prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Schemas {
    /// The current one.
    #[default]
    Current,
    /// Those of these names.
    Named(Vec<String>),
    /// All but those of Postgres itself.
    All,
}

impl Options {
    /// The current database schema, without these tables.
    pub fn ignoring<T: Into<String>>(tables: impl IntoIterator<Item = T>) -> Self {
        Options { schemas: Schemas::Current, ignore_tables: tables.into_iter().map(Into::into).collect() }
    }

    pub(crate) fn ignores(&self, table: &str) -> bool {
        self.ignore_tables.iter().any(|ignored| ignored == table)
    }
}

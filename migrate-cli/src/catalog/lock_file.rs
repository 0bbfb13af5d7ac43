//! `migrations/schema.lock`: what the database holds after these migrations.

mod layout;

use super::Catalog;
use peristyle_query::statement::Dialect;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The text of `migrations/schema.lock`, read: a catalog, and the migrations that lead to it.
///
/// The text is the same for the same content, and has a line for each column, constraint and index, so that a change shows
/// as such in a diff. It belongs into version control.
///
/// ```
/// use peristyle_migrate::catalog::{Catalog, LockFile, LockedMigration};
/// use peristyle_query::statement::Dialect;
/// let migration = LockedMigration { version: 20261122143000, name: "add_posts".into(), checksum: "1:ab".into() };
/// let lock = LockFile { dialect: Dialect::Sqlite, migrations: vec![migration], catalog: Catalog::default() };
/// let read = LockFile::parse(&lock.to_text())?;
/// assert_eq!(read, lock);
/// assert_eq!(read.staleness(Dialect::Sqlite, &lock.migrations), None);
/// assert!(read.staleness(Dialect::Sqlite, &[]).is_some());
/// # Ok::<(), peristyle_migrate::catalog::LockFileError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LockFile {
    /// The dialect of the database.
    pub dialect: Dialect,
    /// The migrations that lead to it, in the order of versions.
    pub migrations: Vec<LockedMigration>,
    /// What it holds, without the version table.
    pub catalog: Catalog,
}

/// A migration that a lock file describes the result of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedMigration {
    /// The version.
    pub version: u64,
    /// The name.
    pub name: String,
    /// The checksum of its way up.
    pub checksum: String,
}

/// A lock file that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFileError {
    /// The line, from 1; 0 if it is about no line.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for LockFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line}: {}", self.message),
        }
    }
}

impl std::error::Error for LockFileError {}

/// The version of the format.
const FORMAT: u32 = 1;

const HEADER: &str =
    "# What the database holds after the migrations. Written by peristyle: commit it, and do not edit it.\n";

/// How to come by a good one.
const REMEDY: &str = "delete the file, and `peristyle migrate up` or `peristyle migrate verify` writes it again";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: u32,
    dialect: String,
    migrations: Vec<LockedMigration>,
    catalog: Catalog,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl LockFile {
    /// The text of the file.
    pub fn to_text(&self) -> String {
        let content = Content {
            format: FORMAT,
            dialect: self.dialect.name().to_owned(),
            migrations: self.migrations.clone(),
            catalog: self.catalog.clone(),
        };
        // Names of keys are texts and numbers are finite, so that it always has a value.
        let value = serde_json::to_value(content).unwrap_or_default();
        format!("{HEADER}{}\n", layout::lines(&value))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// If it is no lock file, one of a newer version, or left with the marks of a merge conflict.
    pub fn parse(text: &str) -> Result<Self, LockFileError> {
        if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")) {
            return Err(LockFileError { line: line + 1, message: format!("a merge left its marks here: {REMEDY}") });
        }
        let comments = text.split_inclusive('\n').take_while(|line| line.starts_with('#'));
        let (lines, bytes) = comments.fold((0, 0), |(lines, bytes), line| (lines + 1, bytes + line.len()));
        let json = &text[bytes..];
        let unreadable = |error: serde_json::Error| LockFileError {
            line: if error.line() == 0 { 0 } else { error.line() + lines },
            message: format!("this is no lock file of peristyle ({error}): {REMEDY}"),
        };
        let Format { format } = serde_json::from_str(json).map_err(unreadable)?;
        if format != FORMAT {
            let message = format!(
                "its format is {format}, and this version of peristyle knows {FORMAT}: use the one that wrote it"
            );
            return Err(LockFileError { line: 0, message });
        }
        let content: Content = serde_json::from_str(json).map_err(unreadable)?;
        let dialect = [Dialect::Postgres, Dialect::Sqlite].into_iter().find(|each| each.name() == content.dialect);
        let Some(dialect) = dialect else {
            let message = format!("no dialect is called {:?}: {REMEDY}", content.dialect);
            return Err(LockFileError { line: 0, message });
        };
        Ok(LockFile { dialect, migrations: content.migrations, catalog: content.catalog })
    }

    /// Why the file does not describe the result of these migrations, or `None` if it does.
    pub fn staleness(&self, dialect: Dialect, migrations: &[LockedMigration]) -> Option<String> {
        if self.dialect != dialect {
            return Some(format!("it describes a database of {}, not of {}", self.dialect.name(), dialect.name()));
        }
        for (own, other) in self.migrations.iter().zip(migrations) {
            if own.version != other.version {
                let (first, who) =
                    if own.version < other.version { (own, "only it knows") } else { (other, "it does not know") };
                return Some(format!("{who} migration {} {}", first.version, first.name));
            }
            if own.checksum != other.checksum {
                return Some(format!("migration {} {} has changed since it was written", own.version, own.name));
            }
        }
        let (count, known) = (migrations.len(), self.migrations.len());
        let extra = |list: &[LockedMigration], from: usize| {
            list.get(from).map(|each| format!("{} {}", each.version, each.name))
        };
        extra(migrations, known)
            .map(|name| format!("it does not know migration {name}"))
            .or_else(|| extra(&self.migrations, count).map(|name| format!("only it knows migration {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, ColumnType, Default, Index, ObjectName, Table};

    fn migration(version: u64, checksum: &str) -> LockedMigration {
        LockedMigration { version, name: "add".into(), checksum: checksum.into() }
    }

    fn lock() -> LockFile {
        let mut table = Table::new(ObjectName::with_prefix("blog", "posts"));
        let mut id = Column::new("id", ColumnType::Sql("bigserial".into()));
        id.nullable = false;
        let mut title = Column::new("title", ColumnType::Sql("text".into()));
        title.default = Some(Default::Text("new\n".into()));
        table.columns = vec![id, title];
        table.indexes = vec![Index::new("posts_title_index", ["title"])];
        let catalog = Catalog { schemas: vec!["blog".into()], tables: vec![table], ..Catalog::default() };
        LockFile { dialect: Dialect::Postgres, migrations: vec![migration(1, "1:a"), migration(2, "1:b")], catalog }
    }

    #[test]
    fn the_text_has_a_line_for_each_column() {
        insta::assert_snapshot!(lock().to_text(), @r##"
        # What the database holds after the migrations. Written by peristyle: commit it, and do not edit it.
        {
          "format": 1,
          "dialect": "postgres",
          "migrations": [
            {"version": 1, "name": "add", "checksum": "1:a"},
            {"version": 2, "name": "add", "checksum": "1:b"}
          ],
          "catalog": {
            "schemas": ["blog"],
            "tables": [
              {
                "name": "blog.posts",
                "columns": [
                  {"name": "id", "type": {"sql": "bigserial"}},
                  {"name": "title", "type": {"sql": "text"}, "default": {"text": "new\n"}, "nullable": true}
                ],
                "indexes": [
                  {"name": "posts_title_index", "columns": [{"column": "title"}]}
                ]
              }
            ]
          }
        }
        "##);
        assert_eq!(LockFile::parse(&lock().to_text()).unwrap(), lock());
    }

    #[test]
    fn a_file_that_is_behind_says_what_it_does_not_know() {
        let stale = |migrations: &[LockedMigration]| lock().staleness(Dialect::Postgres, migrations);
        assert_eq!(stale(&lock().migrations), None);
        let added = [migration(1, "1:a"), migration(2, "1:b"), migration(3, "1:c")];
        assert_eq!(stale(&added).unwrap(), "it does not know migration 3 add");
        assert_eq!(stale(&[migration(1, "1:a")]).unwrap(), "only it knows migration 2 add");
        let between = [migration(1, "1:a"), LockedMigration { version: 2, ..migration(2, "1:x") }];
        assert_eq!(stale(&between).unwrap(), "migration 2 add has changed since it was written");
        assert!(lock().staleness(Dialect::Sqlite, &lock().migrations).unwrap().contains("sqlite"));
    }

    #[test]
    fn what_is_no_lock_file_is_refused_with_the_line() {
        let text = lock().to_text();
        let conflict = text.replacen("  \"dialect\"", "<<<<<<< HEAD\n  \"dialect\"", 1);
        let line = |text: &str| LockFile::parse(text).unwrap_err().line;
        assert_eq!(line(&conflict), 4);
        assert_eq!(line(&text.replacen("\"tables\"", "\"tabels\"", 1)), 11);
        assert_eq!(line("nonsense"), 1);
        let newer = LockFile::parse(&text.replacen("\"format\": 1", "\"format\": 2", 1)).unwrap_err();
        assert!(newer.to_string().starts_with("its format is 2"), "{newer}");
    }
}

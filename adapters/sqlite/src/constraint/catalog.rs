//! The foreign keys and unique indexes that a database has.

use super::names::foreign_key_names;
use peristyle_sql::quoted;
use rusqlite::{Connection, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of the databases of a connection, by name.
#[derive(Default)]
pub(crate) struct Catalog {
    databases: HashMap<String, Arc<Database>>,
}

/// The constraints of a database at a version of its tables.
pub(super) struct Database {
    version: i64,
    /// In the order of their declaration.
    pub(super) foreign_keys: Vec<ForeignKey>,
    unique_indexes: Vec<UniqueIndex>,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(super) struct ForeignKey {
    /// The name, if it was declared with one.
    pub(super) name: Option<String>,
    /// The referencing table and its columns.
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    /// The referenced table and its columns.
    pub(super) parent: String,
    pub(super) keys: Vec<String>,
    pub(super) on_update: String,
    pub(super) on_delete: String,
}

struct UniqueIndex {
    name: String,
    table: String,
    columns: Vec<Option<String>>,
}

impl Catalog {
    /// The constraints of a database, read again if its tables changed.
    pub(super) fn database(&mut self, sqlite: &Connection, name: &str) -> Result<Arc<Database>> {
        let version = sqlite.query_row(&format!("PRAGMA {}.schema_version", quoted(name)), [], |row| row.get(0))?;
        if let Some(known) = self.databases.get(name).filter(|known| known.version == version) {
            return Ok(Arc::clone(known));
        }
        let database = Arc::new(Database {
            version,
            foreign_keys: foreign_keys(sqlite, name)?,
            unique_indexes: unique_indexes(sqlite, name)?,
        });
        self.databases.insert(name.to_owned(), Arc::clone(&database));
        Ok(database)
    }
}

impl Database {
    /// The name of the unique index over these columns, in whatever order, if it was made by CREATE INDEX.
    pub(super) fn unique_index(&self, table: &str, columns: &[String]) -> Option<&str> {
        let same = |index: &&UniqueIndex| {
            let has = |column: &String| index.columns.iter().flatten().any(|own| own.eq_ignore_ascii_case(column));
            index.table.eq_ignore_ascii_case(table) && index.columns.len() == columns.len() && columns.iter().all(has)
        };
        self.unique_indexes.iter().find(same).map(|index| index.name.as_str())
    }
}

impl ForeignKey {
    /// The name that a migration would give it.
    pub(super) fn usual_name(&self) -> String {
        format!("{}_{}_fkey", self.table, self.columns.join("_"))
    }
}

fn foreign_keys(sqlite: &Connection, database: &str) -> Result<Vec<ForeignKey>> {
    // The key that was declared last has the number 0.
    let sql = format!(
        "SELECT m.name, m.sql, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete \
         FROM {}.sqlite_schema AS m JOIN pragma_foreign_key_list(m.name, ?1) AS f \
         WHERE m.type = 'table' ORDER BY m.rowid, f.id DESC, f.seq",
        quoted(database)
    );
    let mut statement = sqlite.prepare(&sql)?;
    let mut rows = statement.query([database])?;
    let mut keys: Vec<ForeignKey> = Vec::new();
    let mut names: Vec<Option<String>> = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (table, id, to): (String, i64, Option<String>) = (row.get(0)?, row.get(2)?, row.get(5)?);
        let same_table = matches!(&last, Some((known, _)) if *known == table);
        if !same_table {
            names = foreign_key_names(&row.get::<_, String>(1)?);
            // The keys of a table are counted down: an unexpected number of names is not to be trusted.
            let count = usize::try_from(id).unwrap_or_default() + 1;
            if names.len() != count {
                names = vec![None; count];
            }
            names.reverse();
        }
        let this = Some((table.clone(), id));
        if last != this {
            let name = usize::try_from(id).ok().and_then(|id| names.get_mut(id)).and_then(Option::take);
            let (parent, on_update, on_delete) = (row.get(3)?, row.get(6)?, row.get(7)?);
            keys.push(ForeignKey { name, table, columns: Vec::new(), parent, keys: Vec::new(), on_update, on_delete });
        }
        last = this;
        if let Some(key) = keys.last_mut() {
            key.columns.push(row.get(4)?);
            key.keys.extend(to);
        }
    }
    for key in keys.iter_mut().filter(|key| key.keys.is_empty()) {
        key.keys = primary_key(sqlite, database, &key.parent)?;
    }
    Ok(keys)
}

/// The columns that a foreign key points at if it names none.
fn primary_key(sqlite: &Connection, database: &str, table: &str) -> Result<Vec<String>> {
    let mut statement = sqlite.prepare("SELECT name FROM pragma_table_info(?1, ?2) WHERE pk > 0 ORDER BY pk")?;
    statement.query_map([table, database], |row| row.get(0))?.collect()
}

fn unique_indexes(sqlite: &Connection, database: &str) -> Result<Vec<UniqueIndex>> {
    let sql = format!(
        "SELECT m.name, l.name, i.name \
         FROM {}.sqlite_schema AS m JOIN pragma_index_list(m.name, ?1) AS l JOIN pragma_index_info(l.name, ?1) AS i \
         WHERE m.type = 'table' AND l.\"unique\" AND l.origin = 'c' ORDER BY m.rowid, l.seq, i.seqno",
        quoted(database)
    );
    let mut statement = sqlite.prepare(&sql)?;
    let mut rows = statement.query([database])?;
    let mut indexes: Vec<UniqueIndex> = Vec::new();
    while let Some(row) = rows.next()? {
        let (table, name, column): (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        match indexes.last_mut() {
            Some(last) if last.name == name => last.columns.push(column),
            _ => indexes.push(UniqueIndex { name, table, columns: vec![column] }),
        }
    }
    Ok(indexes)
}

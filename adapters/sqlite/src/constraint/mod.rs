//! Which constraint refused a statement, where SQLite does not say it. It is looked up after the refusal, on the same
//! connection, which has undone the statement by then.

mod catalog;
mod foreign_key;
mod names;

pub(crate) use catalog::Catalog;

use crate::bind::stored;
use crate::call::Call;
use crate::connection::Connection;
use catalog::{Database, ForeignKey};
use peristyle_query::error::{ConstraintError, ConstraintKind, Error};
use peristyle_query::query::ast::Operation;
use peristyle_query::schema::SchemaMeta;
use peristyle_query::value::Value;
use rusqlite::Result;
use std::sync::Arc;

/// The database of tables without a prefix.
const MAIN: &str = "main";

impl Connection {
    /// What SQLite said of a statement that ran here, with the constraint that it did not name. `row` are the values of
    /// the row, if the statement runs for each of several.
    pub(crate) fn explain(&self, call: &Call, row: &[Value], error: rusqlite::Error) -> Error {
        let mut error = call.error(error);
        if let Error::Constraint(violated) = &mut error {
            // If a look-up fails, the refusal is still what matters.
            let _ = self.complete(violated, call, row);
        }
        error
    }

    fn complete(&self, violated: &mut ConstraintError, call: &Call, row: &[Value]) -> Result<()> {
        let prefix = written_to(call);
        match violated.kind {
            ConstraintKind::Unique if !violated.columns.is_empty() => {
                let database = self.database(prefix)?;
                let table = violated.table.as_deref().unwrap_or_default();
                if let Some(name) = database.unique_index(table, &violated.columns) {
                    violated.name = name.to_owned();
                }
            }
            ConstraintKind::ForeignKey => {
                let database = self.database(prefix)?;
                if let Some((key, still_referenced)) = self.violated_key(&database, call, row, prefix)? {
                    tell(violated, &key, still_referenced, call.schema());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The error of a COMMIT, with the foreign key that was to be checked then.
    pub(crate) fn explain_commit(&self, mut error: Error) -> Error {
        if let Error::Constraint(violated) = &mut error
            && violated.kind == ConstraintKind::ForeignKey
            && let Ok(Some(key)) = self.deferred_key()
        {
            tell(violated, &key, false, None);
        }
        error
    }

    /// The constraints of a database, read again if its tables changed.
    fn database(&self, name: &str) -> Result<Arc<Database>> {
        self.catalog.borrow_mut().database(&self.sqlite, name)
    }

    /// Whether a query of these values gives a row.
    fn gives_row<'v>(&self, sql: &str, values: impl IntoIterator<Item = &'v Value>) -> Result<bool> {
        let mut statement = self.sqlite.prepare(sql)?;
        for (index, value) in values.into_iter().enumerate() {
            // What could not be stored was not what was refused.
            let value = stored(value).map_err(|_| rusqlite::Error::InvalidQuery)?;
            statement.raw_bind_parameter(index + 1, value)?;
        }
        let mut rows = statement.raw_query();
        Ok(rows.next()?.is_some())
    }
}

/// The database of the table that a call writes.
fn written_to(call: &Call) -> &str {
    let own = match call.written.as_deref() {
        Some(Operation::Update(update)) => update.prefix.as_deref(),
        Some(Operation::Delete(delete)) => delete.prefix.as_deref(),
        _ => None,
    };
    let schema = call.schema().and_then(|schema| schema.prefix);
    own.or(call.prefix.as_deref()).or(schema).unwrap_or(MAIN)
}

fn tell(violated: &mut ConstraintError, key: &ForeignKey, still_referenced: bool, schema: Option<&'static SchemaMeta>) {
    violated.name = key.name.clone().or_else(|| schema_name(key, schema)).unwrap_or_else(|| key.usual_name());
    violated.table = Some(key.table.clone());
    violated.columns.clone_from(&key.columns);
    violated.still_referenced = still_referenced;
}

/// The name that the schema gives to its foreign key.
fn schema_name(key: &ForeignKey, schema: Option<&'static SchemaMeta>) -> Option<String> {
    let schema = schema.filter(|schema| schema.table == key.table)?;
    let [column] = key.columns.as_slice() else { return None };
    let field = schema.fields.iter().find(|field| !field.is_virtual && field.column == *column)?;
    Some(field.references.as_ref()?.name.to_owned())
}

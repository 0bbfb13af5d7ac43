//! What is known of tables: whether their rows carry the transaction that last locked them, which tells rows that an INSERT
//! updated from those that it inserted.

use crate::adapter::Core;
use crate::connection::{Connection, Encoded, Progress};
use crate::error::{Secrets, statement_error};
use peristyle_query::adapter::Sink;
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::row::Row;
use peristyle_query::statement::Parameter;
use peristyle_query::value::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is believed: a migration may replace the table.
const BELIEVED: Duration = Duration::from_secs(10);

/// What the server said of tables, by their quoted names, and when.
#[derive(Default)]
pub(crate) struct Tables(Mutex<HashMap<String, (bool, Instant)>>);

impl Tables {
    /// What is known of a table.
    pub(crate) fn known(&self, table: &str) -> Option<bool> {
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.get(table).filter(|(_, since)| since.elapsed() < BELIEVED).map(|(plain, _)| *plain)
    }

    /// Asks the server whether a table is a plain one: neither partitioned nor a view. Of others a row's system columns are
    /// not to be had.
    pub(crate) async fn ask(core: &Core, connection: &mut Connection, table: String) -> Result<bool, Error> {
        let name = [Parameter { value: Value::Text(table.clone()), redact: false }];
        let encoded = Encoded::of(&name).unwrap_or_else(|_| Encoded::none());
        let (sql, mut found): (Arc<str>, _) = (QUESTION.into(), Found(false));
        let asked = connection.query(&sql, encoded, core.caching(), &mut found, &mut Progress::default()).await;
        asked.map_err(|failure| statement_error(failure, Secrets::default()).in_statement(QUESTION))?;
        let mut tables = core.tables.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.retain(|_, (_, since)| since.elapsed() < BELIEVED);
        tables.insert(table, (found.0, Instant::now()));
        Ok(found.0)
    }
}

const QUESTION: &str = "SELECT c.relkind = 'r' FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.to_regclass($1)";

struct Found(bool);

impl Sink for Found {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        self.0 = row.bool(0)?.unwrap_or_default();
        Ok(())
    }
}

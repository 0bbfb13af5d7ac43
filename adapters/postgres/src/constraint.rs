//! What the catalog knows of a constraint that refused something: the server names it and its table, and its columns only
//! for some kinds.

use crate::adapter::Core;
use crate::connection::{Caching, Connection, Encoded, Progress};
use crate::failure::{Failure, ServerError};
use peristyle_query::adapter::Sink;
use peristyle_query::error::{ConstraintKind, DecodeError};
use peristyle_query::row::Row;
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// The constraint, then that of the table which its table is a partition of, and so on.
const QUERY: &str = include_str!("constraint.sql");

/// How long a look-up may take before the error is told without it.
const LIMIT: Duration = Duration::from_secs(2);

/// How many constraints are remembered.
const CAPACITY: usize = 1024;

/// A constraint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

/// The tables that a table is a partition of, from itself upwards.
const ANCESTORS: &str = "SELECT r.relname::text, ''::text, ARRAY[$3::text] \
     FROM pg_catalog.pg_namespace AS n \
     JOIN pg_catalog.pg_class AS t ON t.relnamespace = n.oid AND t.relname = $2 AND t.relispartition \
     CROSS JOIN pg_catalog.pg_partition_ancestors(t.oid) WITH ORDINALITY AS a (id, level) \
     JOIN pg_catalog.pg_class AS r ON r.oid = a.id \
     WHERE n.nspname = $1 ORDER BY a.level";

/// What tells a constraint from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    schema: String,
    table: String,
    part: Part,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    /// The constraint or index of this name.
    Named(String),
    /// NOT NULL of this column, which has no name before Postgres 18.
    Column(String),
}

/// The constraints that were looked up.
#[derive(Default)]
pub(crate) struct Constraints {
    known: Mutex<HashMap<Key, Arc<[Known]>>>,
}

impl Constraints {
    /// Forgets all: tables may have changed.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The constraint and those above it, unless they are known to have changed.
    fn get(&self, key: &Key, error: &ServerError) -> Option<Arc<[Known]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()?;
        let told = error.told_columns();
        (told.is_empty() || known.iter().any(|known| known.columns == told)).then_some(known)
    }

    fn put(&self, key: Key, found: &Arc<[Known]>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(key, Arc::clone(found));
    }
}

impl Core {
    /// Completes what a failure says of the constraint that refused a statement about `table`. `connection` is one that is
    /// in no transaction; without it one is taken that is free, and if none is, the failure stays as it is.
    pub(crate) async fn complete(
        &self,
        failure: &mut Failure,
        table: Option<&str>,
        connection: Option<&mut Connection>,
    ) {
        let Failure::Refused(error) = failure else { return };
        // NOT NULL of the statement's own table is told completely.
        let whole = error.constraint_kind() == Some(ConstraintKind::NotNull) && error.table.as_deref() == table;
        let Some(key) = key(error).filter(|_| !whole) else { return };
        let chain = match self.constraints.get(&key, error) {
            Some(known) => known,
            // An error that cannot be completed is told as it is.
            None => match timeout(LIMIT, self.look_up(&key, connection)).await {
                Ok(Some(found)) => {
                    self.constraints.put(key, &found);
                    found
                }
                Ok(None) | Err(_) => return,
            },
        };
        error.known = told(&chain, table).cloned();
    }

    async fn look_up(&self, key: &Key, connection: Option<&mut Connection>) -> Option<Arc<[Known]>> {
        let found = match connection {
            Some(connection) => self.ask(connection, key).await,
            None => {
                let mut lease = self.pool.acquire_free().await?;
                self.ask(lease.connection().ok()?, key).await
            }
        };
        found.ok().filter(|found| !found.is_empty()).map(Arc::from)
    }

    async fn ask(&self, connection: &mut Connection, key: &Key) -> Result<Vec<Known>, Failure> {
        let (query, part) = match &key.part {
            Part::Named(name) => (QUERY, name),
            Part::Column(column) => (ANCESTORS, column),
        };
        let text = |text: &String| Parameter { value: Value::Text(text.clone()), redact: false };
        let arguments = Encoded::of(&[text(&key.schema), text(&key.table), text(part)])
            .map_err(|(_, reason)| Failure::lost(reason))?;
        let mut found = Found::default();
        // Without statements that are kept, a pooler may give each message to another server process.
        let alone = self.caching() == Caching::Once;
        if alone {
            connection.begin("BEGIN READ ONLY").await?;
        }
        connection.query(&Arc::from(query), arguments, self.caching(), &mut found, &mut Progress::default()).await?;
        if alone {
            connection.roll_back().await?;
        }
        Ok(found.chain)
    }
}

/// What tells the constraint of an error from others, if the server names it.
fn key(error: &ServerError) -> Option<Key> {
    let part = match error.constraint_kind()? {
        ConstraintKind::NotNull => Part::Column(error.column.clone()?),
        _ => Part::Named(error.constraint.clone()?),
    };
    Some(Key { schema: error.schema.clone()?, table: error.table.clone()?, part })
}

/// The constraint to tell of: that of the statement's own table if it is one of these, else the uppermost.
fn told<'c>(chain: &'c [Known], table: Option<&str>) -> Option<&'c Known> {
    chain.iter().rev().find(|known| Some(known.table.as_str()) == table).or(chain.last())
}

#[derive(Default)]
struct Found {
    chain: Vec<Known>,
}

impl Sink for Found {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let text = |index| Ok::<_, DecodeError>(row.text(index)?.unwrap_or_default().to_owned());
        let columns = row.list(2, &DataType::Text)?.unwrap_or_default().into_iter().filter_map(|value| match value {
            Value::Text(column) => Some(column),
            _ => None,
        });
        self.chain.push(Known { table: text(0)?, name: text(1)?, columns: columns.collect() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_s_constraint_is_told_as_that_of_the_table_that_was_written() {
        let of = |table: &str| Known { table: table.into(), name: format!("{table}_key"), columns: vec!["a".into()] };
        let chain = [of("events_2024_05"), of("events_2024"), of("events")];
        for (written, shown) in [
            (Some("events"), "events"),
            (Some("events_2024"), "events_2024"),
            (Some("events_2024_05"), "events_2024_05"),
            (Some("others"), "events"),
            (None, "events"),
        ] {
            assert_eq!(told(&chain, written).unwrap().table, shown);
        }
        assert_eq!(told(&[], None), None);
    }

    #[test]
    fn a_constraint_whose_columns_are_others_by_now_is_looked_up_again() {
        let constraints = Constraints::default();
        let error = |detail: &str| ServerError {
            code: "23505".into(),
            schema: Some("public".into()),
            table: Some("t".into()),
            constraint: Some("k".into()),
            detail: Some(detail.into()),
            ..ServerError::default()
        };
        let (before, after) = (error("Key (a)=(1) already exists."), error("Key (a, b)=(1, 2) already exists."));
        let key = key(&before).unwrap();
        let known = Known { table: "t".into(), name: "k".into(), columns: vec!["a".into()] };
        constraints.put(key.clone(), &Arc::from(vec![known]));
        assert!(constraints.get(&key, &before).is_some());
        assert!(constraints.get(&key, &after).is_none());
        constraints.forget();
        assert!(constraints.get(&key, &before).is_none());
    }
}

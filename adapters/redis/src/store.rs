//! The store: the link to the servers, and the tables that were used.

use crate::connection::Link;
use crate::layout::Table;
use peristyle_query::error::Error;
use peristyle_query::schema::SchemaMeta;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What all calls of a repo share.
pub(crate) struct Store {
    pub(crate) link: Link,
    tables: RwLock<HashMap<Place, Arc<Table>>>,
}

/// A schema, by the address of its metadata, and the prefix.
type Place = (usize, Option<Box<str>>);

/// How many tables are kept: each tenant's prefix makes more, which must not go on for ever.
const KEPT: usize = 4096;

impl Store {
    pub(crate) fn new(link: Link) -> Self {
        Store { link, tables: RwLock::default() }
    }

    /// The place of a schema in a prefix: that of the statement, of the repo or of the schema, whichever counts.
    ///
    /// # Errors
    ///
    /// See [`Table::new`].
    pub(crate) fn table(&self, schema: &'static SchemaMeta, prefix: Option<&str>) -> Result<Arc<Table>, Error> {
        let place = (std::ptr::from_ref(schema).addr(), prefix.map(Box::from));
        if let Some(table) = self.tables.read().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(table.clone());
        }
        let table = Arc::new(Table::new(schema, prefix)?);
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if tables.len() >= KEPT {
            tables.clear();
        }
        tables.insert(place, table.clone());
        Ok(table)
    }
}

//! The registry of a table: which of its indexes have all rows.
//!
//! `scripts/registry.lua` reads and keeps it, inside the scripts of queries and writes. What it names:
//!
//! - an index, by what follows the tag in its sorted set's key, as `/by/email:text`;
//! - the claims of a unique index, by what precedes the values in their keys, as `/unique/email`.

use crate::layout::{Index, STORE, Table};
use peristyle_query::error::{Error, IndexNotBuilt};

impl Index {
    /// The name of its claims in the registry, if it is unique.
    pub(crate) fn claims(&self) -> Option<String> {
        self.unique.then(|| format!("/unique/{}", self.columns))
    }
}

impl Table {
    /// All that a write of this version maintains: every script that writes is given these names.
    pub(crate) fn maintained(&self) -> Vec<String> {
        self.indexes.iter().flat_map(|index| [Some(index.suffix.clone()), index.claims()]).flatten().collect()
    }

    /// The refusal of a query that needs what lacks rows.
    pub(crate) fn not_built(&self, name: &str) -> Error {
        let index = self.indexes.iter().find(|index| index.suffix == name || index.claims().as_deref() == Some(name));
        let columns = index.map(|index| index.fields.iter().map(|field| field.column).collect()).unwrap_or_default();
        let (schema, table, prefix) = (self.schema.name, self.schema.table, self.prefix.clone());
        IndexNotBuilt { store: STORE, schema, table, prefix, columns }.into()
    }
}

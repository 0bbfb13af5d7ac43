//! An index of a key-value store that lacks rows.

use std::fmt;

/// An index that a query needs and that does not have all rows yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexNotBuilt {
    /// The store, such as `redis`.
    pub store: &'static str,
    /// The schema.
    pub schema: &'static str,
    /// The columns of the index.
    pub columns: Vec<&'static str>,
}

impl fmt::Display for IndexNotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IndexNotBuilt { store, schema, columns } = self;
        write!(
            f,
            "{store}: the index of {schema} over ({}) is not built: run repo.reindex::<{schema}>() once, or `peristyle reindex`",
            columns.join(", ")
        )
    }
}

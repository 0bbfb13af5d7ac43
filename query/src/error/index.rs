//! An index of a key-value store that lacks rows.

use std::fmt;

/// An index that a query needs and that does not have all rows yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexNotBuilt {
    /// The store, such as `redis`.
    pub store: &'static str,
    /// The schema.
    pub schema: &'static str,
    /// The schema's table.
    pub table: &'static str,
    /// The prefix that it is in, if the statement or the repo has one.
    pub prefix: Option<String>,
    /// The columns of the index.
    pub columns: Vec<&'static str>,
}

impl fmt::Display for IndexNotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IndexNotBuilt { store, schema, table, prefix, columns } = self;
        let columns = columns.join(", ");
        write!(f, "{store}: the index of {schema} over ({columns}) is not built: run ")?;
        match prefix {
            None => write!(f, "repo.reindex::<{schema}>() once, or `peristyle reindex {table}`"),
            Some(prefix) => write!(
                f,
                "repo.with_prefix({prefix:?}).reindex::<{schema}>() once, or `peristyle reindex --prefix {prefix} {table}`"
            ),
        }
    }
}

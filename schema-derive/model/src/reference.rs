//! Foreign keys: `references = "orgs.id"`.

use crate::attribute::Entry;

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name of the constraint.
    pub name: String,
    /// The table that it points at.
    pub table: String,
    /// The column that it points at.
    pub column: String,
}

/// The table and the column that `references` names.
pub(crate) fn parse(entry: &Entry) -> syn::Result<(String, String)> {
    let text = entry.string("orgs.id")?.value();
    match text.split_once('.') {
        Some((table, column)) if !table.is_empty() && !column.is_empty() && !column.contains('.') => {
            Ok((table.to_owned(), column.to_owned()))
        }
        _ => Err(entry.error("`references` takes a table and its column: write `references = \"orgs.id\"`")),
    }
}

//! What a row has in the indexes.

use super::table::{Index, Table};
use super::{StoredRow, key_text, order};
use peristyle_query::error::Error;
use peristyle_query::value::Value;

/// What a row has in the indexes of its table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entries {
    /// The text of the row's key.
    pub(crate) key: String,
    /// Its member in the sorted set of each index, by the index's position in the table.
    pub(crate) members: Vec<(usize, Vec<u8>)>,
    /// The values that it claims in each unique index, by the index's position; none where a column is NULL.
    pub(crate) claims: Vec<(usize, String)>,
}

impl Table {
    /// What a row has in the indexes.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if an indexed column of the row is not of its type, [`Error::Encode`] if its key has a NULL.
    pub(crate) fn entries(&self, row: &StoredRow) -> Result<Entries, Error> {
        let key_values =
            self.schema.primary_key.iter().map(|position| row.value_at(*position)).collect::<Result<Vec<_>, _>>()?;
        let key = key_text(&key_values)?;
        let mut entries = Entries { members: Vec::with_capacity(self.indexes.len()), claims: Vec::new(), key };
        for (position, index) in self.indexes.iter().enumerate() {
            let values = index.values(row)?;
            entries.members.push((position, member(&values, &key_values, &entries.key, position == 0)?));
            if index.unique && !values.iter().any(Value::is_null) {
                entries.claims.push((position, key_text(&values)?));
            }
        }
        Ok(entries)
    }
}

impl Index {
    fn values(&self, row: &StoredRow) -> Result<Vec<Value>, Error> {
        Ok(self.fields.iter().map(|field| row.value(field)).collect::<Result<_, _>>()?)
    }
}

/// The member of a row in a sorted set; that of the primary key has the key's columns once.
fn member(values: &[Value], key_values: &[Value], key: &str, is_primary: bool) -> Result<Vec<u8>, Error> {
    let mut member = Vec::with_capacity(32 + key.len());
    let columns = values.iter().chain(key_values.iter().filter(|_| !is_primary));
    columns.into_iter().try_for_each(|value| order::encode(value, &mut member))?;
    member.push(0);
    member.extend_from_slice(key.as_bytes());
    Ok(member)
}

/// The text of the row's key in a member.
pub(crate) fn key_of(member: &[u8]) -> Option<&str> {
    let end = member.iter().rposition(|byte| *byte == 0)?;
    std::str::from_utf8(&member[end + 1..]).ok()
}

//! How rows are kept in Redis: the keys, and what is behind them.

pub(crate) mod json;
mod key_text;
mod members;
pub(crate) mod order;
mod stored;
mod table;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use key_text::key_text;
pub(crate) use members::{Entries, key_of};
pub(crate) use stored::{StoredRow, row_name, write_row};
pub(crate) use table::{Index, Part, Table, crc16};

/// The name of the store in errors.
pub(crate) const STORE: &str = "redis";

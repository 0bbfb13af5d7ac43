//! How rows are kept in Redis: the keys, and what is behind them.

mod key_text;
mod table;

pub(crate) use key_text::key_text;
pub(crate) use table::{Index, Part, Table};

/// The name of the store in errors.
pub(crate) const STORE: &str = "redis";

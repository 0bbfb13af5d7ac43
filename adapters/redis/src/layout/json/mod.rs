//! The JSON of a value inside a row: exact where other programs' numbers are not.

mod read;
pub(crate) mod temporal;
mod write;

pub(crate) use read::{boolean, bytes, decimal, document, interval, list, number, small, text, value, whole};
pub(crate) use read::{parsed, single};
pub(crate) use temporal::{date, date_time, micros, moment, time};
pub(crate) use write::{fit, push, push_text};

/// The greatest integer up to which a float holds every one: beyond it, integers are strings.
const EXACT: i64 = 9_007_199_254_740_991;

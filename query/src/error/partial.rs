//! A bulk write of which a part landed.

use super::Error;
use std::fmt;

/// A bulk write of a store without transactions over many rows, of which a part was kept.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The schema.
    pub schema: &'static str,
    /// The places, from 0, of the rows that were written, in ascending order.
    pub landed: Vec<usize>,
    /// The rows that were refused or failed, by their places, and why.
    pub failed: Vec<(usize, Error)>,
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (landed, all) = (self.landed.len(), self.landed.len() + self.failed.len());
        write!(f, "{landed} of {all} rows of {} were written, the rest was not", self.schema)?;
        match self.failed.first() {
            Some((place, error)) => write!(f, "; row {place}: {error}"),
            None => Ok(()),
        }
    }
}

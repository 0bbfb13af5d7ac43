//! A bulk write of which a part landed.

use super::Error;
use std::fmt;

/// A bulk write of a store without transactions over many rows, of which a part was kept.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The schema.
    pub schema: &'static str,
    /// The places, from 0, of the rows that were written, or that a conflict clause left as they were, in ascending order.
    pub landed: Vec<usize>,
    /// The rows that were refused or failed, by their places, and why.
    pub failed: Vec<(usize, Error)>,
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, all) = (self.failed.len(), self.landed.len() + self.failed.len());
        write!(f, "{failed} of {all} rows of {} could not be written, the others could", self.schema)?;
        match self.failed.first() {
            Some((place, error)) => write!(f, "; row {place}: {error}"),
            None => Ok(()),
        }
    }
}

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
            // The line of the call follows once, for all.
            Some((place, error)) => {
                let error = error.to_string();
                write!(f, "; row {place}: {}", error.split("\n  at: ").next().unwrap_or_default())
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ConstraintError, ConstraintKind};
    use std::panic::Location;

    #[test]
    fn a_partial_write_names_the_first_failure_and_its_own_line_once() {
        let here = Location::caller();
        let taken = ConstraintError::new(ConstraintKind::Unique, "there already");
        let failed = vec![(1, Error::from(taken).at(here))];
        let error = Error::from(Partial { schema: "User", landed: vec![0, 2], failed }).at(here);
        let text = "1 of 3 rows of User could not be written, the others could; row 1: refused by unique constraint: there already";
        assert_eq!(error.to_string(), format!("{text}\n  at: {here}"));
        assert!(error.is_unique_violation() && !error.is_foreign_key_violation());
    }
}
